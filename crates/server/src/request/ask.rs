//! The fields of a request, checked.

use url::Url;
use whittle_core::{Level, Mode, ResizeStyle};

use super::{Fields, Received, Upload, resize};
use crate::refusal::{Messages, Refusal};

/// The longest URL that is taken.
const URL: usize = 4096;

/// What is asked for with an image.
pub(crate) struct Ask {
    pub source: Source,
    /// `None` takes the account's.
    pub mode: Option<Mode>,
    /// `None` takes the account's for the type. Counts, and is checked, only where nothing else
    /// than lossy is asked for.
    pub level: Option<Level>,
    pub styles: Vec<ResizeStyle>,
    pub origin: String,
    pub keep_tags: bool,
}

/// Where the image is.
pub(crate) enum Source {
    Upload(Upload),
    Url(Url),
}

impl Ask {
    /// Checks everything that can be checked without the image. `default` is the account's mode.
    pub fn from(received: Received, default: Mode, most_styles: usize) -> Result<Ask, Refusal> {
        let Received { fields, upload } = received;
        let mut wrong = Messages::new();
        let mut complain = |field: &str, text: &str| {
            wrong
                .entry(field.to_owned())
                .or_default()
                .push(text.to_owned());
        };

        let url = fields.text("image_url");
        let source = match (upload, url, fields.text("file")) {
            (_, _, Ok(Some(_)) | Err(_)) => {
                complain("file", "must be sent as multipart/form-data");
                None
            }
            (_, Err(_), _) => {
                complain("image_url", "is invalid");
                None
            }
            (Some(_), Ok(Some(_)), _) => {
                complain("image_url", "can't be sent together with file");
                None
            }
            (Some(upload), Ok(None), _) => Some(Source::Upload(upload)),
            (None, Ok(Some(text)), _) => {
                let url = check_url(&text).filter(|_| text.len() <= URL);
                if url.is_none() {
                    complain("image_url", "is invalid");
                }
                url.map(Source::Url)
            }
            (None, Ok(None), _) => {
                complain("file", "can't be blank");
                None
            }
        };
        let mode = match fields.text("compression_type") {
            Ok(None) => Ok(None),
            Ok(Some(name)) => mode(&name).map(Some).ok_or(()),
            Err(_) => Err(()),
        };
        let mode = mode.unwrap_or_else(|()| {
            complain("compression_type", "is not included in the list");
            // So that nothing else is complained about for it.
            Some(Mode::Balanced)
        });
        let mut level = None;
        if mode.unwrap_or(default) == Mode::Lossy {
            match level_of(&fields, "compression_level") {
                Ok(given) => level = given,
                Err(text) => complain("compression_level", text),
            }
        }
        let origin = match fields.text("origin") {
            Ok(None) => "file".to_owned(),
            Ok(Some(origin)) if is_origin(&origin) => origin,
            _ => {
                complain("origin", "is invalid");
                String::new()
            }
        };
        let keep_tags = match fields.text("strip_tags") {
            Ok(None) => false,
            Ok(Some(text)) if matches!(text.as_str(), "true" | "1") => false,
            Ok(Some(text)) if matches!(text.as_str(), "false" | "0") => true,
            _ => {
                complain("strip_tags", "is not included in the list");
                false
            }
        };
        let styles = resize::styles(&fields, most_styles).unwrap_or_else(|errors| {
            for error in errors {
                complain("resize", &error);
            }
            Vec::new()
        });
        match source {
            Some(source) if wrong.is_empty() => Ok(Ask {
                source,
                mode,
                level,
                styles,
                origin,
                keep_tags,
            }),
            _ => Err(Refusal::invalid(wrong)),
        }
    }
}

/// What is to be changed of an account.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct ShopChange {
    pub mode: Option<Mode>,
    pub jpg: Option<Level>,
    pub png: Option<Level>,
    pub gif: Option<Level>,
    pub callback_url: Option<String>,
}

impl ShopChange {
    pub fn from(fields: &Fields) -> Result<ShopChange, Refusal> {
        let mut wrong = Messages::new();
        let mut change = ShopChange::default();
        match fields
            .text("compression_type")
            .map(|name| name.map(|name| mode(&name)))
        {
            Ok(None) => {}
            Ok(Some(Some(mode))) => change.mode = Some(mode),
            Ok(Some(None)) | Err(_) => {
                let text = "is not included in the list".to_owned();
                wrong.insert("compression_type".into(), vec![text]);
            }
        }
        let mut level = |name: &str| {
            level_of(fields, name).unwrap_or_else(|text| {
                wrong.insert(name.to_owned(), vec![text.to_owned()]);
                None
            })
        };
        let all = level("compression_level");
        change.jpg = level("compression_level_jpg").or(all);
        change.png = level("compression_level_png").or(all);
        change.gif = level("compression_level_gif").or(all);
        match fields.text("callback_url") {
            Ok(url) => change.callback_url = url,
            Err(_) => {
                wrong.insert("callback_url".into(), vec!["is invalid".into()]);
            }
        }
        if wrong.is_empty() {
            Ok(change)
        } else {
            Err(Refusal::invalid(wrong))
        }
    }
}

fn mode(name: &str) -> Option<Mode> {
    [Mode::Lossy, Mode::Lossless, Mode::Balanced]
        .into_iter()
        .find(|mode| mode.name() == name)
}

fn level_of(fields: &Fields, name: &str) -> Result<Option<Level>, &'static str> {
    const WRONG: &str = "must be an integer between 1 and 100";
    match fields.text(name) {
        Ok(None) => Ok(None),
        Ok(Some(digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map(Some).map_err(|_| WRONG)
        }
        _ => Err(WRONG),
    }
}

fn is_origin(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_')
}

/// An absolute `http` or `https` URL with a host.
pub(crate) fn check_url(text: &str) -> Option<Url> {
    // The parser forgives spaces, and makes a host of what comes after one slash.
    let scheme_end = text.find("://")?;
    if text.contains(|c: char| c.is_control() || c == ' ') || scheme_end > 5 {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let known = matches!(url.scheme(), "http" | "https");
    // `https:///path` has no host, whatever the parser makes of it.
    let host = text[scheme_end + 3..].starts_with(|c: char| !matches!(c, '/' | '\\' | '?' | '#'));
    (known && host && url.has_host()).then_some(url)
}
