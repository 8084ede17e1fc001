/// The secret that stands for an account. It is never shown: not by `Debug`, not in a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

/// A text that cannot be a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("A token is one line of letters, digits and signs, without spaces.")]
pub struct NoToken;

impl Token {
    /// The token that somebody typed or pasted; spaces around it are no part of it.
    ///
    /// # Errors
    /// When it could not be sent in a header.
    pub fn new(text: &str) -> Result<Token, NoToken> {
        let text = text.trim();
        let fits =
            !text.is_empty() && text.len() <= 1024 && text.bytes().all(|b| b.is_ascii_graphic());
        match fits {
            true => Ok(Token(text.to_owned())),
            false => Err(NoToken),
        }
    }

    /// The secret itself, for whoever keeps it safe or sends it.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::new(" wh_Secret42\n").unwrap();
        assert_eq!(token.secret(), "wh_Secret42");
        assert_eq!(format!("{token:?} {token:#?}"), "Token(…) Token(…)");
    }

    #[test]
    fn what_no_header_takes_is_none() {
        for text in ["", "  ", "two words", "line\nbreak", "ümlaut"] {
            assert_eq!(Token::new(text), Err(NoToken));
        }
    }
}
