//! Makes thumbnails of damaged files of every format.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| whittle_fuzz::thumbnail(data));
