//! Decoded images to be looked at: any part, any frame, and where two of them differ.

use std::sync::{Mutex, PoisonError};

use whittle_core::{Cancel, Format, Limits, Placement, ResizeStyle, Score};

use crate::pixels::{Image, check_size};
use crate::{Error, Result, codecs, contained, first_frame, heat, recognized, resize};

/// Memory for decoded frames of one animation; what does not fit is decoded again when it is shown.
const FRAMES: usize = 128 << 20;

/// Pixels of one answer. More than any screen has.
const ANSWER: u64 = 1 << 25;

/// A decoded image, upright and in sRGB.
pub struct Picture {
    width: u32,
    height: u32,
    kind: Kind,
}

enum Kind {
    Still(Image),
    Animated(Animation),
    /// Its text, with a size of its own.
    Drawing(String),
}

struct Animation {
    bytes: Vec<u8>,
    limits: Limits,
    /// Hundredths of a second, for each frame.
    delays: Vec<u16>,
    /// How its frames are resized, if they are.
    placement: Option<Placement>,
    /// The first of the frames that are in memory, and those.
    decoded: Mutex<(usize, Vec<Image>)>,
}

/// A part of a picture, and how many pixels are wanted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Its left edge, in pixels of the picture.
    pub left: u32,
    /// Its upper edge, in pixels of the picture.
    pub top: u32,
    /// Pixels of the picture.
    pub width: u32,
    /// Pixels of the picture.
    pub height: u32,
    /// Pixels of the answer; at most `width`.
    pub to_width: u32,
    /// Pixels of the answer; at most `height`.
    pub to_height: u32,
}

/// A part of a picture, compressed alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sample {
    /// Size of its file.
    pub bytes: u64,
    /// What it looks like.
    pub png: Vec<u8>,
}

impl Picture {
    /// Decodes an image: a still one as a whole, an animation frame by frame as it is shown.
    ///
    /// # Errors
    /// When it cannot be decoded within the limits.
    pub fn open(bytes: &[u8], limits: &Limits, cancel: &Cancel) -> Result<Picture> {
        let cancel = cancel.with_limit(limits.time);
        contained(|| match recognized(bytes)? {
            Format::Gif => {
                let (width, height, delays) = codecs::gif::timing(bytes, limits, &cancel)?;
                Ok(Picture {
                    width,
                    height,
                    kind: Kind::Animated(Animation {
                        bytes: bytes.to_vec(),
                        limits: *limits,
                        delays,
                        placement: None,
                        decoded: Mutex::default(),
                    }),
                })
            }
            Format::Svg => {
                let (text, width, height) = codecs::svg::opened(bytes, limits, &cancel)?;
                Ok(Picture {
                    width,
                    height,
                    kind: Kind::Drawing(text),
                })
            }
            _ => first_frame(bytes, limits, &cancel).map(Picture::still),
        })
    }

    fn still(image: Image) -> Picture {
        Picture {
            width: image.width,
            height: image.height,
            kind: Kind::Still(image),
        }
    }

    /// The same picture at another size, as a derivative is before it is compressed.
    ///
    /// # Errors
    /// When it cannot be resized.
    pub fn resized(self, style: &ResizeStyle, limits: &Limits) -> Result<Picture> {
        let placement = style.place(self.width, self.height);
        check_size(placement.width, placement.height, limits)?;
        contained(|| {
            let kind = match self.kind {
                Kind::Still(image) => Kind::Still(resize::resized(&image, &placement)?),
                Kind::Animated(animation) => Kind::Animated(Animation {
                    placement: Some(placement),
                    ..animation
                }),
                Kind::Drawing(text) => Kind::Drawing(codecs::svg::resized(&text, style, limits)?),
            };
            Ok(Picture {
                width: placement.width,
                height: placement.height,
                kind,
            })
        })
    }

    /// Pixels; of a drawing its own size, rounded.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Pixels; of a drawing its own size, rounded.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Hundredths of a second for each frame; one for a picture that does not move.
    pub fn delays(&self) -> &[u16] {
        match &self.kind {
            Kind::Animated(animation) => &animation.delays,
            Kind::Still(_) | Kind::Drawing(_) => &[0],
        }
    }

    /// A drawing as an SVG with a size of its own, whose complexity was checked. It may still hold
    /// scripts and links: show it where neither is followed, as in an `<img>`.
    pub fn drawing(&self) -> Option<&str> {
        match &self.kind {
            Kind::Drawing(text) => Some(text),
            Kind::Still(_) | Kind::Animated(_) => None,
        }
    }

    /// The frame that is on screen here while `original` shows its frame. Results may have fewer
    /// frames, because equal ones become one that stays longer.
    pub fn frame_beside(&self, original: &Picture, frame: usize) -> usize {
        let (mine, theirs) = (self.delays(), original.delays());
        if mine.len() == theirs.len() {
            return frame;
        }
        let time = |delays: &[u16]| delays.iter().map(|delay| u32::from(*delay)).sum::<u32>();
        let now = time(&theirs[..frame.min(theirs.len())]);
        let starts = mine.iter().scan(0u32, |at, delay| {
            let start = *at;
            *at += u32::from(*delay);
            Some(start)
        });
        starts.take_while(|start| *start <= now).count().max(1) - 1
    }

    /// A part of a frame as a PNG.
    ///
    /// # Errors
    /// When the picture has no such part or frame, or is a drawing.
    pub fn part(&self, frame: usize, view: &View, cancel: &Cancel) -> Result<Vec<u8>> {
        self.check(view)?;
        contained(|| {
            self.with_frame(frame, cancel, |image| {
                codecs::png::written(&scaled(image, view)?)
            })
        })
    }

    /// Where `result` differs from this picture, as a PNG: the darkened original, and the brighter
    /// the larger the difference. A pixel that stands for several shows their largest.
    ///
    /// # Errors
    /// When either has no such part or frame, or cannot be drawn.
    pub fn difference(
        &self,
        result: &Picture,
        frame: usize,
        view: &View,
        cancel: &Cancel,
    ) -> Result<Vec<u8>> {
        contained(|| {
            if let (Kind::Drawing(a), Kind::Drawing(b)) = (&self.kind, &result.kind) {
                let a = codecs::svg::drawn(a, cancel)?;
                let b = codecs::svg::drawn_as(b, a.width, a.height)?;
                let whole = View::whole(a.width, a.height);
                return codecs::png::written(&heat::map(&a, &b, &whole)?);
            }
            self.check(view)?;
            let other = result.frame_beside(self, frame);
            self.with_frame(frame, cancel, |a| {
                result.with_frame(other, cancel, |b| {
                    codecs::png::written(&heat::map(a, b, view)?)
                })
            })
        })
    }

    /// A part of a still picture, compressed alone to a score as `format` would be: a first
    /// impression of what the whole will look like. `None` where there is none: of drawings,
    /// animations and other formats, and where no setting reaches the score.
    ///
    /// # Errors
    /// When there is no such part, or the work was cancelled.
    pub fn sample(
        &self,
        format: Format,
        view: &View,
        target: Score,
        cancel: &Cancel,
    ) -> Result<Option<Sample>> {
        self.check(view)?;
        let Kind::Still(image) = &self.kind else {
            return Ok(None);
        };
        contained(|| {
            let part = cut(image, view);
            let made = match format {
                Format::Jpeg => codecs::jpeg::sampled(&part, target, cancel)?,
                Format::Png => codecs::png::sampled(&part, target, cancel)?,
                Format::Gif | Format::Svg | Format::Webp | Format::Avif => None,
            };
            let Some((file, _)) = made else {
                return Ok(None);
            };
            let shown = first_frame(&file, &Limits::default(), cancel)?;
            Ok(Some(Sample {
                bytes: file.len() as u64,
                png: codecs::png::written(&shown)?,
            }))
        })
    }

    fn check(&self, view: &View) -> Result<()> {
        let inside = |start: u32, length: u32, whole: u32| {
            length > 0 && start.checked_add(length).is_some_and(|end| end <= whole)
        };
        let fits = inside(view.left, view.width, self.width)
            && inside(view.top, view.height, self.height)
            && (1..=view.width).contains(&view.to_width)
            && (1..=view.height).contains(&view.to_height)
            && u64::from(view.to_width) * u64::from(view.to_height) <= ANSWER;
        fits.then_some(())
            .ok_or_else(|| Error::internal("the picture has no such part"))
    }

    fn with_frame<T>(
        &self,
        frame: usize,
        cancel: &Cancel,
        look: impl FnOnce(&Image) -> Result<T>,
    ) -> Result<T> {
        match &self.kind {
            Kind::Still(image) => look(image),
            Kind::Animated(animation) => animation.with_frame(frame, cancel, look),
            Kind::Drawing(_) => Err(Error::internal("a drawing has no pixels of its own")),
        }
    }
}

impl Animation {
    fn with_frame<T>(
        &self,
        frame: usize,
        cancel: &Cancel,
        look: impl FnOnce(&Image) -> Result<T>,
    ) -> Result<T> {
        let mut decoded = self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, images) = &*decoded;
        if !(*first..first + images.len()).contains(&frame) {
            // Given back first: two sets of frames must not be there at once.
            *decoded = (0, Vec::new());
            let cancel = cancel.with_limit(self.limits.time);
            let images = codecs::gif::frames(&self.bytes, frame, FRAMES, &self.limits, &cancel)?;
            *decoded = (frame, images);
        }
        let (first, images) = &*decoded;
        let image = images
            .get(frame - first)
            .ok_or_else(|| Error::internal("the animation has no such frame"))?;
        match &self.placement {
            Some(placement) => look(&resize::resized(image, placement)?),
            None => look(image),
        }
    }
}

impl View {
    /// All of a picture, pixel by pixel.
    pub fn whole(width: u32, height: u32) -> View {
        View {
            left: 0,
            top: 0,
            width,
            height,
            to_width: width,
            to_height: height,
        }
    }
}

/// A part of a picture with fewer pixels.
fn scaled(image: &Image, view: &View) -> Result<Image> {
    if (view.to_width, view.to_height) == (view.width, view.height) {
        return Ok(cut(image, view));
    }
    let placement = Placement {
        left: view.left.into(),
        top: view.top.into(),
        source_width: view.width.into(),
        source_height: view.height.into(),
        width: view.to_width,
        height: view.to_height,
    };
    resize::resized(image, &placement)
}

fn cut(image: &Image, view: &View) -> Image {
    let mut rgba = Vec::with_capacity(view.width as usize * view.height as usize * 4);
    for y in view.top..view.top + view.height {
        let start = (y as usize * image.width as usize + view.left as usize) * 4;
        rgba.extend_from_slice(&image.rgba[start..start + view.width as usize * 4]);
    }
    Image {
        width: view.width,
        height: view.height,
        rgba,
    }
}

#[cfg(test)]
mod tests;
