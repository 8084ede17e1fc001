//! Reads Exif, XMP, IPTC and colour profiles.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use whittle_tests::fuzz::Target;

fuzz_target!(|data: &[u8]| -> Corpus {
    match Target::Metadata.takes(data) {
        true => Corpus::Keep,
        false => Corpus::Reject,
    }
});
