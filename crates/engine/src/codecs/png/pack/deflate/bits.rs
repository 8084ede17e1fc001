//! Bits into bytes, the first lowest.

#[derive(Default)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    waiting: u64,
    count: u32,
}

impl Bits {
    /// After bytes that are there already.
    pub fn after(bytes: Vec<u8>) -> Bits {
        Bits {
            bytes,
            ..Bits::default()
        }
    }

    /// Up to 32 bits of a value.
    #[inline(always)]
    pub fn put(&mut self, value: u32, bits: u32) {
        self.waiting |= u64::from(value) << self.count;
        self.count += bits;
        while self.count >= 8 {
            self.bytes.push(self.waiting as u8);
            self.waiting >>= 8;
            self.count -= 8;
        }
    }

    /// Up to the next whole byte.
    pub fn align(&mut self) {
        if self.count > 0 {
            self.bytes.push(self.waiting as u8);
            (self.waiting, self.count) = (0, 0);
        }
    }

    /// Whole bytes; only where [`Bits::align`] came before.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.align();
        self.bytes
    }
}
