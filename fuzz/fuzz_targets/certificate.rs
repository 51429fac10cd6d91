//! One certificate in DER.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mtlscope_dissect::fuzzing::fuzz_certificate(data));
