//! Deflate at several efforts.

use std::io::Read;

use libdeflater::{CompressionLvl, Compressor};
use whittle_core::Cancel;

use crate::{Error, Result};

/// zlib data at one of libdeflate's levels, 1 to 12.
pub(super) fn deflated(data: &[u8], level: i32) -> Result<Vec<u8>> {
    let level =
        CompressionLvl::new(level).map_err(|error| Error::internal(format!("{error:?}")))?;
    let mut compressor = Compressor::new(level);
    let mut out = vec![0; compressor.zlib_compress_bound(data.len())];
    let length = compressor
        .zlib_compress(data, &mut out)
        .map_err(Error::internal)?;
    out.truncate(length);
    out.shrink_to_fit();
    Ok(out)
}

/// zlib data by zopfli, which searches longer than libdeflate ever does. `None` when it would take more than half of
/// the time that is left.
pub(super) fn squeezed(data: &[u8], rounds: u64, cancel: &Cancel) -> Result<Option<Vec<u8>>> {
    let options = zopfli::Options {
        iteration_count: std::num::NonZeroU64::new(rounds).unwrap_or(std::num::NonZeroU64::MIN),
        ..zopfli::Options::default()
    };
    let mut out = Vec::with_capacity(data.len() / 2);
    let own = match cancel.time_left() {
        Some(left) => cancel.with_limit(left / 2),
        None => cancel.clone(),
    };
    let source = Stoppable { data, cancel: &own };
    let done = zopfli::compress(options, zopfli::Format::Zlib, source, &mut out);
    cancel.check()?;
    Ok(done.is_ok().then_some(out))
}

/// Bytes that end in an error once there is no more time.
struct Stoppable<'a> {
    data: &'a [u8],
    cancel: &'a Cancel,
}

impl Read for Stoppable<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.cancel.check().map_err(std::io::Error::other)?;
        self.data.read(buffer)
    }
}
