//! A row of pixels as light.

use crate::light::Light;

/// The light of a row of straight pixels: `C` samples each, multiplied by alpha where `C` is 4.
pub(super) fn lit<const C: usize>(light: &Light, row: &[u8], samples: &mut [f32]) {
    let [red, green, blue] = &light.0;
    let (pixels, _) = row.as_chunks::<4>();
    let (samples, _) = samples.as_chunks_mut::<C>();
    for (sample, &[r, g, b, a]) in samples.iter_mut().zip(pixels) {
        let mut lit = [
            red.forward[usize::from(r)],
            green.forward[usize::from(g)],
            blue.forward[usize::from(b)],
            1.0,
        ];
        if C == 4 {
            let alpha = f32::from(a) * (1.0 / 255.0);
            lit.iter_mut().for_each(|light| *light *= alpha);
        }
        sample.copy_from_slice(&lit[..C]);
    }
}
