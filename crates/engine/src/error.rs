use whittle_core::{Cancelled, ErrorCode, Format};

/// Why an image was not optimized. The text is one plain sentence for people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are no image that Whittle knows.
    #[error("This is not an image that Whittle knows.")]
    NotAnImage,
    /// There are no bytes.
    #[error("The file is empty.")]
    Empty,
    /// The image is of a kind that is left alone.
    #[error("{reason}")]
    Unsupported {
        /// What the content is.
        format: Format,
        /// Why, in one plain sentence.
        reason: String,
    },
    /// The image is broken.
    #[error("The {format} is damaged: {reason}.")]
    Undecodable {
        /// What the content is.
        format: Format,
        /// What is wrong with it, as the end of a sentence.
        reason: String,
    },
    /// More pixels than the limit.
    #[error("The image has {width} × {height} pixels, more than the limit of {limit}.")]
    TooManyPixels {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
        /// Pixels allowed.
        limit: u64,
    },
    /// More frames than the limit.
    #[error("The animation has more than {limit} frames.")]
    TooManyFrames {
        /// Frames allowed.
        limit: u32,
    },
    /// Too complex, too deep, or opens to too much.
    #[error("The {format} is too complex: {reason}.")]
    TooComplex {
        /// What the content is.
        format: Format,
        /// What there is too much of, as the end of a sentence.
        reason: String,
    },
    /// A result was thrown away because it failed its check.
    #[error("The result failed its check ({reason}), so it was thrown away.")]
    VerificationFailed {
        /// What was wrong with it.
        reason: String,
    },
    /// A codec failed on our side.
    #[error("Whittle could not work on this image ({reason}).")]
    Internal {
        /// What failed.
        reason: String,
    },
    /// The work was stopped.
    #[error("{}", match .0 {
        Cancelled::Asked => "Cancelled.",
        Cancelled::TimedOut => "The time limit ran out.",
    })]
    Cancelled(#[from] Cancelled),
}

impl Error {
    /// The stable name of the reason.
    pub fn code(&self) -> ErrorCode {
        match self {
            Error::NotAnImage => ErrorCode::NotAnImage,
            Error::Empty => ErrorCode::Empty,
            Error::Unsupported { .. } => ErrorCode::Unsupported,
            Error::Undecodable { .. } => ErrorCode::Undecodable,
            Error::TooManyPixels { .. } => ErrorCode::TooManyPixels,
            Error::TooManyFrames { .. } => ErrorCode::TooManyFrames,
            Error::TooComplex { .. } => ErrorCode::TooComplex,
            Error::VerificationFailed { .. } => ErrorCode::VerificationFailed,
            Error::Internal { .. } => ErrorCode::Internal,
            Error::Cancelled(Cancelled::Asked) => ErrorCode::Cancelled,
            Error::Cancelled(Cancelled::TimedOut) => ErrorCode::TimedOut,
        }
    }

    pub(crate) fn undecodable(format: Format, reason: impl ToString) -> Error {
        Error::Undecodable {
            format,
            reason: reason.to_string(),
        }
    }

    pub(crate) fn unsupported(format: Format, reason: impl ToString) -> Error {
        Error::Unsupported {
            format,
            reason: reason.to_string(),
        }
    }

    pub(crate) fn internal(reason: impl ToString) -> Error {
        Error::Internal {
            reason: reason.to_string(),
        }
    }

    pub(crate) fn failed_check(reason: impl ToString) -> Error {
        Error::VerificationFailed {
            reason: reason.to_string(),
        }
    }
}

/// The engine's results.
pub type Result<T> = std::result::Result<T, Error>;
