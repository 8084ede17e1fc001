//! Images behind addresses: fetched into the folder where results go, and then originals like any other.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use whittle_api::{FetchError, fetch, without_secrets};
use whittle_core::{ErrorCode, Format, Origin, Output, Report};
use whittle_jobs::{Plan, export_new};

use crate::failure::Failure;

/// More than any image that the limits let through takes in practice.
const LIMIT: u64 = 512_000_000;

/// What came of the addresses.
pub(super) struct Fetched {
    pub files: Vec<PathBuf>,
    pub failed: Vec<Report>,
    /// What is to be done with the files.
    pub plan: Plan,
    /// What a dry run fetched goes again with this.
    _temporary: Option<TempDir>,
}

pub(super) fn fetched(addresses: &[String], plan: &Plan) -> Result<Fetched, Failure> {
    let temporary = plan.dry_run.then(tempfile::tempdir).transpose()?;
    let folder = match (&temporary, &plan.output) {
        (Some(temporary), _) => temporary.path(),
        (None, Output::Folder { path }) => path,
        (None, Output::Suffix { .. } | Output::InPlace) => Path::new("."),
    };
    let mut files = Vec::new();
    let mut failed = Vec::new();
    for address in addresses {
        match stored(address, plan, folder) {
            Ok(file) => files.push(file),
            Err((code, message)) => failed.push(failure(address, plan, code, message)),
        }
    }
    Ok(Fetched {
        files,
        failed,
        plan: Plan {
            origin: Origin::Url,
            // The original lies where the result goes, and is kept as a backup.
            output: match &plan.output {
                Output::Folder { .. } => Output::InPlace,
                other => other.clone(),
            },
            ..plan.clone()
        },
        _temporary: temporary,
    })
}

fn stored(address: &str, plan: &Plan, folder: &Path) -> Result<PathBuf, (ErrorCode, String)> {
    let fetched = fetch(address, LIMIT, plan.recipe.limits.time).map_err(|error| {
        let code = match error {
            FetchError::NotFound(_) => ErrorCode::NotFound,
            FetchError::TimedOut => ErrorCode::TimedOut,
            _ => ErrorCode::Io,
        };
        (code, error.to_string())
    })?;
    // Nothing else is written to the disk: what a server sends for a picture may be a page.
    let format = whittle_engine::detect(&fetched.bytes).ok_or_else(|| {
        let message = "What lies at this address is not an image that Whittle knows.";
        (ErrorCode::NotAnImage, message.to_owned())
    })?;
    let (stem, extension) = file_name(&fetched.name, format);
    export_new(folder, &stem, &extension, &fetched.bytes).map_err(|error| {
        let message = format!(
            "It could not be written into {}: {error}.",
            folder.display()
        );
        (ErrorCode::Io, message)
    })
}

/// A name that every file system takes, from what a server calls it: the stem and the extension.
fn file_name(name: &str, format: Format) -> (String, String) {
    const MOST: usize = 100;
    let path = Path::new(name);
    let text = |part: Option<&std::ffi::OsStr>| -> String {
        let text = part.unwrap_or_default().to_string_lossy();
        let fit = |c: &char| !c.is_control() && !r#"/\:*?"<>|"#.contains(*c);
        text.chars().filter(fit).take(MOST).collect()
    };
    let mut stem = text(path.file_stem()).trim_matches(['.', ' ']).to_owned();
    if stem.is_empty() {
        stem = "image".into();
    }
    let extension = text(path.extension());
    let extension = match Format::from_extension(&extension) == Some(format) {
        true => extension,
        false => match format {
            Format::Jpeg => "jpg".into(),
            other => other.name().into(),
        },
    };
    (stem, extension)
}

fn failure(address: &str, plan: &Plan, code: ErrorCode, message: String) -> Report {
    let path = PathBuf::from(without_secrets(address));
    Report {
        code: Some(code),
        message: Some(message),
        ..Report::blank(&path, &plan.recipe)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_every_file_system() {
        let named = |name, format| {
            let (stem, extension) = file_name(name, format);
            format!("{stem}.{extension}")
        };
        assert_eq!(named("sea.jpeg", Format::Jpeg), "sea.jpeg");
        assert_eq!(named("sea.png", Format::Jpeg), "sea.jpg");
        assert_eq!(named("", Format::Gif), "image.gif");
        assert_eq!(named("..", Format::Png), "image.png");
        assert_eq!(named(r"..\..\a:b*.svg", Format::Svg), "ab.svg");
        assert_eq!(named("../../etc/passwd", Format::Png), "passwd.png");
        assert!(named(&"ä".repeat(300), Format::Png).len() < 255);
    }
}
