//! Frames, from the link layer to handshake messages.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mtlscope_dissect::fuzzing::fuzz_dissector(data));
