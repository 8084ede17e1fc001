//! The `whittle` command: arguments → run → report.
//!
//! Results go to stdout, everything else to stderr. Exit codes: 0 all went well, 1 some image
//! failed, 2 wrong usage, 130 cancelled.

mod account;
mod args;
mod check;
mod failure;
mod history;
mod optimize;
mod print;
mod resume;
mod revert;
mod score;
mod serve;
mod settings;
mod stats;
mod table;
mod token;
mod watch;

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use tracing_subscriber::EnvFilter;

use crate::args::{Cli, Command};
use crate::failure::Failure;
use crate::print::Out;

fn main() -> ExitCode {
    let command = Cli::parse().command;
    log_to_stderr(match command {
        // What a server does is known from its log.
        Command::Serve(_) => "info",
        _ => "error",
    });
    match run(command) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(command: Command) -> Result<ExitCode, Failure> {
    let mut out = Out::stdout();
    match command {
        Command::Optimize(args) => optimize::run(*args, &mut out),
        Command::Watch(args) => watch::run(*args, &mut out),
        Command::Check(args) => check::run(*args, &mut out),
        Command::Resume(args) => resume::run(&args, &mut out),
        Command::History(args) => history::run(&args, &mut out),
        Command::Stats(args) => stats::run(&args, &mut out),
        Command::Revert(args) => revert::run(&args, &mut out),
        Command::Settings(args) => settings::run(&args, &mut out),
        Command::Score(args) => score::run(args, &mut out),
        Command::Account { command } => account::run(command, &mut out),
        Command::Serve(args) => serve::run(*args, &mut out),
        Command::Token { command } => token::run(command, &mut out),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "whittle", &mut script);
            out.bytes(&script);
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { command } => {
            out.bytes(&args::man_page(command.as_deref())?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn log_to_stderr(default: &str) {
    let filter = EnvFilter::try_from_env("WHITTLE_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
}
