//! The command line as it is typed.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use jiff::civil::Date;
use whittle_core::{Effort, Level, Metadata, Mode, ResizeStyle};

use crate::failure::Failure;

/// Makes images smaller, without looking worse and without ever losing an original.
#[derive(Parser)]
#[command(name = "whittle", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make images smaller
    #[command(after_help = EXIT_CODES)]
    Optimize(Box<OptimizeArgs>),
    /// Work on images as they appear in folders, until told to stop
    Watch(Box<WatchArgs>),
    /// Tell which images could be smaller, and write nothing
    #[command(after_help = CHECK_EXIT_CODES)]
    Check(Box<CheckArgs>),
    /// Go on with the images that an interrupted run did not get to
    Resume(ResumeArgs),
    /// Show what was optimized, newest first
    History(HistoryArgs),
    /// Show what was saved
    Stats(StatsArgs),
    /// Put replaced originals back
    Revert(RevertArgs),
    /// Show or change what the window remembers, and how long backups are kept
    #[command(after_help = SETTINGS)]
    Settings(SettingsArgs),
    /// Measure how close one image looks to another (SSIMULACRA2; 100 is identical)
    Score(ScoreArgs),
    /// Connect an account on a server that speaks the HTTP API, and see how it is doing
    Account {
        /// What to do
        #[command(subcommand)]
        command: AccountCommand,
    },
    /// Serve the HTTP API, until told to stop
    Serve(Box<ServeArgs>),
    /// Make, list and revoke the tokens of `whittle serve`, and manage its accounts
    Token {
        /// What to do
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, of Whittle or of one of its commands
    Man {
        /// A command
        command: Option<String>,
    },
}

const EXIT_CODES: &str = "Exit codes: 0 every image was optimized, is optimal already, or was skipped; \
1 some image failed; 2 wrong usage; 130 cancelled (what is finished stays).";

const CHECK_EXIT_CODES: &str = "Exit codes: 0 nothing could be smaller; 1 some image could be smaller, or \
failed; 2 wrong usage; 130 cancelled.";

const SETTINGS: &str = "Backups are kept for ever unless `keep_backups_days` is set: then those that nothing needed for so \
many days are removed at a start, or, with `max_backup_bytes`, only while all together are larger than this. \
`whittle settings keep_backups_days=90 max_backup_bytes=5000000000`; `null` takes a limit back.";

#[derive(Args)]
pub(crate) struct OptimizeArgs {
    /// Files and folders; images behind addresses (`https://…`), which are fetched into `--out` or
    /// the current folder; `-` reads one image from standard input and writes the result to
    /// standard output
    #[arg(required = true, value_name = "PATH|URL|-")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub work: WorkArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// Do everything but writing
    #[arg(long)]
    pub dry_run: bool,

    /// Leave the history alone. Originals that are replaced are still kept among the backups, but
    /// `whittle revert` doesn't know them
    #[arg(long)]
    pub no_history: bool,
}

#[derive(Args)]
pub(crate) struct WatchArgs {
    /// Folders; one that is not there is taken up when it appears
    #[arg(required = true, value_name = "DIR")]
    pub folders: Vec<PathBuf>,

    #[command(flatten)]
    pub work: WorkArgs,

    #[command(flatten)]
    pub output: OutputArgs,

    #[command(flatten)]
    pub place: PlaceArgs,

    /// Leave smaller files alone
    #[arg(long, value_name = "BYTES", default_value = "0")]
    pub min_bytes: u64,
}

#[derive(Args)]
pub(crate) struct CheckArgs {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub work: WorkArgs,

    /// Leave the history alone: own results are not recognized by it
    #[arg(long)]
    pub no_history: bool,
}

#[derive(Args)]
pub(crate) struct ResumeArgs {
    /// Do not work on them: forget them
    #[arg(long)]
    pub forget: bool,

    /// Print a line of JSON for each image as it ends, and nothing else
    #[arg(long)]
    pub json: bool,
}

/// What is done with an image.
#[derive(Args, Clone)]
pub(crate) struct WorkArgs {
    /// lossless: pixels stay identical; balanced: nobody can tell; lossy: as small as the level
    /// allows [default: balanced]
    #[arg(long, value_parser = mode())]
    pub mode: Option<Mode>,

    /// How it should look, 1 to 100, the same in every format; implies `--mode lossy` [default: 85]
    #[arg(long, value_name = "1..100")]
    pub level: Option<Level>,

    /// Search folders within folders (this is the default)
    #[arg(long, overrides_with = "no_recursive")]
    pub recursive: bool,

    /// Take only what lies in the given folders themselves
    #[arg(long, overrides_with = "recursive")]
    pub no_recursive: bool,

    /// In folders, take only files that fit this pattern. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,

    /// In folders, leave out files and folders that fit this pattern. May be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,

    /// Take mode, level, resize styles, output and metadata from a preset that the window exported;
    /// options that are given beside it win
    #[arg(long, value_name = "FILE")]
    pub preset: Option<PathBuf>,

    /// What stays of the metadata. Colour and orientation always stay [default: copyright]
    #[arg(long, value_parser = metadata())]
    pub metadata: Option<Metadata>,

    /// How much CPU a smaller file may cost; never what it looks like
    #[arg(long, value_parser = effort(), default_value = "default")]
    pub effort: Effort,

    /// Leave an image as it is unless it becomes smaller by this much
    #[arg(long, value_name = "PERCENT", default_value = "0",
        value_parser = clap::value_parser!(u8).range(0..100))]
    pub min_saving: u8,

    /// Images at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,

    /// Pixels that an image may have [default: 268435456]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_pixels: Option<u64>,

    /// Time that an image may take [default: 120]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,

    /// Print a line of JSON for each image as it ends, and nothing else
    #[arg(long)]
    pub json: bool,
}

/// Where the work is done.
#[derive(Args, Clone, Default)]
pub(crate) struct PlaceArgs {
    /// Where images are worked on: here, or by the account that is connected, to which they are sent.
    /// Without a mode, a level or a preset, the account's own settings decide there [default: here]
    #[arg(long, value_name = "here|account", value_parser = ["here", "account"])]
    pub via: Option<String>,

    /// With `--via account`: where the account cannot do it, or its result is refused, do it here
    #[arg(long)]
    pub or_here: bool,
}

/// What is written, and where.
#[derive(Args, Default)]
pub(crate) struct OutputArgs {
    /// Also make a resized picture, written as `photo.NAME.jpg`; strategies: crop, fit, auto,
    /// landscape, portrait, exact; W or H may be empty. May be repeated
    #[arg(long, value_name = "NAME:STRATEGY:WxH")]
    pub resize: Vec<ResizeStyle>,

    /// Replace the originals, and keep a backup of each
    #[arg(long, conflicts_with_all = ["out", "suffix"])]
    pub in_place: bool,

    /// Write the results into this folder, in the tree of the originals
    #[arg(long, value_name = "DIR", conflicts_with = "suffix")]
    pub out: Option<PathBuf>,

    /// Write each result beside its original, as `photo.SUFFIX.jpg` [default: min]
    #[arg(long)]
    pub suffix: Option<String>,

    /// Give results the times of their originals
    #[arg(long)]
    pub keep_times: bool,
}

#[derive(Args)]
pub(crate) struct HistoryArgs {
    /// Print a line of JSON for each image
    #[arg(long)]
    pub json: bool,

    /// Lines at most; 0 prints all [default: all with --json or --csv, else 50]
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,

    /// Print a table for spreadsheets (CSV), with a line for each image
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,

    /// Only paths that hold this text, in any case
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub search: String,

    /// Only what was worked on in this mode
    #[arg(long, value_parser = mode())]
    pub mode: Option<Mode>,

    /// Only the last N days
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub days: Option<u32>,

    /// Only from this day on, in the time of this computer
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "days")]
    pub from: Option<Date>,

    /// Only up to this day, itself included
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "days")]
    pub to: Option<Date>,

    /// Only what lies in this folder, or in folders within it
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct StatsArgs {
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    /// Print a table for spreadsheets (CSV): the total, formats, folders, and all months
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

#[derive(Args)]
pub(crate) struct RevertArgs {
    /// Files that were replaced, and folders that hold such files
    #[arg(required_unless_present_any = ["batch", "all"], value_name = "PATH")]
    pub paths: Vec<PathBuf>,

    /// Every original that one run replaced; `whittle history --json` tells the batch
    #[arg(long, conflicts_with_all = ["paths", "all"])]
    pub batch: Option<String>,

    /// Every original that was replaced and is still kept
    #[arg(long, conflicts_with = "paths")]
    pub all: bool,

    /// Put originals back over files that were edited since, too. Those are kept among the backups
    #[arg(long)]
    pub force: bool,
}

#[derive(Args)]
pub(crate) struct SettingsArgs {
    /// What is to be changed; a value is a word or JSON
    #[arg(value_name = "NAME=VALUE")]
    pub changes: Vec<String>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct ScoreArgs {
    /// The original
    #[arg(value_name = "A")]
    pub original: PathBuf,
    /// What is compared with it
    #[arg(value_name = "B")]
    pub result: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Args)]
pub(crate) struct ServeArgs {
    /// Where to listen; port 0 takes a free one. The address is the first line on standard output
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8787")]
    pub listen: SocketAddr,

    /// What links begin with [default: the address that is listened on]
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,

    /// Serve plain HTTP, too, and call back to it. Tokens and images can be read on the way then
    #[arg(long)]
    pub allow_http: bool,

    /// A proxy in front speaks HTTPS, and says so by `X-Forwarded-Proto`
    #[arg(long)]
    pub behind_proxy: bool,

    /// Certificate chain, as a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// Private key, as a PEM file
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Where originals and results are stored: a folder, or `s3://bucket/folder` with the usual
    /// variables of the environment [default: `files` beside the database]
    #[arg(long, value_name = "PLACE")]
    pub storage: Option<String>,

    /// Images worked on at once [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub workers: Option<u16>,

    /// How long a request waits for its result
    #[arg(long, value_name = "SECONDS", default_value = "25")]
    pub wait: u64,

    /// Time that an image may take
    #[arg(long, value_name = "SECONDS", default_value = "120",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: u64,

    /// Bytes that an image may have
    #[arg(long, value_name = "N", default_value = "33554432",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub max_bytes: u64,

    /// Pixels that an image may have
    #[arg(long, value_name = "N", default_value = "100000000",
        value_parser = clap::value_parser!(u64).range(1..))]
    pub max_pixels: u64,

    /// Images that one account may send at the same time
    #[arg(long, value_name = "N", default_value = "32")]
    pub max_at_once: usize,

    /// Requests that one account may make in a minute [default: no limit]
    #[arg(long, value_name = "N")]
    pub max_per_minute: Option<u32>,

    /// Images that may wait for a worker
    #[arg(long, value_name = "N", default_value = "10000")]
    pub max_queue: u64,

    /// How long links to files hold
    #[arg(long, value_name = "SECONDS", default_value = "86400")]
    pub link_lifetime: u64,

    /// Addresses to fetch from and call back to although they are not public, like 10.0.0.0/8. May
    /// be repeated
    #[arg(long, value_name = "RANGE")]
    pub allow_address: Vec<whittle_server::Range>,

    /// Waits before each further try of a webhook
    #[arg(
        long,
        value_name = "SECONDS",
        value_delimiter = ',',
        default_value = "10,60,300,1800,7200"
    )]
    pub webhook_waits: Vec<u64>,

    /// How long fetching an image from its URL may take
    #[arg(long, value_name = "SECONDS", default_value = "15")]
    pub fetch_timeout: u64,

    /// How long running requests may take when the server is told to stop
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    pub drain: u64,
}

#[derive(Subcommand)]
pub(crate) enum AccountCommand {
    /// Connect an account. Its token is asked for, or read from standard input or from the variable
    /// WHITTLE_ACCOUNT_TOKEN; it is kept in the system's keychain
    Connect {
        /// The server's address
        #[arg(value_name = "URL", default_value = "https://api.crush.pics/v1")]
        endpoint: String,
        /// Plain HTTP, for a server on this computer only
        #[arg(long)]
        allow_http: bool,
        /// Where there is no keychain, keep the token in a file that only you can read
        #[arg(long)]
        token_in_file: bool,
    },
    /// Show how the account is doing: plan, defaults, and what is on its way
    Status {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Forget the account and its token. What it has, it keeps
    Disconnect,
    /// Take the account's images into the history
    Sync,
    /// Change what jobs fall back to that name no quality
    Defaults {
        /// What may differ
        #[arg(long, value_parser = mode())]
        mode: Option<Mode>,
        /// The level of JPEG, PNG and GIF
        #[arg(long, value_name = "1..100")]
        level: Option<Level>,
    },
    /// Show, pause or cancel what is on its way to the account
    Outbox {
        /// Print a line of JSON for each image
        #[arg(long)]
        json: bool,
        /// Send nothing for now
        #[arg(long, conflicts_with = "resume")]
        pause: bool,
        /// Go on sending
        #[arg(long)]
        resume: bool,
        /// Give one image up, by its number
        #[arg(long, value_name = "ID")]
        cancel: Option<i64>,
    },
}

#[derive(Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, once
    New {
        /// Name of the account, which is made when it is missing
        #[arg(long, value_name = "NAME")]
        account: String,
    },
    /// List all tokens by their first characters
    List {
        /// Print a line of JSON for each token
        #[arg(long)]
        json: bool,
    },
    /// Make a token useless
    Revoke {
        /// Its number, as `whittle token list` says
        id: i64,
    },
    /// Give an account a quota for each month, or none
    Plan {
        /// Name of the account
        #[arg(long, value_name = "NAME")]
        account: String,
        /// Bytes of originals; without it there is no quota
        #[arg(long, value_name = "N")]
        bytes: Option<u64>,
    },
    /// Close an account: its tokens are refused
    Suspend {
        /// Name of the account
        #[arg(long, value_name = "NAME")]
        account: String,
    },
    /// Open a closed account again
    Resume {
        /// Name of the account
        #[arg(long, value_name = "NAME")]
        account: String,
    },
}

/// The manual page of the whole, or of one command.
pub(crate) fn man_page(command: Option<&str>) -> Result<Vec<u8>, Failure> {
    let mut whole = Cli::command();
    whole.build();
    let page = match command {
        None => whole,
        Some(name) => whole
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::usage(format!("there is no command '{name}'")))?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    Ok(text)
}

fn mode() -> impl TypedValueParser<Value = Mode> {
    named([Mode::Lossless, Mode::Balanced, Mode::Lossy], Mode::name)
}

fn metadata() -> impl TypedValueParser<Value = Metadata> {
    named(
        [Metadata::Strip, Metadata::Copyright, Metadata::Keep],
        |metadata| match metadata {
            Metadata::Strip => "strip",
            Metadata::Copyright => "copyright",
            Metadata::Keep => "keep",
        },
    )
}

fn effort() -> impl TypedValueParser<Value = Effort> {
    named(
        [Effort::Fast, Effort::Default, Effort::Max],
        |effort| match effort {
            Effort::Fast => "fast",
            Effort::Default => "default",
            Effort::Max => "max",
        },
    )
}

/// One of three values by its name.
fn named<T: Copy + Send + Sync + 'static>(
    values: [T; 3],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(values.map(name)).try_map(move |text| {
        values
            .into_iter()
            .find(|value| name(*value) == text)
            .ok_or("no such value")
    })
}

/// Clap's own checks of the definitions above.
#[test]
fn the_command_line_is_sound() {
    Cli::command().debug_assert();
}
