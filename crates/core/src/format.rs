use serde::{Deserialize, Serialize};

/// An image format, told by a file's content and never by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Format {
    /// JPEG, baseline or progressive.
    Jpeg,
    /// PNG, animated PNG included.
    Png,
    /// GIF, still or animated.
    Gif,
    /// SVG, plain or gzipped (`.svgz`).
    Svg,
    /// WebP.
    Webp,
    /// AVIF.
    Avif,
}

impl Format {
    /// The lower-case name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Jpeg => "jpeg",
            Format::Png => "png",
            Format::Gif => "gif",
            Format::Svg => "svg",
            Format::Webp => "webp",
            Format::Avif => "avif",
        }
    }

    /// The name a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
            Format::Gif => "GIF",
            Format::Svg => "SVG",
            Format::Webp => "WebP",
            Format::Avif => "AVIF",
        }
    }

    /// The media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Format::Jpeg => "image/jpeg",
            Format::Png => "image/png",
            Format::Gif => "image/gif",
            Format::Svg => "image/svg+xml",
            Format::Webp => "image/webp",
            Format::Avif => "image/avif",
        }
    }

    /// Guesses the format from a file name's extension (without the dot, in any case). Only for
    /// choosing which files of a folder to look at: the content decides in the end.
    pub fn from_extension(extension: &str) -> Option<Format> {
        Some(match extension.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" => Format::Jpeg,
            "png" | "apng" => Format::Png,
            "gif" => Format::Gif,
            "svg" | "svgz" => Format::Svg,
            "webp" => Format::Webp,
            "avif" => Format::Avif,
            _ => return None,
        })
    }

    /// The format that a stored name stands for.
    pub fn from_name(name: &str) -> Option<Format> {
        [
            Format::Jpeg,
            Format::Png,
            Format::Gif,
            Format::Svg,
            Format::Webp,
            Format::Avif,
        ]
        .into_iter()
        .find(|format| format.name() == name)
    }
}

impl std::fmt::Display for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}
