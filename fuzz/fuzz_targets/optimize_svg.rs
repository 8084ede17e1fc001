//! Optimizes damaged SVG files.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use whittle_core::Format;
use whittle_tests::fuzz::Target;

fuzz_target!(|data: &[u8]| -> Corpus {
    match Target::Optimize(Format::Svg).takes(data) {
        true => Corpus::Keep,
        false => Corpus::Reject,
    }
});
