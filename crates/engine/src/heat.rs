//! Where two pictures differ, as a picture.

use crate::picture::View;
use crate::pixels::Image;
use crate::{Error, Result};

/// A channel that differs by this much is drawn as brightly as can be. Much smaller differences
/// are what lossy compression makes everywhere, and nobody sees.
const MOST: u8 = 32;

/// A part of `a` in dark grey, and glowing where `b` differs from it. A pixel that stands for
/// several shows their largest difference, so that none is lost by looking from afar.
pub(crate) fn map(a: &Image, b: &Image, view: &View) -> Result<Image> {
    if (a.width, a.height) != (b.width, b.height) {
        return Err(Error::failed_check("its size changed"));
    }
    let mut result = Image::transparent(view.to_width, view.to_height);
    let edge =
        |at: u32, to: u32, from: u32| (u64::from(at) * u64::from(from) / u64::from(to)) as u32;
    let mut largest = vec![0u8; view.to_width as usize];
    for y in 0..view.to_height {
        largest.fill(0);
        let (top, bottom) = (
            edge(y, view.to_height, view.height),
            edge(y + 1, view.to_height, view.height),
        );
        for source in top..bottom {
            let (p, q) = (row(a, view, source), row(b, view, source));
            for (x, most) in largest.iter_mut().enumerate() {
                let from = edge(x as u32, view.to_width, view.width) as usize * 4;
                let to = edge(x as u32 + 1, view.to_width, view.width) as usize * 4;
                if p[from..to] != q[from..to] {
                    let pairs = p[from..to].chunks_exact(4).zip(q[from..to].chunks_exact(4));
                    *most = pairs.fold(*most, |most, (p, q)| most.max(distance(p, q)));
                }
            }
        }
        let shown = row(a, view, (top + bottom.max(top + 1) - 1) / 2);
        let line = y as usize * view.to_width as usize * 4;
        for (x, &most) in largest.iter().enumerate() {
            let from = edge(x as u32, view.to_width, view.width) as usize * 4;
            let pixel = &mut result.rgba[line + x * 4..][..4];
            pixel.copy_from_slice(&glow(&shown[from..from + 4], most));
        }
    }
    Ok(result)
}

fn row<'a>(image: &'a Image, view: &View, y: u32) -> &'a [u8] {
    let start = ((view.top + y) as usize * image.width as usize + view.left as usize) * 4;
    &image.rgba[start..start + view.width as usize * 4]
}

/// The largest difference of a channel, colours weighted by their alpha: hidden ones do not count.
fn distance(p: &[u8], q: &[u8]) -> u8 {
    let weighted = |pixel: &[u8], channel: usize| {
        let value = u16::from(pixel[channel]) * u16::from(pixel[3]) / 255;
        value as u8
    };
    (0..3)
        .map(|channel| weighted(p, channel).abs_diff(weighted(q, channel)))
        .fold(p[3].abs_diff(q[3]), u8::max)
}

/// From dark grey over amber to white, which eyes of every kind tell apart.
fn glow(original: &[u8], difference: u8) -> [u8; 4] {
    let luma = original[..3].iter().map(|c| u32::from(*c)).sum::<u32>() / 3;
    let dark = (12 + luma * 60 / 255) as f32;
    if difference == 0 {
        return [dark as u8, dark as u8, dark as u8, original[3]];
    }
    // The square root lifts what is small.
    let heat = f32::from(difference.min(MOST)) / f32::from(MOST);
    let heat = heat.sqrt();
    let mix = |from: f32, to: f32, share: f32| from + (to - from) * share;
    let [r, g, b] = if heat < 0.75 {
        let share = heat / 0.75;
        [
            mix(dark, 255.0, share),
            mix(dark, 150.0, share),
            mix(dark, 20.0, share),
        ]
    } else {
        let share = (heat - 0.75) / 0.25;
        [255.0, mix(150.0, 250.0, share), mix(20.0, 235.0, share)]
    };
    [r as u8, g as u8, b as u8, 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(width: u32, height: u32, pixel: [u8; 4]) -> Image {
        Image {
            width,
            height,
            rgba: pixel.repeat((width * height) as usize),
        }
    }

    #[test]
    fn one_pixel_is_seen_from_afar() {
        let a = plain(100, 100, [90, 90, 90, 255]);
        let mut b = a.clone();
        b.rgba[(57 * 100 + 33) * 4] = 190;
        let far = View {
            to_width: 10,
            to_height: 10,
            ..View::whole(100, 100)
        };
        let map = map(&a, &b, &far).unwrap();
        let bright: Vec<usize> = (0..100).filter(|at| map.rgba[at * 4] > 200).collect();
        assert_eq!(bright, [53]);
    }

    #[test]
    fn small_differences_glow_less_and_hidden_ones_not_at_all() {
        let grey = [90, 90, 90, 255];
        let at = |difference| glow(&grey, difference)[0];
        assert!(at(0) < at(1) && at(1) < at(4) && at(4) < at(32));
        assert_eq!(at(32), at(255));
        assert_eq!(distance(&[200, 0, 0, 0], &[0, 200, 0, 0]), 0);
        assert_eq!(distance(&[200, 0, 0, 255], &[190, 0, 0, 255]), 10);
        assert_eq!(distance(&[0, 0, 0, 255], &[0, 0, 0, 0]), 255);
    }

    #[test]
    fn other_sizes_are_refused() {
        let (a, b) = (plain(2, 2, [0; 4]), plain(2, 3, [0; 4]));
        assert!(map(&a, &b, &View::whole(2, 2)).is_err());
    }
}
