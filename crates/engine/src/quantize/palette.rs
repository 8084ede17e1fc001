//! Palettes: by splitting, then by k-means.

use super::Colours;
use super::colours::Sample;
use super::space::{Looks, looks, premultiplied, straight};

/// Rounds of k-means; later ones change the score by less than a tenth.
const ROUNDS: usize = 8;

/// The part of an entry's pixels that, all of one colour, set the entry to it.
const MAIN_SHARE: f32 = 0.5;

/// Entries are searched so many at a time.
const LANES: usize = 8;

/// Colours to draw a picture with.
#[derive(Clone, Debug)]
pub(crate) struct Palette {
    pub entries: Vec<[u8; 4]>,
    pub(super) premultiplied: Vec<[f32; 4]>,
    /// The looks of entries, by dimension, in groups of [`LANES`]; places without an entry are far
    /// from everything.
    groups: Vec<[[f32; LANES]; 6]>,
    dimensions: usize,
    pub(super) translucent: bool,
    /// The entry of fully transparent pixels.
    pub(super) clear: Option<u8>,
}

impl Palette {
    /// At most `count` colours (2 to 256) for a picture.
    pub fn new(colours: &Colours, count: usize) -> Palette {
        let visible = count.clamp(2, 256) - usize::from(colours.clear);
        let samples = &colours.samples;
        let mut centres = if samples.len() <= visible {
            samples.iter().map(|sample| sample.premultiplied).collect()
        } else {
            split(samples, visible)
        };
        if samples.len() > visible {
            for _ in 0..ROUNDS {
                centres = moved(samples, &centres, colours.translucent);
            }
        }
        let mut entries: Vec<[u8; 4]> = centres.into_iter().map(straight).collect();
        entries.sort_unstable();
        entries.dedup();
        // Nothing visible may become the clear entry.
        entries.retain(|entry| entry[3] != 0);
        if colours.clear {
            entries.push([0; 4]);
        }
        Palette::of(entries, colours.translucent, colours.clear)
    }

    fn of(entries: Vec<[u8; 4]>, translucent: bool, clear: bool) -> Palette {
        let clear = clear.then(|| (entries.len() - 1) as u8);
        let premultiplied: Vec<[f32; 4]> = entries.iter().copied().map(premultiplied).collect();
        let visible = entries.len() - usize::from(clear.is_some());
        let points: Vec<Looks> = premultiplied[..visible]
            .iter()
            .map(|&entry| looks(entry, translucent))
            .collect();
        Palette {
            groups: grouped(&points),
            dimensions: if translucent { 6 } else { 3 },
            entries,
            premultiplied,
            translucent,
            clear,
        }
    }

    /// The nearest visible entry, and the square of its distance.
    pub(super) fn nearest(&self, looks: &Looks) -> (u8, f32) {
        nearest(&self.groups, self.dimensions, looks)
    }

    /// The square of the distance to a visible entry.
    pub(super) fn distance(&self, entry: u8, looks: &Looks) -> f32 {
        let (group, lane) = (usize::from(entry) / LANES, usize::from(entry) % LANES);
        let group = &self.groups[group];
        (0..self.dimensions)
            .map(|d| {
                let step = group[d][lane] - looks[d];
                step * step
            })
            .sum()
    }
}

fn grouped(points: &[Looks]) -> Vec<[[f32; LANES]; 6]> {
    points
        .chunks(LANES)
        .map(|points| {
            let mut group = [[1e9; LANES]; 6];
            for (lane, point) in points.iter().enumerate() {
                for (values, value) in group.iter_mut().zip(point) {
                    values[lane] = *value;
                }
            }
            group
        })
        .collect()
}

fn nearest(groups: &[[[f32; LANES]; 6]], dimensions: usize, looks: &Looks) -> (u8, f32) {
    if dimensions == 3 {
        nearest_in::<3>(groups, looks)
    } else {
        nearest_in::<6>(groups, looks)
    }
}

fn nearest_in<const D: usize>(groups: &[[[f32; LANES]; 6]], looks: &Looks) -> (u8, f32) {
    let mut least = [f32::MAX; LANES];
    let mut found = [0u32; LANES];
    for (at, group) in groups.iter().enumerate() {
        let mut distances = [0.0f32; LANES];
        for d in 0..D {
            for lane in 0..LANES {
                let step = group[d][lane] - looks[d];
                distances[lane] += step * step;
            }
        }
        for lane in 0..LANES {
            let closer = distances[lane] < least[lane];
            least[lane] = if closer { distances[lane] } else { least[lane] };
            found[lane] = if closer { at as u32 } else { found[lane] };
        }
    }
    let mut best = 0;
    for lane in 1..LANES {
        if least[lane] < least[best] {
            best = lane;
        }
    }
    ((found[best] as usize * LANES + best) as u8, least[best])
}

/// A part of the samples, with what splitting it would gain.
struct Part {
    start: usize,
    end: usize,
    gain: f32,
    axis: usize,
    middle: f32,
}

impl Part {
    fn new(samples: &[Sample], order: &[u32], start: usize, end: usize) -> Part {
        let mut weight = 0.0f64;
        let mut sums = [0.0f64; 6];
        let mut squares = [0.0f64; 6];
        for &at in &order[start..end] {
            let sample = &samples[at as usize];
            let w = f64::from(sample.weight);
            weight += w;
            for d in 0..6 {
                let value = f64::from(sample.looks[d]);
                sums[d] += w * value;
                squares[d] += w * value * value;
            }
        }
        let spread: [f64; 6] =
            std::array::from_fn(|d| squares[d] - sums[d] * sums[d] / weight.max(1e-12));
        let axis = (0..6)
            .max_by(|&a, &b| spread[a].total_cmp(&spread[b]))
            .unwrap_or(0);
        Part {
            start,
            end,
            gain: if end - start > 1 {
                spread[axis] as f32
            } else {
                -1.0
            },
            axis,
            middle: (sums[axis] / weight.max(1e-12)) as f32,
        }
    }
}

/// Centres of parts, where that part is split next whose colours are most apart.
fn split(samples: &[Sample], count: usize) -> Vec<[f32; 4]> {
    let mut order: Vec<u32> = (0..samples.len() as u32).collect();
    let mut parts = vec![Part::new(samples, &order, 0, samples.len())];
    while parts.len() < count {
        let Some(at) = (0..parts.len()).max_by(|&a, &b| parts[a].gain.total_cmp(&parts[b].gain))
        else {
            break;
        };
        if parts[at].gain <= 0.0 {
            break;
        }
        let part = parts.swap_remove(at);
        let slice = &mut order[part.start..part.end];
        slice.sort_unstable_by(|&a, &b| {
            let value = |at: u32| samples[at as usize].looks[part.axis];
            value(a).total_cmp(&value(b)).then(a.cmp(&b))
        });
        let below =
            slice.partition_point(|&at| samples[at as usize].looks[part.axis] < part.middle);
        let cut = part.start + below.clamp(1, slice.len() - 1);
        parts.push(Part::new(samples, &order, part.start, cut));
        parts.push(Part::new(samples, &order, cut, part.end));
    }
    parts
        .iter()
        .map(|part| {
            let mut centre = Centre::default();
            for &at in &order[part.start..part.end] {
                centre.add(&samples[at as usize]);
            }
            centre.place()
        })
        .collect()
}

/// The mean of colours.
#[derive(Clone, Copy, Default)]
struct Centre {
    sum: [f32; 4],
    mass: f32,
    /// The colour that most of the pixels have, and how much it counts.
    main: ([f32; 4], f32),
}

impl Centre {
    fn add(&mut self, sample: &Sample) {
        for (sum, value) in self.sum.iter_mut().zip(sample.premultiplied) {
            *sum += value * sample.mass;
        }
        self.mass += sample.mass;
        if sample.mass > self.main.1 {
            self.main = (sample.premultiplied, sample.mass);
        }
    }

    /// Flat areas keep their colour exactly: a step over a whole area shows more than larger ones at
    /// its edges.
    fn place(&self) -> [f32; 4] {
        if self.main.1 > self.mass * MAIN_SHARE {
            self.main.0
        } else {
            self.sum.map(|sum| sum / self.mass.max(1e-12))
        }
    }
}

/// One round of k-means. A centre that lost all its colours takes the one that is worst off.
fn moved(samples: &[Sample], centres: &[[f32; 4]], translucent: bool) -> Vec<[f32; 4]> {
    let points: Vec<Looks> = centres.iter().map(|&c| looks(c, translucent)).collect();
    let groups = grouped(&points);
    let dimensions = if translucent { 6 } else { 3 };
    let mut sums = vec![Centre::default(); centres.len()];
    let mut worst: Vec<(f32, usize)> = Vec::new();
    for (at, sample) in samples.iter().enumerate() {
        let (index, distance) = nearest(&groups, dimensions, &sample.looks);
        sums[usize::from(index)].add(sample);
        worst.push((distance * sample.weight, at));
    }
    let empty = sums.iter().filter(|centre| centre.mass == 0.0).count();
    if empty > 0 {
        worst.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    }
    let mut spare = worst.into_iter();
    sums.into_iter()
        .map(|centre| {
            if centre.mass > 0.0 {
                centre.place()
            } else {
                spare
                    .next()
                    .map_or([0.0; 4], |(_, at)| samples[at].premultiplied)
            }
        })
        .collect()
}
