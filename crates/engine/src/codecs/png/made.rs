//! Whether a picture in all its colours has been made smaller with loss before.
//!
//! The differences that filters leave of a picture as it comes from a camera or a renderer are the rarer the larger
//! they are. An encoder that chooses cheap differences ([`super::pack`]'s, and others of its kind) uses
//! few of them, with gaps between: then a small difference is far rarer than some larger one.

use std::io::Read;

use flate2::read::ZlibDecoder;
use whittle_core::Cancel;

use super::chunks::Chunks;
use crate::Result;

/// Differences that are looked at.
const SMALL: usize = 12;

/// So many times more often than a smaller difference comes one across a gap.
const GAP: u64 = 3;

/// A difference counts from so large a part of all on: of one in so many.
const PART: u64 = 50;

/// Whether the stored rows show gaps. Of rows without filters, and of other depths than 8, nothing is
/// known.
pub(super) fn has_gaps(chunks: &Chunks<'_>, cancel: &Cancel) -> Result<bool> {
    let channels = match chunks.find(b"IHDR") {
        Some(&[.., 8, 0, 0, 0, 0]) => 1,
        Some(&[.., 8, 2, 0, 0, 0]) => 3,
        Some(&[.., 8, 4, 0, 0, 0]) => 2,
        Some(&[.., 8, 6, 0, 0, 0]) => 4,
        _ => return Ok(false),
    };
    let mut counts = [0u64; 256];
    let mut filtered = 0;
    let mut row = vec![0; chunks.width as usize * channels + 1];
    let mut rows = ZlibDecoder::new(Parts {
        rest: chunks.pixels().collect(),
    });
    for _ in 0..chunks.height {
        cancel.check()?;
        if rows.read_exact(&mut row).is_err() {
            return Ok(false);
        }
        if row[0] != 0 {
            filtered += 1;
            row[1..]
                .iter()
                .for_each(|&byte| counts[usize::from(byte)] += 1);
        }
    }
    Ok(filtered * 2 > chunks.height && gaps(&counts))
}

fn gaps(counts: &[u64; 256]) -> bool {
    let of = |size: usize| counts[size] + counts[256 - size];
    let all: u64 = counts.iter().sum();
    (1..SMALL).any(|small| {
        (small + 1..=SMALL).any(|large| of(large) * PART > all && of(large) > of(small) * GAP)
    })
}

/// The pixels' chunks, one after the other.
struct Parts<'a> {
    rest: std::collections::VecDeque<&'a [u8]>,
}

impl Read for Parts<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while let Some(part) = self.rest.front_mut() {
            if part.is_empty() {
                self.rest.pop_front();
            } else {
                return part.read(buffer);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_told_from_falling_counts() {
        let mut counts = [0u64; 256];
        for size in 1..100 {
            counts[size] = 1000 / size as u64;
            counts[256 - size] = 1000 / size as u64;
        }
        counts[0] = 2000;
        assert!(!gaps(&counts));
        // A flat picture with few and rare steps.
        counts = [0; 256];
        (counts[0], counts[5]) = (10_000, 100);
        assert!(!gaps(&counts));
        (counts[0], counts[5]) = (10_000, 1_000);
        assert!(gaps(&counts));
    }
}
