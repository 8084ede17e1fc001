//! Secrets and names that nobody can guess.

/// Without letters and digits that look alike.
const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Random bytes of the system.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without a source of randomness every secret would be a known one.
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    bytes
}

/// So many random base58 characters, each with 5.86 bits.
pub(crate) fn base58(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in bytes::<32>() {
            // 232 is the largest multiple of 58 in a byte: above it, some would come more often.
            if byte < 232 && text.len() < length {
                text.push(char::from(BASE58[usize::from(byte % 58)]));
            }
        }
    }
    text
}

/// A number from 0 up to, and without, 1.
pub(crate) fn fraction() -> f64 {
    f64::from(u32::from_le_bytes(bytes())) / (f64::from(u32::MAX) + 1.0)
}

/// Whether this is the key of a file's link.
pub(crate) fn is_file_key(text: &str) -> bool {
    text.len() == 24 && text.bytes().all(|byte| BASE58.contains(&byte))
}

/// A new key of a file's link, of about 140 bits.
pub(crate) fn file_key() -> String {
    base58(24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_of_their_alphabet_and_differ() {
        let keys: std::collections::HashSet<String> = (0..500).map(|_| file_key()).collect();
        assert_eq!(keys.len(), 500);
        assert!(keys.iter().all(|key| is_file_key(key)));
        for letter in BASE58 {
            let letter = char::from(*letter);
            assert!(
                keys.iter().any(|key| key.contains(letter)),
                "{letter} never comes"
            );
        }
        assert!(!is_file_key("0"));
        assert!(!is_file_key("../../../../etc/passwd00"));
    }
}
