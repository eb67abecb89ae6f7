//! `plugwright run` with `--grant` and `--limit`, and the output of `--stats`.

use std::fs;

use insta::assert_snapshot;
use tests::{Output, plugwright};

use crate::curious;
use crate::curious::{Folders, run};
use crate::pipelines::{NEEDED, folder, run_pipeline};

#[test]
fn the_command_grants_folders() {
    let folders = Folders::new();
    let lines = "read file.txt\nwrite file.txt other\nread /rw/secret\nwrite /rw/secret other";
    let arguments = ["--grant", "folder=open", "--grant", "folder-rw=.:/rw"];
    assert_snapshot!(run(&folders.path, lines, &arguments), @r#"
    read file.txt: "text"
    write file.txt other: Operation not permitted (os error 63)
    read /rw/secret: "secret"
    write /rw/secret other: ()
    [exit code 0]
    "#);
    assert_eq!(folders.secret(), "other");
    assert_snapshot!(run(&folders.path, lines, &["--grant", "folder=missing"]), @"
    ── stderr
    error: cannot grant the folder `missing`: No such file or directory (os error 2)
    [exit code 6]
    ");
    assert_snapshot!(run(&folders.path, lines, &["--grant", "folder=open:other"]), @"
    ── stderr
    error: cannot grant the folder `open`: the plugin's name for it, `other`, is neither `.` nor an absolute path without `.` and `..`
    [exit code 6]
    ");
}

#[test]
fn the_command_grants_variables_arguments_and_standard_input() {
    let folders = Folders::new();
    let arguments = [
        "--grant",
        "variable=GREETING=hello=world",
        "--grant",
        "argument=one",
        "--grant",
        "argument=--two",
        "--grant",
        "stdin",
    ];
    assert_snapshot!(run(&folders.path, "variables\narguments\nstdin\ntime", &arguments), @r#"
    variables: [("GREETING", "hello=world")]
    arguments: ["one", "--two"]
    stdin: "typed"
    time: Ok(0ns)
    [exit code 0]
    "#);
    // The value of the variable on this machine.
    let found = run(&folders.path, "variable PATH", &["--grant", "variable=PATH"]);
    let path = std::env::var("PATH").expect("the variable is set");
    assert_eq!(found.stdout, format!("variable PATH: Ok({path:?})\n"), "{found}");
    assert_snapshot!(run(&folders.path, "", &["--grant", "variable=NO_SUCH_VARIABLE"]), @"
    ── stderr
    error: cannot grant the environment variable `NO_SUCH_VARIABLE`: it is not set in the environment of the host
    [exit code 6]
    ");
}

#[test]
fn the_command_keeps_limits() {
    let folders = Folders::new();
    let output = run(&folders.path, "sleep 60000", &["--limit", "deadline=50ms"]);
    let first = output.stderr.lines().next().unwrap_or_default();
    assert_snapshot!(first, @"error: plugin `curious` was ended in `transform`: the time of a call is limited to 50ms; to allow more, raise the limit `deadline`");
    assert_eq!(output.code, Some(5), "{output}");
    let output = run(&folders.path, "stdin", &["--limit", "output=4"]);
    assert_snapshot!(output, @"
    ── stderr
    error: plugin `curious` was ended in `transform`: the result is limited to 4 bytes; to allow more, raise the limit `output`
    [exit code 5]
    ");
}

#[cfg(unix)]
#[test]
fn what_has_no_end_is_read_as_far_as_a_plugin_could_hold_it() {
    let folders = Folders::new();
    let long = vec![b' '; (8 << 20) + 1];
    for (file, typed, name) in
        [("/dev/zero", &[][..], "`/dev/zero`"), ("-", &long, "standard input")]
    {
        let mut command =
            plugwright(&folders.path, ["run", "count", file, "--limit", "memory=8MiB"]);
        let output = Output::of_with_input(&mut command, typed);
        assert_eq!(
            output.stderr,
            format!(
                "error: {name} is too large for the plugin `count`, whose limit is `memory=8MiB`\n"
            )
        );
        assert_eq!(output.code, Some(5));
    }
}

#[test]
fn grants_and_limits_that_are_written_wrongly_are_usage_errors() {
    let folders = Folders::new();
    let wrong = |kind: &str, value: &str| {
        let output = run(&folders.path, "", &[kind, value]);
        assert_eq!(output.code, Some(2), "{output}");
        let (message, _) = output.stderr.split_once("\n\n").expect("the error has a hint");
        message.to_owned()
    };
    let grants = [
        "sockets",
        "folder",
        "folder=",
        "folder-rw=:/a",
        "variable",
        "variable==a",
        "argument",
        "http",
        "http=",
        "stdin=text",
        "wall-clock=noon",
        "wall-clock=18446744073709551615",
        "random=dice",
        "random=",
        "random=18446744073709551616",
        "wall-clock=",
    ];
    let limits = [
        "deadline",
        "=5",
        "memory=",
        "memory=many",
        "memory=1.5MiB",
        "memory=18446744073709551616",
        "speed=1",
        "memory=1s",
        "deadline=1MiB",
        "fuel=-1",
    ];
    let messages = grants.map(|it| wrong("--grant", it)).into_iter();
    let messages = messages.chain(limits.map(|it| wrong("--limit", it)));
    assert_snapshot!(messages.collect::<Vec<_>>().join("\n"), @"
    error: invalid value 'sockets' for '--grant <KIND[=VALUE]>': there is no grant `sockets`, only folder, folder-rw, variable, argument, stdin, wall-clock, random and http
    error: invalid value 'folder' for '--grant <KIND[=VALUE]>': it is written folder=PATH[:NAME]
    error: invalid value 'folder=' for '--grant <KIND[=VALUE]>': the path is missing: it is written folder=PATH[:NAME]
    error: invalid value 'folder-rw=:/a' for '--grant <KIND[=VALUE]>': the path is missing: it is written folder-rw=PATH[:NAME]
    error: invalid value 'variable' for '--grant <KIND[=VALUE]>': it is written variable=NAME[=VALUE]
    error: invalid value 'variable==a' for '--grant <KIND[=VALUE]>': the name is missing: it is written variable=NAME[=VALUE]
    error: invalid value 'argument' for '--grant <KIND[=VALUE]>': it is written argument=TEXT
    error: invalid value 'http' for '--grant <KIND[=VALUE]>': it is written http=ORIGIN
    error: invalid value 'http=' for '--grant <KIND[=VALUE]>': the origin is missing: it is written http=ORIGIN
    error: invalid value 'stdin=text' for '--grant <KIND[=VALUE]>': it takes no value
    error: invalid value 'wall-clock=noon' for '--grant <KIND[=VALUE]>': `noon` is not a time in seconds: it is not a whole number of 0 or more
    error: invalid value 'wall-clock=18446744073709551615' for '--grant <KIND[=VALUE]>': `18446744073709551615` is too large for a time
    error: invalid value 'random=dice' for '--grant <KIND[=VALUE]>': `dice` is not a seed: it is not a whole number of 0 or more
    error: invalid value 'random=' for '--grant <KIND[=VALUE]>': the seed is missing: it is written random=SEED
    error: invalid value 'random=18446744073709551616' for '--grant <KIND[=VALUE]>': `18446744073709551616` is not a seed: it is too large
    error: invalid value 'wall-clock=' for '--grant <KIND[=VALUE]>': the time in seconds is missing: it is written wall-clock=SECONDS
    error: invalid value 'deadline' for '--limit <NAME=VALUE>': a limit is written NAME=VALUE
    error: invalid value '=5' for '--limit <NAME=VALUE>': a limit is written NAME=VALUE
    error: invalid value 'memory=' for '--limit <NAME=VALUE>': an amount is missing
    error: invalid value 'memory=many' for '--limit <NAME=VALUE>': `many` is not an amount: a number is missing
    error: invalid value 'memory=1.5MiB' for '--limit <NAME=VALUE>': `1.5MiB` is not an amount: it is not a whole number of 0 or more
    error: invalid value 'memory=18446744073709551616' for '--limit <NAME=VALUE>': `18446744073709551616` is not an amount: it is too large
    error: invalid value 'speed=1' for '--limit <NAME=VALUE>': there is no limit `speed`, only deadline, fuel, memory, table-elements, instances, stack, transfer, handles, host-memory, descriptors, output, log-lines, log-bytes, requests, download, component-size
    error: invalid value 'memory=1s' for '--limit <NAME=VALUE>': `1s` is not an amount: there is no unit `s`, only GiB, MiB, KiB, bytes
    error: invalid value 'deadline=1MiB' for '--limit <NAME=VALUE>': `1MiB` is not an amount: there is no unit `MiB`, only s, ms
    error: invalid value 'fuel=-1' for '--limit <NAME=VALUE>': `-1` is not an amount: it is not a whole number of 0 or more
    ");
}

#[test]
fn standard_input_is_not_both_the_file_and_a_grant() {
    let folders = Folders::new();
    let arguments = ["run", "markdown", "-", "--grant", "stdin"];
    assert_snapshot!(Output::of(&mut plugwright(&folders.path, arguments)), @"
    ── stderr
    error: standard input is already used as the file: name a file instead of `-`, or leave out `--grant stdin`
    [exit code 2]
    ");
}

#[test]
fn stats_show_what_a_run_took() {
    let folders = Folders::new();
    let fuel = ["--stats", "--limit", "fuel=1000000000"];
    // Loads the plugin once, so that its code is in the cache.
    for arguments in [&[][..], &fuel] {
        assert_eq!(run(&folders.path, "hash", arguments).code, Some(0));
    }
    let masked = |output: &Output| {
        let mut text = String::new();
        for (at, c) in output.stderr.char_indices() {
            let fraction =
                c == '.' && output.stderr[at + 1..].starts_with(|c: char| c.is_ascii_digit());
            match c {
                _ if !c.is_ascii_digit() && !fraction => text.push(c),
                _ if text.ends_with('N') => {}
                _ => text.push('N'),
            }
        }
        // The length of the bars, and whether there is a pool, depend on the machine.
        let (before, blocks) = (text, ['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉']);
        let mut text = String::new();
        for line in before.lines() {
            let words = line.split_whitespace().filter(|word| !word.starts_with(blocks));
            let is_bar = line.contains(blocks);
            text += &if is_bar { words.collect::<Vec<_>>().join(" ") } else { line.to_owned() };
            text.push('\n');
        }
        text.replace(" on demand", " from the pool").replace("\"pooled\":false", "\"pooled\":true")
    };
    assert_snapshot!(masked(&run(&folders.path, "hash", &fuel)), @"
    stats: curious load: N ms, from the cache
    stats: curious transform: N ms, N bytes of memory, N bytes in, N bytes out, N units of fuel, instance from the pool
    stats: curious load N ms
    stats: curious instantiate N ms
    stats: curious run N ms
    ");
    let output = run(&folders.path, "hash", &["--stats", "--json"]);
    for line in output.stderr.lines() {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    assert_snapshot!(masked(&output), @r#"
    {"cached":true,"calls":N,"function":"load","microseconds":N,"plugin":"curious","version":"N"}
    {"calls":N,"function":"transform","input":N,"instantiation":N,"memory":N,"microseconds":N,"output":N,"plugin":"curious","pooled":true,"version":"N"}
    "#);
    assert_eq!(run(&folders.path, "hash", &["--json"]).code, Some(2));
}

#[test]
fn each_stage_has_its_own_grants_and_those_of_the_command() {
    let folder = folder();
    let curious = &*curious::FILE;
    let stage = |grant: &str| {
        let plugin = curious.display();
        format!("[[stage]]\nplugin = \"{plugin}\"\ngrants = [{NEEDED}, \"{grant}\"]\n")
    };
    fs::write(folder.path().join("lines.txt"), "variables\nlist /deep\n")
        .expect("the file can be written");
    fs::create_dir(folder.path().join("elsewhere")).expect("the folder can be created");
    // The second stage cannot handle the results of the first one.
    let answers = |stages: [&str; 2]| {
        let pipeline = stages.map(stage).concat();
        fs::write(folder.path().join("pipeline.toml"), pipeline).expect("the file can be written");
        let arguments = [
            "run",
            "--pipeline",
            "../pipeline.toml",
            "../lines.txt",
            "--grant",
            "variable=ALL=yes",
        ];
        Output::of(&mut plugwright(&folder.path().join("elsewhere"), arguments))
    };
    assert_snapshot!(answers(["variable=STAGE=one", "folder=deep:/deep"]), @r#"
    variables: [("ALL", "yes"), ("STAGE", "one")]: the plugin does not know how
    list /deep: No such file or directory (os error 44): the plugin does not know how
    [exit code 0]
    "#);
    assert_snapshot!(answers(["folder=deep:/deep", "variable=STAGE=two"]), @r#"
    variables: [("ALL", "yes")]: the plugin does not know how
    list /deep: ["page.md"]: the plugin does not know how
    [exit code 0]
    "#);
}

#[test]
fn each_stage_has_its_own_limits_and_those_of_the_command() {
    let folder = folder();
    let with = |one: &str, two: &str, arguments: &[&str]| {
        let stage = |plugin: &str, limits: &str| {
            format!("[[stage]]\nplugin = \"{plugin}\"\nlimits = [{limits}]\n")
        };
        let pipeline = stage("markdown", one) + &stage("checksum", two);
        run_pipeline(folder.path(), &pipeline, &[&["page.md"], arguments].concat())
    };
    assert_snapshot!(with("", r#""output=8""#, &[]), @"
    ── stderr
    error: in stage 2: plugin `checksum` was ended in `transform`: the result is limited to 8 bytes; to allow more, raise the limit `output`
    [exit code 5]
    ");
    let output = with(r#""fuel=1000""#, "", &[]);
    assert_snapshot!(output.stderr.lines().next().unwrap_or_default(), @"error: in stage 1: plugin `markdown` was ended in `describe`: a call is limited to 1000 units of fuel; to allow more, raise the limit `fuel`");
    // A stage can have more than the default, but not more than the command allows.
    assert_eq!(with(r#""memory=1GiB""#, r#""memory=none""#, &[]).code, Some(0));
    let strict = ["--limit", "memory=64KiB"];
    assert_snapshot!(with(r#""memory=1GiB""#, r#""memory=none""#, &strict), @"
    ── stderr
    error: `pipeline.toml`, line 2: `markdown` cannot be started: memory is limited to 64KiB; to allow more, raise the limit `memory`
    [exit code 3]
    ");
}
