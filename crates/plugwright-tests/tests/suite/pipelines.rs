//! Chains and pipelines of plugins as a user runs them: which plugins fit together, which stage failed, and many
//! files at once.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, around, copy_built, plugwright};

/// A pipeline of the plugins in `dist/`.
const CHECKSUMS: &str = r#"
[[stage]]
plugin = "markdown"
options = { unsafe-html = true }

[[stage]]
plugin = "checksum"
options = { algorithm = "crc32" }
"#;

/// The grants that `curious` needs to be loaded.
pub(crate) const NEEDED: &str = r#""wall-clock=0", "random=0", "http=http://localhost:1""#;

/// Returns a folder for one test, with files to run.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::create_dir(folder.path().join("deep")).expect("the folder can be created");
    let file = |name: &str, content: &[u8]| {
        fs::write(folder.path().join(name), content).expect("the file can be written");
    };
    file("page.md", b"# A *page*\n\n<b>bold</b>\n");
    file("deep/page.md", b"another page\n");
    file("other.md", b"* one\n* two\n");
    file("broken.md", b"fine\nnot \xff\n");
    file("photo.png", b"no photo");
    file("NOTES", b"whatever\n");
    file("checksums.toml", CHECKSUMS.as_bytes());
    folder
}

#[test]
fn a_chain_has_an_end() {
    let folder = folder();
    let stages = "[[stage]]\nplugin = \"markdown\"\n".repeat(20_000);
    assert_snapshot!(run_pipeline(folder.path(), &stages, &["page.md"]), @"
    ── stderr
    error: `pipeline.toml` has 20000 stages, more than the limit of 1000: split it into several pipelines
    [exit code 2]
    ");
    let plugins = ["markdown"; 1001];
    assert_snapshot!(run(folder.path(), &[&plugins[..], &["page.md"]].concat()), @"
    ── stderr
    error: a chain of 1001 plugins is too long, the limit is 1000: split it into several chains
    [exit code 2]
    ");
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, [&["--log", "error", "run"], arguments].concat()))
}

/// Writes the pipeline `text` to `pipeline.toml` in `folder`, and runs it.
pub(crate) fn run_pipeline(folder: &Path, text: &str, arguments: &[&str]) -> Output {
    fs::write(folder.join("pipeline.toml"), text).expect("the file can be written");
    run(folder, &[&["--pipeline", "pipeline.toml"], arguments].concat())
}

/// Returns the files in `folder` and their contents. It leaves out the record of what runs wrote.
pub(crate) fn files(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder can be read").flatten();
    let entries = entries.filter(|entry| entry.file_name() != ".plugwright-results");
    let mut lines: Vec<_> = entries
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).unwrap_or_else(|error| error.to_string());
            format!("{}: {text}", entry.file_name().to_string_lossy())
        })
        .collect();
    lines.sort();
    lines.concat()
}

#[test]
fn plugins_with_commas_between_them_are_a_chain() {
    let folder = folder();
    let apart = run(folder.path(), &["markdown", "checksum", "page.md"]);
    for plugins in [&["markdown,checksum"][..], &["markdown,", "checksum"]] {
        assert_eq!(run(folder.path(), &[plugins, &["page.md"]].concat()), apart);
    }
    assert_snapshot!(apart, @"
    27adbd704144342a32c5fddcf44b0c4edabf622d2410c1250f29352341b8c49c  page.html
    [exit code 0]
    ");
    // If a file with a comma in its name exists, the comma is part of the name.
    copy_built("checksum.wasm", folder.path().join("a,b.wasm"));
    assert_eq!(run(folder.path(), &["markdown", "a,b.wasm", "page.md"]), apart);
    assert_snapshot!(run(folder.path(), &[",", "page.md"]), @"
    ── stderr
    error: name a plugin and a file, as in `plugwright run markdown README.md`
    [exit code 2]
    ");
}

#[test]
fn a_chain_whose_stages_do_not_fit_is_refused_before_it_runs() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["markdown,markdown", "broken.md"]), @"
    ── stderr
    error: stage 1, `markdown`, gives text/html, but stage 2, `markdown`, takes text/markdown or text/plain: put a plugin between them that converts one to the other, or leave one of them out
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["checksum,markdown,markdown", "broken.md"]), @"
    ── stderr
    error: stage 2, `markdown`, gives text/html, but stage 3, `markdown`, takes text/markdown or text/plain: put a plugin between them that converts one to the other, or leave one of them out
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["markdown,checksum", "photo.png"]), @"
    ── stderr
    error: `photo.png` is image/png by its name, but stage 1, `markdown`, takes text/markdown or text/plain: start with a plugin that takes image/png, or name another file
    [exit code 2]
    ");
    // Such a name says nothing about the type, and a single plugin can be tried on any file.
    for arguments in [["markdown,checksum", "NOTES"], ["markdown", "photo.png"]] {
        let output = run(folder.path(), &arguments);
        assert_eq!(output.code, Some(0), "{output}");
    }
}

#[test]
fn a_failure_names_the_stage() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["markdown,checksum", "broken.md"]), @"
    ── stderr
    error: in stage 1: plugin `markdown` refused: invalid input at line 2, column 5: the byte 0xff is not UTF-8 here
    [exit code 1]
    ");
    let arguments = ["markdown,checksum", "page.md", "-O", "checksum.algorithm=md5"];
    assert_snapshot!(run(folder.path(), &arguments), @"
    ── stderr
    error: in stage 2: plugin `checksum` refused: option `algorithm`: `md5` is none of `sha-256`, `blake3`, `crc32`
    [exit code 1]
    ");
    // Also in pieces.
    let echo = around(include_str!("echo.wat"), "streamer");
    fs::write(folder.path().join("echo.wasm"), echo).expect("the file can be written");
    fs::write(folder.path().join("trap.txt"), "trap").expect("the file can be written");
    assert_snapshot!(run(folder.path(), &["./echo.wasm,checksum", "trap.txt"]), @"
    ── stderr
    error: in stage 1: plugin `echo` trapped in `push`: wasm trap: wasm `unreachable` instruction executed
      in <function at 0x267>
    [exit code 4]
    ");
    let arguments = ["./echo.wasm,checksum", "NOTES", "-O", "checksum.algorithm=md5"];
    assert_snapshot!(run(folder.path(), &arguments), @"
    ── stderr
    error: in stage 2: plugin `checksum` refused: option `algorithm`: `md5` is none of `sha-256`, `blake3`, `crc32`
    [exit code 1]
    ");
}

#[test]
fn a_pipeline_runs_one_file_as_a_chain_does() {
    let folder = folder();
    let chain = ["-O", "markdown.unsafe-html=true", "-O", "checksum.algorithm=crc32"];
    let chain = run(folder.path(), &[&["markdown,checksum", "page.md"], &chain[..]].concat());
    let pipeline = ["--pipeline", "checksums.toml", "page.md"];
    assert_eq!(run(folder.path(), &pipeline), chain);
    assert_snapshot!(chain, @"
    2a3d4219  page.html
    [exit code 0]
    ");
    // Options on the command line are applied last.
    let options = [&pipeline[..], &["-O", "checksum.algorithm=blake3", "-o", "out"]].concat();
    assert_snapshot!(run(folder.path(), &options), @"[exit code 0]");
    assert_snapshot!(fs::read_to_string(folder.path().join("out")).expect("the file exists"), @"681c9ba3f87d1b3f1ae733180f476c7251bafe494d549acf851399213d4ed4f3  page.html");
}

#[test]
fn paths_in_a_pipeline_begin_beside_it() {
    let folder = folder();
    copy_built("markdown.wasm", folder.path().join("deep/mine.wasm"));
    fs::write(folder.path().join("deep/pipeline.toml"), "[[stage]]\nplugin = \"mine.wasm\"\n")
        .expect("the file can be written");
    assert_snapshot!(run(folder.path(), &["--pipeline", "deep/pipeline.toml", "other.md"]), @"
    <ul>
    <li>one</li>
    <li>two</li>
    </ul>
    [exit code 0]
    ");
}

#[test]
fn many_files_go_through_a_pipeline_and_those_that_fail_do_not_stop_the_others() {
    let folder = folder();
    let pipeline = ["--pipeline", "checksums.toml", "--into", "new/out"];
    let good = ["page.md", "NOTES", "other.md"];
    assert_snapshot!(run(folder.path(), &[&pipeline[..], &good].concat()), @"
    ── stderr
    done: 3 of 3 files, in `new/out`
    [exit code 0]
    ");
    let out = folder.path().join("new/out");
    let all = ["missing.md", "page.md", "broken.md", "NOTES", "photo.png", "deep", "other.md"];
    assert_snapshot!(run(folder.path(), &[&pipeline[..], &all].concat()), @"
    ── stderr
    error: cannot read `missing.md`: No such file or directory (os error 2)
    error: `broken.md`: in stage 1: plugin `markdown` refused: invalid input at line 2, column 5: the byte 0xff is not UTF-8 here
    error: `photo.png` is image/png by its name, but stage 1, `markdown`, takes text/markdown or text/plain: start with a plugin that takes image/png, or name another file
    error: cannot read `deep`: is a directory
    error: 4 of 7 files failed; 3 are done, in `new/out`
    [exit code 8]
    ");
    assert_snapshot!(files(&out), @"
    NOTES.html.crc32: d17ff97e  NOTES.html
    other.html.crc32: 22f95e34  other.html
    page.html.crc32: 2a3d4219  page.html
    ");
    // The exit code is that of the first failure.
    let refused = ["other.md", "broken.md", "missing.md"];
    assert_eq!(run(folder.path(), &[&pipeline[..], &refused].concat()).code, Some(1));
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_can_have_a_name_that_is_no_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let folder = folder();
    let [there, missing] = [&b"caf\xe9.md"[..], b"no\xff.md"].map(OsStr::from_bytes);
    fs::copy(folder.path().join("other.md"), folder.path().join(there))
        .expect("the file can be copied");
    let run = |arguments: &[&OsStr]| Output::of(&mut plugwright(folder.path(), arguments));
    let words = ["run", "--pipeline", "checksums.toml", "--into", "out", "other.md"];
    let all: Vec<_> = words.iter().map(OsStr::new).chain([missing, there]).collect();
    assert_snapshot!(run(&all), @r"
    ── stderr
    error: cannot read `no\xff.md`: No such file or directory (os error 2)
    error: 1 of 3 files failed; 2 are done, in `out`
    [exit code 8]
    ");
    assert_snapshot!(files(&folder.path().join("out")), @"
    caf�.html.crc32: 22f95e34  caf�.html
    other.html.crc32: 22f95e34  other.html
    ");
    let [run_, markdown] = ["run", "markdown"].map(OsStr::new);
    assert_eq!(run(&[run_, markdown, there]).code, Some(0));
    // The file name of a plugin need not be UTF-8, either. Other arguments must be.
    assert_snapshot!(run(&[run_, missing, there]), @r"
    ── stderr
    error: cannot read the plugin `no\xff.md`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(run(&[OsStr::new("compare"), missing, missing, missing]), @r#"
    ── stderr
    error: invalid value 'no�.md' for '[PLUGIN]...': "no\xFF.md" is not UTF-8

    For more information, try '--help'.
    [exit code 2]
    "#);
}

#[test]
fn more_files_than_cores_go_through_a_pipeline_of_streamers() {
    let folder = folder();
    let names: Vec<_> = (0..100).map(|number| format!("{number}.txt")).collect();
    for name in &names {
        fs::write(folder.path().join(name), name).expect("the file can be written");
    }
    let checksum = "[[stage]]\nplugin = \"checksum\"\n";
    let arguments: Vec<_> = names.iter().map(|it| &**it).chain(["--into", "out"]).collect();
    let output = run_pipeline(folder.path(), &checksum.repeat(3), &arguments);
    assert_snapshot!(output, @"
    ── stderr
    done: 100 of 100 files, in `out`
    [exit code 0]
    ");
    // One of them is the record of the results.
    assert_eq!(
        fs::read_dir(folder.path().join("out")).expect("the folder can be read").count(),
        101
    );
}

#[test]
fn log_lines_name_the_file_where_there_are_many() {
    let folder = folder();
    let pipeline = CHECKSUMS.replace("true", "false");
    fs::write(folder.path().join("pipeline.toml"), pipeline).expect("the file can be written");
    let arguments = ["run", "--pipeline", "pipeline.toml", "page.md", "other.md", "--into", "out"];
    assert_snapshot!(Output::of(&mut plugwright(folder.path(), arguments)), @"
    ── stderr
    warn: page.md: markdown: raw HTML or unsafe links were made harmless pieces=2
    done: 2 of 2 files, in `out`
    [exit code 0]
    ");
}

#[test]
fn a_pipeline_needs_files_and_a_folder_for_more_than_one_result() {
    let folder = folder();
    let pipeline = ["--pipeline", "checksums.toml"];
    let with = |arguments: &[&str]| run(folder.path(), &[&pipeline, arguments].concat());
    assert_snapshot!(with(&[]), @"
    ── stderr
    error: name a file, as in `plugwright run --pipeline checksums.toml README.md`
    [exit code 2]
    ");
    assert_snapshot!(with(&["page.md", "other.md"]), @"
    ── stderr
    error: the results of 2 files cannot all go to one place: add `--into FOLDER`
    [exit code 2]
    ");
    assert_snapshot!(with(&["page.md", "--into", "page.md"]), @"
    ── stderr
    error: `page.md` is a file: name a folder for the results, which need not exist yet
    [exit code 2]
    ");
    let usage = ["--into", "out", "-o", "out", "--watch"];
    let usage = [&usage[..2], &usage[..4], &usage[4..]].map(|arguments| {
        let arguments = [arguments, &["page.md"]].concat();
        let output = match arguments.len() {
            3 => run(folder.path(), &arguments),
            _ => with(&arguments),
        };
        assert_eq!(output.code, Some(2), "{output}");
        output.stderr.split("\n\n").next().unwrap_or_default().to_owned()
    });
    assert_snapshot!(usage.join("\n"), @"
    error: the following required arguments were not provided:
      --pipeline <PIPELINE>
    error: the argument '--into <FOLDER>' cannot be used with '--output <FILE>'
    error: the argument '--pipeline <PIPELINE>' cannot be used with '--watch'
    ");
}

#[test]
fn a_pipeline_that_is_none_says_where_and_what_is_allowed() {
    let folder = folder();
    let stage = "# A pipeline.\n[[stage]]\nplugin = \"markdown\"\n";
    let texts = [
        "",
        "[[stage]]\nplugin = \"markdown\n",
        "stages = []\n",
        "[[stage]]\noptions = {}\n",
        &format!("{stage}colour = \"red\"\n"),
        &format!("{stage}options = {{ colours = [\"red\"] }}\n"),
        &format!("{stage}grants = [\"sockets\"]\n"),
        "[stage]\nplugin = \"markdown\"\n",
        "[[stage]]\nplugin = markdown\n",
        &format!("{stage}options = \"colours\"\n"),
        &format!("{stage}limits = \"deadline=2s\"\n"),
        &format!("{stage}limits = [\"speed=1\"]\n"),
        &format!("{stage}limits = [\"stack=64KiB\"]\n"),
        &format!("{stage}[[stage]]\nplugin = \"quote\"\n"),
    ];
    let errors = texts.map(|text| {
        let output = run_pipeline(folder.path(), text, &["page.md"]);
        assert_eq!(output.code, Some(2), "{output}");
        output.stderr
    });
    assert_snapshot!(errors.concat(), @r#"
    error: `pipeline.toml` has no stages: start each with a line `[[stage]]` and a line `plugin = "NAME"`
    error: `pipeline.toml`, line 2: invalid basic string, expected `"`
    error: `pipeline.toml`, line 1: there is no key `stages`, only `stage`
    error: `pipeline.toml`, line 1: `plugin` is missing: it is written `plugin = "markdown"`
    error: `pipeline.toml`, line 4: there is no key `colour`, only `plugin`, `options`, `grants`, `limits`
    error: `pipeline.toml`, line 4: the value of an option must be a string, `true`, `false` or a number
    error: `pipeline.toml`, line 4: the grant `sockets`: there is no grant `sockets`, only folder, folder-rw, variable, argument, stdin, wall-clock, random and http
    error: `pipeline.toml`, line 1: `stage` is written `[[stage]]`
    error: `pipeline.toml`, line 2: `markdown` is not a value: write text in quotes, as "markdown"
    error: `pipeline.toml`, line 4: `options` is written `options = { unsafe-html = true }`
    error: `pipeline.toml`, line 4: `limits` is written `limits = ["deadline=2s"]`
    error: `pipeline.toml`, line 4: the limit `speed=1`: there is no limit `speed`, only deadline, fuel, memory, table-elements, instances, stack, transfer, handles, host-memory, descriptors, output, log-lines, log-bytes, requests, download, component-size
    error: `pipeline.toml`, line 4: the limit `stack=64KiB`: all stages share one stack size: set it with `--limit stack=…`
    error: `pipeline.toml`, line 5: `quote` does not take documents, because its world is `plugwright:plugin/prettify@0.2.0`: `plugwright call quote` lists its functions
    "#);
    assert_snapshot!(run(folder.path(), &["--pipeline", "missing.toml", "page.md"]), @"
    ── stderr
    error: cannot read the pipeline `missing.toml`: No such file or directory (os error 2)
    [exit code 8]
    ");
}

#[test]
fn a_plugin_beside_a_pipeline_is_told_to_be_no_file() {
    let folder = folder();
    let into = ["--pipeline", "checksums.toml", "--into", "out"];
    let runs = [
        &["markdown", "page.md", "--pipeline", "checksums.toml"][..],
        &["markdown", "--pipeline", "checksums.toml"],
        &[&into[..], &["markdown,checksum", "page.md"]].concat(),
    ];
    let errors = runs.map(|arguments| {
        let output = run(folder.path(), arguments);
        assert_eq!(output.code, Some(2), "{output}");
        output.stderr
    });
    assert_snapshot!(errors.concat(), @"
    error: `markdown` is not a file: leave it out, because `--pipeline` already names the plugins and all arguments are files
    error: `markdown` is not a file: leave it out, because `--pipeline` already names the plugins and all arguments are files
    error: `markdown,checksum` is not a file: leave it out, because `--pipeline` already names the plugins and all arguments are files
    ");
    assert!(!folder.path().join("out").exists());
    // A file may have the name of a plugin.
    fs::write(folder.path().join("markdown"), "# Words").expect("the file can be written");
    let output = run(folder.path(), &["markdown", "--pipeline", "checksums.toml"]);
    assert_eq!(output.code, Some(0), "{output}");
}

#[test]
fn a_stage_that_cannot_be_loaded_is_told_with_its_line() {
    let folder = folder();
    let errors = ["no/such.wasm", "photo.png/", "no-such"].map(|plugin| {
        let pipeline = format!("{CHECKSUMS}\n[[stage]]\nplugin = \"{plugin}\"\n");
        let output = run_pipeline(folder.path(), &pipeline, &["page.md", "--into", "out"]);
        let code = if plugin.ends_with(".wasm") { 8 } else { 3 };
        assert_eq!(output.code, Some(code), "{output}");
        output.stderr
    });
    // The error also lists the plugins that exist.
    let stable = errors.map(|it| it.split(", which has").next().unwrap_or_default().to_owned());
    assert_snapshot!(stable.join("\n"), @"
    error: `pipeline.toml`, line 11: cannot read the plugin `no/such.wasm`: No such file or directory (os error 2)

    error: `pipeline.toml`, line 11: there is no plugin `photo.png/` in `$DIST`
    error: `pipeline.toml`, line 11: there is no plugin `no-such` in `$DIST`
    ");
    assert!(!folder.path().join("out").exists());
    let denied = "[[stage]]\nplugin = \"markdown\"\ngrants = [\"folder=missing\"]\n";
    assert_snapshot!(run_pipeline(folder.path(), denied, &["page.md"]), @"
    ── stderr
    error: `pipeline.toml`, line 2: cannot grant the folder `missing`: No such file or directory (os error 2)
    [exit code 6]
    ");
    let stdin = "[[stage]]\nplugin = \"markdown\"\ngrants = [\"stdin\"]\n";
    assert_snapshot!(run_pipeline(folder.path(), stdin, &["-"]), @"
    ── stderr
    error: standard input is already used as the file: name a file instead of `-`, or leave out `--grant stdin`
    [exit code 2]
    ");
}
