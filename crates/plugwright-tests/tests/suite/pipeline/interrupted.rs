//! A build that is ended by a signal leaves no partial files and no processes, and the next build succeeds.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tests::kill;

use super::wait_until;
use crate::project::{COPY, Project, names};

/// A slow compiler with several child processes. One of them ignores signals. Each writes its process number into a
/// file in `OUT`.
const LONG: &str = "sleep 71 & echo $! >OUT/first; (trap '' TERM INT HUP; echo $BASHPID >OUT/second; while :; do sleep \
                    0.1; done) & echo $$ >OUT/own; sleep 72";

const PROCESSES: [&str; 3] = ["first", "second", "own"];

fn long(project: &Project) -> String {
    LONG.replace("OUT", project.path("out").to_str().expect("the path is UTF-8"))
}

/// Returns whether the process exists and is not a zombie.
fn is_running(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    status.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with(['Z', 'X']))
}

/// Runs the command until all processes exist, sends the signal, and checks that the command ends all of them.
fn interrupt(project: &Project, mut command: Command, signal: &str, number: i32) {
    let _ = fs::remove_dir_all(project.path("out"));
    fs::create_dir(project.path("out")).expect("the folder can be created");
    let mut child = command.stderr(Stdio::null()).spawn().expect("the process starts");
    let path = |name: &str| project.path("out").join(name);
    let is_there = |name: &&str| fs::read_to_string(path(name)).is_ok_and(|it| it.ends_with('\n'));
    wait_until("the build", || PROCESSES.iter().all(is_there));
    let begin = Instant::now();
    let id = child.id().to_string();
    let killed = kill([signal, &id]);
    assert_eq!(killed.code, Some(0), "{killed}");
    let status = child.wait().expect("the process ends");
    assert_eq!(status.signal(), Some(number), "{status}");
    assert!(begin.elapsed() < Duration::from_secs(20), "{signal}: {:?}", begin.elapsed());
    for name in PROCESSES {
        let process = fs::read_to_string(path(name)).expect("the file exists");
        // The process was killed, but the system needs a moment.
        wait_until(&format!("{signal}: the end of {name}"), || !is_running(process.trim()));
    }
}

// Other systems do not have `/proc`.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_all_that_was_started_and_leaves_what_was_built() {
    let project = Project::new();
    project.done(&["build"]);
    let built = || {
        let bytes = fs::read(project.path("dist/echo.wasm")).expect("the file exists");
        (project.names("dist"), project.names("dist/symbols"), bytes)
    };
    let before = built();
    project.plugin("plugins/echo", &long(&project));
    project.plugin("plugins/other", COPY);
    for (signal, number) in [("-INT", 2), ("-TERM", 15), ("-HUP", 1)] {
        interrupt(&project, project.command(&["build", "echo"]), signal, number);
        assert_eq!(built(), before, "{signal}");
    }
    project.plugin("plugins/echo", COPY);
    project.write("plugins/echo/notes", "new");
    assert_eq!(project.done(&["build"]), "2 built into dist/\n");
    assert_eq!(project.done(&["build"]), "nothing to do: dist/ is up to date\n");
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_leaves_nothing_of_the_places_where_plugins_are_built_again() {
    let project = Project::new();
    project.done(&["build"]);
    // Files that are written during the termination are removed, too.
    let last = "trap 'touch last; sleep 0.3; mkdir more; touch more/last' TERM; sleep 72 & wait";
    project.plugin("plugins/echo", &long(&project).replace("sleep 72", last));
    let temporary = tempfile::tempdir().expect("a temporary folder can be created");
    for verb in ["verify", "repro"] {
        let mut command = project.command(&[verb]);
        command.env("TMPDIR", temporary.path());
        interrupt(&project, command, "-TERM", 15);
        assert_eq!(names(temporary.path()), Vec::<String>::new(), "{verb}");
    }
}
