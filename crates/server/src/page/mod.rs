//! The page for people: what this is, how it is doing, and the reference of the API.
//!
//! Written here and not in the browser: it needs no script and nothing from elsewhere.

mod reference;
mod text;

use std::sync::OnceLock;
use std::time::Duration;

use whittle_store::server::Backlog;

use crate::app::App;
use text::escaped;

const STYLE: &str = include_str!("style.css");

/// The whole page.
pub(crate) fn html(app: &App, backlog: Backlog) -> String {
    // The reference is the same for as long as the server lives.
    static REFERENCE: OnceLock<String> = OnceLock::new();
    let reference = REFERENCE.get_or_init(|| reference::html(whittle_api::OPENAPI));
    let base = escaped(&app.base);
    let up = up_for(app.metrics.began.elapsed());
    let version = env!("CARGO_PKG_VERSION");
    let Backlog { images, deliveries } = backlog;
    let megabytes = app.config.max_bytes >> 20;
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Whittle: image compression API</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>Whittle</h1>
<p class="lead">This server makes JPEG, PNG, GIF and SVG images smaller, without looking worse. It speaks the HTTP API
described below.</p>
<dl class="status" aria-label="Status">
<div><dt>Status</dt><dd>up for {up}</dd></div>
<div><dt>Images waiting</dt><dd>{images}</dd></div>
<div><dt>Webhooks waiting</dt><dd>{deliveries}</dd></div>
<div><dt>Largest image</dt><dd>{megabytes} MiB</dd></div>
<div><dt>Version</dt><dd>{version}</dd></div>
</dl>
<h2 id="start">First steps</h2>
<p>Ask whoever runs this server for a token (<code>whittle token new --account NAME</code>), and send an image:</p>
<pre><code>curl -H "Authorization: Bearer $TOKEN" -F file=@photo.jpg {base}/v1/compress</code></pre>
<p>The answer names the link of the smaller file. <a href="/openapi.yaml">openapi.yaml</a> is the reference below for programs;
<a href="/healthz">/healthz</a> and <a href="/metrics">/metrics</a> are for operators.</p>
</header>
{reference}
</body>
</html>
"##
    )
}

fn up_for(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, 0) => "less than a minute".into(),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        for (seconds, text) in [
            (0, "less than a minute"),
            (61, "1 min"),
            (3 * 3600 + 120, "3 h 2 min"),
            (50 * 3600, "2 d 2 h"),
        ] {
            assert_eq!(up_for(Duration::from_secs(seconds)), text);
        }
    }
}
