//! The plugin of the contract, built in a folder that uses nothing of this project.

use std::sync::LazyLock;

use crate::own_folder::{Folder, Own};

/// The plugin for the current contract, built, signed and listed.
pub(super) static CANVAS: LazyLock<Folder> = LazyLock::new(|| {
    let folder = begin("canvas", str::to_owned);
    folder.build("0.1.0");
    folder.expect(&["index", "dist"]);
    folder.expect(&["key", "new", "release.key"]);
    folder.expect(&["sign", "--key", "release.key"]);
    folder
});

/// The same plugin, built for an older contract.
pub(super) static OLDER: LazyLock<Folder> = LazyLock::new(|| {
    assert!(WIT.iter().any(|(_, text)| text.contains(NEW)));
    let folder = begin("older_canvas", |text| text.replace(NEW, OLD));
    folder.build("0.0.9");
    folder
});

/// The part that the older contract has instead.
const OLD: &str = "label: option<result<string, u16>>";
const NEW: &str = "label: option<result<string, u8>>";

/// The files of the contract.
pub(super) const WIT: [(&str, &str); 4] = [
    ("canvas.wit", include_str!("wit/canvas.wit")),
    ("shapes.wit", include_str!("wit/shapes.wit")),
    ("studio.wit", include_str!("wit/studio.wit")),
    ("tools.wit", include_str!("wit/tools.wit")),
];

/// Creates the folder of the crate `name`. `change` edits the contract's files.
fn begin(name: &'static str, change: impl Fn(&str) -> String) -> Folder {
    Folder::begin(Own {
        name,
        plugin: "canvas",
        wit: WIT.map(|(file, text)| (file, change(text))).into(),
        source: include_str!("plugin/lib.rs"),
        manifest: include_str!("plugin/plugin.toml"),
        files: &[("palette/ochre", "yellow brown\n"), ("palette/swamp", "mud\n")],
    })
}
