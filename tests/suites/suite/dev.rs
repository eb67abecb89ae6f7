//! `./dev` on machines that it cannot serve. That it serves others is what running these tests shows.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use insta::assert_snapshot;
use tests::{Output, program, root};

/// `./dev` where nothing but the commonest programs is installed.
fn bare(arguments: &[&str], toolchain: Option<&str>) -> Output {
    let machine = tempfile::tempdir().expect("a temporary folder");
    let programs = machine.path().join("bin");
    fs::create_dir(&programs).expect("a folder in it");
    let common =
        ["bash", "cat", "cksum", "cut", "dirname", "flock", "grep", "mkdir", "sed", "tr", "uname"];
    for name in common {
        if let Some(path) = which(name) {
            symlink(path, programs.join(name)).expect("a link");
        }
    }
    let script = root().join("dev");
    let arguments = [script.as_os_str()].into_iter().chain(arguments.iter().map(AsRef::as_ref));
    let mut command = program(Path::new("bash"), machine.path(), arguments);
    command.env("PATH", &programs).env("XDG_CACHE_HOME", machine.path().join("cache"));
    if let Some(toolchain) = toolchain {
        command.env("PLUGWRIGHT_TOOLCHAIN", toolchain);
    }
    Output::of(&mut command)
}

fn which(name: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

#[test]
fn a_machine_without_any_way_is_told_what_is_missing() {
    assert_snapshot!(bare(&["just", "test"], None), @"
    ── stderr
    dev: nix: not found
    dev: rustup: not found
    dev: debian: not Debian: apt-get not found
    dev: error: no way to the pinned toolchain is open on this machine:
      - nix: not found
      - rustup: not found
      - debian: not Debian: apt-get not found
    dev: install Nix (https://nixos.org/download) or rustup (https://rustup.rs) and a C compiler, then type the command again
    [exit code 1]
    ");
}

#[test]
fn one_way_can_be_forced() {
    assert_snapshot!(bare(&["just", "test"], Some("rustup")), @"
    ── stderr
    dev: rustup: not found
    dev: error: no way to the pinned toolchain is open on this machine:
      - rustup: not found
    dev: install Nix (https://nixos.org/download) or rustup (https://rustup.rs) and a C compiler, then type the command again
    [exit code 1]
    ");
    assert_snapshot!(bare(&["just", "test"], Some("docker")), @"
    ── stderr
    dev: error: PLUGWRIGHT_TOOLCHAIN is `docker`: it can be nix, rustup or debian
    [exit code 2]
    ");
}

#[test]
fn a_command_is_needed() {
    assert_snapshot!(bare(&[], None), @"
    ── stderr
    usage: ./dev COMMAND…

    Runs COMMAND with the pinned toolchain, for example `./dev just test`. The toolchain comes from
    Nix, rustup or Debian 12's packages, whichever is ready, else the first of them that works.

      PLUGWRIGHT_TOOLCHAIN=nix|rustup|debian   takes this one
      XDG_CACHE_HOME                           where the cache folder plugwright/ is, if not in ~/.cache
    [exit code 2]
    ");
}
