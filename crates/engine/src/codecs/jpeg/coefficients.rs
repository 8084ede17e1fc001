//! A picture as JPEG stores it: quantized coefficients in blocks of 8 × 8.

/// Coefficients of one block, row by row (not in zigzag order).
pub(super) type Block = [i16; 64];

/// Where the coefficients of a block lie, from the lowest frequency to the highest (ITU-T T.81
/// figure A.6).
#[rustfmt::skip]
pub(super) const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10,
    17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34,
    27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36,
    29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46,
    53, 60, 61, 54, 47, 55, 62, 63,
];

/// One colour component.
pub(super) struct Component<'a> {
    /// What the file calls it.
    pub id: u8,
    /// How many blocks it has in each group of interleaved blocks: across and down.
    pub sampling: (u8, u8),
    /// Its quantization table, by its place among the picture's.
    pub table: u8,
    /// Blocks across that hold pixels; each row has at least as many.
    pub across: usize,
    /// The rows of blocks that hold pixels.
    pub rows: Vec<&'a [Block]>,
}

impl Component<'_> {
    /// Every block that holds pixels, row by row.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.rows.iter().flat_map(|row| &row[..self.across])
    }
}

/// A whole picture.
pub(super) struct Coefficients<'a> {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// One, three or four.
    pub components: Vec<Component<'a>>,
    /// At most four quantization tables, row by row.
    pub tables: Vec<[u16; 64]>,
}

impl Coefficients<'_> {
    /// A number that stands for everything that makes up the pixels, to hold two files against each
    /// other without having both in memory.
    pub fn fingerprint(&self) -> u128 {
        use std::hash::{DefaultHasher, Hasher};
        let mut halves = [DefaultHasher::new(), DefaultHasher::new()];
        halves[1].write_u8(1);
        for hasher in &mut halves {
            hasher.write_u32(self.width);
            hasher.write_u32(self.height);
            for component in &self.components {
                hasher.write(&[component.id, component.sampling.0, component.sampling.1]);
                for &step in &self.tables[usize::from(component.table)] {
                    hasher.write_u16(step);
                }
            }
        }
        let mut line: Vec<u8> = Vec::new();
        for component in &self.components {
            for row in &component.rows {
                line.clear();
                line.extend(
                    row[..component.across]
                        .iter()
                        .flatten()
                        .flat_map(|value| value.to_ne_bytes()),
                );
                for hasher in &mut halves {
                    hasher.write(&line);
                }
            }
        }
        let [low, high] = halves.map(|hasher| u128::from(hasher.finish()));
        high << 64 | low
    }

    /// Groups of interleaved blocks, across and down.
    pub fn groups(&self) -> (usize, usize) {
        let most = |of: fn(&Component<'_>) -> u8| {
            self.components.iter().map(of).max().map_or(1, usize::from)
        };
        let across = most(|component| component.sampling.0);
        let down = most(|component| component.sampling.1);
        (
            (self.width as usize).div_ceil(8 * across),
            (self.height as usize).div_ceil(8 * down),
        )
    }
}
