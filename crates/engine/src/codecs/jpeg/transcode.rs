//! The same coefficients in fewer bytes.

use whittle_core::{Cancel, Effort};

use super::facts::Kept;
use super::libjpeg;
use super::markers::{APP0, APP14, Kind, Layout, Segment};
use super::scan::Coder;
use super::script::best_script;
use super::{verify, write};
use crate::{Error, Result};

/// The smallest file found with the same coefficients, verified; `None` when it cannot be made, or
/// when it cannot be shown to be the same picture.
pub(super) fn transcoded(
    bytes: &[u8],
    layout: &Layout,
    kept: &Kept,
    effort: Effort,
    cancel: &Cancel,
) -> Result<Option<Vec<u8>>> {
    let mut segments = identity(layout);
    segments.extend_from_slice(&kept.segments);
    let (made, fingerprint) = {
        let mut stored = libjpeg::stored(bytes, cancel)?;
        let picture = stored.coefficients()?;
        let Some(coder) = Coder::new(&picture) else {
            return Ok(None);
        };
        let script = best_script(&coder, effort, cancel)?;
        cancel.check()?;
        (
            write::written(&coder, &script, &segments),
            picture.fingerprint(),
        )
    };
    match verify::same_coefficients(&made, fingerprint, cancel) {
        Ok(()) => Ok(Some(kept.finish(made, bytes, layout))),
        // A result that cannot be verified is not used; a lossy one may still be.
        Err(Error::VerificationFailed { reason }) => {
            tracing::warn!(reason, "a transcoded JPEG was thrown away");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The JFIF marker of a picture that is compressed anew.
pub(super) fn jfif(layout: &Layout) -> Segment {
    layout.segment(Kind::Jfif).map_or_else(
        || Segment {
            marker: APP0,
            // Version 1.1; pixels are square.
            data: b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0".to_vec(),
        },
        without_thumbnail,
    )
}

/// Version and density.
fn without_thumbnail(jfif: &Segment) -> Segment {
    let mut data = jfif.data.clone();
    data.resize(14, 0);
    data[12..].fill(0);
    Segment { marker: APP0, data }
}

/// The markers that say what the components mean. They stay as they are: a reader that found none
/// before goes by the components' names, and those stay too.
fn identity(layout: &Layout) -> Vec<Segment> {
    let mut segments = Vec::new();
    let jfif = layout.segment(Kind::Jfif);
    segments.extend(jfif.map(without_thumbnail));
    if let Some(adobe) = layout.segment(Kind::Adobe) {
        // JFIF says the same as Adobe's transform 1 for three components.
        let redundant = jfif.is_some() && layout.components < 4 && adobe.data.get(11) == Some(&1);
        if !redundant {
            segments.push(Segment {
                marker: APP14,
                data: adobe.data.clone(),
            });
        }
    }
    segments
}
