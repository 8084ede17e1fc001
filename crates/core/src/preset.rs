use serde::{Deserialize, Serialize};

use crate::{Level, Metadata, Mode, Output, ResizeStyle, Settings, StyleError, Via};

/// A named set of settings, kept in the window and exchanged as a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Preset {
    /// What people call it: 1 to 64 characters.
    pub name: String,
    /// What may differ.
    pub mode: Mode,
    /// How it should look, with `lossy`.
    #[serde(default)]
    pub level: Level,
    /// Derivatives to make of every image.
    #[serde(default)]
    pub styles: Vec<ResizeStyle>,
    /// Where results go.
    #[serde(default)]
    pub output: Output,
    /// What stays of the metadata.
    #[serde(default)]
    pub metadata: Metadata,
    /// Where images are worked on.
    #[serde(default)]
    pub via: Via,
}

/// Why something is no preset.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PresetError {
    /// The name is empty, too long, or has a control character.
    #[error("a preset's name has 1 to 64 characters, all of them visible")]
    Name,
    /// One of its resize styles is not one.
    #[error("resize style '{name}': {source}")]
    Style {
        /// Its name.
        name: String,
        /// Why.
        source: StyleError,
    },
    /// Two of its resize styles have one name, or one has the name of the suffix.
    #[error("two of its files would have the name '{0}'")]
    SameName(String),
    /// The suffix cannot be part of a file name.
    #[error("a suffix has 1 to 64 letters, digits, '_' or '-'")]
    Suffix,
}

/// Characters of a name.
const LONGEST_NAME: usize = 64;

impl Preset {
    /// Checks what a file, or whoever filled in a form, says.
    ///
    /// # Errors
    /// What is wrong with it, first things first.
    pub fn validated(mut self) -> Result<Preset, PresetError> {
        self.name = self.name.trim().to_owned();
        let length = self.name.chars().count();
        if !(1..=LONGEST_NAME).contains(&length) || self.name.chars().any(char::is_control) {
            return Err(PresetError::Name);
        }
        if let Output::Suffix { suffix } = &self.output
            && !is_suffix(suffix)
        {
            return Err(PresetError::Suffix);
        }
        let mut names: Vec<&str> = match &self.output {
            Output::Suffix { suffix } => vec![suffix],
            Output::Folder { .. } | Output::InPlace => Vec::new(),
        };
        for style in &self.styles {
            let source = style.clone().validated().err();
            if let Some(source) = source {
                let name = style.name.clone();
                return Err(PresetError::Style { name, source });
            }
            if names.contains(&style.name.as_str()) {
                return Err(PresetError::SameName(style.name.clone()));
            }
            names.push(&style.name);
        }
        Ok(self)
    }
}

impl Settings {
    /// The settings of now under a name.
    pub fn preset(&self, name: &str) -> Preset {
        Preset {
            name: name.to_owned(),
            mode: self.mode,
            level: self.level,
            styles: self.styles.clone(),
            output: self.output.clone(),
            metadata: self.metadata,
            via: self.via,
        }
    }
}

/// Whether `photo.SUFFIX.jpg` is a name that every system takes.
pub fn is_suffix(suffix: &str) -> bool {
    (1..=64).contains(&suffix.len())
        && suffix
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Strategy;

    fn preset() -> Preset {
        Settings::default().preset("Web")
    }

    fn style(name: &str) -> ResizeStyle {
        ResizeStyle {
            name: name.into(),
            strategy: Strategy::Fit,
            width: Some(320),
            height: Some(240),
        }
    }

    #[test]
    fn a_file_says_what_differs_from_the_defaults() {
        let text = r#"{"name":" Web ","mode":"lossy","level":70}"#;
        let read: Preset = serde_json::from_str(text).unwrap();
        let read = read.validated().unwrap();
        assert_eq!((read.name.as_str(), read.mode), ("Web", Mode::Lossy));
        assert_eq!(read.level.get(), 70);
        assert_eq!(read.output, Output::default());
        let again = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Preset>(&again).unwrap(), read);
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "{}",
            r#"{"name":"x"}"#,
            r#"{"name":"x","mode":"lossy","level":0}"#,
        ] {
            assert!(serde_json::from_str::<Preset>(text).is_err(), "{text}");
        }
        let named = |name: &str| {
            Preset {
                name: name.into(),
                ..preset()
            }
            .validated()
        };
        assert_eq!(named("  "), Err(PresetError::Name));
        assert_eq!(named(&"x".repeat(65)), Err(PresetError::Name));
        assert_eq!(named("a\nb"), Err(PresetError::Name));
        let styled = |styles: Vec<ResizeStyle>| Preset { styles, ..preset() }.validated();
        assert!(styled(vec![style("thumb"), style("wide")]).is_ok());
        let twice = styled(vec![style("thumb"), style("thumb")]);
        assert_eq!(twice, Err(PresetError::SameName("thumb".into())));
        assert_eq!(
            styled(vec![style("min")]),
            Err(PresetError::SameName("min".into()))
        );
        assert!(matches!(
            styled(vec![style("../x")]),
            Err(PresetError::Style { .. })
        ));
        let suffix = "../up".into();
        let output = Output::Suffix { suffix };
        let outside = Preset { output, ..preset() }.validated();
        assert_eq!(outside, Err(PresetError::Suffix));
    }
}
