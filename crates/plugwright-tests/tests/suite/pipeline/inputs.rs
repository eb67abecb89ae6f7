//! What causes a plugin to be built again: a change to any of its inputs, and nothing else.

use std::fs::{self, File};
use std::sync::PoisonError;
use std::time::{Duration, SystemTime};

use tests::{Output, root};

use crate::build::{WORKSPACE, source};
use crate::project::{COPY, Project};

const BUILT: &str = "1 built into dist/\n";
const NOTHING: &str = "nothing to do: dist/ is up to date\n";

/// Sets the modification time of a file.
fn date(project: &Project, file: &str, time: SystemTime) {
    let file = File::options().append(true).open(project.path(file)).expect("the file exists");
    file.set_modified(time).expect("the time can be set");
}

#[test]
fn each_input_counts_and_when_it_was_written_does_not() {
    let project = Project::new();
    assert_eq!(project.done(&["build"]), BUILT);
    let hundred_years = Duration::from_secs(100 * 365 * 24 * 3600);
    for time in [SystemTime::UNIX_EPOCH, SystemTime::now() + hundred_years, SystemTime::now()] {
        for file in [
            "plugins/echo/echo.wasm",
            "plugins/echo/plugin.toml",
            "wit/words.wit",
            "dist/echo.wasm",
        ] {
            date(&project, file, time);
        }
        assert_eq!(project.done(&["build"]), NOTHING, "{time:?}");
    }
    let edited = |file: &str| project.write(file, project.read(file) + "\n// More.\n");
    edited("wit/words.wit");
    assert_eq!(project.done(&["build"]), BUILT);
    project.plugin("plugins/echo", &format!("{COPY} # again"));
    assert_eq!(project.done(&["build"]), BUILT);
    // A file that is as old as the one that it replaces.
    let manifest = fs::metadata(project.path("plugins/echo/plugin.toml")).expect("the file exists");
    project.plugin("plugins/echo", &format!("{COPY} # AGAIN"));
    date(&project, "plugins/echo/plugin.toml", manifest.modified().expect("the file has a time"));
    assert_eq!(project.done(&["build"]), BUILT);
    for there in ["plugins/echo/more/notes", ".config/tools"] {
        project.write(there, "one");
        assert_eq!(project.done(&["build"]), BUILT, "{there}");
        assert_eq!(project.done(&["build"]), NOTHING, "{there}");
        project.write(there, "two");
        assert_eq!(project.done(&["build"]), BUILT, "{there}");
        fs::remove_file(project.path(there)).expect("the file exists");
        assert_eq!(project.done(&["build"]), BUILT, "{there}");
    }
    // Another contract, although the old one still exists.
    fs::create_dir(project.path("own")).expect("the folder can be created");
    for name in project.names("wit") {
        fs::copy(project.path("wit").join(&name), project.path("own").join(&name))
            .expect("the file can be copied");
    }
    project.write("plugwright.toml", "wit = \"own\"\n");
    assert_eq!(project.done(&["build"]), BUILT);
    // The environment, as far as plugins in C see it, and the output.
    let mut command = project.command(&["build"]);
    assert_eq!(Output::of(command.env("WASI_CC", "clang")).stderr, BUILT);
    assert_eq!(project.done(&["build"]), BUILT);
    for file in ["echo.wasm", "symbols/echo.wasm", "echo.provenance.json", "plugins.json"] {
        fs::remove_file(project.path("dist").join(file)).expect("the file exists");
        assert_ne!(project.done(&["build"]), NOTHING, "{file}");
        assert_eq!(project.done(&["build"]), NOTHING, "{file}");
    }
    // Another command.
    let list = project
        .path("target/plugwright/checked")
        .join(&project.names("target/plugwright/checked")[0]);
    let text = fs::read_to_string(&list).expect("the file exists").replace(" bytes", "0 bytes");
    fs::write(&list, text).expect("the file can be written");
    assert_eq!(project.done(&["build"]), BUILT);
    for damaged in ["", "[", "{\"echo\": 1}"] {
        fs::write(&list, damaged).expect("the file can be written");
        assert_eq!(project.done(&["build"]), BUILT);
    }
}

#[test]
fn cargo_compiles_a_file_that_is_older_than_the_one_that_it_replaces() {
    let workspace = &*WORKSPACE;
    let _changes = workspace.changes.lock().unwrap_or_else(PoisonError::into_inner);
    let quote = fs::read_to_string(root().join("crates/plugin-quote/src/lib.rs"))
        .expect("the file can be read");
    // First as the last run left it, then the other way round.
    let source = workspace.path(&source("older"));
    let mut greetings = ["Salve, ", "Ave, "];
    if fs::read_to_string(&source).is_ok_and(|text| text.contains(greetings[1])) {
        greetings.reverse();
    }
    let text = |greeting: &str| quote.replace("Hello, ", greeting);
    workspace.add_plugin("older", &text(greetings[0]));
    workspace.declare("older", "world = \"prettify\"\n");
    let build = || {
        let output = workspace.build("aged", &["older"]);
        assert_eq!(output.code, Some(0), "{output}");
        let plugin = fs::read(workspace.path("aged/older.wasm")).expect("the file exists");
        String::from_utf8_lossy(&plugin).into_owned()
    };
    assert!(build().contains(greetings[0]));
    fs::write(&source, text(greetings[1])).expect("the file can be written");
    let file = File::options().append(true).open(&source).expect("the file exists");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("the time can be set");
    let plugin = build();
    assert!(plugin.contains(greetings[1]) && !plugin.contains(greetings[0]));
    // The clock was set back after the last build.
    for folder in ["debug", "plugin"] {
        let built = format!("wasm32-wasip2/{folder}/plugin_older.wasm");
        if let Ok(file) =
            File::options().append(true).open(tests::target_folder("pipeline").join(built))
        {
            let later = SystemTime::now() + Duration::from_secs(100_000);
            file.set_modified(later).expect("the time can be set");
        }
    }
    fs::write(&source, text(greetings[0])).expect("the file can be written");
    let file = File::options().append(true).open(&source).expect("the file exists");
    file.set_modified(SystemTime::UNIX_EPOCH).expect("the time can be set");
    assert!(build().contains(greetings[0]));
}
