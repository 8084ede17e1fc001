//! Tokens: shown once, kept as a hash.

use whittle_store::server::Records;

use crate::random;

/// Tells at a glance, and secret scanners, what a leaked text is.
const PREFIX: &str = "whittle_";

/// Makes a token for the account of this name, which is made when it is missing; gives the token,
/// which nobody can read again.
///
/// # Errors
/// When the records cannot be written.
pub fn new_token(records: &Records, account: &str) -> whittle_store::Result<String> {
    let token = format!("{PREFIX}{}", random::base58(43));
    let hint = &token[..PREFIX.len() + 4];
    records.add_token(account, &hash(&token), hint)?;
    Ok(token)
}

/// A token has 250 random bits: nothing slower than a plain hash is needed.
pub(crate) fn hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}
