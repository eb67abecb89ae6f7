//! `./dev` on machines that lack something. That it works on others is shown by running these tests.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, program, root, which};

/// A machine with only the most common programs.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(tempfile::tempdir().expect("a temporary folder can be created"));
        fs::create_dir(machine.path("bin")).expect("the folder can be created");
        let common = [
            "bash", "cat", "chmod", "cksum", "cp", "cut", "dirname", "env", "flock", "grep",
            "mkdir", "mv", "rm", "sed", "touch", "tr", "uname",
        ];
        for name in common {
            if let Some(path) = which(name) {
                symlink(path, machine.path("bin").join(name)).expect("the link can be created");
            }
        }
        machine
    }

    /// Adds rustup with the pinned toolchain. Its cargo builds and installs scripts that print their names. The
    /// file `broken` lists the tools that it cannot build.
    fn with_rustup(self) -> Self {
        let targets = "toolchain/lib/rustlib";
        for folder in ["toolchain/bin", targets] {
            fs::create_dir_all(self.path(folder)).expect("the folder can be created");
        }
        let toolchain =
            fs::read_to_string(root().join("rust-toolchain.toml")).expect("the file exists");
        let quoted = toolchain.split('"').skip(1).step_by(2);
        for target in quoted.filter(|word| word.starts_with("wasm32-")) {
            fs::create_dir(self.path(targets).join(target)).expect("the folder can be created");
        }
        let folder = self.0.path().display();
        self.program("bin/cc", "");
        self.program("bin/rustup", &format!("echo {folder}/toolchain/bin/rustc"));
        self.program("toolchain/bin/cargo-clippy", "");
        self.program("toolchain/bin/cargo-fmt", "");
        self.program(
            "toolchain/bin/cargo",
            &format!(
                r#"
make() {{
  grep -qsx "$2" {folder}/broken && {{ echo "cargo: cannot build $2"; exit 101; }}
  mkdir -p "$1"
  printf '#!%s\necho "this is %s $*"\n' "$BASH" "$2" >"$1/new-$2"
  chmod +x "$1/new-$2"
  mv "$1/new-$2" "$1/$2"
}}
packages=() verb=$1
while [ $# -gt 0 ]; do
  case $1 in
  --package) packages+=("$2") ;;
  --manifest-path) cp "$2" {folder}/manifest ;;
  --target-dir) made=$2/debug ;;
  --root) made=$2/bin packages=("${{3%@*}}") ;;
  esac
  shift
done
echo "cargo: $verb ${{packages[*]}}" >>{folder}/cargo-calls
[ ! -e {folder}/elsewhere ] || made+=-elsewhere
for name in "${{packages[@]}}"; do make "$made" "$name"; done"#
            ),
        );
        self
    }

    fn program(&self, path: &str, script: &str) {
        let path = self.path(path);
        let bash = which("bash").expect("bash is on the PATH");
        // Some systems have no /usr/bin/env.
        fs::write(&path, format!("#!{}\n{script}\n", bash.display()))
            .expect("the file can be written");
        fs::set_permissions(&path, Permissions::from_mode(0o755))
            .expect("the permissions can be set");
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    /// Runs `./dev` with `arguments` on this machine.
    fn dev(&self, arguments: &[&str], toolchain: Option<&str>) -> Output {
        self.dev_with(&self.path("bin").display().to_string(), arguments, toolchain)
    }

    /// Like [`Machine::dev`], with these folders on the PATH.
    fn dev_with(&self, path: &str, arguments: &[&str], toolchain: Option<&str>) -> Output {
        let script = root().join("dev");
        let arguments = [script.as_os_str()].into_iter().chain(arguments.iter().map(AsRef::as_ref));
        let mut command = program(Path::new("bash"), self.0.path(), arguments);
        command.env("PATH", path).env("XDG_CACHE_HOME", self.path("cache"));
        if let Some(toolchain) = toolchain {
            command.env("PLUGWRIGHT_TOOLCHAIN", toolchain);
        }
        let mut output = Output::of(&mut command);
        // The name of the tools folder contains a checksum of the list of tools.
        if let Some((_, rest)) = output.stderr.split_once("/cache/plugwright/tools-") {
            let folder =
                format!("tools-{}", rest.split([':', '/', '\n']).next().unwrap_or_default());
            output.stderr = output.stderr.replace(&folder, "$TOOLS");
        }
        output
    }

    /// Returns what cargo was called for, in order.
    fn cargo_calls(&self) -> String {
        fs::read_to_string(self.path("cargo-calls")).unwrap_or_default()
    }
}

/// Runs `./dev` where only the most common programs are installed.
fn bare(arguments: &[&str], toolchain: Option<&str>) -> Output {
    Machine::new().dev(arguments, toolchain)
}

#[test]
fn a_machine_without_any_way_is_told_what_is_missing() {
    assert_snapshot!(bare(&["just", "test"], None), @"
    ── stderr
    dev: nix: not found
    dev: rustup: not found
    dev: debian: apt-get not found; this is not Debian
    dev: error: the pinned toolchain is not available on this machine:
      - nix: not found
      - rustup: not found
      - debian: apt-get not found; this is not Debian
    dev: install Nix (https://nixos.org/download), or rustup (https://rustup.rs) and a C compiler, then run the command again
    [exit code 1]
    ");
}

#[test]
fn one_way_can_be_forced() {
    assert_snapshot!(bare(&["just", "test"], Some("rustup")), @"
    ── stderr
    dev: rustup: not found
    dev: error: the pinned toolchain is not available on this machine:
      - rustup: not found
    dev: no other source was tried, because PLUGWRIGHT_TOOLCHAIN names this one: unset it to try the others
    dev: install Nix (https://nixos.org/download), or rustup (https://rustup.rs) and a C compiler, then run the command again
    [exit code 1]
    ");
    assert_snapshot!(bare(&["just", "test"], Some("docker")), @"
    ── stderr
    dev: error: PLUGWRIGHT_TOOLCHAIN is `docker`: it must be nix, rustup or debian
    [exit code 2]
    ");
}

#[test]
fn a_command_is_needed() {
    assert_snapshot!(bare(&[], None), @"
    ── stderr
    usage: ./dev COMMAND…

    Runs COMMAND with the pinned toolchain, for example `./dev just test`. The toolchain comes from
    Nix, rustup or the packages of Debian 12: the first that is already set up, or else the first that works.

      PLUGWRIGHT_TOOLCHAIN=nix|rustup|debian   uses only this toolchain
      XDG_CACHE_HOME                           the folder for the cache plugwright/, by default ~/.cache
    [exit code 2]
    ");
}

#[test]
fn tools_are_made_once_and_those_of_the_tests_when_they_are_called() {
    let machine = Machine::new().with_rustup();
    assert_snapshot!(machine.dev(&["just", "build"], None), @"
    this is just build
    ── stderr
    dev: nix: not found
    dev: compiling tools into $FOLDER/cache/plugwright/$TOOLS: up to 3 minutes on two cores, once for this list of tools: just wasm-tools cargo-component
    [exit code 0]
    ");
    let manifest = fs::read_to_string(machine.path("manifest")).expect("cargo was called");
    let (_, dependencies) =
        manifest.split_once("[dependencies]\n").expect("the manifest has dependencies");
    assert_snapshot!(dependencies, @r#"
    just = { version = "=1.59.0" }
    wasm-tools = { version = "=1.255.0", default-features = false, features = ["component", "metadata", "strip", "validate"] }
    cargo-component = { version = "=0.21.1" }
    "#);
    assert_snapshot!(machine.dev(&["cargo-insta", "insta", "review"], None), @"
    this is cargo-insta insta review
    ── stderr
    dev: compiling cargo-insta 1.49.0, which is needed for the first time: a minute or two, once on this machine
    [exit code 0]
    ");
    assert_snapshot!(machine.dev(&["cargo-insta", "insta", "review"], None), @"
    this is cargo-insta insta review
    [exit code 0]
    ");
    assert_snapshot!(machine.cargo_calls(), @"
    cargo: build just wasm-tools cargo-component
    cargo: install cargo-insta
    ");
}

#[test]
fn a_tool_that_cannot_be_made_is_named_and_the_next_call_goes_on() {
    let machine = Machine::new().with_rustup();
    fs::write(machine.path("broken"), "just\ncargo-insta\n").expect("the file can be written");
    assert_snapshot!(machine.dev(&["just", "build"], None), @"
    ── stderr
    dev: nix: not found
    dev: compiling tools into $FOLDER/cache/plugwright/$TOOLS: up to 3 minutes on two cores, once for this list of tools: just wasm-tools cargo-component
    cargo: cannot build just
    dev: error: the tools could not be compiled; the cause is above: check the network connection, which is needed once, and run the command again to resume; if you edited .config/tools, remove .config/tools.lock first
    [exit code 1]
    ");
    fs::write(machine.path("broken"), "cargo-insta\n").expect("the file can be written");
    assert_snapshot!(machine.dev(&["just", "build"], None), @"
    this is just build
    ── stderr
    dev: nix: not found
    dev: compiling tools into $FOLDER/cache/plugwright/$TOOLS: up to 3 minutes on two cores, once for this list of tools: just wasm-tools cargo-component
    [exit code 0]
    ");
    assert_snapshot!(machine.dev(&["cargo-insta", "insta"], None), @"
    ── stderr
    dev: compiling cargo-insta 1.49.0, which is needed for the first time: a minute or two, once on this machine
    cargo: cannot build cargo-insta
    dev: error: cargo-insta 1.49.0 could not be installed; the cause is above: run the command again to resume
    [exit code 1]
    ");
    assert_snapshot!(machine.cargo_calls(), @"
    cargo: build just wasm-tools cargo-component
    cargo: build just wasm-tools cargo-component
    cargo: install cargo-insta
    ");
}

#[test]
fn tools_on_the_path_are_used_if_they_are_of_the_listed_versions() {
    let machine = Machine::new().with_rustup();
    let says = |name: &str| format!("[ $1 = --version ] && echo {name} && exit\necho \"found $*\"");
    machine.program("bin/just", &says("just 1.59.0"));
    machine.program("bin/cargo-component", &says("cargo-component 0.21.10"));
    machine.program("bin/wit-bindgen", &says("wit-bindgen-cli 0.63.0"));
    assert_snapshot!(machine.dev(&["just", "build"], None), @"
    found build
    ── stderr
    dev: nix: not found
    dev: using $FOLDER/bin/just, which is just 1.59.0
    dev: not using $FOLDER/bin/cargo-component: it is cargo-component 0.21.10, and version 0.21.1 is needed
    dev: using $FOLDER/bin/wit-bindgen, which is wit-bindgen 0.63.0
    dev: compiling tools into $FOLDER/cache/plugwright/$TOOLS: up to 3 minutes on two cores, once for this list of tools: wasm-tools cargo-component
    [exit code 0]
    ");
    assert_snapshot!(machine.cargo_calls(), @"cargo: build wasm-tools cargo-component");
    // The program on the PATH changes, and is then removed.
    machine.program("bin/just", &says("just 1.58.0"));
    assert_snapshot!(machine.dev(&["just", "build"], None), @"
    found build
    [exit code 0]
    ");
    fs::remove_file(machine.path("bin/just")).expect("the file exists");
    assert_snapshot!(machine.dev(&["just", "build"], None), @"
    found build
    [exit code 0]
    ");
}

#[test]
fn what_was_made_for_another_list_is_not_asked_for_its_version() {
    let machine = Machine::new().with_rustup();
    fs::create_dir_all(machine.path("cache/plugwright/tools-old/bin"))
        .expect("the folder can be created");
    let asked = "echo asked >>$0.calls; echo cargo-insta 1.49.0";
    machine.program("cache/plugwright/tools-old/bin/cargo-insta", asked);
    let path = format!("{0}/cache/plugwright/tools-old/bin:{0}/bin", machine.0.path().display());
    let output = machine.dev_with(&path, &["just", "build"], None);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(!machine.path("cache/plugwright/tools-old/bin/cargo-insta.calls").exists());
}

#[test]
fn a_program_that_cargo_puts_elsewhere_is_named() {
    let machine = Machine::new().with_rustup();
    fs::write(machine.path("elsewhere"), "").expect("the file can be written");
    let first = machine.dev(&["just", "build"], None);
    assert_snapshot!(first.stderr.lines().last().unwrap_or_default(), @"dev: error: cargo did not put the program just in the expected folder: remove `build.target` from cargo's configuration");
    // The tool does not count as built.
    assert_eq!(machine.dev(&["just", "build"], None).stderr, first.stderr);
}

#[test]
fn what_cargo_binstall_fetches_is_not_compiled() {
    let machine = Machine::new().with_rustup();
    let folder = machine.path("").display().to_string();
    machine.program(
        "bin/cargo-binstall",
        &format!(
            r#"echo "binstall: $*" >>{folder}/cargo-calls
case $6 in
just@*) printf '#!%s\necho "fetched $*"\n' "$BASH" >"$5/just"; chmod +x "$5/just" ;;
*) echo "binstall: none is released for this machine" >&2; exit 1 ;;
esac"#
        ),
    );
    assert_snapshot!(machine.dev(&["just", "build"], None), @"
    fetched build
    ── stderr
    dev: nix: not found
    binstall: none is released for this machine
    binstall: none is released for this machine
    dev: compiling tools into $FOLDER/cache/plugwright/$TOOLS: up to 3 minutes on two cores, once for this list of tools: wasm-tools cargo-component
    [exit code 0]
    ");
    let calls = machine.cargo_calls().replace(&folder, "$FOLDER/");
    let (_, tools) =
        calls.split_once("/plugwright/").expect("the output names a folder of the cache");
    let tools = tools.split('/').next().unwrap_or_default();
    assert_snapshot!(calls.replace(tools, "$TOOLS"), @"
    binstall: --no-confirm --disable-strategies quick-install,compile --install-path $FOLDER/cache/plugwright/$TOOLS/bin just@1.59.0
    binstall: --no-confirm --disable-strategies quick-install,compile --install-path $FOLDER/cache/plugwright/$TOOLS/bin wasm-tools@1.255.0
    binstall: --no-confirm --disable-strategies quick-install,compile --install-path $FOLDER/cache/plugwright/$TOOLS/bin cargo-component@0.21.1
    cargo: build wasm-tools cargo-component
    ");
}
