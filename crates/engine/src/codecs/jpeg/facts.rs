//! What a JPEG file says beside its picture, and what of it stays.

use whittle_core::{Limits, Metadata};

use super::markers::{Kind, Layout, Segment, moved_index};
use crate::colour::{Profile, ToSrgb};
use crate::metadata::{
    ExifFacts, Orientation, Rights, iptc_rights, kept_exif, read_exif, xmp_rights,
};

pub(super) struct Facts {
    pub profile: Option<Profile>,
    pub orientation: Orientation,
    pub rights: Rights,
    exif: Option<Vec<u8>>,
    private: Vec<&'static str>,
    /// More pictures or a film follow the picture, and something in the file points to them.
    attached: Option<&'static str>,
}

/// What a result carries beside its picture.
pub(super) struct Kept {
    pub segments: Vec<Segment>,
    pub removed: Vec<String>,
    pub notes: Vec<String>,
    /// Whether the bytes after the picture stay.
    trailing: bool,
}

impl Facts {
    pub fn read(bytes: &[u8], layout: &Layout, limits: &Limits) -> Facts {
        let exif = layout
            .segment(Kind::Exif)
            .map(|segment| segment.payload().to_vec());
        let facts = exif.as_deref().map(read_exif).unwrap_or(ExifFacts {
            orientation: Orientation::UPRIGHT,
            rights: Rights::default(),
            private: Vec::new(),
        });
        let xmp = layout.segment(Kind::Xmp).map(Segment::payload);
        let rights = facts
            .rights
            .or(xmp
                .map(|packet| xmp_rights(packet, limits))
                .unwrap_or_default())
            .or(layout
                .segment(Kind::Photoshop)
                .map(|segment| iptc_rights(segment.payload()))
                .unwrap_or_default());
        let says = |what: &[u8]| {
            xmp.is_some_and(|packet| packet.windows(what.len()).any(|window| window == what))
        };
        let has_trailing = layout.end.is_some_and(|end| end < bytes.len());
        let attached = if !has_trailing {
            None
        } else if says(b"hdrgm:") || says(b"HDRGainMap") || says(b"apdi:AuxiliaryImageType") {
            Some("HDR gain map kept")
        } else if layout.segment(Kind::MultiPicture).is_some() {
            Some("further pictures kept")
        } else if says(b"MotionPhoto") || says(b"MicroVideo") {
            Some("motion photo kept")
        } else {
            None
        };
        Facts {
            profile: layout.icc().map(Profile),
            orientation: facts.orientation,
            rights,
            exif,
            private: facts.private,
            attached,
        }
    }

    /// Whether a picture of greys may be stored as such: there is no profile, or one for greys.
    pub fn profile_fits_grey(&self) -> bool {
        self.profile.as_ref().is_none_or(|profile| {
            // The colour space of the data (ICC.1 7.2.6).
            profile.0.get(16..20) == Some(b"GRAY")
        })
    }

    pub fn to_srgb(&self, grey: bool) -> ToSrgb {
        self.profile
            .as_ref()
            .map_or(ToSrgb::Same, |profile| profile.to_srgb(grey))
    }

    /// What is special about the file, in words.
    pub fn notes(&self, layout: &Layout) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(profile) = &self.profile {
            notes.push(match profile.name() {
                Some(name) => format!("{name} kept"),
                None => "colour profile kept".into(),
            });
        }
        if layout.components == 4 {
            notes.push("CMYK".into());
        }
        if self.orientation != Orientation::UPRIGHT {
            notes.push("orientation kept".into());
        }
        notes
    }

    /// The segments that a file made of this one by somebody else has under a policy, in place of its own
    /// metadata; `None` where it is as it should be. The direction is its own: who made it may have turned
    /// the pixels.
    pub fn carried(
        &self,
        layout: &Layout,
        (theirs, made): (&Facts, &Layout),
        policy: Metadata,
    ) -> Option<Vec<Segment>> {
        let turned = self.orientation != theirs.orientation;
        if policy != Metadata::Keep || turned {
            let policy = match policy {
                Metadata::Strip => Metadata::Strip,
                _ => Metadata::Copyright,
            };
            let exif = kept_exif(policy, None, theirs.orientation, &self.rights);
            return Some(exif.iter().filter_map(|tiff| Segment::exif(tiff)).collect());
        }
        // What leads to attached pictures, which are not there any more, would lead nowhere.
        let attached = self.attached.is_some();
        let of_picture = |segment: &&Segment| match segment.kind() {
            Kind::Jfif | Kind::JfifThumbnail | Kind::Adobe | Kind::Icc => false,
            Kind::MultiPicture => false,
            Kind::Xmp | Kind::ExtendedXmp | Kind::Other => !attached,
            Kind::Exif | Kind::Photoshop | Kind::Comment => true,
        };
        let all: Vec<Segment> = layout.segments.iter().filter(of_picture).cloned().collect();
        let is_lost = |segment: &Segment| made.segment(segment.kind()).is_none();
        all.iter().any(is_lost).then_some(all)
    }

    /// Decides what stays.
    pub fn kept(&self, policy: Metadata, layout: &Layout) -> Kept {
        let keep_all = policy == Metadata::Keep;
        let mut segments = Vec::new();
        let exif = kept_exif(policy, self.exif.as_deref(), self.orientation, &self.rights);
        segments.extend(exif.and_then(|tiff| Segment::exif(&tiff)));
        let mut removed: Vec<&str> = Vec::new();
        if !keep_all {
            removed.extend(&self.private);
        }
        for segment in &layout.segments {
            let attached = self.attached.is_some();
            let (stays, name) = match segment.kind() {
                // libjpeg writes the first two itself, and Exif is in already.
                Kind::Jfif | Kind::Adobe | Kind::Exif | Kind::Icc => continue,
                Kind::Comment => (keep_all, "comment"),
                Kind::JfifThumbnail => (keep_all, "thumbnail"),
                Kind::Photoshop => (keep_all, "Photoshop data"),
                // They say where the attached pictures are.
                Kind::Xmp | Kind::ExtendedXmp => (keep_all || attached, "XMP metadata"),
                Kind::MultiPicture => (keep_all || attached, "index of further pictures"),
                Kind::Other => (
                    keep_all || (attached && is_gain_map_version(segment)),
                    "application data",
                ),
            };
            if stays {
                segments.push(segment.clone());
            } else if !removed.contains(&name) {
                removed.push(name);
            }
        }
        if let Some(profile) = &self.profile {
            segments.extend(Segment::icc(&profile.0));
        } else if keep_all {
            // A profile that cannot be put together stays as it is.
            segments.extend(
                layout
                    .segments
                    .iter()
                    .filter(|segment| segment.kind() == Kind::Icc)
                    .cloned(),
            );
        }
        let trailing = keep_all || self.attached.is_some();
        Kept {
            segments,
            removed: removed.into_iter().map(String::from).collect(),
            notes: self.attached.iter().map(|&note| note.into()).collect(),
            trailing,
        }
    }
}

/// The version segment of an ISO 21496-1 gain map.
fn is_gain_map_version(segment: &Segment) -> bool {
    segment.data.starts_with(b"urn:iso:std:iso:ts:21496")
}

impl Kept {
    /// Puts back what follows the picture, and moves the positions that point there.
    pub fn finish(&self, mut made: Vec<u8>, original: &[u8], layout: &Layout) -> Vec<u8> {
        let (Some(end), true) = (layout.end, self.trailing) else {
            return made;
        };
        let new_end = made.len();
        if let (Some(old_at), Some(new_at)) = (index_at(original), index_at(&made))
            && let Some(index) = layout.segment(Kind::MultiPicture)
        {
            let name = b"MPF\0".len();
            let moved = moved_index(&index.data, (old_at + name, end), (new_at + name, new_end));
            if let Some(moved) = moved {
                made[new_at..new_at + moved.len()].copy_from_slice(&moved);
            }
        }
        made.extend_from_slice(&original[end..]);
        made
    }
}

/// Where the data of the multi-picture index begins in a file.
fn index_at(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        if marker == 0xe2 && bytes.get(at + 4..)?.starts_with(b"MPF\0") {
            return Some(at + 4);
        }
        if marker == 0xda || length < 2 {
            return None;
        }
        at += 2 + length;
    }
    None
}
