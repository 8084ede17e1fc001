//! Frames that were packed before.
//!
//! A file is packed again until nothing is gained, and most of its frames are then what they were.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Result;

/// So many bytes are remembered at the most.
const MOST: usize = 1 << 20;

/// What packed frames became, by what they were made of.
#[derive(Default)]
pub(super) struct Memo {
    known: RefCell<HashMap<Key, Vec<u8>>>,
    bytes: RefCell<usize>,
}

/// 128 bits of a hash, so that no two frames are taken for each other; and if they were, the result would
/// fail its check.
type Key = [u64; 2];

impl Memo {
    /// What these things were packed to, or are packed to now.
    pub fn packed(
        &self,
        things: impl Hash,
        pack: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Vec<u8>> {
        let key = [0u8, 1].map(|half| {
            let mut hasher = DefaultHasher::new();
            (half, &things).hash(&mut hasher);
            hasher.finish()
        });
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(known.clone());
        }
        let packed = pack()?;
        let mut bytes = self.bytes.borrow_mut();
        if *bytes + packed.len() <= MOST {
            *bytes += packed.len();
            self.known.borrow_mut().insert(key, packed.clone());
        }
        Ok(packed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_not_packed_again() {
        let memo = Memo::default();
        let packed = |things: &[u8], result: u8| memo.packed(things, || Ok(vec![result])).unwrap();
        assert_eq!(packed(&[1, 2], 7), [7]);
        assert_eq!(packed(&[1, 2], 8), [7]);
        assert_eq!(packed(&[1, 3], 9), [9]);
        let long = memo.packed(0u8, || Ok(vec![5; MOST])).unwrap();
        assert_eq!(long.len(), MOST);
        assert_eq!(memo.packed(0u8, || Ok(vec![6])).unwrap(), [6]);
    }
}
