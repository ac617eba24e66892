#![no_main]

#[path = "../src/attestation.rs"]
mod attestation;

libfuzzer_sys::fuzz_target!(|data: &[u8]| attestation::attestation(data));
