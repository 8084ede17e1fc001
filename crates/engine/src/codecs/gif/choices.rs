//! What may stand for a pixel when a frame is packed.

/// What one more pixel in a match is worth, in the unit of errors.
pub(super) const PIXEL: u32 = 1 << 10;

/// Which symbols may stand for the pixel at a position, and how wrong each is.
pub(super) trait Choices {
    /// How many pixels there are.
    fn len(&self) -> usize;
    /// The largest symbol that may be used.
    fn largest(&self) -> u8;
    /// How wrong the symbol is there, at most [`PIXEL`]; `None` when it may not be used.
    fn error(&self, at: usize, symbol: u8) -> Option<u32>;
    /// Every symbol that may be used there, the best ones last; `found` gets at least one.
    fn symbols(&self, at: usize, found: &mut Vec<u8>);
}

/// Each pixel has one symbol.
#[cfg(test)]
pub(super) struct Exact<'a>(pub &'a [u8]);

#[cfg(test)]
impl Choices for Exact<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn largest(&self) -> u8 {
        self.0.iter().copied().max().unwrap_or(0)
    }

    #[inline]
    fn error(&self, at: usize, symbol: u8) -> Option<u32> {
        (self.0[at] == symbol).then_some(0)
    }

    #[inline]
    fn symbols(&self, at: usize, found: &mut Vec<u8>) {
        found.push(self.0[at]);
    }
}

/// Each pixel has one symbol, and where `free` says so, the transparent one serves as well.
pub(super) struct Free<'a> {
    pub wanted: &'a [u8],
    pub free: &'a [bool],
    pub transparent: u8,
}

impl Choices for Free<'_> {
    fn len(&self) -> usize {
        self.wanted.len()
    }

    fn largest(&self) -> u8 {
        self.wanted
            .iter()
            .copied()
            .max()
            .unwrap_or(0)
            .max(self.transparent)
    }

    #[inline]
    fn error(&self, at: usize, symbol: u8) -> Option<u32> {
        (self.wanted[at] == symbol || (self.free[at] && symbol == self.transparent)).then_some(0)
    }

    #[inline]
    fn symbols(&self, at: usize, found: &mut Vec<u8>) {
        found.push(self.wanted[at]);
        if self.free[at] && self.wanted[at] != self.transparent {
            found.push(self.transparent);
        }
    }
}
