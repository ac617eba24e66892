#![no_main]

#[path = "../src/alarm.rs"]
mod alarm;

libfuzzer_sys::fuzz_target!(|data: &[u8]| alarm::alarm(data));
