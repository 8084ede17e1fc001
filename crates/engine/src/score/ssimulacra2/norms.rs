//! From the errors of all pixels to one score.

/// Scales, each of half the size of the one before.
pub const SCALES: usize = 6;

/// Channels of the picture: X, Y and B.
pub const CHANNELS: usize = 3;

/// What each kind of error is worth: for each channel, each scale, first for the mean and then for
/// the 4-norm of the error maps: dissimilarity, artifact, lost detail. Tuned by Jon Sneyers on
/// subjective scores; libjxl, `tools/ssimulacra2.cc` (BSD-3-Clause), version 2.1.
#[rustfmt::skip]
const WEIGHTS: [[f64; 6]; CHANNELS * SCALES] = [
    // X
    [0.0, 0.000_737_660_670_740_658_6, 0.0, 0.0, 0.000_779_348_168_286_730_9, 0.0],
    [0.0, 0.000_437_115_573_010_737_9, 0.0, 1.104_172_642_665_734_6, 0.000_662_848_341_292_71, 0.000_152_316_327_837_187_52],
    [0.0, 0.001_640_643_745_659_975_4, 0.0, 1.842_245_552_053_929_8, 11.441_172_603_757_666, 0.0],
    [0.000_798_910_943_601_516_3, 0.000_176_816_438_078_653, 0.0, 1.878_759_497_954_638_7, 10.949_069_906_051_42, 0.0],
    [0.000_728_934_699_150_807_2, 0.967_793_708_062_683_3, 0.0, 0.000_140_034_242_854_358_84, 0.998_176_697_785_496_7, 0.000_319_497_559_344_350_53],
    [0.000_455_099_211_379_206_3, 0.0, 0.0, 0.001_364_876_616_324_339_8, 0.0, 0.0],
    // Y
    [0.0, 0.0, 0.0, 7.466_890_328_078_848, 0.0, 17.445_833_984_131_262],
    [0.000_623_560_163_404_146_6, 0.0, 0.0, 6.683_678_146_179_332, 0.000_377_244_079_796_112_96, 1.027_889_937_768_264],
    [225.205_153_008_492_74, 0.0, 0.0, 19.213_238_186_143_016, 0.001_140_152_458_661_836_1, 0.001_237_755_635_509_985],
    [176.393_175_984_506_94, 0.0, 0.0, 24.433_009_998_704_76, 0.285_208_026_121_177_57, 0.000_448_543_692_383_340_8],
    [0.0, 0.0, 0.0, 34.779_063_444_837_72, 44.835_625_328_877_896, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    // B
    [0.0, 0.000_868_055_657_329_169_8, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.000_531_319_187_435_874_7, 0.0, 0.000_165_338_141_613_791_12, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.000_417_917_180_325_133_6, 0.001_729_082_823_472_283_3, 0.0],
    [0.002_082_700_584_663_643_7, 0.0, 0.0, 8.826_982_764_996_862, 23.192_433_439_989_26, 0.0],
    [95.108_049_881_108_6, 0.986_397_803_440_068_2, 0.983_438_279_246_535_3, 0.001_228_640_504_827_849_3, 171.266_725_589_730_7, 0.980_785_887_243_537_9],
    [0.0, 0.0, 0.0, 0.000_513_006_458_899_067_9, 0.0, 0.000_108_540_578_584_115_37],
];

/// Weights below this are not worth the work: together they move no score by 0.02 (the largest
/// error is 1, and seldom above 0.1).
const NEGLIGIBLE: f64 = 0.0022;

/// Pixels of a picture that is measured with all care.
const FEW: usize = 1 << 16;

/// Sums over the pixels of one channel at one scale: of each error map, and of its fourth power.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    /// Dissimilarity of structure, artifacts (edges that were not there), lost detail.
    pub errors: [f64; 3],
    /// Of the same, the fourth powers, which single out the worst.
    pub fourth_powers: [f64; 3],
}

impl Sums {
    /// Adds those of other pixels.
    pub fn add(&mut self, other: &Sums) {
        for map in 0..3 {
            self.errors[map] += other.errors[map];
            self.fourth_powers[map] += other.fourth_powers[map];
        }
    }
}

/// The sums of a picture, or of a part of it, at one scale.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Scale {
    /// Pixels that were summed over.
    pub pixels: f64,
    /// One for each channel.
    pub channels: [Sums; CHANNELS],
}

/// Which channels count at a scale of a picture that has so many scales.
pub fn wanted(scale: usize, scales: usize) -> [bool; CHANNELS] {
    std::array::from_fn(|channel| {
        WEIGHTS[channel * scales + scale]
            .iter()
            .any(|weight| *weight >= NEGLIGIBLE)
    })
}

/// Channels at a scale of so many pixels whose dissimilarity counts so much that rounding shows.
///
/// Where pixels are many, what the finest scale would add to the agreement (less than 0.1) is not
/// worth its time.
pub fn sensitive(scale: usize, scales: usize, pixels: usize) -> [bool; CHANNELS] {
    std::array::from_fn(|channel| {
        let weights = WEIGHTS[channel * scales + scale];
        weights[0] >= NEGLIGIBLE || (weights[3] > 1.5 && (scale > 0 || pixels <= FEW))
    })
}

/// The score: 100 for identical pictures, without a lower end.
///
/// A picture too small for all scales uses the first weights in the order of the table, as the
/// reference does: they are then those of other scales.
pub fn score(scales: &[Scale]) -> f64 {
    let mut sum = 0.0;
    for channel in 0..CHANNELS {
        for (index, scale) in scales.iter().enumerate() {
            let weights = &WEIGHTS[channel * scales.len() + index];
            let sums = &scale.channels[channel];
            for map in 0..3 {
                sum += weights[map] * sums.errors[map] / scale.pixels;
                sum += weights[3 + map] * (sums.fourth_powers[map] / scale.pixels).powf(0.25);
            }
        }
    }
    // The curve from the weighted sum to mean opinions; of the same source as the weights.
    let sum = 0.956_238_261_683_484_4 * sum;
    let opinion = sum
        * (2.326_765_642_916_932
            + sum * (6.248_496_625_763_138e-5 * sum - 0.020_884_521_182_843_837));
    100.0 - 10.0 * opinion.max(0.0).powf(0.627_633_646_783_138_7)
}
