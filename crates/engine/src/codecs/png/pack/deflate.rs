//! Deflate at several efforts.

use libdeflater::{CompressionLvl, Compressor};

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

/// zlib data by zopfli, which searches longer than libdeflate ever does.
pub(super) fn squeezed(data: &[u8], rounds: u64) -> Result<Vec<u8>> {
    let options = zopfli::Options {
        iteration_count: std::num::NonZeroU64::new(rounds).unwrap_or(std::num::NonZeroU64::MIN),
        ..zopfli::Options::default()
    };
    let mut out = Vec::with_capacity(data.len() / 2);
    zopfli::compress(options, zopfli::Format::Zlib, data, &mut out).map_err(Error::internal)?;
    Ok(out)
}
