//! Developer commands: `cargo xtask run`, `cargo xtask test` and a few smaller ones.
//!
//! Built before anything else on a fresh machine, so it depends on next to nothing.

mod api;
mod bench;
mod bindings;
mod dist;
mod fuzz;
mod load;
mod project;
mod run;
mod scale;
mod screenshots;
mod steps;
mod system;
mod test;
mod torture;
mod ui;

use std::process::ExitCode;

const HELP: &str = "\
Usage: cargo xtask COMMAND

  run [PATH…]   install what is missing, build, and open the window (with these images queued)
  test          the same set-up, then every check and every test
  bench         compare with other optimizers on a folder of images (--help says more)
  torture       kill it, fail it and fill its disk, as often as --kills N says (1000), and print the
                figures; a short form of this is part of `test`
  fuzz          look for inputs that harm the engine, with libFuzzer (--help says more)
  fuzz-api      let Schemathesis loose on the server, with --examples N for each operation (3); a build
                of the command line must be there; part of `test`
  load          let 1, 8 and 64 clients send images to the server, on this machine, and print rates, waits and
                memory; each case lasts as many seconds as are given (20)
  bindings      write ui/src/lib/ipc/types.ts anew from whittle-core
  dist          build a Debian package into target/dist, install it into a clean Debian and start it there;
                with --debug, of the binaries that the tests use, as `test` does; WHITTLE_SCREENSHOTS is the
                address at which docs/*.png are served, for software centres
  scale         measure the window: its start and memory beside an empty one, frames while 10,000
                images are worked on and arrive in a watched folder, Compare on 50 megapixels;
                with --release of the release build
  screenshots   draw every state of the real window into target/screenshots; with words after it, only
                those whose names have all of them: account dark 800x600
";

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let command = args.next().unwrap_or_default();
    let outcome = match command.to_str() {
        Some("run") => run::run(args.collect()),
        Some("test") => test::run(),
        Some("bench") => bench::run(args.collect()),
        Some("fuzz") => fuzz::run(args.collect()),
        Some("fuzz-api") => api::run(&args.collect::<Vec<_>>()),
        Some("dist") => dist::run(args.any(|arg| arg == "--debug")),
        Some("torture") => torture::run(&args.collect::<Vec<_>>()),
        Some("load") => load::run(args.collect()),
        Some("bindings") => bindings::write(),
        Some("scale") => scale::run(args.any(|arg| arg == "--release")),
        Some("screenshots") => screenshots::run(args.collect()),
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            Ok(())
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
