//! Each grant gives exactly what it says, and nothing is available without one.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::PoisonError;
use std::time::{Duration, Instant, SystemTime};

use insta::assert_snapshot;
use plugwright::{
    Access, CallError, Clock, GrantError, Grants, Limit, Limits, LoadError, Random, Stdin,
};
use plugwright_contract::Document;
use plugwright_contract::prelude::*;

use crate::build::WORKSPACE;
use crate::curious::{self, Folders, curious, granted, load, needed, tries};

#[test]
fn what_gives_nothing_when_it_is_not_granted_is_empty() {
    let folder = std::env::current_dir().expect("the current folder exists");
    let here = format!("list {}", folder.display());
    let found = tries(&curious(Grants::none()), &["list /", "list .", &here, "read /etc/passwd"]);
    assert_snapshot!(found.replace(&*folder.to_string_lossy(), "$HERE"), @"
    list /: No such file or directory (os error 44)
    list .: No such file or directory (os error 44)
    list $HERE: No such file or directory (os error 44)
    read /etc/passwd: No such file or directory (os error 44)
    ");
    let lines = ["write /file text", "variables", "variable PATH", "arguments", "stdin"];
    assert_snapshot!(tries(&curious(Grants::none()), &lines), @r#"
    write /file text: No such file or directory (os error 44)
    variables: []
    variable PATH: Err(NotPresent)
    arguments: []
    stdin: ""
    "#);
}

#[test]
fn a_plugin_that_imports_what_is_not_granted_is_not_loaded() {
    let message = |grants| {
        let words = load(grants).expect_err("the plugin needs more grants").to_string();
        // The version of WASI depends on the standard library.
        let parts = words
            .split('@')
            .map(|it| it.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'));
        parts.collect::<String>()
    };
    assert_snapshot!(message(Grants::none()), @"
    `curious` does not fit the world `plugwright:plugin/transformer`:
      - it imports `wasi:http/types`, which needs the grant `http`
      - it imports `wasi:http/outgoing-handler`, which needs the grant `http`
      - it imports `wasi:clocks/wall-clock`, which needs the grant `wall-clock`
      - it imports `wasi:random/random`, which needs the grant `random`
      - it imports `wasi:random/insecure`, which needs the grant `random`
    a plugin gets nothing that is not granted: grant it, or remove the code that needs it
    ");
    assert_snapshot!(message(Grants::none().wall_clock(Clock::Real)), @"
    `curious` does not fit the world `plugwright:plugin/transformer`:
      - it imports `wasi:http/types`, which needs the grant `http`
      - it imports `wasi:http/outgoing-handler`, which needs the grant `http`
      - it imports `wasi:random/random`, which needs the grant `random`
      - it imports `wasi:random/insecure`, which needs the grant `random`
    a plugin gets nothing that is not granted: grant it, or remove the code that needs it
    ");
    let most =
        Grants::none().random(Random::Real).http("http://localhost").expect("the origin is valid");
    assert_snapshot!(message(most), @"
    `curious` does not fit the world `plugwright:plugin/transformer`:
      - it imports `wasi:clocks/wall-clock`, which needs the grant `wall-clock`
    a plugin gets nothing that is not granted: grant it, or remove the code that needs it
    ");
}

#[test]
fn there_are_no_sockets_whatever_is_granted() {
    let workspace = &*WORKSPACE;
    let _changes = workspace.changes.lock().unwrap_or_else(PoisonError::into_inner);
    let connects = "[\"connect\", address] => \
                    told(std::net::TcpStream::connect(address).map(drop)),\n        _ =>";
    workspace.add_plugin_of_bindings("caller", &curious::SOURCE.replace("_ =>", connects));
    workspace.write("crates/plugin-caller/curious.wit", curious::WIT);
    workspace.declare("caller", curious::MANIFEST);
    // The pipeline refuses this plugin.
    let built = workspace.build("dist", &["caller"]);
    // Debian 12's C library lacks the function, so the plugin does not even link.
    if built.stderr.contains("undefined symbol: getaddrinfo") {
        return;
    }
    assert_eq!(built.code, Some(1), "{built}");
    let words = "plugin `caller` failed to pass the check";
    assert!(built.stderr.contains(words), "{built}");
    assert!(built.stderr.contains("it imports `wasi:sockets/tcp@"), "{built}");
    assert!(built.stderr.contains("`, which this host does not provide"), "{built}");
}

#[test]
fn hard_links_lead_nowhere_else() {
    let folders = Folders::new();
    let plugin = folders.granted(Access::ReadWrite);
    // For both paths, the C library of Debian 12 passes the second one to the host.
    if tries(&plugin, &["hard-link /given/file.txt /given/second"]).contains("No such file") {
        return;
    }
    let lines = [
        "read /given/second",
        "hard-link /given/relative-link /given/secret",
        "read /given/secret",
        "remove /given/secret",
        "hard-link /given/../secret /given/secret",
    ];
    assert_snapshot!(tries(&plugin, &lines), @r#"
    read /given/second: "text"
    hard-link /given/relative-link /given/secret: ()
    read /given/secret: Operation not permitted (os error 63)
    remove /given/secret: ()
    hard-link /given/../secret /given/secret: Operation not permitted (os error 63)
    "#);
}

#[test]
fn a_read_only_folder_is_read_and_not_changed() {
    let folders = Folders::new();
    let lines = [
        "list /given",
        "read /given/file.txt",
        "read /given/deep/file.txt",
        "read /given/inner-link",
        "size /given/file.txt",
        "list /",
        "write /given/file.txt other",
        "append /given/file.txt other",
        "write /given/new.txt text",
        "make-folder /given/new",
        "remove /given/file.txt",
        "rename /given/file.txt /given/new.txt",
        "hard-link /given/file.txt /given/new.txt",
        "link file.txt /given/new.txt",
        "touch /given/file.txt",
    ];
    assert_snapshot!(tries(&folders.granted(Access::ReadOnly), &lines), @r#"
    list /given: ["absolute-link", "deep", "file.txt", "folder-link", "inner-link", "relative-link"]
    read /given/file.txt: "text"
    read /given/deep/file.txt: "deep text"
    read /given/inner-link: "deep text"
    size /given/file.txt: 4
    list /: No such file or directory (os error 44)
    write /given/file.txt other: Operation not permitted (os error 63)
    append /given/file.txt other: Operation not permitted (os error 63)
    write /given/new.txt text: Operation not permitted (os error 63)
    make-folder /given/new: Operation not permitted (os error 63)
    remove /given/file.txt: Operation not permitted (os error 63)
    rename /given/file.txt /given/new.txt: Operation not permitted (os error 63)
    hard-link /given/file.txt /given/new.txt: Operation not permitted (os error 63)
    link file.txt /given/new.txt: Operation not permitted (os error 63)
    touch /given/file.txt: Operation not permitted (os error 63)
    "#);
    assert_eq!(fs::read_to_string(folders.path("open/file.txt")).expect("the file exists"), "text");
    assert!(!folders.path("open/new.txt").exists() && !folders.path("open/new").exists());
}

#[test]
fn a_folder_for_writing_is_changed() {
    let folders = Folders::new();
    let lines = [
        "write /given/file.txt other",
        "append /given/file.txt -text",
        "make-folder /given/new",
        "rename /given/file.txt /given/new/file.txt",
        "remove /given/deep/file.txt",
        "touch /given/new/file.txt",
        "list /given",
    ];
    assert_snapshot!(tries(&folders.granted(Access::ReadWrite), &lines), @r#"
    write /given/file.txt other: ()
    append /given/file.txt -text: ()
    make-folder /given/new: ()
    rename /given/file.txt /given/new/file.txt: ()
    remove /given/deep/file.txt: ()
    touch /given/new/file.txt: ()
    list /given: ["absolute-link", "deep", "folder-link", "inner-link", "new", "relative-link"]
    "#);
    let text = fs::read_to_string(folders.path("open/new/file.txt")).expect("the file exists");
    assert_eq!(text, "other-text");
    assert!(!folders.path("open/deep/file.txt").exists());
}

#[test]
fn what_a_plugin_sees_has_no_path_of_the_host() {
    let folders = Folders::new();
    let lines = [
        "list /given",
        "read-link /given/absolute-link",
        "read-link /given/relative-link",
        "read /given/deep",
        "list /given/file.txt",
        "read /given/no-such-file",
        "read /given/absolute-link",
        "remove /given/deep",
        "make-folder /given/deep",
        "rename /given/deep /given/file.txt",
        "arguments",
        "variables",
    ];
    for access in [Access::ReadOnly, Access::ReadWrite] {
        let found = tries(&folders.granted(access), &lines);
        let temporary = folders.path.file_name().expect("the name is valid").to_string_lossy();
        assert!(!found.contains(&*temporary), "{found}");
    }
}

#[test]
fn folders_have_the_names_that_they_are_given() {
    let folders = Folders::new();
    let (open, deep) = (folders.path("open"), folders.path("open/deep"));
    for name in [".", "/"] {
        let plugin = curious(granted(&open, name, Access::ReadOnly));
        let found = tries(&plugin, &["read file.txt", "read /file.txt", "read ./deep/file.txt"]);
        assert_eq!(
            found,
            "read file.txt: \"text\"\nread /file.txt: \"text\"\nread ./deep/file.txt: \"deep text\"\n"
        );
    }
    let two =
        granted(&open, "/one/", Access::ReadOnly).folder(&deep, "/one/two", Access::ReadWrite);
    let lines =
        ["read /one/file.txt", "read /one/two/file.txt", "write /one/a b", "write /one/two/a b"];
    assert_snapshot!(tries(&curious(two.expect("the text has two names")), &lines), @r#"
    read /one/file.txt: "text"
    read /one/two/file.txt: "deep text"
    write /one/a b: Operation not permitted (os error 63)
    write /one/two/a b: ()
    "#);
}

#[test]
fn a_file_of_a_read_only_folder_does_not_get_into_one_for_writing() {
    let folders = Folders::new();
    fs::create_dir(folders.path("work")).expect("the folder can be created");
    let grants = granted(&folders.path("open"), "/given", Access::ReadOnly);
    let grants = grants
        .folder(folders.path("work"), "/writable", Access::ReadWrite)
        .expect("the folder can be granted");
    let lines = [
        "hard-link /given/file.txt /writable/file.txt",
        "rename /given/file.txt /writable/file.txt",
        "link ../open/file.txt /writable/link.txt",
        "write /writable/link.txt other",
    ];
    assert_snapshot!(tries(&curious(grants), &lines), @"
    hard-link /given/file.txt /writable/file.txt: Operation not permitted (os error 63)
    rename /given/file.txt /writable/file.txt: Operation not permitted (os error 63)
    link ../open/file.txt /writable/link.txt: ()
    write /writable/link.txt other: Operation not permitted (os error 63)
    ");
    assert_eq!(fs::read_to_string(folders.path("open/file.txt")).expect("the file exists"), "text");
}

#[test]
fn folders_that_cannot_be_granted_are_refused() {
    let folders = Folders::new();
    let refused = |path: &Path, name: &str| {
        let error = granted(&folders.path("open/deep"), "/taken", Access::ReadOnly)
            .folder(path, name, Access::ReadOnly)
            .expect_err(name);
        error.to_string().replace(&*folders.path.to_string_lossy(), "$FOLDER")
    };
    let open = folders.path("open");
    assert_snapshot!(refused(&folders.path("missing"), "/a"), @"cannot grant the folder `$FOLDER/missing`: No such file or directory (os error 2)");
    assert_snapshot!(refused(&folders.path("secret"), "/a"), @"cannot grant the folder `$FOLDER/secret`: it is not a folder");
    for name in ["/taken", "/taken/"] {
        assert_eq!(refused(&open, name), refused(&open, "/taken"));
    }
    assert_snapshot!(refused(&open, "/taken"), @"cannot grant the folder `$FOLDER/open`: the plugin's name for it, `/taken`, already stands for `$FOLDER/open/deep`");
    assert_snapshot!(refused(&open, "a"), @"cannot grant the folder `$FOLDER/open`: the plugin's name for it, `a`, is neither `.` nor an absolute path without `.` and `..`");
    for name in ["", "..", "./a", "/a/../b", "/..", "/a/.", "/a//b", "//", "/a\0"] {
        assert!(refused(&open, name).contains("is neither `.` nor an absolute path"), "{name}");
    }
    // Both name the folder in which a plugin starts.
    for (one, other) in [(".", "/"), ("/", ".")] {
        let both = granted(&open, one, Access::ReadOnly).folder(&open, other, Access::ReadOnly);
        assert!(both.is_err(), "{one} {other}");
    }
}

#[test]
fn a_folder_that_is_gone_or_replaced_is_denied() {
    let folders = Folders::new();
    let plugin = folders.granted(Access::ReadOnly);
    let grants = granted(&folders.path("open"), "/given", Access::ReadOnly);
    assert!(tries(&plugin, &["list /given"]).contains("file.txt"));

    let denied = || {
        let document = Document::new("lines.txt", "text/plain", "read /given/secret");
        let Err(CallError::Denied { plugin, source }) = plugin.transform(&document, &[]) else {
            panic!("the plugin must not be called")
        };
        assert!(matches!(source, GrantError::Folder { .. }), "{source:?}");
        let masked = source.to_string();
        format!("{plugin}: {}", masked.replace(&*folders.path.to_string_lossy(), "$FOLDER"))
    };
    fs::rename(folders.path("open"), folders.path("away")).expect("the path exists");
    assert_snapshot!(denied(), @"curious: cannot grant the folder `$FOLDER/open`: No such file or directory (os error 2)");
    let load = load(needed(grants));
    assert!(matches!(load, Err(LoadError::Denied { .. })), "{load:?}");
    // A link to a folder that was not granted replaces it.
    symlink(&folders.path, folders.path("open")).expect("the link can be created");
    assert_snapshot!(denied(), @"curious: cannot grant the folder `$FOLDER/open`: something else has replaced it: put the folder back, or load the plugin again");
    fs::remove_file(folders.path("open")).expect("the file exists");
    fs::create_dir(folders.path("open")).expect("the folder can be created");
    assert_snapshot!(denied(), @"curious: cannot grant the folder `$FOLDER/open`: something else has replaced it: put the folder back, or load the plugin again");
    fs::remove_dir(folders.path("open")).expect("the folder exists");
    fs::write(folders.path("open"), "").expect("the file can be written");
    assert_snapshot!(denied(), @"curious: cannot grant the folder `$FOLDER/open`: something else has replaced it: put the folder back, or load the plugin again");
    // The granted folder is back.
    fs::remove_file(folders.path("open")).expect("the file exists");
    fs::rename(folders.path("away"), folders.path("open")).expect("the path exists");
    assert!(tries(&plugin, &["list /given"]).contains("file.txt"));
}

#[test]
fn a_plugin_cannot_put_a_link_in_the_place_of_a_folder_that_it_has() {
    let folders = Folders::new();
    let grants = granted(&folders.path("open"), "/given", Access::ReadWrite);
    let grants = grants.folder(folders.path("open/deep"), "/deep", Access::ReadOnly);
    let plugin = curious(grants.expect("the folders can be granted"));
    let replaces = ["rename /given/deep /given/other", "link ../.. /given/deep"];
    let found = tries(&plugin, &replaces);
    assert!(found.ends_with("link ../.. /given/deep: ()\n"), "{found}");
    let document = Document::new("lines.txt", "text/plain", "list /deep");
    let answer = plugin.transform(&document, &[]);
    assert!(matches!(answer, Err(CallError::Denied { .. })), "{answer:?}");
}

#[test]
fn variables_and_arguments_are_those_that_are_granted() {
    let grants = Grants::none().variable("GREETING", "hello = world").expect("the name is valid");
    let grants = grants
        .variable("EMPTY", "")
        .expect("the name is valid")
        .argument("one")
        .argument("two three");
    let lines = ["variables", "variable GREETING", "variable PATH", "arguments"];
    assert_snapshot!(tries(&curious(grants), &lines), @r#"
    variables: [("EMPTY", ""), ("GREETING", "hello = world")]
    variable GREETING: Ok("hello = world")
    variable PATH: Err(NotPresent)
    arguments: ["one", "two three"]
    "#);
}

#[test]
fn variables_that_cannot_be_granted_are_refused() {
    let refused =
        |name: &str, value: &str| Grants::none().variable(name, value).expect_err(name).to_string();
    assert_snapshot!(refused("", "a"), @"cannot grant the environment variable ``: its name is empty");
    assert_snapshot!(refused("A=B", "a"), @"cannot grant the environment variable `A=B`: its name contains `=`");
    assert_snapshot!(refused("A", "\0"), @"cannot grant the environment variable `A`: it contains a zero byte");
    assert!(Grants::none().variable("A\0", "a").is_err());
}

#[test]
fn standard_input_is_read_anew_in_each_call() {
    let plugin = curious(Grants::none().stdin(Stdin::Bytes(b"some text".to_vec())));
    for _ in 0..2 {
        assert_eq!(tries(&plugin, &["stdin", "stdin"]), "stdin: \"some text\"\nstdin: \"\"\n");
    }
}

#[test]
fn a_fixed_clock_stands() {
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_250);
    let grants = needed(Grants::none());
    let fixed =
        load(grants.clone().wall_clock(Clock::Fixed(time))).expect("the plugin fits the host");
    let before = SystemTime::UNIX_EPOCH - Duration::from_secs(1);
    let early = load(grants.wall_clock(Clock::Fixed(before))).expect("the plugin fits the host");
    for _ in 0..2 {
        let found = tries(&fixed, &["time", "sleep 5", "time"]);
        assert_eq!(found, "time: Ok(1700000000.25s)\nsleep 5: slept\ntime: Ok(1700000000.25s)\n");
        assert_eq!(tries(&early, &["time"]), "time: Ok(0ns)\n");
    }
}

#[test]
fn a_real_clock_goes() {
    let plugin =
        load(needed(Grants::none()).wall_clock(Clock::Real)).expect("the plugin fits the host");
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("the time is later");
    let found = tries(&plugin, &["time"]);
    let seconds = found.strip_prefix("time: Ok(").and_then(|it| it.strip_suffix("s)\n"));
    let seconds: f64 =
        seconds.expect("the output has a time").parse().expect("the time is in seconds");
    assert!((seconds - now.as_secs_f64()).abs() < 60.0, "{found}");
}

#[test]
fn random_numbers_are_those_of_the_seed() {
    let lines = ["random", "insecure", "hash", "random"];
    let of =
        |random| load(needed(Grants::none()).random(random)).expect("the plugin fits the host");
    let seeded = of(Random::Seeded(7));
    let first = tries(&seeded, &lines);
    assert_eq!(tries(&seeded, &lines), first);
    assert_eq!(tries(&of(Random::Seeded(7)), &lines), first);
    let numbers = |found: &str| -> Vec<String> {
        found.lines().filter_map(|line| line.split_once(": ")).map(|it| it.1.to_owned()).collect()
    };
    // All numbers differ: within a call, with another seed, and from the system.
    let real = of(Random::Real);
    let all =
        [first, tries(&of(Random::Seeded(8)), &lines), tries(&real, &lines), tries(&real, &lines)];
    let mut all: Vec<String> = all.iter().flat_map(|found| numbers(found)).collect();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!((all.len(), count), (16, 16));
}

#[test]
fn a_plugin_that_sleeps_is_ended_at_its_deadline() {
    let patient = curious(Grants::none());
    let plugin = patient.with_limits(&Limits::none().deadline(Duration::from_millis(50)));
    let plugin = plugin.expect("a call can have a deadline");
    let document = Document::new("lines.txt", "text/plain", "sleep 60000");
    let begin = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let answers = [
        plugin.transform(&document, &[]),
        runtime.expect("the runtime starts").block_on(plugin.transform_async(&document, &[])),
    ];
    for answer in answers {
        let Err(CallError::Exceeded { exceeded, .. }) = answer else { panic!("{answer:?}") };
        assert_eq!(exceeded.limit, Limit::Deadline);
    }
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert_eq!(tries(&patient, &["sleep 1"]), "sleep 1: slept\n");
}
