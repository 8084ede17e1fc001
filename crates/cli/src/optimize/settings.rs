//! From what was typed to what is meant: resolved once, and nothing below is optional.

use std::path::{Path, PathBuf};
use std::time::Duration;

use whittle_api::without_secrets;
use whittle_core::{Level, Limits, Mode, Origin, Output, Recipe, ResizeStyle, Via, is_suffix};
use whittle_jobs::{Plan, read_preset};

use crate::args::{OptimizeArgs, OutputArgs, PlaceArgs, WorkArgs};
use crate::failure::Failure;

/// Everything that a run needs to know.
pub(super) struct Settings {
    pub input: Input,
    pub plan: Plan,
    /// 0: one for each core.
    pub threads: usize,
    pub json: bool,
    /// Whether the database is opened at all.
    pub history: bool,
}

pub(super) enum Input {
    Stdin,
    Named {
        paths: Vec<PathBuf>,
        /// Of images that are to be fetched.
        addresses: Vec<String>,
    },
}

impl Settings {
    pub fn resolve(args: OptimizeArgs) -> Result<Settings, Failure> {
        let input = input(&args)?;
        let plan = plan(args.work.clone(), args.output, &args.place)?;
        if plan.via != Via::Here {
            if matches!(input, Input::Stdin) {
                return Err(Failure::usage("'-' is worked on here, without an account"));
            }
            if args.dry_run || args.no_history {
                return Err(Failure::usage(
                    "an account works on images only where they are written and the history is kept",
                ));
            }
        }
        if matches!(input, Input::Stdin) && !plan.recipe.styles.is_empty() {
            return Err(Failure::usage(
                "'-' writes one image, and the preset has resize styles",
            ));
        }
        Ok(Settings {
            input,
            threads: args.work.threads.map_or(0, usize::from),
            json: args.work.json,
            history: !args.no_history,
            plan: Plan {
                dry_run: args.dry_run,
                record: !args.no_history,
                ..plan
            },
        })
    }
}

/// What is to be done with each image.
pub(crate) fn plan(
    work: WorkArgs,
    output_args: OutputArgs,
    place: &PlaceArgs,
) -> Result<Plan, Failure> {
    let preset = work.preset.as_deref().map(read_preset).transpose();
    let preset = preset.map_err(|error| Failure::usage(error.to_string()))?;
    let preset = preset.as_ref();
    let names_none = work.mode.is_none() && work.level.is_none() && preset.is_none();
    let via = match (place.via.as_deref(), preset) {
        (Some("account"), _) => Via::Account {
            defaults: names_none,
            or_here: place.or_here,
        },
        (None, Some(preset)) => preset.via,
        _ => Via::Here,
    };
    if place.or_here && via == Via::Here {
        return Err(Failure::usage("--or-here goes with --via account"));
    }
    let (mode, level) = match (work.mode, work.level, preset) {
        (None, None, Some(preset)) => (preset.mode, preset.level),
        (mode, level, _) => quality(mode, level)?,
    };
    let output = match preset {
        Some(preset) if !names_output(&output_args) => preset.output.clone(),
        _ => output(&output_args)?,
    };
    let named = match preset {
        Some(preset) if output_args.resize.is_empty() => preset.styles.clone(),
        _ => output_args.resize,
    };
    let styles = styles(named, &output)?;
    let defaults = Limits::default();
    let plan = Plan {
        origin: Origin::Cli,
        recipe: Recipe {
            mode,
            level,
            styles,
            metadata: work
                .metadata
                .or(preset.map(|preset| preset.metadata))
                .unwrap_or_default(),
            effort: work.effort,
            limits: Limits {
                pixels: work.max_pixels.unwrap_or(defaults.pixels),
                time: work.timeout.map_or(defaults.time, Duration::from_secs),
                ..defaults
            },
        },
        via,
        output,
        min_saving: work.min_saving,
        keep_times: output_args.keep_times,
        dry_run: false,
        record: true,
        recursive: !work.no_recursive,
        include: work.include,
        exclude: work.exclude,
    };
    plan.check()
        .map_err(|error| Failure::usage(format!("a pattern cannot be read: {error}")))?;
    Ok(plan)
}

fn input(args: &OptimizeArgs) -> Result<Input, Failure> {
    if !args.paths.iter().any(|path| path.as_os_str() == "-") {
        let (addresses, paths): (Vec<_>, Vec<_>) =
            args.paths.iter().cloned().partition(|path| is_url(path));
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        return Ok(Input::Named {
            paths,
            addresses: addresses.iter().map(text).collect(),
        });
    }
    if args.paths.len() > 1 {
        return Err(Failure::usage("'-' stands alone, without other paths"));
    }
    let output = &args.output;
    for (given, option) in [
        (output.in_place, "--in-place"),
        (output.out.is_some(), "--out"),
        (output.suffix.is_some(), "--suffix"),
        (!output.resize.is_empty(), "--resize"),
        (args.work.json, "--json"),
    ] {
        if given {
            return Err(Failure::usage(format!(
                "'-' writes the image to standard output, so it does not go with '{option}'"
            )));
        }
    }
    Ok(Input::Stdin)
}

/// For what looks at files alone.
pub(crate) fn no_urls(paths: &[PathBuf]) -> Result<(), Failure> {
    match paths.iter().find(|path| is_url(path)) {
        Some(url) => Err(Failure::usage(format!(
            "{} is an address, and only 'whittle optimize' fetches images",
            without_secrets(&url.to_string_lossy())
        ))),
        None => Ok(()),
    }
}

fn is_url(path: &Path) -> bool {
    let text = path.to_string_lossy().to_ascii_lowercase();
    text.starts_with("http://") || text.starts_with("https://")
}

fn quality(mode: Option<Mode>, level: Option<Level>) -> Result<(Mode, Level), Failure> {
    match (mode, level) {
        (None | Some(Mode::Lossy), Some(level)) => Ok((Mode::Lossy, level)),
        (Some(mode), Some(_)) => Err(Failure::usage(format!(
            "'--level' only goes with '--mode lossy'; in '--mode {}' there is no level",
            mode.name()
        ))),
        (mode, None) => Ok((mode.unwrap_or_default(), Level::default())),
    }
}

fn names_output(args: &OutputArgs) -> bool {
    args.in_place || args.out.is_some() || args.suffix.is_some()
}

fn output(args: &OutputArgs) -> Result<Output, Failure> {
    if args.in_place {
        return Ok(Output::InPlace);
    }
    if let Some(path) = &args.out {
        if path.as_os_str().is_empty() || (path.exists() && !path.is_dir()) {
            return Err(Failure::usage(format!(
                "'--out {}' is not a folder",
                path.display()
            )));
        }
        return Ok(Output::Folder { path: path.clone() });
    }
    match &args.suffix {
        None => Ok(Output::default()),
        Some(suffix) if is_suffix(suffix) => Ok(Output::Suffix {
            suffix: suffix.clone(),
        }),
        Some(suffix) => Err(Failure::usage(format!(
            "'--suffix {suffix}' cannot be part of a file name: give letters, digits, '_' or '-'"
        ))),
    }
}

fn styles(styles: Vec<ResizeStyle>, output: &Output) -> Result<Vec<ResizeStyle>, Failure> {
    for (index, style) in styles.iter().enumerate() {
        if styles[..index].iter().any(|other| other.name == style.name) {
            return Err(Failure::usage(format!(
                "there are two resize styles named '{}'",
                style.name
            )));
        }
        if matches!(output, Output::Suffix { suffix } if *suffix == style.name) {
            return Err(Failure::usage(format!(
                "the resize style '{}' has the name of the suffix, so both files would have one name",
                style.name
            )));
        }
    }
    Ok(styles)
}
