//! PNG pixels, by the `png` crate.

use std::io::Cursor;

use png::{BlendOp, ColorType, Decoder, DisposeOp, Transformations};
use whittle_core::{Cancel, Format, Limits};

use crate::pixels::Image;
use crate::{Error, Result};

/// Pixels of one stored frame, in the widest form: red, green, blue, alpha of 8 or 16 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pixels {
    Eight(Vec<u8>),
    Sixteen(Vec<u16>),
}

/// One stored frame of a file; the only one of a still picture covers the canvas.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub left: u32,
    pub top: u32,
    pub width: u32,
    pub height: u32,
    pub pixels: Pixels,
    /// Numerator and denominator of seconds, with disposal and blending.
    pub timing: Option<(u16, u16, DisposeOp, BlendOp)>,
}

/// Reads a file frame by frame.
pub(super) struct Frames<'a> {
    reader: png::Reader<Cursor<&'a [u8]>>,
    left: u32,
    pub grey: bool,
    /// Whether it has a palette.
    pub indexed: bool,
    /// Repetitions of the animation; 0 is for ever.
    pub plays: Option<u32>,
    pub count: u32,
    sixteen: bool,
}

impl<'a> Frames<'a> {
    pub fn open(bytes: &'a [u8], limits: &Limits) -> Result<Frames<'a>> {
        let mut decoder = Decoder::new_with_limits(
            Cursor::new(bytes),
            png::Limits {
                bytes: limits.inflated_bytes.saturating_add(
                    usize::try_from(limits.pixels.saturating_mul(8)).unwrap_or(usize::MAX),
                ),
            },
        );
        decoder.set_transformations(Transformations::EXPAND);
        decoder.set_ignore_text_chunk(true);
        let reader = decoder.read_info().map_err(broken)?;
        let info = reader.info();
        let animation = info.animation_control;
        let count = animation.map_or(1, |control| control.num_frames);
        if count > limits.frames {
            return Err(Error::TooManyFrames {
                limit: limits.frames,
            });
        }
        // A default picture that is no part of the animation is stored before it.
        let hidden = u32::from(animation.is_some() && info.frame_control.is_none());
        let colour = info.color_type;
        let (_, depth) = reader.output_color_type();
        Ok(Frames {
            left: count + hidden,
            indexed: colour == ColorType::Indexed,
            grey: matches!(colour, ColorType::Grayscale | ColorType::GrayscaleAlpha),
            plays: animation.map(|control| control.num_plays),
            count,
            sixteen: depth == png::BitDepth::Sixteen,
            reader,
        })
    }

    pub fn size(&self) -> (u32, u32) {
        (self.reader.info().width, self.reader.info().height)
    }

    pub fn sixteen(&self) -> bool {
        self.sixteen
    }

    /// Whether it is a still picture whose rows are stored from the top.
    pub fn is_plain(&self) -> bool {
        self.plays.is_none() && !self.reader.info().interlaced
    }

    /// The next row of a plain picture; `None` after the last, when what follows is read.
    pub fn next_row(&mut self) -> Result<Option<Pixels>> {
        let (colour, _) = self.reader.output_color_type();
        let sixteen = self.sixteen;
        match self.reader.next_row().map_err(broken)? {
            Some(row) => Ok(Some(widest(row.data().to_vec(), colour, sixteen))),
            None => {
                self.reader.finish().map_err(broken)?;
                Ok(None)
            }
        }
    }

    /// The next stored frame; `None` after the last.
    pub fn next(&mut self) -> Result<Option<Frame>> {
        if self.left == 0 {
            self.reader.finish().map_err(broken)?;
            return Ok(None);
        }
        self.left -= 1;
        let size = self
            .reader
            .output_buffer_size()
            .ok_or_else(|| Error::internal("the picture does not fit in memory"))?;
        let mut buffer = vec![0; size];
        let out = self.reader.next_frame(&mut buffer).map_err(broken)?;
        buffer.truncate(out.buffer_size());
        let pixels = widest(buffer, out.color_type, self.sixteen);
        let control = self.reader.info().frame_control;
        Ok(Some(Frame {
            left: control.map_or(0, |control| control.x_offset),
            top: control.map_or(0, |control| control.y_offset),
            width: out.width,
            height: out.height,
            pixels,
            timing: control.map(|control| {
                (
                    control.delay_num,
                    control.delay_den,
                    control.dispose_op,
                    control.blend_op,
                )
            }),
        }))
    }
}

/// Decoded samples as red, green, blue and alpha.
fn widest(samples: Vec<u8>, colour: ColorType, sixteen: bool) -> Pixels {
    if sixteen {
        let pairs = samples.chunks_exact(2);
        let values = pairs.map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        Pixels::Sixteen(widened(values, colour, u16::MAX))
    } else if colour == ColorType::Rgba {
        Pixels::Eight(samples)
    } else {
        Pixels::Eight(widened(samples.into_iter(), colour, u8::MAX))
    }
}

fn broken(error: png::DecodingError) -> Error {
    let reason = match &error {
        png::DecodingError::IoError(_) => "it ends in the middle of its image data".to_owned(),
        png::DecodingError::LimitsExceeded => {
            return Error::TooComplex {
                format: Format::Png,
                reason: "it opens to too many bytes".into(),
            };
        }
        error => error.to_string().trim_end_matches('.').to_owned(),
    };
    Error::undecodable(Format::Png, reason)
}

/// Grey and opaque samples as red, green, blue and alpha.
fn widened<T: Copy>(samples: impl Iterator<Item = T>, colour: ColorType, opaque: T) -> Vec<T> {
    let samples: Vec<T> = samples.collect();
    match colour {
        ColorType::Grayscale => samples.iter().flat_map(|&v| [v, v, v, opaque]).collect(),
        ColorType::GrayscaleAlpha => samples
            .chunks_exact(2)
            .flat_map(|p| [p[0], p[0], p[0], p[1]])
            .collect(),
        ColorType::Rgb => samples
            .chunks_exact(3)
            .flat_map(|p| [p[0], p[1], p[2], opaque])
            .collect(),
        ColorType::Rgba | ColorType::Indexed => samples,
    }
}

impl Pixels {
    /// Rounded to 8 bits a channel.
    pub fn eight(self) -> Vec<u8> {
        match self {
            Pixels::Eight(pixels) => pixels,
            Pixels::Sixteen(pixels) => pixels
                .into_iter()
                .map(|value| ((u32::from(value) * 255 + 32_767) / 65_535) as u8)
                .collect(),
        }
    }

    /// Equal but for the colour of fully transparent pixels. Depths may differ: 8 bits stand for
    /// the 16 bits that repeat them.
    pub fn same_looks(&self, other: &Pixels) -> bool {
        fn same<T: Copy + PartialEq + Into<u16>>(a: &[T], b: &[T]) -> bool {
            a.len() == b.len()
                && a.chunks_exact(4)
                    .zip(b.chunks_exact(4))
                    .all(|(p, q)| p == q || (p[3].into() == 0 && q[3].into() == 0))
        }
        match (self, other) {
            (Pixels::Eight(a), Pixels::Eight(b)) => same(a, b),
            (Pixels::Sixteen(a), Pixels::Sixteen(b)) => same(a, b),
            (Pixels::Eight(a), Pixels::Sixteen(b)) | (Pixels::Sixteen(b), Pixels::Eight(a)) => {
                let wide: Vec<u16> = a.iter().map(|&v| u16::from(v) * 257).collect();
                same(&wide, b)
            }
        }
    }
}

/// The whole pictures of an animation, one after the other, with their delays in seconds as a
/// fraction.
pub(super) fn composed(
    bytes: &[u8],
    limits: &Limits,
    cancel: &Cancel,
    mut each: impl FnMut(&Image, (u16, u16)) -> Result<()>,
) -> Result<()> {
    let mut frames = Frames::open(bytes, limits)?;
    let (width, height) = frames.size();
    let mut canvas = Image::transparent(width, height);
    while let Some(frame) = frames.next()? {
        cancel.check()?;
        let Some((numerator, denominator, dispose, blend)) = frame.timing else {
            continue;
        };
        let before = (dispose == DisposeOp::Previous).then(|| canvas.clone());
        draw(&mut canvas, &frame, blend);
        each(&canvas, (numerator, denominator))?;
        match (dispose, before) {
            (DisposeOp::Previous, Some(before)) => canvas = before,
            (DisposeOp::Background, _) => clear(&mut canvas, &frame),
            _ => {}
        }
    }
    Ok(())
}

fn rows<'c>(canvas: &'c mut Image, frame: &Frame) -> impl Iterator<Item = &'c mut [u8]> {
    let stride = canvas.width as usize * 4;
    let left = (frame.left.min(canvas.width)) as usize * 4;
    let right = (frame.left.saturating_add(frame.width).min(canvas.width)) as usize * 4;
    canvas
        .rgba
        .chunks_exact_mut(stride)
        .skip(frame.top as usize)
        .take(frame.height as usize)
        .map(move |row| &mut row[left..right])
}

fn clear(canvas: &mut Image, frame: &Frame) {
    rows(canvas, frame).for_each(|row| row.fill(0));
}

fn draw(canvas: &mut Image, frame: &Frame, blend: BlendOp) {
    let pixels = frame.pixels.clone().eight();
    let stride = frame.width as usize * 4;
    for (row, source) in rows(canvas, frame).zip(pixels.chunks_exact(stride)) {
        for (under, over) in row.chunks_exact_mut(4).zip(source.chunks_exact(4)) {
            match (blend, over[3]) {
                (BlendOp::Source, _) | (_, 255) => under.copy_from_slice(over),
                (_, 0) => {}
                (_, alpha) => {
                    let (a, b) = (f32::from(alpha) / 255.0, f32::from(under[3]) / 255.0);
                    let out = a + b * (1.0 - a);
                    for c in 0..3 {
                        let mixed =
                            (f32::from(over[c]) * a + f32::from(under[c]) * b * (1.0 - a)) / out;
                        under[c] = mixed.round() as u8;
                    }
                    under[3] = (out * 255.0).round() as u8;
                }
            }
        }
    }
}
