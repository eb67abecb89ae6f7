//! `just release VERSION`, which only changes the working tree.

use insta::assert_snapshot;

use crate::repository::{Output, Repository};

#[test]
fn nothing_changes_unless_all_of_it_can() {
    let small = Repository::small();
    let lock = small.read("peers/Cargo.lock");
    let broken = ["z/Cargo.lock", "peers/é \"/Cargo.lock"].map(|name| {
        small.write(name, "no TOML");
        small.commit();
        let output = small.release(["0.2.0", "--plugwright", "target/plugwright"]);
        assert_eq!(small.git(&["status", "--porcelain"]), "");
        small.write(name, &lock);
        output.error().lines().next().expect("a line").to_owned() + "\n"
    });
    std::fs::remove_file(small.path("z/Cargo.lock")).expect("it existed");
    std::os::unix::fs::symlink("../peers/Cargo.lock", small.path("z/Cargo.lock")).expect("a link");
    small.commit();
    let link = small.release(["0.2.0", "--plugwright", "target/plugwright"]).error();
    assert_eq!(small.git(&["status", "--porcelain"]), "");
    small.git(&["rm", "--quiet", "z/Cargo.lock"]);
    small.commit();
    small.git(&["checkout", "--quiet", "--detach"]);
    let detached = small.release(["0.2.0", "--plugwright", "target/plugwright"]).error();
    assert_eq!(small.git(&["status", "--porcelain"]), "");
    assert_snapshot!([broken.concat(), link, detached].concat(), @r#"
    error: `z/Cargo.lock` is not TOML: TOML parse error at line 1, column 4
    error: `peers/é "/Cargo.lock` is not TOML: TOML parse error at line 1, column 4
    error: `$ROOT/z/Cargo.lock` is a link or a folder instead of a file: replace it with a file
    error: no branch is checked out, so the release commit could not be pushed: run `git switch BRANCH`
    "#);
    small.git(&["checkout", "--quiet", "main"]);
    let output = small.release(["0.2.0", "--plugwright", "target/plugwright"]);
    assert_eq!(output.code, Some(0), "{output}");
    assert!(small.read("peers/é \"/Cargo.lock").contains("0.2.0"));
}

#[test]
fn the_tree_is_prepared_and_the_rest_is_said() {
    let small = Repository::small();
    let output = small.release(["0.2.0", "--plugwright", "target/plugwright"]);
    assert_snapshot!(output, @"
    changed the version in Cargo.toml and in the lock files, and the headings of CHANGELOG.md. Nothing is committed yet. The remaining steps:

      just build
      bash digests/check --accept    writes digests/0.2.0.sha256
      just test                      shows the snapshots that name the version
      git diff
      git add digests
      git commit --all --message 'release: 0.2.0'
      just ci
      git tag v0.2.0
      git push --atomic origin HEAD refs/tags/v0.2.0

    The workflow `Release` then builds and publishes the release. To undo these changes, run `git restore .`.
    ── stderr
    [exit code 0]
    ");
    let today = Output::well(std::process::Command::new("date").args(["-u", "+%Y-%m-%d"]));
    let changed = small.git(&["diff", "--unified=0", "--no-color"]);
    let changed =
        changed.lines().filter(|line| !line.starts_with("index ") && !line.starts_with("@@"));
    let changed = changed.collect::<Vec<_>>().join("\n").replace(today.trim_end(), "TODAY");
    assert_snapshot!(changed, @r#"
    diff --git a/CHANGELOG.md b/CHANGELOG.md
    --- a/CHANGELOG.md
    +++ b/CHANGELOG.md
    +## [0.2.0] - TODAY
    +
    diff --git a/Cargo.lock b/Cargo.lock
    --- a/Cargo.lock
    +++ b/Cargo.lock
    -version = "0.1.0"
    +version = "0.2.0"
    -version = "0.1.0"
    +version = "0.2.0"
    -version = "0.1.0"
    +version = "0.2.0"
    -version = "0.1.0"
    +version = "0.2.0"
    -version = "0.1.0"
    +version = "0.2.0"
    diff --git a/Cargo.toml b/Cargo.toml
    --- a/Cargo.toml
    +++ b/Cargo.toml
    -version = "0.1.0" # of all crates
    +version = "0.2.0" # of all crates
    -apple = { path = "crates/apple", version = "0.1.0" }
    -pear = { path = "crates/pear", version = "0.1.0" }
    +apple = { path = "crates/apple", version = "0.2.0" }
    +pear = { path = "crates/pear", version = "0.2.0" }
    -zebra = { path = "crates/zebra", version = "0.1.0" }
    +zebra = { path = "crates/zebra", version = "0.2.0" }
    diff --git a/peers/Cargo.lock b/peers/Cargo.lock
    --- a/peers/Cargo.lock
    +++ b/peers/Cargo.lock
    -version = "0.1.0"
    +version = "0.2.0"
    "#);
    assert_eq!(small.git(&["tag", "--list"]), "");
    // Cargo does not want to change the lock file.
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests");
    let words = ["metadata", "--locked", "--offline", "--format-version=1"];
    Output::well(std::process::Command::new(cargo).args(words).current_dir(small.path("")));
}
