//! Decodes damaged PNG files.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use whittle_core::Format;
use whittle_tests::fuzz::Target;

fuzz_target!(|data: &[u8]| -> Corpus {
    match Target::Decode(Format::Png).takes(data) {
        true => Corpus::Keep,
        false => Corpus::Reject,
    }
});
