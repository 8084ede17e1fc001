//! The window's types are those of whittle-core: the generated file is current.

use std::path::Path;

#[test]
fn the_generated_types_are_current() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src/lib/ipc/types.ts");
    let current = whittle_core::typescript::declarations();
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        std::fs::write(&file, &current).expect("the file can be written");
    }
    // Git may have turned the line ends around.
    let found = std::fs::read_to_string(&file)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        found == current,
        "ui/src/lib/ipc/types.ts is stale: run `cargo xtask bindings` and commit the result"
    );
}
