//! The weights of the filter along one axis.

/// Lobes of the Lanczos filter.
const LOBES: f64 = 3.0;

/// Where one output pixel gets its light from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output {
    /// The first source pixel.
    pub start: usize,
    /// Where its weights are.
    weights: usize,
    count: usize,
}

/// The weights of all outputs along one axis.
#[derive(Debug)]
pub(super) struct Taps {
    pub outputs: Vec<Output>,
    weights: Vec<f32>,
}

impl Taps {
    /// `length` source pixels from `from` on become `outputs` pixels; `sources` is the whole side.
    pub fn new(from: f64, length: f64, outputs: u32, sources: u32) -> Taps {
        let scale = length / f64::from(outputs);
        let wide = scale.max(1.0);
        let reach = LOBES * wide;
        let mut taps = Taps {
            outputs: Vec::with_capacity(outputs as usize),
            weights: Vec::new(),
        };
        for output in 0..outputs {
            let centre = from + (f64::from(output) + 0.5) * scale;
            let end = ((centre + reach).ceil() as usize).min(sources as usize);
            let start = ((centre - reach).floor().max(0.0) as usize).min(end.saturating_sub(1));
            let raw: Vec<f64> = (start..end)
                .map(|at| lanczos((at as f64 + 0.5 - centre) / wide))
                .collect();
            let sum: f64 = raw.iter().sum();
            taps.outputs.push(Output {
                start,
                weights: taps.weights.len(),
                count: raw.len(),
            });
            taps.weights
                .extend(raw.iter().map(|weight| (weight / sum) as f32));
        }
        taps
    }

    pub fn weights(&self, output: &Output) -> &[f32] {
        &self.weights[output.weights..output.weights + output.count]
    }

    /// The source pixel after the last that an output needs.
    pub fn end(&self, output: &Output) -> usize {
        output.start + output.count
    }
}

fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| {
        if x == 0.0 {
            1.0
        } else {
            (std::f64::consts::PI * x).sin() / (std::f64::consts::PI * x)
        }
    };
    if x.abs() < LOBES {
        sinc(x) * sinc(x / LOBES)
    } else {
        0.0
    }
}
