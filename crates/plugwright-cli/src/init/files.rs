//! The files of a new repository, from the templates in `templates/`.

use anyhow::Result;

use crate::init::contract::Given;
use crate::init::file::File;
use crate::init::license::License;
use crate::init::source::Source;

/// The files of every repository: each path with its text.
const REPOSITORY: &[(&str, &str)] = &[
    (".config/tools", include_str!("../../templates/repository/.config/tools")),
    (".config/tools.lock", include_str!("../../templates/repository/.config/tools.lock")),
    (
        ".config/without-registries/Cargo.toml",
        include_str!("../../templates/repository/.config/without-registries/Cargo.toml.in"),
    ),
    (
        ".config/without-registries/lib.rs",
        include_str!("../../templates/repository/.config/without-registries/lib.rs"),
    ),
    (".gitattributes", include_str!("../../templates/repository/gitattributes.in")),
    (
        ".github/workflows/ci.yml",
        include_str!("../../templates/repository/.github/workflows/ci.yml"),
    ),
    (".gitignore", include_str!("../../templates/repository/gitignore.in")),
    ("Cargo.toml", include_str!("../../templates/repository/Cargo.toml.in")),
    ("README.md", include_str!("../../templates/repository/README.md.in")),
    ("app/Cargo.toml", include_str!("../../templates/repository/app/Cargo.toml.in")),
    (
        "crates/plugwright/Cargo.toml",
        include_str!("../../templates/repository/crates/plugwright/Cargo.toml.in"),
    ),
    (
        "crates/plugwright/src/main.rs",
        include_str!("../../templates/repository/crates/plugwright/src/main.rs"),
    ),
    ("flake.nix", include_str!("../../templates/repository/flake.nix.in")),
    ("justfile", include_str!("../../templates/repository/justfile")),
    ("plugwright.toml", include_str!("../../templates/repository/plugwright.toml")),
    ("rust-toolchain.toml", include_str!("../../templates/repository/rust-toolchain.toml")),
];

/// The executable files.
const PROGRAMS: &[(&str, &str)] = &[("dev", include_str!("../../templates/repository/dev"))];

/// The example: a contract, a plugin with cases and snapshots, and an application.
const EXAMPLE: &[(&str, &str)] = &[
    ("app/src/main.rs", include_str!("../../templates/greeting/app/src/main.rs")),
    (
        "crates/plugin-hello/Cargo.toml",
        include_str!("../../templates/greeting/crates/plugin-hello/Cargo.toml.in"),
    ),
    (
        "crates/plugin-hello/plugin.toml",
        include_str!("../../templates/greeting/crates/plugin-hello/plugin.toml"),
    ),
    (
        "crates/plugin-hello/src/lib.rs",
        include_str!("../../templates/greeting/crates/plugin-hello/src/lib.rs"),
    ),
    (
        "tests/cases/hello/greetings.calls",
        include_str!("../../templates/greeting/tests/cases/hello/greetings.calls"),
    ),
    (
        "tests/cases/hello/no-name.calls",
        include_str!("../../templates/greeting/tests/cases/hello/no-name.calls"),
    ),
    (
        "tests/cases/hello/too-long.calls",
        include_str!("../../templates/greeting/tests/cases/hello/too-long.calls"),
    ),
    (
        "tests/snapshots/hello/greetings.calls.snap",
        include_str!("../../templates/greeting/tests/snapshots/hello/greetings.calls.snap.in"),
    ),
    (
        "tests/snapshots/hello/no-name.calls.snap",
        include_str!("../../templates/greeting/tests/snapshots/hello/no-name.calls.snap.in"),
    ),
    (
        "tests/snapshots/hello/too-long.calls.snap",
        include_str!("../../templates/greeting/tests/snapshots/hello/too-long.calls.snap.in"),
    ),
    (
        "tests/snapshots/hello/wit.snap",
        include_str!("../../templates/greeting/tests/snapshots/hello/wit.snap.in"),
    ),
    ("wit/greeting.wit", include_str!("../../templates/greeting/wit/greeting.wit")),
];

/// The README's values for the example: the contract, the world, the plugin, its summary, a case, and no further text.
const EXAMPLE_SAYS: [&str; 6] =
    ["example:greeting@0.1.0", "greeter", "hello", "Says hello", "greetings.calls", ""];

/// The README's texts about a plugin that is a skeleton.
const BEGUN: &str = "A skeleton in Rust";
const UNWRITTEN: &str = "
The plugin is a skeleton: each function answers that it is not written yet. The first test records this answer as the
expected result of the first case, in `tests/snapshots/`. When you write the functions, add `import` lines to the cases
for the application's answers to the plugin's calls, and accept the new results with `./dev just bless`. Run
`./dev just fmt` once to format the generated code, because `./dev just ci` checks the format.
";

/// What a new repository is made of.
pub(crate) struct Parts<'a> {
    /// The title of the README.
    pub(crate) title: &'a str,
    /// The user's contract and its first plugin. Without them, the repository gets the example.
    pub(crate) given: Option<Given>,
    /// Where the repository gets Plugwright from.
    pub(crate) source: Source,
    /// The repository's licence.
    pub(crate) license: License,
}

/// Returns the files of a new repository, sorted by path.
pub(crate) fn files(parts: &Parts<'_>) -> Result<Vec<File>> {
    let mut files: Vec<File> = REPOSITORY
        .iter()
        .chain(parts.license.files())
        .map(|(path, text)| File::new(*path, *text))
        .collect();
    files.extend(
        PROGRAMS.iter().map(|(path, text)| File { is_program: true, ..File::new(*path, *text) }),
    );
    let [contract, world, plugin, summary, case, first] = match &parts.given {
        None => EXAMPLE_SAYS.map(str::to_owned),
        Some(given) => {
            let [contract, world, plugin] =
                [&*given.contract().name(), given.world(), given.plugin()].map(str::to_owned);
            [
                contract,
                world,
                plugin,
                BEGUN.to_owned(),
                "first.calls".to_owned(),
                UNWRITTEN.to_owned(),
            ]
        }
    };
    if parts.given.is_none() {
        files.extend(EXAMPLE.iter().map(|(path, text)| File::new(*path, *text)));
    }
    let values = [
        ("@PLUGWRIGHT@", parts.source.dependency("plugwright")),
        ("@PLUGWRIGHT_CLI@", parts.source.dependency("plugwright-cli")),
        ("@PLUGWRIGHT_GUEST@", parts.source.dependency("plugwright-guest")),
        ("@FLAKE@", parts.source.flake()),
        ("@FIRST@", first),
        ("@SUMMARY@", summary),
        ("@SOURCE@", parts.source.note().to_owned()),
        ("@CASE@", format!("tests/cases/{plugin}/{case}")),
        ("@CONTRACT@", contract),
        ("@WORLD@", world),
        ("@PLUGIN@", plugin),
        ("@TITLE@", parts.title.to_owned()),
    ];
    for file in &mut files {
        for (name, value) in &values {
            file.text = file.text.replace(name, value);
        }
    }
    if let Some(given) = &parts.given {
        files.extend(given.files()?);
    }
    if let Some(lock) = parts.source.lock()? {
        files.push(File::new("Cargo.lock", lock));
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}
