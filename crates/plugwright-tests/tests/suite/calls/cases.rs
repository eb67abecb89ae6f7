//! Scripts are cases of a project. The project's tests are a crate of a few lines.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use insta::assert_snapshot;
use tests::{Output, cache_folder, plugwright, program, target_folder};

use super::harbour::QUAY;
use super::solo::SOLO;
use super::{beside, copy};
use crate::runner::results;

/// The tests of a project whose cases answer the plugins' imports.
const ANSWERED: &str = env!("CARGO_BIN_EXE_tests-of-any-contract");
/// The tests of a project whose application answers the plugins' imports with functions.
const OWN: &str = env!("CARGO_BIN_EXE_tests-of-quays");

/// Two projects with plugins: `answered`, where cases answer the plugins' imports, and `own`, where functions of
/// the application do.
static PROJECTS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = target_folder("pipeline").join("harbour_tests");
    let _ = fs::remove_dir_all(&folder);
    for below in ["answered/tests", "own/tests"] {
        fs::create_dir_all(folder.join(below)).expect("the folder can be created");
    }
    let solo = include_str!("solo/solo.wit");
    fs::write(folder.join("solo.wit"), solo).expect("the file can be written");
    let dist = folder.join("answered/dist");
    copy(&QUAY.path("dist"), &dist);
    fs::write(dist.join("symbols/measure.wasm"), &*SOLO).expect("the file can be written");
    let label = ["metadata", "add", "--name=measure", "--version=0.1.0", "symbols/measure.wasm"];
    let label = [&label[..], &["--output=measure.wasm"]].concat();
    let labelled = Output::of(&mut program(Path::new("wasm-tools"), &dist, label));
    assert_eq!(labelled.code, Some(0), "{labelled}");
    let indexed =
        Output::of(&mut plugwright(&folder, ["index", "answered/dist", "--wit", "solo.wit"]));
    assert_eq!(indexed.code, Some(0), "{indexed}");
    copy(&QUAY.path("dist"), &folder.join("dist"));
    folder
});

/// Runs the program `tests` in the folder of the project.
fn test(tests: &str, project: &str) -> Output {
    let folder = PROJECTS.join(project);
    let mut command = program(Path::new(tests), &folder, [""; 0]);
    if !folder.join("dist").is_dir() {
        command.env("PLUGWRIGHT_DIST", "../dist");
    }
    Output::of(command.env("PLUGWRIGHT_CACHE", cache_folder()))
}

/// Accepts all new snapshots, and returns their names.
fn accept(folder: &Path) -> String {
    let mut accepted = Vec::new();
    for file in crate::new::files(&folder.join("tests/snapshots")) {
        let name =
            file.strip_prefix(folder).expect("the path is inside the folder").display().to_string();
        if let Some(accepting) = name.strip_suffix(".new") {
            fs::rename(&file, folder.join(accepting)).expect("the file can be renamed");
            accepted.push(accepting.to_owned());
        }
    }
    accepted.sort();
    accepted.join("\n")
}

/// Returns the text of the snapshot, without its head.
fn snapshot(folder: &Path, name: &str) -> String {
    let path = folder.join("tests/snapshots").join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
    text.split_once("\n---\n").expect("the snapshot has a head").1.to_owned()
}

#[test]
fn a_crate_of_five_lines_tests_plugins_of_any_contract() {
    let folder = PROJECTS.join("answered");
    copy(&beside("harbour/cases"), &folder.join("tests/cases/quay"));
    copy(&beside("solo/cases"), &folder.join("tests/cases/measure"));
    let first = test(ANSWERED, "answered");
    assert_eq!(first.code, Some(101), "{first}");
    assert_snapshot!(accept(&folder), @"
    tests/snapshots/measure/empty.calls.snap
    tests/snapshots/measure/single.case.snap
    tests/snapshots/measure/texts.calls.snap
    tests/snapshots/measure/wit.snap
    tests/snapshots/quay/convoy.calls.snap
    tests/snapshots/quay/depth.case.snap
    tests/snapshots/quay/drift.case.snap
    tests/snapshots/quay/functions.calls.snap
    tests/snapshots/quay/handles.calls.snap
    tests/snapshots/quay/hoard.calls.snap
    tests/snapshots/quay/lost.calls.snap
    tests/snapshots/quay/ships.calls.snap
    tests/snapshots/quay/values.calls.snap
    tests/snapshots/quay/wit.snap
    tests/snapshots/quay/without-folder--charts.snap
    ");
    let second = test(ANSWERED, "answered");
    assert_eq!(second.code, Some(0), "{second}");
    assert_snapshot!(results(&second), @"
    guards/every case is a file with a snapshot ... ok
    guards/every folder of cases has a plugin ... ok
    guards/every plugin has a case ... ok
    guards/every snapshot has a test ... ok
    measure/empty.calls ... ok
    measure/single.case ... ok
    measure/texts.calls ... ok
    measure/wit ... ok
    quay/convoy.calls ... ok
    quay/depth.case ... ok
    quay/drift.case ... ok
    quay/functions.calls ... ok
    quay/handles.calls ... ok
    quay/hoard.calls ... ok
    quay/lost.calls ... ok
    quay/ships.calls ... ok
    quay/values.calls ... ok
    quay/wit ... ok
    quay/without folder=/charts ... ok
    ");
    let all = [
        "quay/depth.case",
        "quay/without-folder--charts",
        "quay/drift.case",
        "quay/lost.calls",
        "measure/empty.calls",
        "measure/single.case",
        "measure/texts.calls",
    ];
    let shown = all.map(|name| format!("{name}\n{}", snapshot(&folder, &format!("{name}.snap"))));
    assert_snapshot!(shown.join("\n"), @r#"
    quay/depth.case
    > depth("sea")
    < err("there is no chart of sea")
    > depth("bay")
    < ok(4.5)

    quay/without-folder--charts
    depth.case without folder=/charts
    > depth("sea")
    < err("there is no chart of sea")
    > depth("bay")
    < err("there is no chart of bay")

    quay/drift.case
    > suffer(drift)
    ! limit deadline: the time of a call is limited to 100ms; to allow more, raise the limit `deadline`

    quay/lost.calls
    > admit(13)
      tower.tide(13) = trap "there is no such hour\n> idle()"
    ! trap there is no such hour\n> idle()
    > idle()
    ! the instance has ended: begin a new one with `fresh`
    > fresh
    > idle()
    <
    > admit(12)
      tower.tide(12) = none
    < err(unknown("the tide at 12"))

    measure/empty.calls
    > measure("")
    ! trap wasm `unreachable` instruction executed

    measure/single.case
    > measure("x")
    ! limit deadline: the time of a call is limited to 100ms; to allow more, raise the limit `deadline`

    measure/texts.calls
    > measure("four")
    < 4
    > measure("fünf")
    < 5
    "#);
}

#[test]
fn the_applications_own_functions_answer() {
    let folder = PROJECTS.join("own");
    copy(&beside("project/cases"), &folder.join("tests/cases/quay"));
    let first = test(OWN, "own");
    assert_eq!(first.code, Some(101), "{first}");
    assert_snapshot!(accept(&folder), @"
    tests/snapshots/quay/admit.calls.snap
    tests/snapshots/quay/depth.case.snap
    tests/snapshots/quay/wit.snap
    tests/snapshots/quay/without-folder--charts.snap
    ");
    let second = test(OWN, "own");
    assert_eq!(second.code, Some(0), "{second}");
    assert_snapshot!(results(&second), @"
    guards/every case is a file with a snapshot ... ok
    guards/every folder of cases has a plugin ... ok
    guards/every plugin has a case ... ok
    guards/every snapshot has a test ... ok
    quay/admit.calls ... ok
    quay/depth.case ... ok
    quay/wit ... ok
    quay/without folder=/charts ... ok
    ");
    assert_snapshot!(snapshot(&folder, "quay/admit.calls.snap"), @r#"
    > admit(6)
      tower.tide(6) = some(none)
    < ok([])
    > admit(24)
      tower.tide(24) = none
    < err(unknown("the tide at 24"))
    > admit(3)
      tower.tide(3) = some(some(1.5))
      stderr: the tide is 1.5
      tower.next() = some(ship#1)
      tower.ship.name(ship#1) = "Ada"
      tower.send-off(ship#1)
      tower.next() = some(ship#2)
      tower.ship.name(ship#2) = "Bea"
      tower.send-off(ship#2)
      tower.next() = none
      tower.next-convoy() = ok({leader: ship#3, others: [ship#4]})
      tower.ship.follow(ship#3, ship#4) = ok
      tower.first([ship#4, ship#3]) = 1
      tower.ship.name(ship#3) = "Cil"
      notice-board.next() = "Queen"
      tower.ship.find("Queen") = ok(ship#5)
      tower.ship.name(ship#5) = "Queen"
      tower.ship("Queen") = ship#6
      tower.ship.name(ship#6) = "Queen"
    < ok(["Ada", "Bea", "Cil", "Queen"])
    > let quay = berth(100)
    < berth#1
    > regroup([none])
    < (none, [])
    "#);
}
