//! The search for filters, and the deflate that the winner gets.

use whittle_core::{Cancel, Effort};

use super::deflate::{self, Search, WINDOW};
use super::filter::{Choice, Chooser, FILTERS};
use super::form::Form;
use super::{Packing, QUICK};
use crate::Result;

/// libdeflate's highest level.
const THOROUGH: i32 = 12;

/// How the winner is deflated by default, where it is small, and at the highest effort; measured: more rounds, or more
/// places to compare, gain less than a thousandth for twice the time.
pub(super) const SEARCH: Search = Search {
    rounds: 3,
    depth: 80,
    sample: 48 * 1024,
    patience: 1,
};
const SMALL_SEARCH: Search = Search {
    rounds: 20,
    depth: 1000,
    sample: 1 << 20,
    patience: 4,
};
const MAX_SEARCH: Search = Search {
    rounds: 40,
    depth: 4000,
    sample: 1 << 20,
    patience: 8,
};

/// Bytes of the strips that are looked at, or choose their filters each for itself: about what deflate sees at once.
const STRIP: usize = 96 * 1024;

/// Strips of a large picture that are looked at to compare forms.
const SAMPLES: usize = 5;

/// Up to so many bytes before deflate, a longer search is worth its time by default.
const SMALL: usize = 64 * 1024;

/// A filter that costs at most so many times the best one's bytes is tried on all rows.
const NEARLY: f64 = 1.12;

/// Earlier places that are looked at for a match, by default and at the highest effort.
const DEPTH: usize = 4;
const MAX_DEPTH: usize = 64;

/// Ranges of rows.
fn strips(form: &Form) -> Vec<std::ops::Range<usize>> {
    let height = form.height as usize;
    let rows = (STRIP / (form.stride() + 1)).clamp(1, height);
    (0..height)
        .step_by(rows)
        .map(|top| top..(top + rows).min(height))
        .collect()
}

/// About how small a form gets, in each of the filters.
#[derive(Clone, Copy)]
pub(super) struct Look {
    filters: [usize; FILTERS],
    side: usize,
}

impl Look {
    /// Bytes in the best filter, with palette and transparency.
    pub fn bytes(&self) -> usize {
        self.filters[self.best()] + self.side
    }

    fn best(&self) -> usize {
        (0..FILTERS)
            .min_by_key(|&filter| self.filters[filter])
            .unwrap_or(0)
    }

    /// Filters that come close to the best.
    fn close(&self, by: f64) -> impl Iterator<Item = usize> {
        let limit = (self.filters[self.best()] as f64 * by) as usize;
        (0..FILTERS).filter(move |&filter| self.filters[filter] <= limit)
    }
}

/// Looks at strips from all over a form.
pub(super) fn first_look(form: &Form, cancel: &Cancel) -> Result<Look> {
    let strips = strips(form);
    let every = strips.len().div_ceil(SAMPLES);
    let stride = form.stride();
    let mut filters = [0; FILTERS];
    let mut rows = 0;
    let mut out = Vec::with_capacity(STRIP);
    for strip in strips.iter().step_by(every) {
        for (filter, bytes) in filters.iter_mut().enumerate() {
            let mut above = match strip.start.checked_sub(1) {
                Some(last) => form.data[last * stride..strip.start * stride].to_vec(),
                None => vec![0; stride],
            };
            out.clear();
            let choice = Choice::Always(filter as u8);
            Chooser::new(choice, form).filter(form, strip.clone(), &mut above, &mut out, cancel)?;
            *bytes += deflate::deflated(&out, QUICK)?.len();
        }
        rows += strip.len();
    }
    Ok(Look {
        filters: filters.map(|bytes| bytes * form.height as usize / rows.max(1)),
        side: form.side_bytes(),
    })
}

/// The rows of a form filtered and deflated as well as the effort allows.
pub(super) fn thorough(form: &Form, look: Look, packing: Packing<'_>) -> Result<Vec<u8>> {
    let cancel = packing.cancel;
    let always = |filter: usize| Choice::Always(filter as u8);
    // Repetitions reach over more than the strips that were looked at: nearly the best may be the
    // best of all.
    let nearly = look.close(NEARLY).map(always);
    let rows = match packing.effort {
        Effort::Fast => filtered(form, always(look.best()), cancel)?,
        Effort::Default => {
            let choices: Vec<_> = nearly.chain([Choice::Parse(DEPTH)]).collect();
            smallest(
                form,
                by_strips(form, &choices, QUICK, cancel)?,
                QUICK,
                cancel,
            )?
        }
        Effort::Max => {
            let choices: Vec<_> = (0..FILTERS)
                .map(always)
                .chain([
                    Choice::Deflate,
                    Choice::Parse(DEPTH),
                    Choice::Parse(MAX_DEPTH),
                ])
                .collect();
            let candidates = by_strips(form, &choices, THOROUGH, cancel)?;
            smallest(form, candidates, THOROUGH, cancel)?
        }
    };
    cancel.check()?;
    let search = match packing.effort {
        Effort::Fast => return deflate::deflated(&rows, THOROUGH),
        Effort::Default if rows.len() > SMALL => SEARCH,
        Effort::Default => SMALL_SEARCH,
        Effort::Max => MAX_SEARCH,
    };
    deflate::squeezed(&rows, search, cancel)
}

/// All rows by one choice.
fn filtered(form: &Form, choice: Choice<'_>, cancel: &Cancel) -> Result<Vec<u8>> {
    let mut rows = Vec::with_capacity((form.stride() + 1) * form.height as usize);
    let mut above = vec![0; form.stride()];
    let all = 0..form.height as usize;
    Chooser::new(choice, form).filter(form, all, &mut above, &mut rows, cancel)?;
    Ok(rows)
}

/// The filters of all rows, by one choice.
struct Course<'a> {
    chooser: Chooser<'a>,
    above: Vec<u8>,
    /// Rows before the strip, as many as deflate looks back, and those of the strip.
    rows: Vec<u8>,
    filters: Vec<u8>,
    bytes: usize,
}

/// What suits strip by strip, the choice that suits all rows best, and no filters: as lists of filters.
/// Only these are kept, since filtered rows take as much memory as the picture.
fn by_strips(
    form: &Form,
    choices: &[Choice<'_>],
    level: i32,
    cancel: &Cancel,
) -> Result<Vec<Vec<u8>>> {
    let mut courses: Vec<Course> = choices
        .iter()
        .map(|&choice| Course {
            chooser: Chooser::new(choice, form),
            above: vec![0; form.stride()],
            rows: Vec::new(),
            filters: Vec::with_capacity(form.height as usize),
            bytes: 0,
        })
        .collect();
    let mut mixed: Vec<u8> = Vec::with_capacity(form.height as usize);
    for strip in strips(form) {
        let mut best: Option<(usize, &[u8])> = None;
        for course in &mut courses {
            let Course {
                chooser,
                above,
                rows,
                filters,
                bytes,
            } = course;
            rows.drain(..rows.len().saturating_sub(WINDOW));
            let start = rows.len();
            chooser.filter(form, strip.clone(), above, rows, cancel)?;
            let packed = deflate::deflated(rows, level)?.len();
            *bytes += packed;
            filters.extend(
                rows[start..]
                    .chunks_exact(form.stride() + 1)
                    .map(|row| row[0]),
            );
            if best.is_none_or(|(least, _)| packed < least) {
                best = Some((packed, &filters[strip.start..]));
            }
        }
        mixed.extend(best.map_or(&[][..], |(_, filters)| filters));
    }
    courses.sort_by_key(|course| course.bytes);
    // Strips cannot tell what deflate makes of rows that are alike far and wide when none is filtered.
    let plain = vec![0; form.height as usize];
    let mut candidates: Vec<Vec<u8>> = choices
        .contains(&Choice::Always(0))
        .then_some(plain)
        .into_iter()
        .chain(courses.into_iter().take(1).map(|course| course.filters))
        .chain([mixed])
        .collect();
    candidates.sort();
    candidates.dedup();
    Ok(candidates)
}

/// All rows by those filters of which least is left after deflate.
fn smallest(
    form: &Form,
    mut candidates: Vec<Vec<u8>>,
    level: i32,
    cancel: &Cancel,
) -> Result<Vec<u8>> {
    let mut best = (usize::MAX, 0);
    for (at, filters) in candidates.iter().enumerate() {
        if candidates.len() > 1 {
            let rows = filtered(form, Choice::Listed(filters), cancel)?;
            best = best.min((deflate::deflated(&rows, level)?.len(), at));
        }
    }
    let filters = candidates.swap_remove(best.1);
    filtered(form, Choice::Listed(&filters), cancel)
}
