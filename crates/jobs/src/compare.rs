//! An image beside what was made of it, and beside what other settings would make of it.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use whittle_core::{Cancel, Format, Limits, Recipe, ResizeStyle, Score, Strategy, Tried};
use whittle_engine::{Picture, View};
use whittle_store::Hash;

use crate::Store;
use crate::source::Source;
use crate::stop::Stop;

/// Pixels of a picture that is compared: it is in memory twice, four bytes a pixel.
const LIMITS_PIXELS: u64 = 1 << 27;

/// Why there is nothing to compare, in one plain sentence.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct NoComparison {
    message: String,
    /// Whether another attempt took its place, which nobody needs to hear of.
    pub superseded: bool,
}

/// An original and what was made of it. Attempts with other settings write nothing.
///
/// In memory are the two files, and both pictures; an attempt takes what optimizing takes. Its
/// methods want a thread with [`crate::STACK`].
pub struct Comparison {
    bytes: Vec<u8>,
    /// Of a derivative only what there is can be looked at.
    is_derivative: bool,
    format: Option<Format>,
    original: Picture,
    result: Mutex<Made>,
    /// The newest sample, by its number.
    sample: Mutex<(u32, Vec<u8>)>,
    /// The attempt or sample of now: a new one cancels it.
    attempt: Mutex<Cancel>,
}

/// A first look at an attempt: a part of the picture, compressed alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sampled {
    /// Names its picture in [`Comparison::look`].
    pub version: u32,
    /// Of a file with this part alone.
    pub bytes: u64,
}

/// A result and its number; each attempt has its own.
#[derive(Clone)]
struct Made {
    version: u32,
    picture: Arc<Picture>,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Attempt {
    /// Names its picture in [`Comparison::look`].
    pub version: u32,
    /// Size of the result; of the original when nothing smaller was found.
    pub bytes: u64,
    /// Whether it is smaller than the original.
    pub smaller: bool,
    /// Of the result against the original.
    pub score: Score,
    /// What metadata it lacks, in words.
    pub removed: Vec<String>,
    /// What is special about it, in words.
    pub notes: Vec<String>,
    /// What was tried on the way.
    pub tried: Vec<Tried>,
}

/// Which picture is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The original.
    Original,
    /// The result with this number.
    Result(u32),
    /// Where that result differs from the original.
    Difference(u32),
    /// The sample with this number.
    Sample(u32),
}

/// A picture for the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Looked {
    /// Of the part that was asked for.
    Png(Vec<u8>),
    /// The whole drawing, to be shown where scripts do not run and links are not followed.
    Svg(String),
}

impl Comparison {
    /// Decodes both. Results that are the original itself are decoded once more, which is simple.
    ///
    /// # Errors
    /// When either cannot be decoded, or has more pixels than can be shown.
    pub fn open(original: Vec<u8>, result: &[u8]) -> Result<Comparison, NoComparison> {
        let cancel = Cancel::new();
        let picture = Picture::open(&original, &limits(), &cancel)?;
        let result = Picture::open(result, &limits(), &cancel)?;
        Ok(Comparison::of(original, picture, result, cancel))
    }

    /// Lays a derivative beside what it was made of: the original at its size, not compressed. Nothing
    /// can be attempted then.
    ///
    /// # Errors
    /// As [`Comparison::open`].
    pub fn open_derivative(
        original: Vec<u8>,
        strategy: Strategy,
        derivative: &[u8],
    ) -> Result<Comparison, NoComparison> {
        let cancel = Cancel::new();
        let result = Picture::open(derivative, &limits(), &cancel)?;
        let style = ResizeStyle {
            name: "derivative".into(),
            // Only a crop leaves anything out; for the others the size says everything.
            strategy: match strategy {
                Strategy::Crop => Strategy::Crop,
                _ => Strategy::Exact,
            },
            width: Some(result.width()),
            height: Some(result.height()),
        };
        let picture = Picture::open(&original, &limits(), &cancel)?.resized(&style, &limits())?;
        let mut comparison = Comparison::of(original, picture, result, cancel);
        comparison.is_derivative = true;
        Ok(comparison)
    }

    fn of(bytes: Vec<u8>, original: Picture, result: Picture, cancel: Cancel) -> Comparison {
        Comparison {
            format: whittle_engine::detect(&bytes),
            bytes,
            is_derivative: false,
            original,
            result: Mutex::new(Made {
                version: 0,
                picture: Arc::new(result),
            }),
            sample: Mutex::default(),
            attempt: Mutex::new(cancel),
        }
    }

    /// The original.
    pub fn original(&self) -> &Picture {
        &self.original
    }

    /// What its content is.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Its size as a file; `None` beside a derivative, where it is none.
    pub fn input_bytes(&self) -> Option<u64> {
        (!self.is_derivative).then_some(self.bytes.len() as u64)
    }

    /// Makes a result by another recipe, without its styles; it takes the place of the one before.
    /// An attempt that is still going on is cancelled.
    ///
    /// # Errors
    /// When it cannot be optimized, or another attempt was begun meanwhile.
    pub fn attempt(&self, recipe: &Recipe) -> Result<Attempt, NoComparison> {
        if self.is_derivative {
            return Err(NoComparison::because(
                "Other settings are tried on the image itself.".into(),
            ));
        }
        let cancel = self.begin();
        let recipe = Recipe {
            styles: Vec::new(),
            ..recipe.clone()
        };
        let made = self.make(&recipe, &cancel);
        // Whatever came of it: it is no longer wanted.
        cancel.check().map_err(|_| NoComparison::superseded())?;
        made
    }

    /// Makes a part of a large picture by another recipe, long before the whole can be there.
    /// `None` where there is nothing to see: without loss, of animations and of drawings.
    ///
    /// # Errors
    /// When it cannot be made, or an attempt or sample was begun meanwhile.
    pub fn sample(&self, recipe: &Recipe, part: &View) -> Result<Option<Sampled>, NoComparison> {
        let (Some(format), Some(target), false) =
            (self.format, recipe.target(), self.is_derivative)
        else {
            return Ok(None);
        };
        let cancel = self.begin();
        let made = self.original.sample(format, part, target, &cancel);
        cancel.check().map_err(|_| NoComparison::superseded())?;
        Ok(made?.map(|made| {
            let mut sample = lock(&self.sample);
            *sample = (sample.0 + 1, made.png);
            Sampled {
                version: sample.0,
                bytes: made.bytes,
            }
        }))
    }

    /// What was going on is no longer wanted.
    fn begin(&self) -> Cancel {
        let cancel = Cancel::new();
        std::mem::replace(&mut *lock(&self.attempt), cancel.clone()).cancel();
        cancel
    }

    /// Ends the attempt of now.
    pub fn cancel(&self) {
        lock(&self.attempt).cancel();
    }

    fn make(&self, recipe: &Recipe, cancel: &Cancel) -> Result<Attempt, NoComparison> {
        let encoded = whittle_engine::optimize(&self.bytes, recipe, cancel)?;
        let file = encoded
            .bytes
            .as_ref()
            .filter(|file| file.len() < self.bytes.len());
        let picture = Picture::open(file.unwrap_or(&self.bytes), &limits(), cancel)?;
        let mut result = lock(&self.result);
        cancel.check().map_err(|_| NoComparison::superseded())?;
        *result = Made {
            version: result.version + 1,
            picture: Arc::new(picture),
        };
        Ok(Attempt {
            version: result.version,
            bytes: file.map_or(self.bytes.len(), Vec::len) as u64,
            smaller: file.is_some(),
            score: file.map_or(Score::IDENTICAL, |_| encoded.score),
            removed: file.map_or(Vec::new(), |_| encoded.removed),
            notes: encoded.notes,
            tried: encoded.tried,
        })
    }

    /// A part of a picture, or all of a drawing. Frames are the original's: of the result the one
    /// is shown that is on screen at the same time.
    ///
    /// # Errors
    /// When there is no such part, frame or result any more.
    pub fn look(&self, side: Side, frame: usize, view: &View) -> Result<Looked, NoComparison> {
        let cancel = Cancel::new();
        let png = match side {
            Side::Original => return shown(&self.original, frame, view, &cancel),
            Side::Result(version) => {
                let result = self.result(version)?;
                return shown(
                    &result,
                    result.frame_beside(&self.original, frame),
                    view,
                    &cancel,
                );
            }
            Side::Difference(version) => {
                let result = self.result(version)?;
                self.original.difference(&result, frame, view, &cancel)?
            }
            Side::Sample(version) => {
                let sample = lock(&self.sample);
                if sample.0 != version || version == 0 {
                    return Err(NoComparison::superseded());
                }
                sample.1.clone()
            }
        };
        Ok(Looked::Png(png))
    }

    fn result(&self, version: u32) -> Result<Arc<Picture>, NoComparison> {
        let made = lock(&self.result).clone();
        (made.version == version)
            .then_some(made.picture)
            .ok_or_else(NoComparison::superseded)
    }
}

impl Drop for Comparison {
    fn drop(&mut self) {
        self.cancel();
    }
}

fn shown(
    picture: &Picture,
    frame: usize,
    view: &View,
    cancel: &Cancel,
) -> Result<Looked, NoComparison> {
    match picture.drawing() {
        Some(text) => Ok(Looked::Svg(text.to_owned())),
        None => Ok(Looked::Png(picture.part(frame, view, cancel)?)),
    }
}

/// The original of an image as it was before this line of the history: from the backups when it was
/// replaced, else from its place.
///
/// # Errors
/// When it is gone, or cannot be read.
pub fn original_bytes(
    store: Option<&Store>,
    path: &Path,
    history: Option<i64>,
) -> Result<Vec<u8>, NoComparison> {
    if let (Some(store), Some(history)) = (store, history)
        && let Some(replaced) = store.replaced(history)?
        && !replaced.reverted
    {
        return Ok(store.backups().read(&replaced.original)?);
    }
    result_bytes(path)
}

/// Which of two files are no longer what a line of the history was measured on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// The original.
    pub original: bool,
    /// Its result, or the derivative that is compared.
    pub result: bool,
}

/// Compares files with what the history knows of them: an original with its result, or with its derivative of a
/// style. What it does not know counts as the same.
///
/// # Errors
/// When the database refuses.
pub fn changed_since(
    store: &Store,
    history: i64,
    style: Option<&str>,
    original: &[u8],
    result: Option<&[u8]>,
) -> Result<Changed, NoComparison> {
    let known = store.contents(history, style)?;
    let differs =
        |bytes: &[u8], hash: Option<Hash>| hash.is_some_and(|hash| blake3::hash(bytes) != hash);
    Ok(Changed {
        original: differs(original, known.original),
        result: result.is_some_and(|bytes| differs(bytes, known.result)),
    })
}

/// A file that was written, or an original.
///
/// # Errors
/// When it is gone, or cannot be read.
pub fn result_bytes(path: &Path) -> Result<Vec<u8>, NoComparison> {
    Ok(Source::read(path)?.bytes)
}

fn limits() -> Limits {
    Limits {
        pixels: LIMITS_PIXELS,
        ..Limits::default()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl NoComparison {
    fn superseded() -> NoComparison {
        NoComparison {
            message: "Another result took its place.".into(),
            superseded: true,
        }
    }

    fn because(message: String) -> NoComparison {
        NoComparison {
            message,
            superseded: false,
        }
    }
}

impl From<Stop> for NoComparison {
    fn from(stop: Stop) -> NoComparison {
        NoComparison::because(stop.message)
    }
}

impl From<whittle_engine::Error> for NoComparison {
    fn from(error: whittle_engine::Error) -> NoComparison {
        NoComparison::because(error.to_string())
    }
}

impl From<whittle_store::Error> for NoComparison {
    fn from(error: whittle_store::Error) -> NoComparison {
        NoComparison::because(error.to_string())
    }
}
