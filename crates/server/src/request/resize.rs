//! Resize styles, in the four ways that clients write them.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use whittle_core::{ResizeStyle, Strategy, StyleError};

use super::{Fields, Value};

/// The members of one style as they were sent.
type Members = BTreeMap<String, Value>;

/// The styles of a request, or what is wrong with them.
pub(crate) fn styles(fields: &Fields, most: usize) -> Result<Vec<ResizeStyle>, Vec<String>> {
    let sent = sent(fields)?;
    if sent.len() > most {
        return Err(vec![format!("has more than {most} styles")]);
    }
    let mut styles: Vec<ResizeStyle> = Vec::new();
    let mut errors = Vec::new();
    for members in &sent {
        match style(members) {
            Ok(style) if styles.iter().any(|other| other.name == style.name) => {
                errors.push("style is given twice".to_owned());
            }
            Ok(style) => styles.push(style),
            Err(error) => errors.push(error.to_owned()),
        }
    }
    errors.dedup();
    if errors.is_empty() {
        Ok(styles)
    } else {
        Err(errors)
    }
}

fn sent(fields: &Fields) -> Result<Vec<Members>, Vec<String>> {
    let invalid = || vec!["is invalid".to_owned()];
    let mut all = match fields.get("resize") {
        None => Vec::new(),
        Some(Value::Json(json)) => from_json(json).ok_or_else(invalid)?,
        Some(Value::Text(text)) if text.trim().is_empty() => Vec::new(),
        Some(Value::Text(text)) => {
            let json: Json = serde_json::from_str(text).map_err(|_| invalid())?;
            from_json(&json).ok_or_else(invalid)?
        }
    };
    all.extend(from_keys(fields));
    Ok(all)
}

/// A list of styles, one style, or nothing; also as a text that holds one of these.
fn from_json(json: &Json) -> Option<Vec<Members>> {
    match json {
        Json::Null => Some(Vec::new()),
        Json::String(text) if text.trim().is_empty() => Some(Vec::new()),
        Json::String(text) => match serde_json::from_str(text).ok()? {
            Json::String(_) => None,
            inner => from_json(&inner),
        },
        Json::Object(members) => Some(vec![
            members
                .iter()
                .map(|(name, value)| (name.clone(), Value::Json(value.clone())))
                .collect(),
        ]),
        Json::Array(list) => {
            let styles = list.iter().map(|style| match style {
                Json::Object(_) => from_json(style)?.pop(),
                _ => None,
            });
            styles.collect()
        }
        _ => None,
    }
}

/// `resize[][key]`, where a new style begins at a key that the current one has, and
/// `resize[0][key]`.
fn from_keys(fields: &Fields) -> Vec<Members> {
    let mut styles: Vec<(Option<u32>, Members)> = Vec::new();
    for (name, value) in &fields.0 {
        let Some((index, key)) = key(name) else {
            continue;
        };
        let at = match index {
            Some(_) => styles.iter().position(|(other, _)| *other == index),
            None => styles
                .iter()
                .rposition(|(other, _)| other.is_none())
                .filter(|at| !styles[*at].1.contains_key(key)),
        };
        let at = at.unwrap_or_else(|| {
            styles.push((index, Members::new()));
            styles.len() - 1
        });
        styles[at].1.insert(key.to_owned(), value.clone());
    }
    // By their indexes; those without keep their order.
    styles.sort_by_key(|(index, _)| *index);
    styles.into_iter().map(|(_, members)| members).collect()
}

fn key(name: &str) -> Option<(Option<u32>, &str)> {
    let (index, key) = name
        .strip_prefix("resize[")?
        .strip_suffix(']')?
        .split_once("][")?;
    let index = match index {
        "" => None,
        digits => Some(digits.parse().ok()?),
    };
    Some((index, key))
}

fn style(members: &Members) -> Result<ResizeStyle, &'static str> {
    let text = |name: &str| members.get(name).map_or(Ok(None), Value::text);
    let name = text("style")
        .map_err(|_| "style is invalid")?
        .ok_or("style can't be blank")?;
    let strategy = match text("strategy") {
        Ok(None) => Strategy::default(),
        Ok(Some(name)) => name
            .parse()
            .map_err(|_| "strategy is not included in the list")?,
        Err(_) => return Err("strategy is not included in the list"),
    };
    let length = |name: &str, error: &'static str| match text(name) {
        Ok(None) => Ok(None),
        Ok(Some(digits)) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map(Some).map_err(|_| error)
        }
        _ => Err(error),
    };
    let style = ResizeStyle {
        name,
        strategy,
        width: length("width", "width must be an integer between 1 and 16384")?,
        height: length("height", "height must be an integer between 1 and 16384")?,
    };
    style.validated().map_err(|error| match error {
        StyleError::Name => "style is invalid",
        StyleError::Length => "width and height must be integers between 1 and 16384",
        StyleError::MissingLength => "width or height is missing",
        StyleError::Strategy | StyleError::Form => "is invalid",
    })
}
