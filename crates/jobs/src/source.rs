//! Reading an original.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use whittle_core::ErrorCode;
use whittle_store::Hash;

use crate::stop::Stop;

/// Files that are larger are refused before they are read. 2^28 pixels of 16-bit RGBA that no
/// codec could shrink are twice as much, but no real picture is.
const MAX_BYTES: u64 = 1 << 30;

/// An original as it was when it was read.
pub(crate) struct Source {
    pub bytes: Vec<u8>,
    pub hash: Hash,
    pub metadata: Metadata,
    /// Still open, so that a backup can share its blocks.
    pub file: File,
}

impl Source {
    pub fn read(path: &Path) -> Result<Source, Stop> {
        let failed = |error: io::Error| Stop::io(&error, "read", path);
        let metadata = fs::metadata(path).map_err(failed)?;
        if metadata.is_dir() {
            // A folder only comes here when it could not be searched: say why, if it still is so.
            fs::read_dir(path).map_err(|error| Stop::io(&error, "search", path))?;
        }
        // Before it is opened: opening a FIFO waits for its other end.
        if !metadata.is_file() {
            return Err(Stop::failed(
                ErrorCode::NotAFile,
                format!("{} is not a regular file.", path.display()),
            ));
        }
        if metadata.len() > MAX_BYTES {
            return Err(Stop::failed(
                ErrorCode::TooComplex,
                format!("The file is larger than {} MiB.", MAX_BYTES >> 20),
            ));
        }
        let file = File::open(path).map_err(failed)?;
        let mut bytes = Vec::with_capacity(metadata.len() as usize);
        // A file may grow while it is read.
        (&file)
            .take(MAX_BYTES)
            .read_to_end(&mut bytes)
            .map_err(failed)?;
        Ok(Source {
            hash: blake3::hash(&bytes),
            bytes,
            metadata,
            file,
        })
    }
}

/// The hash of a file's content now.
pub(crate) fn hash_file(path: &Path) -> io::Result<Hash> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        ));
    }
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize())
}
