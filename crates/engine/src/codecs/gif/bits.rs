//! Codes as the bytes of a GIF's frame.

/// Packs codes, the lowest bits first.
#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    waiting: u32,
    count: u32,
}

impl Bits {
    pub fn push(&mut self, code: u16, width: u32) {
        self.waiting |= u32::from(code) << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push(self.waiting as u8);
            self.waiting >>= 8;
            self.count -= 8;
        }
    }

    /// The frame's data with its sub-blocks.
    pub fn blocks(mut self, size: u8) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.waiting as u8);
        }
        let mut blocks = Vec::with_capacity(self.bytes.len() + self.bytes.len() / 255 + 3);
        blocks.push(size);
        for part in self.bytes.chunks(255) {
            blocks.push(part.len() as u8);
            blocks.extend_from_slice(part);
        }
        blocks.push(0);
        blocks
    }
}
