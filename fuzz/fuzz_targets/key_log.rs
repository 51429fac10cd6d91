//! Key log lines (NSS format).
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mtlscope_dissect::fuzzing::fuzz_key_log(data));
