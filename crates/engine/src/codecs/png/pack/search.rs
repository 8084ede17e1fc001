//! The search for filters, and the deflate that the winner gets.

use whittle_core::{Cancel, Effort};

use super::filter::{Choice, Chooser};
use super::form::Form;
use super::{Packing, QUICK, deflate};
use crate::{Error, Result};

/// The level at which the winner is deflated.
const THOROUGH: i32 = 12;

/// Rounds of zopfli by default and at the highest effort: later ones gain a thousandth.
const ROUNDS: u64 = 5;
const MAX_ROUNDS: u64 = 15;

/// Bytes of the strips that choose their filters each for itself: about what deflate sees at once.
const STRIP: usize = 96 * 1024;

/// Strips of a large picture that are looked at to compare forms.
const SAMPLES: usize = 6;

/// Up to so many bytes before deflate, zopfli is worth its time by default: 2 % for little files.
const SMALL: usize = 64 * 1024;

/// Every how many strips a choice that has not won lately is tried again.
const RETRIED: usize = 12;

/// What competes by default. The first is the cheapest, and the best where deflate finds repetitions.
const CHOICES: [Choice; 9] = [
    Choice::Always(0),
    Choice::Always(1),
    Choice::Always(2),
    Choice::Always(3),
    Choice::Always(4),
    Choice::Entropy,
    Choice::Pairs,
    Choice::PairEntropy,
    Choice::Deflate,
];

/// Ranges of rows.
fn strips(form: &Form) -> Vec<std::ops::Range<usize>> {
    let height = form.height as usize;
    let rows = (STRIP / (form.stride() + 1)).clamp(1, height);
    (0..height)
        .step_by(rows)
        .map(|top| top..(top + rows).min(height))
        .collect()
}

/// About how small a form gets, by strips from all over it.
pub(super) fn first_look(form: &Form, cancel: &Cancel) -> Result<usize> {
    let strips = strips(form);
    let every = strips.len().div_ceil(SAMPLES);
    let stride = form.stride();
    let mut choosers = [Choice::Always(0), Choice::Pairs].map(|choice| Chooser::new(choice, form));
    let (mut bytes, mut rows) = (0, 0);
    for strip in strips.iter().step_by(every) {
        let mut least = usize::MAX;
        for chooser in &mut choosers {
            let mut above = match strip.start.checked_sub(1) {
                Some(last) => form.data[last * stride..strip.start * stride].to_vec(),
                None => vec![0; stride],
            };
            let mut out = Vec::with_capacity(STRIP);
            chooser.filter(form, strip.clone(), &mut above, &mut out, cancel)?;
            least = least.min(deflate::deflated(&out, QUICK)?.len());
        }
        bytes += least;
        rows += strip.len();
    }
    Ok(bytes * form.height as usize / rows.max(1) + form.side_bytes())
}

/// Rows whose filters were chosen strip by strip.
struct Mixed {
    rows: Vec<u8>,
    /// What the strips came to in the quick deflate.
    bytes: usize,
    /// What they came to without any filter.
    unfiltered: usize,
}

/// All rows, where each strip has the filters that suit it.
fn mixed(form: &Form, choices: &[Choice], cancel: &Cancel) -> Result<Mixed> {
    let mut choosers: Vec<(Chooser, usize)> = choices
        .iter()
        .map(|&choice| (Chooser::new(choice, form), 0))
        .collect();
    let mut rows = Vec::with_capacity((form.stride() + 1) * form.height as usize);
    let mut above = vec![0u8; form.stride()];
    let (mut total, mut unfiltered) = (0, 0);
    for (number, strip) in strips(form).into_iter().enumerate() {
        let mut best: Option<(usize, Vec<u8>, Vec<u8>)> = None;
        let start = rows.len();
        for (at, (chooser, lost)) in choosers.iter_mut().enumerate() {
            // What lost by far is not tried on every strip.
            if at > 0 && *lost > 0 && number % RETRIED != 0 {
                continue;
            }
            let mut below = above.clone();
            chooser.filter(form, strip.clone(), &mut below, &mut rows, cancel)?;
            let bytes = deflate::deflated(&rows[start..], QUICK)?.len();
            *lost = bytes;
            if at == 0 {
                unfiltered += bytes;
            }
            let part = rows.split_off(start);
            if best.as_ref().is_none_or(|(least, ..)| bytes < *least) {
                best = Some((bytes, part, below));
            }
        }
        let Some((bytes, part, below)) = best else {
            return Err(Error::internal("no filter"));
        };
        for (_, lost) in &mut choosers {
            *lost = if *lost > bytes + bytes / 50 { *lost } else { 0 };
        }
        total += bytes;
        rows.extend_from_slice(&part);
        above = below;
    }
    Ok(Mixed {
        rows,
        bytes: total,
        unfiltered,
    })
}

/// The rows of a form filtered and deflated as well as the effort allows.
pub(super) fn thorough(form: &Form, packing: Packing<'_>) -> Result<Vec<u8>> {
    let choices = match packing.effort {
        Effort::Fast => &[Choice::Always(0), Choice::Pairs],
        _ => &CHOICES[..],
    };
    let mixed = mixed(form, choices, packing.cancel)?;
    packing.cancel.check()?;
    // Repetitions reach over many strips, which a quick look at each cannot see: the thorough deflate
    // makes more of them than of filtered rows.
    let rows = if mixed.unfiltered <= mixed.bytes + mixed.bytes / 32 {
        unfiltered(form, packing.cancel)?
    } else {
        mixed.rows
    };
    let best = deflate::deflated(&rows, THOROUGH)?;
    let rounds = match packing.effort {
        Effort::Max => MAX_ROUNDS,
        Effort::Default if rows.len() <= SMALL => ROUNDS,
        _ => return Ok(best),
    };
    packing.cancel.check()?;
    let squeezed = deflate::squeezed(&rows, rounds)?;
    Ok(if squeezed.len() < best.len() {
        squeezed
    } else {
        best
    })
}

fn unfiltered(form: &Form, cancel: &Cancel) -> Result<Vec<u8>> {
    let mut rows = Vec::with_capacity((form.stride() + 1) * form.height as usize);
    let mut above = vec![0; form.stride()];
    let all = 0..form.height as usize;
    Chooser::new(Choice::Always(0), form).filter(form, all, &mut above, &mut rows, cancel)?;
    Ok(rows)
}
