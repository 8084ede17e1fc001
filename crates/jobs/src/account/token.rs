//! Where the token is kept: in the system's keychain; where there is none, in a file, if somebody said
//! yes to that, or in the environment of the program.

use std::path::Path;

use keyring::v1::Entry;
use whittle_api::client::Token;
use whittle_core::TokenPlace;
use whittle_store::{AccountLink, remove_token_file, token_from_file, write_token_file};

use super::AccountError;

/// The variable that holds a token for as long as the program runs.
pub const TOKEN_VARIABLE: &str = "WHITTLE_ACCOUNT_TOKEN";

const SERVICE: &str = "Whittle";
const PROBE: &str = "probe";

/// The token in the environment, if there is one.
pub fn token_in_environment() -> Option<Token> {
    let text = std::env::var(TOKEN_VARIABLE).ok()?;
    Token::new(&text).ok()
}

/// Keeps a token safe, and says where.
pub(super) fn keep(
    dir: &Path,
    account: &str,
    token: &Token,
    in_file: bool,
) -> Result<TokenPlace, AccountError> {
    if token_in_environment().as_ref() == Some(token) {
        return Ok(TokenPlace::Environment);
    }
    if keychain_works() {
        let kept =
            Entry::new(SERVICE, account).and_then(|entry| entry.set_password(token.secret()));
        match kept {
            Ok(()) => return Ok(TokenPlace::Keychain),
            Err(error) => tracing::warn!("the keychain refuses: {error}"),
        }
    }
    match in_file {
        true => {
            write_token_file(dir, token.secret())?;
            Ok(TokenPlace::File)
        }
        false => Err(AccountError::NoKeychain),
    }
}

/// The token of the account that is connected.
///
/// # Errors
/// Whether it is gone, or only cannot be read now.
pub(super) fn find(dir: &Path, link: &AccountLink) -> Result<Token, AccountError> {
    let kept = kept(dir, link);
    if let Ok(Some(token)) = kept {
        return Ok(token);
    }
    token_in_environment().ok_or(kept.err().unwrap_or(AccountError::NoToken))
}

fn kept(dir: &Path, link: &AccountLink) -> Result<Option<Token>, AccountError> {
    let text = match link.token {
        TokenPlace::Environment => None,
        TokenPlace::File => token_from_file(dir)?,
        TokenPlace::Keychain => {
            let kept = Entry::new(SERVICE, &link.name()).and_then(|entry| entry.get_password());
            match kept {
                Ok(text) => Some(text),
                Err(keyring::v1::Error::NoEntry) if keychain_works() => None,
                Err(error) => {
                    tracing::warn!("the keychain: {error}");
                    return Err(AccountError::KeychainClosed);
                }
            }
        }
    };
    Ok(text.and_then(|text| Token::new(&text).ok()))
}

/// Removes the token.
///
/// # Errors
/// When it is still there.
pub(super) fn forget(dir: &Path, link: &AccountLink) -> Result<(), AccountError> {
    match link.token {
        TokenPlace::Environment => {}
        TokenPlace::File => remove_token_file(dir)?,
        TokenPlace::Keychain => {
            let gone =
                Entry::new(SERVICE, &link.name()).and_then(|entry| entry.delete_credential());
            match gone {
                Ok(()) => {}
                Err(keyring::v1::Error::NoEntry) if keychain_works() => {}
                Err(error) => {
                    tracing::warn!("the keychain: {error}");
                    return Err(AccountError::TokenLeft);
                }
            }
        }
    }
    Ok(())
}

/// Whether there is a keychain that is open. One that is locked answers like an empty one, so that only
/// writing, reading and deleting tells.
fn keychain_works() -> bool {
    let probed = || -> keyring::v1::Result<bool> {
        let entry = Entry::new(SERVICE, PROBE)?;
        entry.set_password(PROBE)?;
        let same = entry.get_password()? == PROBE;
        entry.delete_credential()?;
        Ok(same)
    };
    probed()
        .inspect_err(|error| tracing::info!("there is no keychain: {error}"))
        .unwrap_or(false)
}
