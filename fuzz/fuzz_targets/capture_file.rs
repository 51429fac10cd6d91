//! Capture files: pcap, pcapng, and what is packed around them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mtlscope_sources::fuzzing::fuzz_capture_file(data));
