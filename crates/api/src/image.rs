use serde::{Deserialize, Serialize};
use whittle_core::{Format, Mode};

/// How far an image or an output is. Moves only downwards in this list; the last two are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waits for a worker.
    Enqueued,
    /// A worker has begun.
    Processing,
    /// The result is there.
    Completed,
    /// There is no result, and there will be none.
    Error,
}

impl Status {
    /// The name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Enqueued => "enqueued",
            Status::Processing => "processing",
            Status::Completed => "completed",
            Status::Error => "error",
        }
    }

    /// Whether nothing more will happen.
    pub const fn is_final(self) -> bool {
        matches!(self, Status::Completed | Status::Error)
    }
}

/// The media type of an image, told by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileType {
    /// JPEG.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// PNG.
    #[serde(rename = "image/png")]
    Png,
    /// GIF.
    #[serde(rename = "image/gif")]
    Gif,
    /// SVG.
    #[serde(rename = "image/svg+xml")]
    Svg,
}

impl FileType {
    /// The type of this format; `None` for one that the API does not take.
    pub const fn of(format: Format) -> Option<FileType> {
        match format {
            Format::Jpeg => Some(FileType::Jpeg),
            Format::Png => Some(FileType::Png),
            Format::Gif => Some(FileType::Gif),
            Format::Svg => Some(FileType::Svg),
            Format::Webp | Format::Avif => None,
        }
    }

    /// The format of this type.
    pub const fn format(self) -> Format {
        match self {
            FileType::Jpeg => Format::Jpeg,
            FileType::Png => Format::Png,
            FileType::Gif => Format::Gif,
            FileType::Svg => Format::Svg,
        }
    }
}

/// An image that was sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OriginalImage {
    /// Its number.
    pub id: u64,
    /// What it is worked on by.
    pub compression_type: Option<Mode>,
    /// The level asked for or fallen back to; 0 for lossless.
    pub compression_level: Option<u8>,
    /// Label of the integration that it came through.
    pub origin: String,
    /// Bytes.
    #[serde(default)]
    pub size: Option<u64>,
    /// Pixels, as displayed.
    #[serde(default)]
    pub width: Option<u32>,
    /// Pixels, as displayed.
    #[serde(default)]
    pub height: Option<u32>,
    /// What its content is.
    #[serde(default)]
    pub file_type: Option<FileType>,
    /// Without folders.
    #[serde(default)]
    pub filename: Option<String>,
    /// How far it is.
    pub status: Status,
    /// UTC, RFC 3339 with milliseconds.
    pub created_at: String,
    /// UTC, RFC 3339 with milliseconds.
    pub updated_at: String,
    /// Where its bytes are.
    #[serde(default)]
    pub link: Option<String>,
    /// The full-size output first, then one for each style; absent where an answer has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optimized_images: Option<Vec<OptimizedImage>>,
}

/// A value that an older server sets to null while there is none.
fn null_is_none<'de, D: serde::Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// One output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OptimizedImage {
    /// Its number.
    pub id: u64,
    /// How far it is.
    pub status: Status,
    /// What it was made by.
    #[serde(default)]
    pub compression_type: Option<Mode>,
    /// The level applied; 0 for lossless.
    #[serde(default)]
    pub compression_level: Option<u8>,
    /// `original`, or the name of the style.
    pub style: String,
    /// Pixels of the output.
    pub width: Option<u32>,
    /// Pixels of the output.
    pub height: Option<u32>,
    /// Where its bytes are, once it is completed.
    #[serde(default, deserialize_with = "null_is_none")]
    pub link: String,
    /// Bytes; 0 until completed.
    #[serde(default, deserialize_with = "null_is_none")]
    pub size: u64,
    /// Bytes less than the original; only of the full-size output.
    #[serde(default)]
    pub saved_bytes: Option<u64>,
    /// Why there is no result.
    #[serde(default)]
    pub error_msg: Option<String>,
    /// What its content is.
    pub file_type: FileType,
    /// Without folders.
    pub filename: String,
    /// UTC, RFC 3339 with milliseconds.
    pub created_at: String,
    /// UTC, RFC 3339 with milliseconds.
    pub updated_at: String,
    /// When the link ends.
    #[serde(default)]
    pub expire_at: Option<String>,
}

/// The answer of `POST /v1/compress` and of `GET /v1/original_images/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompressResponse {
    /// Always true here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// With its outputs.
    pub original_image: OriginalImage,
}

/// The answer of `POST /v1/original_images`: as [`CompressResponse`], without outputs.
pub type OriginalImageResponse = CompressResponse;

/// The answer of `GET /v1/original_images`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OriginalImageList {
    /// Newest first, without outputs.
    pub original_images: Vec<OriginalImage>,
    /// Which page this is.
    pub pagination: Pagination,
}

/// Which page of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pagination {
    /// This page, from 1.
    pub current: u64,
    /// How many pages there are.
    pub total_pages: u64,
    /// How many images there are.
    pub total_count: u64,
    /// Images on a full page.
    pub per_page: u64,
    /// Images on this page.
    pub count: u64,
}

/// The answer to what was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// Always true.
    pub success: bool,
}
