#![no_main]

#[path = "../src/town.rs"]
mod town_files;

libfuzzer_sys::fuzz_target!(|data: &[u8]| town_files::town_table(data));
