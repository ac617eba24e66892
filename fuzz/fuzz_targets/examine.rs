#![no_main]

#[path = "../src/content.rs"]
mod content;

libfuzzer_sys::fuzz_target!(|data: &[u8]| content::examine(data));
