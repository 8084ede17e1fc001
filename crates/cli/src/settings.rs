//! `whittle settings`

use std::process::ExitCode;

use serde_json::Value;
use whittle_core::Settings;
use whittle_jobs::{Plan, Store, data_dir};

use crate::args::SettingsArgs;
use crate::failure::Failure;
use crate::print::Out;

pub(crate) fn run(args: &SettingsArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let store = Store::open(data_dir()?)?;
    let settings = match args.changes.is_empty() {
        true => store.settings()?,
        false => store.change_settings(|settings| changed(&settings, &args.changes))??,
    };
    if args.json {
        out.json(&settings);
        return Ok(ExitCode::SUCCESS);
    }
    if let Value::Object(fields) = serde_json::to_value(&settings)? {
        for (name, value) in fields {
            out.line(&format!("{name}={}", plain(&value)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Settings with `NAME=VALUE`s applied, checked as those of the window are.
fn changed(settings: &Settings, changes: &[String]) -> Result<Settings, Failure> {
    let mut fields = serde_json::to_value(settings)?;
    for change in changes {
        let (name, text) = change
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("'{change}' is not NAME=VALUE")))?;
        let field = fields
            .get_mut(name)
            .ok_or_else(|| Failure::usage(format!("there is no setting '{name}'")))?;
        // What is no JSON is a word: `mode=lossless` needs no quotes.
        let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
        let before = std::mem::replace(field, value);
        if let Err(error) = serde_json::from_value::<Settings>(fields.clone()) {
            return Err(Failure::usage(format!(
                "'{text}' is no value for '{name}', which is {} now: {error}",
                plain(&before)
            )));
        }
    }
    let settings: Settings = serde_json::from_value(fields)?;
    let refused = |reason: String| Failure::usage(format!("this cannot be kept: {reason}"));
    settings
        .preset("of now")
        .validated()
        .map_err(|error| refused(error.to_string()))?;
    if settings.min_saving > 99 {
        return Err(refused("'min_saving' is 0 to 99".into()));
    }
    let globs = Plan {
        include: settings.include.clone(),
        exclude: settings.exclude.clone(),
        ..Plan::default()
    };
    globs.check().map_err(|error| refused(error.to_string()))?;
    Ok(settings)
}

/// A word without quotes, everything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whittle_core::{Mode, Output};

    #[test]
    fn every_setting_is_changed_by_its_name() {
        let change = |changes: &[&str]| {
            let changes: Vec<String> = changes.iter().map(|&change| change.to_owned()).collect();
            changed(&Settings::default(), &changes)
        };
        let settings = change(&[
            "mode=lossless",
            "min_saving=5",
            "keep_times=true",
            "keep_backups_days=30",
            "max_backup_bytes=1000000000",
            r#"output={"kind":"in_place"}"#,
        ])
        .unwrap_or_else(|_| panic!("they are fine"));
        assert_eq!((settings.mode, settings.min_saving), (Mode::Lossless, 5));
        assert_eq!(settings.output, Output::InPlace);
        assert_eq!(
            (settings.keep_times, settings.keep_backups_days),
            (true, Some(30))
        );
        assert_eq!(settings.max_backup_bytes, Some(1_000_000_000));
        for wrong in [
            "mode",
            "mode=best",
            "min_saving=100",
            "min_saving=-1",
            "colour=red",
            "keep_times=7",
            r#"include=["["]"#,
        ] {
            assert!(change(&[wrong]).is_err(), "{wrong}");
        }
    }
}
