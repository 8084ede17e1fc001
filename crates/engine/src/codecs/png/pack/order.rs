//! Orders of a palette. Neighbours in the picture should be neighbours in the palette, so that
//! filters leave small numbers.

/// How often two colours lie side by side in a picture.
pub(super) struct Meetings {
    count: usize,
    times: Vec<u32>,
}

impl Meetings {
    pub fn new(indices: &[u8], width: u32, count: usize) -> Meetings {
        let mut times = vec![0u32; count * count];
        let mut meet = |a: u8, b: u8| {
            if a != b {
                let (a, b) = (usize::from(a.min(b)), usize::from(a.max(b)));
                times[a * count + b] += 1;
            }
        };
        let mut above: Option<&[u8]> = None;
        for row in indices.chunks_exact(width as usize) {
            for pair in row.windows(2) {
                meet(pair[0], pair[1]);
            }
            if let Some(above) = above {
                for (a, b) in above.iter().zip(row) {
                    meet(*a, *b);
                }
            }
            above = Some(row);
        }
        Meetings { count, times }
    }

    fn of(&self, a: usize, b: usize) -> u32 {
        self.times[a.min(b) * self.count + a.max(b)]
    }

    /// Grown from the pair that meets most, at the end where the next colour has more to do with
    /// those that are near (Zeng, Li and Lei 2000, as modified by Pinho and Neves 2004).
    pub fn grown(&self) -> Vec<u8> {
        if self.count < 3 {
            return (0..self.count as u8).collect();
        }
        let total = |a: usize| -> u64 { (0..self.count).map(|b| u64::from(self.of(a, b))).sum() };
        let first = (0..self.count).max_by_key(|&a| total(a)).unwrap_or(0);
        let mut order = std::collections::VecDeque::from([first]);
        let mut left: Vec<usize> = (0..self.count).filter(|&a| a != first).collect();
        // How much each colour has to do with those in the order; near ends count more.
        while !left.is_empty() {
            let mut best = (0, f64::MIN, false);
            for (at, &colour) in left.iter().enumerate() {
                let mut ends = [0.0f64; 2];
                // Farther members hardly count, and would make this cubic.
                for (distance, &member) in order.iter().enumerate().take(REACH) {
                    ends[0] += f64::from(self.of(colour, member)) / (distance + 1) as f64;
                }
                for (distance, &member) in order.iter().rev().enumerate().take(REACH) {
                    ends[1] += f64::from(self.of(colour, member)) / (distance + 1) as f64;
                }
                let back = ends[1] > ends[0];
                let gain = ends[usize::from(back)];
                if gain > best.1 {
                    best = (at, gain, back);
                }
            }
            let colour = left.swap_remove(best.0);
            if best.2 {
                order.push_back(colour);
            } else {
                order.push_front(colour);
            }
        }
        order.into_iter().map(|a| a as u8).collect()
    }

    /// Chained from the pairs that meet most (Battiato et al. 2004).
    pub fn chained(&self) -> Vec<u8> {
        let count = self.count;
        let mut pairs: Vec<(u32, usize, usize)> = (0..count)
            .flat_map(|a| (a + 1..count).map(move |b| (a, b)))
            .map(|(a, b)| (self.of(a, b), a, b))
            .filter(|(times, ..)| *times > 0)
            .collect();
        pairs.sort_by(|a, b| b.0.cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut chains: Vec<Option<Vec<u8>>> = (0..count).map(|a| Some(vec![a as u8])).collect();
        let mut chain_of: Vec<usize> = (0..count).collect();
        for (_, a, b) in pairs {
            let (p, q) = (chain_of[a], chain_of[b]);
            if p == q {
                continue;
            }
            let ends = |chain: &Option<Vec<u8>>, x: usize| {
                let chain = chain.as_deref().unwrap_or(&[]);
                (
                    chain.first() == Some(&(x as u8)),
                    chain.last() == Some(&(x as u8)),
                )
            };
            let (a_ends, b_ends) = (ends(&chains[p], a), ends(&chains[q], b));
            if !(a_ends.0 || a_ends.1) || !(b_ends.0 || b_ends.1) {
                continue;
            }
            let (Some(mut front), Some(mut back)) = (chains[p].take(), chains[q].take()) else {
                continue;
            };
            if !a_ends.1 {
                front.reverse();
            }
            if !b_ends.0 {
                back.reverse();
            }
            for &member in &back {
                chain_of[usize::from(member)] = p;
            }
            front.extend(back);
            chains[p] = Some(front);
        }
        let mut chains: Vec<Vec<u8>> = chains.into_iter().flatten().collect();
        chains.sort_by_key(|chain| std::cmp::Reverse(chain.len()));
        chains.concat()
    }
}

/// Members at an end of the order that are asked.
const REACH: usize = 24;

/// From dark to light, translucent colours first.
pub(super) fn by_brightness(palette: &[[u8; 4]]) -> Vec<u8> {
    let mut order: Vec<u8> = (0..palette.len()).map(|at| at as u8).collect();
    order.sort_by_key(|&at| {
        let [r, g, b, a] = palette[usize::from(at)].map(u32::from);
        (a == 255, a, r * 299 + g * 587 + b * 114)
    });
    order
}

/// The palette and the indices in another order: `order` names old places. It is turned round where
/// that makes the list of alphas shorter.
pub(super) fn reordered(
    palette: &[[u8; 4]],
    indices: &[u8],
    mut order: Vec<u8>,
) -> (Vec<[u8; 4]>, Vec<u8>) {
    let opaque = |at: &u8| palette[usize::from(*at)][3] == 255;
    let first = order.iter().position(|at| !opaque(at));
    let last = order.iter().rposition(|at| !opaque(at));
    if let (Some(first), Some(last)) = (first, last)
        && order.len() - first < last + 1
    {
        order.reverse();
    }
    renumbered(palette, indices, &order)
}

/// The palette and the indices in just this order of old places.
pub(super) fn renumbered(
    palette: &[[u8; 4]],
    indices: &[u8],
    order: &[u8],
) -> (Vec<[u8; 4]>, Vec<u8>) {
    let mut places = [0u8; 256];
    for (new, &old) in order.iter().enumerate() {
        places[usize::from(old)] = new as u8;
    }
    let palette = order.iter().map(|&old| palette[usize::from(old)]).collect();
    let indices = indices
        .iter()
        .map(|&old| places[usize::from(old)])
        .collect();
    (palette, indices)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffled_ramp_is_put_in_order() {
        let shuffle = |at: usize| (at * 5 % 16) as u8;
        let indices: Vec<u8> = (0..64).flat_map(|_| (0..16).map(shuffle)).collect();
        let meetings = Meetings::new(&indices, 16, 16);
        for order in [meetings.grown(), meetings.chained()] {
            assert_eq!(order.len(), 16);
            let place = |value: u8| order.iter().position(|&at| at == value).unwrap();
            let apart: usize = (0..15)
                .map(|at| place(shuffle(at)).abs_diff(place(shuffle(at + 1))))
                .sum();
            assert_eq!(apart, 15, "{order:?}");
        }
    }

    #[test]
    fn another_order_is_the_same_picture() {
        let palette = [[1, 2, 3, 255], [9, 9, 9, 10], [4, 5, 6, 255], [0, 0, 0, 0]];
        let indices = [0, 1, 2, 3, 3, 2, 1, 0];
        for order in [vec![3, 1, 0, 2], vec![2, 0, 1, 3], by_brightness(&palette)] {
            let (other, numbers) = reordered(&palette, &indices, order);
            assert!(other[0][3] < 255, "{other:?}");
            for (a, b) in indices.iter().zip(numbers) {
                assert_eq!(palette[usize::from(*a)], other[usize::from(b)]);
            }
        }
    }
}
