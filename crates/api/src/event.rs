use serde::{Deserialize, Serialize};
use whittle_core::Mode;

use crate::Status;

/// The body of a webhook about an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The same as the header `webhook-id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Always `image`.
    pub object_type: String,
    /// The account's name.
    pub shop_identifier: String,
    /// What the image is worked on by.
    pub compression_type: Mode,
    /// The level; 0 for lossless.
    pub compression_level: Option<u8>,
    /// The image's number.
    pub image_id: u64,
    /// What happened.
    #[serde(flatten)]
    pub happening: Happening,
}

/// What happened to an image.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Happening {
    /// A worker has begun.
    Processing {
        /// Where the original's bytes are.
        link: String,
    },
    /// Every output has ended, and at least the full-size one is completed.
    Optimized {
        /// The full-size one first.
        optimized_images: Vec<EventOutput>,
        /// Bytes of originals completed in this billing period.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quota_usage: Option<u64>,
    },
    /// The image could not be compressed.
    Error {
        /// `cant_compress` or `timeout`.
        error: String,
        /// Bytes of originals completed in this billing period.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quota_usage: Option<u64>,
    },
}

/// An output, in a webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventOutput {
    /// `original`, or the name of the style.
    pub style: String,
    /// How far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Bytes.
    pub size: u64,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Where its bytes are.
    pub link: String,
    /// Its number.
    pub id: u64,
    /// When the link ends.
    pub expire_at: Option<String>,
}
