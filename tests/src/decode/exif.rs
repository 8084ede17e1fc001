/// What an Exif block says, as far as a promise concerns it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exif {
    /// 1 to 8.
    pub orientation: Option<u16>,
    /// Whether there is a directory of the position.
    pub gps: bool,
    /// Whether there is a second directory, which describes a thumbnail.
    pub thumbnail: bool,
}

impl Exif {
    /// Reads the block after `Exif\0\0`; what is broken in it is passed over.
    pub fn read(tiff: &[u8]) -> Exif {
        let reader = Reader {
            tiff,
            big_endian: tiff.starts_with(b"MM"),
        };
        let mut exif = Exif::default();
        let Some(main) = reader.long(4) else {
            return exif;
        };
        let Some(count) = reader.short(main as usize) else {
            return exif;
        };
        for index in 0..usize::from(count) {
            let at = main as usize + 2 + index * 12;
            match reader.short(at) {
                Some(0x0112) => {
                    exif.orientation = reader.short(at + 8).filter(|value| (1..=8).contains(value))
                }
                Some(0x8825) => exif.gps = true,
                Some(_) => {}
                None => return exif,
            }
        }
        let next = reader.long(main as usize + 2 + usize::from(count) * 12);
        exif.thumbnail = next.is_some_and(|next| {
            next != 0 && reader.short(next as usize).is_some_and(|count| count > 0)
        });
        exif
    }
}

struct Reader<'a> {
    tiff: &'a [u8],
    big_endian: bool,
}

impl Reader<'_> {
    fn short(&self, at: usize) -> Option<u16> {
        let bytes = self.tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if self.big_endian {
            u16::from_be_bytes(bytes)
        } else {
            u16::from_le_bytes(bytes)
        })
    }

    fn long(&self, at: usize) -> Option<u32> {
        let bytes = self.tiff.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(if self.big_endian {
            u32::from_be_bytes(bytes)
        } else {
            u32::from_le_bytes(bytes)
        })
    }
}
