//! One module for each format, all of one shape: `inspect` tells what a file is, `optimize` makes
//! it smaller with all its candidates, `derive` makes one resized picture of it.

pub(crate) mod gif;
pub(crate) mod jpeg;
pub(crate) mod png;
pub(crate) mod svg;
