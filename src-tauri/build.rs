//! Embeds tauri.conf.json, the capabilities and the icons.

fn main() {
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    tauri_build::try_build(attributes)
        .expect("tauri.conf.json, the capabilities and the icons fit together");
}
