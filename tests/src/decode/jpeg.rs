use anyhow::{Context, Result, bail};
use jpeg_decoder::{Decoder, PixelFormat};

use super::colour::Colour;
use super::{Exif, Frame, Raster, upright};

pub(super) fn open(bytes: &[u8]) -> Result<Raster> {
    // The decoder insists on an end marker, which viewers do not.
    let whole = [bytes, &[0xff, 0xd9]].concat();
    let mut decoder = Decoder::new(&whole[..]);
    let samples = decoder.decode().context("jpeg-decoder")?;
    let info = decoder.info().context("no frame header")?;
    let orientation = exif(bytes)
        .map(Exif::read)
        .unwrap_or_default()
        .orientation
        .unwrap_or(1);
    let colour = match icc(bytes) {
        Some(profile) => Colour::Icc(profile),
        None => Colour::Srgb,
    };
    let channels = match info.pixel_format {
        PixelFormat::L8 => 1,
        PixelFormat::RGB24 => 3,
        PixelFormat::CMYK32 => 4,
        PixelFormat::L16 => bail!("16-bit JPEG"),
    };
    let (stored_width, stored_height) = (u32::from(info.width), u32::from(info.height));
    let (samples, width, height) =
        upright(&samples, stored_width, stored_height, channels, orientation);
    let mut frame = Frame::still(match channels {
        1 => samples
            .iter()
            .flat_map(|&grey| [grey, grey, grey, 255])
            .collect(),
        3 => samples
            .chunks_exact(3)
            .flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255])
            .collect(),
        // The decoder undoes Adobe's inversion: 0 is no ink, without a profile mixed as a printer's preview does.
        _ => samples
            .chunks_exact(4)
            .flat_map(|inks| {
                let mixed =
                    |ink: u8| ((255 - u16::from(ink)) * (255 - u16::from(inks[3])) / 255) as u8;
                [mixed(inks[0]), mixed(inks[1]), mixed(inks[2]), 255]
            })
            .collect(),
    });
    if channels == 4 {
        frame.inks = Some(samples);
    }
    Ok(Raster {
        width,
        height,
        plays: None,
        colour,
        frames: Box::new(std::iter::once(Ok(frame))),
    })
}

/// The segments before the first scan: marker and content.
pub(super) fn segments(bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    let mut at = 2;
    while let Some(&[0xff, marker]) = bytes.get(at..at + 2) {
        match marker {
            0xff => at += 1,
            0xda | 0xd9 => break,
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else {
                    break;
                };
                let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
                let Some(data) = bytes.get(at + 4..end) else {
                    break;
                };
                found.push((marker, data));
                at = end;
            }
        }
    }
    found
}

pub(super) fn exif(bytes: &[u8]) -> Option<&[u8]> {
    segments(bytes)
        .into_iter()
        .filter(|(marker, _)| *marker == 0xe1)
        .find_map(|(_, data)| data.strip_prefix(b"Exif\0\0"))
}

/// The profile, when all its parts are there.
fn icc(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<(u8, u8, &[u8])> = segments(bytes)
        .into_iter()
        .filter(|(marker, _)| *marker == 0xe2)
        .filter_map(|(_, data)| match data.strip_prefix(b"ICC_PROFILE\0")? {
            [index, count, part @ ..] => Some((*index, *count, part)),
            _ => None,
        })
        .collect();
    parts.sort_by_key(|&(index, _, _)| index);
    let complete = !parts.is_empty()
        && parts.iter().enumerate().all(|(at, &(index, count, _))| {
            usize::from(index) == at + 1 && usize::from(count) == parts.len()
        });
    complete.then(|| {
        parts
            .iter()
            .flat_map(|(_, _, part)| part.to_vec())
            .collect()
    })
}

/// Whether every picture that a multi-picture index names begins where it says.
///
/// # Errors
/// When one does not.
pub fn further_pictures_found(bytes: &[u8]) -> Result<()> {
    let Some(index) = segments(bytes)
        .into_iter()
        .filter(|(marker, _)| *marker == 0xe2)
        .find_map(|(_, data)| data.strip_prefix(b"MPF\0"))
    else {
        return Ok(());
    };
    let origin = index.as_ptr() as usize - bytes.as_ptr() as usize;
    let big_endian = index.starts_with(b"MM");
    let number = |at: usize, length: usize| -> Result<usize> {
        let field = index.get(at..at + length).context("a short index")?;
        let fold = |value: usize, byte: &u8| value << 8 | usize::from(*byte);
        Ok(if big_endian {
            field.iter().fold(0, fold)
        } else {
            field.iter().rev().fold(0, fold)
        })
    };
    let directory = number(4, 4)?;
    for entry in 0..number(directory, 2)? {
        let at = directory + 2 + entry * 12;
        if number(at, 2)? != 0xb002 {
            continue;
        }
        let (length, start) = (number(at + 4, 4)?, number(at + 8, 4)?);
        for picture in (start..start + length).step_by(16) {
            let (size, offset) = (number(picture + 4, 4)?, number(picture + 8, 4)?);
            let begins = if offset == 0 { 0 } else { origin + offset };
            let found = bytes
                .get(begins..begins + size)
                .is_some_and(|picture| picture.starts_with(&[0xff, 0xd8]));
            if !found {
                bail!("the index names a picture of {size} bytes at {begins}, and there is none");
            }
        }
    }
    Ok(())
}
