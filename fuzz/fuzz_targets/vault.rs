#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| beffroi_fuzz::run("vault", data));
