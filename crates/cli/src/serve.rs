//! `whittle serve`

use std::process::ExitCode;
use std::time::Duration;

use whittle_server::{Config, Tls, data_dir};

use crate::args::ServeArgs;
use crate::failure::Failure;
use crate::print::Out;

pub(crate) fn run(args: ServeArgs, out: &mut Out) -> Result<ExitCode, Failure> {
    let config = config(args)?;
    let (stop, stopped) = whittle_server::stop_signal();
    ctrlc::set_handler(move || stop.stop())?;
    whittle_server::run(
        config,
        |url| out.line(&format!("listening on {url}")),
        stopped,
    )?;
    Ok(ExitCode::SUCCESS)
}

fn config(args: ServeArgs) -> Result<Config, Failure> {
    let defaults = Config::new(args.listen, data_dir()?);
    Ok(Config {
        public_url: args.public_url,
        allow_http: args.allow_http,
        behind_proxy: args.behind_proxy,
        tls: args
            .tls_cert
            .zip(args.tls_key)
            .map(|(certificates, key)| Tls { certificates, key }),
        storage: args.storage,
        workers: args.workers.map_or(defaults.workers, usize::from),
        wait: Duration::from_secs(args.wait),
        image_time: Duration::from_secs(args.timeout),
        max_bytes: args.max_bytes,
        max_pixels: args.max_pixels,
        max_at_once: args.max_at_once,
        max_per_minute: args.max_per_minute,
        max_queue: args.max_queue,
        link_lifetime: Duration::from_secs(args.link_lifetime),
        fetch_time: Duration::from_secs(args.fetch_timeout),
        allowed_addresses: args.allow_address,
        webhook_waits: args
            .webhook_waits
            .into_iter()
            .map(Duration::from_secs)
            .collect(),
        drain: Duration::from_secs(args.drain),
        ..defaults
    })
}
