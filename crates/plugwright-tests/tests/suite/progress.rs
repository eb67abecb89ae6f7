//! What a user sees on a terminal during long work: stage, count, rate and time left. The lines are never wider
//! than the terminal, no other output is written into them, and they disappear at the end. Without a terminal,
//! there are none.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::thread;

use regex_lite::Regex;
use tests::terminal::{Screen, Terminal, full_pipe};
use tests::{Output, kill, mkfifo, plugwright, root};

use crate::any_contract::write;
use crate::project::{COPY, Project};
use crate::test_verb;

/// Checks that some line that was visible matches the whole pattern.
fn has(screen: &Screen, pattern: &str) {
    let pattern = Regex::new(&format!("^{pattern}$")).expect("the pattern is valid");
    assert!(screen.seen.iter().any(|line| pattern.is_match(line)), "{pattern}: {:#?}", screen.seen);
}

/// Checks that each progress line is complete and takes one line.
fn is_whole(screen: &Screen, unit: &str) {
    let whole = Regex::new(&format!(
        r"^([a-z]+(: [a-z]+)? )?([█▏▎▍▌▋▊▉ ]+ )?\d+ of \d+ {unit}(, [0-9.]+/(s|min))?, (\d+ min )?\d+ s (left|so far)$"
    ));
    let whole = whole.expect("the pattern is valid");
    let of_all =
        Regex::new(&format!(r"\d+ of \d+ {unit}(, [0-9]|$)")).expect("the pattern is valid");
    let torn: Vec<_> =
        screen.seen.iter().filter(|line| of_all.is_match(line) && !whole.is_match(line)).collect();
    assert!(torn.is_empty(), "{torn:#?}");
}

/// Checks that nothing of the bars is left, and that without a terminal there are no control bytes.
fn is_quiet_elsewhere(command: &mut Command, left: &[String]) {
    let output = Output::of(command.stdin(Stdio::null()));
    assert!(!output.stderr.contains(['\x1b', '\r']), "{output}");
    assert!(!output.stdout.contains(['\x1b', '\r']), "{output}");
    assert!(
        !left.iter().any(|line| line.contains(" left") || line.contains(" so far")),
        "{left:?}"
    );
}

/// Returns a project whose plugins take a moment each, and print something meanwhile.
fn slow() -> Project {
    let project = Project::empty();
    for name in ["one", "two", "three", "four", "five", "six"] {
        project.plugin(&format!("plugins/{name}"), &format!("echo hello; sleep 0.5; {COPY}"));
    }
    project
}

#[test]
fn a_build_shows_plugins_and_their_stages() {
    for columns in [80, 40] {
        let project = slow();
        let (status, screen) = Terminal::run(&mut project.command(&["build"]), columns).end();
        assert!(status.success(), "{:?}", screen.lines());
        has(&screen, r"(one|two|three): compile");
        has(&screen, r"[█▏▎▍▌▋▊▉ ]+ [1-5] of 6 plugins, [0-9.]+/(s|min), (\d+ min )?\d+ s left");
        is_whole(&screen, "plugins");
        let lines = screen.lines();
        assert_eq!(lines.iter().filter(|line| *line == "hello").count(), 6, "{lines:#?}");
        assert_eq!(lines.last().map(String::as_str), Some("6 built into dist/"));
        assert!(screen.is_clean(), "{lines:#?}");
        is_quiet_elsewhere(&mut slow().command(&["build"]), &lines);
    }
}

#[test]
fn a_stage_takes_one_line_whatever_the_plugin_is_called() {
    let project = Project::empty();
    let name = "it-does-all-that-a-plugin-can-do-and-more";
    project.plugin(&format!("plugins/{name}"), &format!("sleep 0.5; {COPY}"));
    let (status, screen) = Terminal::run(&mut project.command(&["build"]), 40).end();
    assert!(status.success(), "{:?}", screen.lines());
    has(&screen, &format!("{}… compile", &name[..31]));
    assert_eq!(screen.lines(), ["1 built into dist/"]);
}

#[test]
fn plugins_that_are_built_again_show_where_and_how_many() {
    let project = slow();
    project.done(&["build"]);
    let (status, screen) = Terminal::run(&mut project.command(&["verify"]), 80).end();
    assert!(status.success(), "{:?}", screen.lines());
    has(
        &screen,
        r"one: build [█▏▎▍▌▋▊▉ ]+ [1-5] of 6 plugins, [0-9.]+/(s|min), (\d+ min )?\d+ s left",
    );
    is_whole(&screen, "plugins");
    assert!(screen.lines().contains(&"hello".to_owned()), "{:#?}", screen.lines());
    assert!(screen.is_clean(), "{:#?}", screen.lines());
    is_quiet_elsewhere(&mut project.command(&["verify"]), &screen.lines());
}

#[test]
fn tests_show_how_many_have_ended_below_their_lines() {
    let folder = test_verb::project(&["counter"]);
    for number in 1..=12 {
        let calls = test_verb::ONE.replace("41", &number.to_string());
        write(folder.path(), &format!("tests/cases/counter/{number}.calls"), &calls);
    }
    // A case that runs for ever.
    write(
        folder.path(),
        "tests/cases/counter/long.case",
        "input = \"inputs/0.calls\"\nlimits = [\"deadline=1500ms\"]\n",
    );
    write(folder.path(), "tests/cases/counter/inputs/0.calls", &test_verb::ONE.replace("41", "0"));
    let test = || {
        let mut command = plugwright(folder.path(), ["test"]);
        command.env_remove("PLUGWRIGHT_DIST");
        command
    };
    for columns in [80, 40] {
        let (_, screen) = Terminal::run(&mut test(), columns).end();
        has(&screen, r"[█▏▎▍▌▋▊▉ ]+ \d+ of \d+ tests, [0-9.]+/(s|min), (\d+ min )?\d+ s left");
        is_whole(&screen, "tests");
        let lines = screen.lines();
        // Failures are reported when all tests have ended.
        let over = screen
            .seen
            .iter()
            .position(|line| line == "failures:")
            .expect("the output lists the failures");
        let later = &screen.seen[over..];
        assert!(!later.iter().any(|line| line.ends_with(" left")), "{later:#?}");
        let ended = lines.iter().filter(|line| line.starts_with("test counter/")).count();
        assert!(ended >= 12, "{lines:#?}");
        assert!(lines.iter().any(|line| line.starts_with("test result: ")), "{lines:#?}");
        assert!(screen.is_clean(), "{lines:#?}");
        is_quiet_elsewhere(&mut test(), &lines);
    }
}

#[test]
fn many_files_show_how_many_are_done() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let text = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("the file exists");
    let files: Vec<_> = (1..60).map(|number| format!("{number}.md")).collect();
    write(folder.path(), "pages.toml", "[[stage]]\nplugin = \"markdown\"\n");
    for file in &files {
        write(folder.path(), file, &text.repeat(4));
    }
    let run = |files: &[String]| {
        let mut command = plugwright(
            folder.path(),
            ["run", "--pipeline", "pages.toml", "--into", "out", "--replace"],
        );
        command.args(files);
        command
    };
    // The last file has an end only when the test has seen enough.
    let last = folder.path().join("last.md");
    mkfifo(&last);
    let with_last = [&*files, &["last.md".to_owned()]].concat();
    let bar = "[█▏▎▍▌▋▊▉ ]+ ";
    let rate = "[0-9.]+/(s|min), ";
    // Where the terminal is narrow, the count has priority.
    for (columns, bar, rate) in [(80, bar, rate), (40, bar, rate), (25, "", "")] {
        let terminal = Terminal::run(&mut run(&with_last), columns);
        let shown = format!(r"^{bar}\d+ of 60 files, {rate}(\d+ min )?\d+ s left$");
        let shown = Regex::new(&shown).expect("the pattern is valid");
        terminal.wait_for(|line| shown.is_match(line));
        // Writing waits for a reader, which is gone if the program has ended.
        let last = last.clone();
        let written = thread::spawn(move || std::fs::write(last, "last"));
        let (status, screen) = terminal.end();
        assert!(status.success(), "{:?}", screen.lines());
        written.join().expect("the thread did not panic").expect("the pipe can be written");
        is_whole(&screen, "files");
        assert_eq!(screen.lines().concat().replace(' ', ""), "done:60of60files,in`out`");
        is_quiet_elsewhere(&mut run(&files), &screen.lines());
    }
}

#[test]
fn a_signal_takes_away_what_is_shown() {
    let project = slow();
    for (signal, number) in [("-INT", 2), ("-TERM", 15)] {
        let terminal = Terminal::run(&mut project.command(&["build"]), 80);
        terminal.wait_for(|line| line.contains("of 6 plugins"));
        let killed = kill([signal, &terminal.id().to_string()]);
        assert_eq!(killed.code, Some(0), "{killed}");
        let (status, screen) = terminal.end();
        assert_eq!(status.signal(), Some(number), "{status}");
        assert!(screen.is_clean(), "{:#?}", screen.lines());
        assert!(
            !screen.lines().iter().any(|line| line.contains("plugins")),
            "{:#?}",
            screen.lines()
        );
    }
}

#[test]
fn a_signal_ends_what_waits_for_a_reader() {
    let folder = test_verb::project(&["counter"]);
    for number in 1..=3 {
        let calls = test_verb::ONE.replace("41", &number.to_string());
        write(folder.path(), &format!("tests/cases/counter/{number}.calls"), &calls);
    }
    for (signal, number) in [("-INT", 2), ("-TERM", 15)] {
        let (_unread, pipe) = full_pipe();
        let mut command = plugwright(folder.path(), ["test"]);
        command.env_remove("PLUGWRIGHT_DIST");
        let terminal = Terminal::run_into(&mut command, 80, pipe);
        // The bars disappear while a line is written, and this line is never finished.
        terminal.wait_until(|screen| {
            screen.seen.iter().any(|line| line.contains(" tests")) && screen.lines().is_empty()
        });
        let killed = kill([signal, &terminal.id().to_string()]);
        assert_eq!(killed.code, Some(0), "{killed}");
        let (status, screen) = terminal.end();
        assert_eq!(status.signal(), Some(number), "{status}");
        assert!(screen.lines().is_empty(), "{:#?}", screen.lines());
    }
}

/// A process that holds the terminal keeps it open after the program has ended.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_is_handed_on_as_output_alone() {
    let mut command = Command::new("sh");
    let (status, screen) =
        Terminal::run(command.args(["-c", "ls -l /proc/$$/fd; true"]), 200).end();
    assert!(status.success(), "{:?}", screen.lines());
    let lines = screen.lines();
    let of_terminals =
        lines.iter().filter_map(|line| line.split_once(" -> /dev/pt")?.0.split(' ').next_back());
    assert_eq!(of_terminals.collect::<Vec<_>>(), ["1", "2"], "{lines:#?}");
}

#[test]
fn a_terminal_that_cannot_be_steered_is_left_alone() {
    let project = slow();
    let mut command = Command::new("env");
    let build = project.command(&["build"]);
    command.args(["TERM=dumb"]).arg(build.get_program()).args(build.get_args());
    command.current_dir(project.path(""));
    for (name, value) in build.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    // A variable that was removed after all were is not among those above.
    command.env_remove("PLUGWRIGHT_DIST");
    let (status, screen) = Terminal::run(&mut command, 80).end();
    assert!(status.success(), "{:?}", screen.lines());
    assert!(!screen.bytes.contains(&0x1b), "{:?}", screen.lines());
}
