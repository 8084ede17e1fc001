//! An empty Tauri window: what `cargo xtask scale` measures Whittle's start and idle memory against.

use tauri::http::{Response, header};
use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

const PAGE: &[u8] = b"<!doctype html><title>Empty</title><nav>An empty window</nav>";

fn main() {
    tauri::Builder::default()
        .register_uri_scheme_protocol("empty", |_, _| {
            Response::builder()
                .header(header::CONTENT_TYPE, "text/html")
                .body(PAGE)
                .expect("a constant header is valid")
        })
        .setup(|app| {
            let page = Url::parse("empty://localhost/")?;
            WebviewWindowBuilder::new(app, "main", WebviewUrl::CustomProtocol(page))
                .inner_size(1080.0, 720.0)
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!())
        .expect("there is a screen");
}
