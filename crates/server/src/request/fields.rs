//! Fields of a body, in their order, repeated ones included.

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// What a field says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// From a form.
    Text(String),
    /// From JSON.
    Json(serde_json::Value),
}

impl Value {
    /// The value as a text: numbers by their digits. `None` when there is nothing: null and the
    /// empty text are the same as an absent member.
    pub fn text(&self) -> Result<Option<String>, NoText> {
        let text = match self {
            Value::Text(text) => text.clone(),
            Value::Json(serde_json::Value::Null) => return Ok(None),
            Value::Json(serde_json::Value::String(text)) => text.clone(),
            Value::Json(serde_json::Value::Bool(value)) => value.to_string(),
            Value::Json(serde_json::Value::Number(number)) => match number.as_f64() {
                // 65.0 and 6.5e1 are integers to JSON.
                Some(value) if !number.is_u64() && value.fract() == 0.0 && value.abs() < 1e15 => {
                    format!("{value:.0}")
                }
                _ => number.to_string(),
            },
            Value::Json(_) => return Err(NoText),
        };
        Ok((!text.is_empty()).then_some(text))
    }
}

/// A list or an object where a single value must be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoText;

/// Named values in the order of the body.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(pub Vec<(String, Value)>);

impl Fields {
    /// The value of this name; of several the last.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut fields = self.0.iter().rev();
        fields
            .find(|(field, _)| field == name)
            .map(|(_, value)| value)
    }

    /// The text of this name.
    pub fn text(&self, name: &str) -> Result<Option<String>, NoText> {
        self.get(name).map_or(Ok(None), Value::text)
    }

    /// A JSON object, with repeated members in their order.
    pub fn from_json(bytes: &[u8]) -> serde_json::Result<Fields> {
        serde_json::from_slice(bytes)
    }

    /// A form; `None` when it is no UTF-8.
    pub fn from_form(bytes: &[u8]) -> Option<Fields> {
        std::str::from_utf8(bytes).ok()?;
        let fields = form_urlencoded::parse(bytes);
        Some(Fields(
            fields
                .map(|(name, value)| (name.into_owned(), Value::Text(value.into_owned())))
                .collect(),
        ))
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Fields, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Fields;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry()? {
                    fields.push((name, Value::Json(value)));
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
