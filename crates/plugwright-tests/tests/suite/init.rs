//! `plugwright init`: which files it writes where, and that the example builds, runs and passes its tests.

mod refused;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, plugwright, program, root, target_folder};

use crate::build::PROFILE;
use crate::new::files;

/// A source that does not depend on this machine.
const SOURCE: &str = "git:https://example.org/plugwright#v1.0.0";

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder can be created")
}

fn init<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Output {
    let arguments = arguments.iter().map(AsRef::as_ref);
    Output::of(&mut plugwright(folder, [OsStr::new("init")].into_iter().chain(arguments)))
}

fn expect<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) {
    let output = init(folder, arguments);
    assert_eq!(output.code, Some(0), "{output}");
}

/// Returns the paths below the folder, relative to it.
fn list(folder: &Path) -> String {
    let files = files(folder);
    let files =
        files.iter().map(|file| file.strip_prefix(folder).expect("the path is inside the folder"));
    files.map(|file| format!("{}\n", file.display())).collect()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("the path exists").permissions().mode() & 0o777
}

/// Returns the folder of a template.
fn template(name: &str) -> PathBuf {
    root().join("crates/plugwright-cli/templates").join(name)
}

#[test]
fn it_writes_a_repository() {
    let folder = folder();
    let output = init(folder.path(), &["shop", "--source", SOURCE]);
    assert_snapshot!(output, @"
    created `shop`; next, in that folder:
      ./dev plugwright build    builds the plugin
      ./dev just run            also builds the application, and prints what the plugin answers
      ./dev just test           tests the plugin
    [exit code 0]
    ");
    let shop = folder.path().join("shop");
    assert_snapshot!(list(&shop), @"
    .config/tools
    .config/tools.lock
    .config/without-registries/Cargo.toml
    .config/without-registries/lib.rs
    .gitattributes
    .github/workflows/ci.yml
    .gitignore
    Cargo.toml
    README.md
    app/Cargo.toml
    app/src/main.rs
    crates/plugin-hello/Cargo.toml
    crates/plugin-hello/plugin.toml
    crates/plugin-hello/src/lib.rs
    crates/plugwright/Cargo.toml
    crates/plugwright/src/main.rs
    dev
    flake.nix
    justfile
    plugwright.toml
    rust-toolchain.toml
    tests/cases/hello/greetings.calls
    tests/cases/hello/no-name.calls
    tests/cases/hello/too-long.calls
    tests/snapshots/hello/greetings.calls.snap
    tests/snapshots/hello/no-name.calls.snap
    tests/snapshots/hello/too-long.calls.snap
    tests/snapshots/hello/wit.snap
    wit/greeting.wit
    ");
    assert_snapshot!(read(&shop.join("README.md")), @"
    # shop

    An application and the plugins that extend it. The plugins are WebAssembly components for the contract
    `example:greeting@0.1.0`. A plugin can use only what the contract names, so the application can run plugins
    that anyone wrote.

    ```sh
    ./dev plugwright build hello
    plugwright call hello
    ```

    The first command builds the plugin `hello` with the `plugwright` that made this repository. The second lists the plugin's
    functions. These need no other part of the repository:

    ```sh
    ./dev just run
    ./dev just test
    ```

    The first of these builds the command, the plugin and the application, and runs the application, which prints the plugin's
    answer. The second tests the built plugins with the cases in `tests/cases/`. `./dev` needs Nix, or rustup and a C compiler, or
    Debian 12. Its first run compiles the tools, which takes about three minutes on two cores. The first `./dev just` takes about
    seven more. Later runs start at once.

    | path | contents |
    | --- | --- |
    | `wit/` | the contract: what plugins export, and what they can import from the application |
    | `crates/plugin-*/` | plugins in Rust, one crate each |
    | `plugins/*/` | plugins in other languages, one folder each |
    | `tests/cases/NAME/`, `tests/snapshots/NAME/` | the test cases of the plugin `NAME`, one file each, and their expected results |
    | `app/` | the application: it implements the plugins' imports as a trait, and calls plugins through typed functions |
    | `crates/plugwright/` | the command `plugwright`, as a program of this workspace |
    | `plugwright.toml` | the paths of contracts, plugins and built files |
    | `dist/` | the built plugins `NAME.wasm`, each with its provenance, and `plugins.json`, the list of the plugins |

    | plugin | world | what it does |
    | --- | --- | --- |
    | [hello](crates/plugin-hello/src/lib.rs) | `greeter` | Says hello |

    ## Next steps

    ```sh
    # Add a plugin in Rust, or with --lang in JavaScript, TypeScript, Python, C, C++ or Zig.
    ./dev just new mine
    # List the functions of a plugin with their documentation, and run the calls of a test case.
    ./dev just call hello
    ./dev just call hello --calls tests/cases/hello/greetings.calls
    # Accept the current results of all test cases as the expected results; `git diff` shows the changes.
    ./dev just bless
    # Record the contract as released; later changes that would break plugins are refused.
    ./dev just contract --release
    # Sign the plugins; `./target/debug/plugwright key new release.key` creates the key.
    ./dev just sign release.key
    ```

    `./dev` installs the pinned toolchain, then runs the command with it. In the shell of `nix develop`, use `just` without
    `./dev`. `just` alone lists all recipes. If you change the contract, the compiler shows what to adapt in the plugins and
    in the application.
    ");
    assert_snapshot!(read(&shop.join("flake.nix")), @r#"
    {
      description = "Plugins for the contract example:greeting@0.1.0, and the application that runs them";

      # Plugwright's flake defines the packages, checks and shells.
      inputs.plugwright.url = "git+https://example.org/plugwright?ref=refs/tags/v1.0.0";

      outputs = { plugwright, ... }: plugwright.lib.pipeline { src = ./.; };
    }
    "#);
    let cargo = read(&shop.join("Cargo.toml"));
    let lines: Vec<_> = cargo.lines().filter(|line| line.starts_with("plugwright")).collect();
    assert_snapshot!(lines.join("\n"), @r#"
    plugwright = { git = "https://example.org/plugwright", tag = "v1.0.0" }
    plugwright-cli = { git = "https://example.org/plugwright", tag = "v1.0.0" }
    plugwright-guest = { git = "https://example.org/plugwright", tag = "v1.0.0" }
    "#);
    // No placeholder is left, and new files and folders have the usual permissions.
    for file in files(&shop) {
        let text = read(&file);
        let mut words = text.split('@').skip(1);
        let is_name =
            |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        assert!(!words.any(is_name), "{}: {text}", file.display());
    }
    fs::create_dir(folder.path().join("new")).expect("the folder can be created");
    assert_eq!(mode(&shop), mode(&folder.path().join("new")));
    assert_eq!(mode(&shop.join("dev")) & 0o100, 0o100);
    assert_eq!(mode(&shop.join("justfile")) & 0o111, 0);
    // No temporary file is left beside it.
    assert_eq!(fs::read_dir(folder.path()).expect("the folder can be read").count(), 2);
}

#[test]
fn an_empty_folder_is_taken_as_it_is() {
    let folder = folder();
    expect(folder.path(), &[".", "--source", SOURCE]);
    let one = list(folder.path());
    let other = self::folder();
    let path = other.path().join("with a space");
    fs::create_dir(&path).expect("the folder can be created");
    symlink(&path, other.path().join("link")).expect("the link can be created");
    expect(other.path(), &["link", "--source", SOURCE]);
    assert_eq!(one, list(&path));
}

#[test]
fn it_has_the_licence_that_is_asked_for() {
    let folder = folder();
    for (license, names) in [
        ("none", &[][..]),
        ("mit", &["LICENSE"]),
        ("apache-2.0", &["LICENSE"]),
        ("both", &["LICENSE-APACHE", "LICENSE-MIT"]),
    ] {
        expect(folder.path(), &[license, "--source", SOURCE, "--license", license]);
        let all = list(&folder.path().join(license));
        let found: Vec<_> = all.lines().filter(|file| file.starts_with("LICENSE")).collect();
        assert_eq!(found, names);
    }
    assert_eq!(
        read(&folder.path().join("both/LICENSE-APACHE")),
        read(&root().join("LICENSE-APACHE"))
    );
    let mit = read(&folder.path().join("mit/LICENSE"));
    let ours = read(&root().join("LICENSE-MIT"));
    let body = |text: &str| {
        text.split_once("Permission is").expect("the output has this text").1.to_owned()
    };
    assert_eq!(body(&mit), body(&ours));
    assert!(mit.contains("Copyright (c) the authors of mit\n"), "{mit}");
}

#[test]
fn it_copies_the_contract_that_is_given() {
    let folder = folder();
    let wit = folder.path().join("wit");
    fs::create_dir_all(wit.join("deps/money")).expect("the folders can be created");
    fs::write(
        wit.join("deps/money/money.wit"),
        "package shop:money;\ninterface money { type cents = u64; }\n",
    )
    .expect("the file can be written");
    fs::write(wit.join("rules.wit"), RULES).expect("the file can be written");
    fs::write(wit.join("README"), "not a part of it").expect("the file can be written");
    expect(folder.path(), &["mine", "--wit", "wit", "--source", SOURCE]);
    let mine = folder.path().join("mine");
    assert_snapshot!(list(&mine.join("wit")), @"
    deps/money/money.wit
    rules.wit
    ");
    assert_eq!(read(&mine.join("wit/rules.wit")), RULES);
    assert!(read(&mine.join("README.md")).contains("`shop:rules@2.0.0`"));
    assert!(mine.join("crates/plugin-rule/src/lib.rs").is_file());
    assert!(mine.join("app/src/main.rs").is_file());
    expect(folder.path(), &["named", "--wit", "wit", "--name", "half-price", "--source", SOURCE]);
    assert!(folder.path().join("named/crates/plugin-half-price/src/lib.rs").is_file());
}

const RULES: &str = "\
package shop:rules@2.0.0;

/// What a rule is for.
interface prices {
    use shop:money/money.{cents};
    /// Prices so many of an article.
    price: func(sku: string, quantity: u32) -> result<cents, string>;
}

/// A plugin that prices.
world rule {
    export prices;
}
";

#[test]
fn it_depends_on_the_source_that_is_named_or_else_on_the_checkout() {
    let folder = folder();
    let checkout = folder.path().join("a \"checkout\"");
    for name in ["plugwright", "plugwright-cli"] {
        fs::create_dir_all(checkout.join("crates").join(name)).expect("the folders can be created");
        fs::write(checkout.join("crates").join(name).join("Cargo.toml"), "")
            .expect("the file can be written");
    }
    fs::write(checkout.join("Cargo.lock"), "version = 4\n").expect("the file can be written");
    let told = |name: &str| {
        let shown = |file: &str, begin: &str| {
            let text = read(&folder.path().join(name).join(file));
            let mut lines = text.lines().filter(|line| line.trim_start().starts_with(begin));
            format!("{}\n", lines.next().expect("the output names the source"))
        };
        let text =
            shown("Cargo.toml", "plugwright-cli =") + &shown("flake.nix", "inputs.plugwright");
        text.replace(
            folder
                .path()
                .canonicalize()
                .expect("the folder exists")
                .to_str()
                .expect("the path is UTF-8"),
            "$FOLDER",
        )
    };
    expect(folder.path(), &["one", "--source", "path:a \"checkout\""]);
    assert_snapshot!(told("one"), @r#"
    plugwright-cli = { path = '$FOLDER/a "checkout"/crates/plugwright-cli' }
      inputs.plugwright.url = "path:$FOLDER/a%20%22checkout%22";
    "#);
    assert_eq!(read(&folder.path().join("one/Cargo.lock")), "version = 4\n");
    assert!(read(&folder.path().join("one/README.md")).contains("a checkout on this machine"));
    fs::create_dir(checkout.join(".git")).expect("the folder can be created");
    expect(folder.path(), &["two", "--source", "path:a \"checkout\""]);
    assert_snapshot!(told("two"), @r#"
    plugwright-cli = { path = '$FOLDER/a "checkout"/crates/plugwright-cli' }
      inputs.plugwright.url = "git+file://$FOLDER/a%20%22checkout%22";
    "#);
    expect(folder.path(), &["released", "--source", "version:1.2.3"]);
    assert_snapshot!(told("released"), @r#"
    plugwright-cli = "1.2.3"
      inputs.plugwright.url = "git+https://github.com/plugwright/plugwright?ref=refs/tags/v1.2.3";
    "#);
    let commit = "0123456789abcdef0123456789abcdef01234567";
    expect(
        folder.path(),
        &["three", "--source", &format!("git:ssh://git@example.org/it#{commit}")],
    );
    assert_snapshot!(told("three"), @r#"
    plugwright-cli = { git = "ssh://git@example.org/it", rev = "0123456789abcdef0123456789abcdef01234567" }
      inputs.plugwright.url = "git+ssh://git@example.org/it?rev=0123456789abcdef0123456789abcdef01234567";
    "#);
    // A command that was built elsewhere has another checkout.
    if std::env::var_os("PLUGWRIGHT").is_none() {
        expect(folder.path(), &["four"]);
        let cli = root().join("crates/plugwright-cli");
        assert!(told("four").starts_with(&format!("plugwright-cli = {{ path = {cli:?} }}")));
    }
}

/// The template of the flake is a copy, because evaluating a flake cannot run a program. It is what the command
/// writes, except that its source is the flake's own, and that it lacks the lock file, which is a checkout's.
#[test]
fn the_template_of_the_flake_is_what_it_writes() {
    let folder = folder();
    let checkout = root().display().to_string();
    expect(folder.path(), &["repository", "--source", &format!("path:{checkout}")]);
    let (written, kept) = (folder.path().join("repository"), root().join("nix/template"));
    fs::remove_file(written.join("Cargo.lock")).expect("the file exists");
    for file in files(&written) {
        let path = file.strip_prefix(&written).expect("the path is inside the folder");
        let text = read(&file).replace(&checkout, "../plugwright");
        let text = text.replace("git+file://../plugwright", "flake:plugwright");
        let text = text.replace("path:../plugwright", "flake:plugwright");
        if std::env::var("INSTA_UPDATE").is_ok_and(|it| it == "always") {
            fs::create_dir_all(kept.join(path).parent().expect("the path has a parent"))
                .expect("the folder can be created");
            fs::copy(&file, kept.join(path)).expect("the file can be copied");
            fs::write(kept.join(path), &text).expect("the file can be written");
        }
        let again = "run this test with `INSTA_UPDATE=always` to update it";
        assert!(text == read(&kept.join(path)), "`nix/template/{}`: {again}", path.display());
    }
    assert_eq!(list(&written), list(&kept));
}

#[test]
fn the_templates_are_those_of_this_repository() {
    let repository = template("repository");
    let without_registries = ".config/without-registries/Cargo.toml";
    for file in [
        "dev",
        "rust-toolchain.toml",
        ".config/tools.lock",
        ".config/without-registries/lib.rs",
        without_registries,
    ] {
        // Cargo excludes a folder that is a package from the package around it.
        let theirs =
            if file == without_registries { format!("{file}.in") } else { file.to_owned() };
        assert!(
            read(&repository.join(theirs)) == read(&root().join(file)),
            "`{file}` differs from the template's copy"
        );
    }
    // Lines that both have must be identical.
    let ours = |file: &str, begin: &str| {
        let ours = read(&root().join(file));
        let theirs = if file == "Cargo.toml" { "Cargo.toml.in" } else { file };
        for line in read(&repository.join(theirs)).lines().filter(|line| line.contains(begin)) {
            assert!(ours.lines().any(|it| it == line), "`{file}` here does not have `{line}`");
        }
    };
    ours(".config/tools", " first");
    ours(".config/tools", " called");
    ours(".github/workflows/ci.yml", "uses: ");
    ours("Cargo.toml", "wit-bindgen = ");
    let ours = read(&root().join("Cargo.toml"));
    let theirs = read(&repository.join("Cargo.toml.in"));
    let profiles = |text: &str| {
        let sections = text.split("\n\n").filter(|it| it.contains("[profile."));
        let sections = sections.filter(|it| !it.contains("[profile.plugin.package."));
        let code = |it: &str| {
            it.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
        };
        // Only releases of this repository are packed with `miniz_oxide`.
        let is_ours = |it: &String| it.contains("[profile.bench]") || it.contains(".miniz_oxide]");
        let sections = sections.map(code).filter(|it| !is_ours(it));
        sections.map(|it| it.trim().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(profiles(&theirs), profiles(&ours));
}

#[test]
fn the_example_builds_runs_and_passes_its_tests() {
    // The folder is the same in each run, so that cargo compiles only what changed.
    let target = target_folder("pipeline");
    let folder = target.join("example");
    let _ = fs::remove_dir_all(&folder);
    let source = format!("path:{}", root().display());
    expect(&target, &["example", "--source", &source]);

    let dist = folder.join("dist");
    let own = |arguments: &[&str]| {
        let mut command = plugwright(&folder, arguments);
        command.env("PLUGWRIGHT_DIST", "dist").env("CARGO_TARGET_DIR", &target);
        Output::of(command.env("CARGO_NET_OFFLINE", "true").envs(PROFILE))
    };
    let built = own(&["build"]);
    assert_eq!(built.code, Some(0), "{built}");
    let tested = own(&["test"]);
    assert_eq!(tested.code, Some(0), "{tested}");
    for case in ["greetings", "no-name", "too-long"] {
        assert!(tested.stdout.contains(&format!("hello/{case}.calls")), "{tested}");
    }

    // Builds all programs, because for a single one cargo would compile the host again with fewer features.
    let cargo = ["build", "--quiet", "--bins"];
    let mut compile = program(Path::new("cargo"), &root(), cargo);
    let compiled = Output::of(compile.env("CARGO_TARGET_DIR", target_folder("")));
    assert_eq!(compiled.code, Some(0), "{compiled}");
    let app = target_folder("debug/greeting-app");
    let run = |names: &[&str]| {
        let cache = target_folder("xdg");
        Output::of(program(&app, &folder, names).env("XDG_CACHE_HOME", cache))
    };
    assert_snapshot!(run(&[]), @"
    Hello, Ada!
    ── stderr
    hello: greeting Ada
    [exit code 0]
    ");
    assert_snapshot!(run(&["", "Grace", &"a".repeat(41)]), @"
    refused: the name is empty
    Hello, Grace!
    refused: the name has more than 40 characters
    ── stderr
    hello: greeting Grace
    [exit code 0]
    ");
    fs::remove_file(dist.join("hello.wasm")).expect("the file exists");
    assert_snapshot!(run(&[]), @"
    ── stderr
    error: cannot read the plugin `dist/hello.wasm`: No such file or directory (os error 2)
    [exit code 1]
    ");
}
