//! Optimizes damaged GIF files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whittle_core::Format;

fuzz_target!(|data: &[u8]| whittle_fuzz::optimize(Format::Gif, data));
