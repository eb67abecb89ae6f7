//! Chains of plugins as a person runs them: what fits together, and what failed where.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, around, dist_folder, plugwright};

/// A folder with files to run, for one test.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = |name: &str, content: &[u8]| {
        fs::write(folder.path().join(name), content).expect("a file in it");
    };
    file("page.md", b"# A *page*\n\n<b>bold</b>\n");
    file("broken.md", b"fine\nnot \xff\n");
    file("photo.png", b"no photo");
    file("NOTES", b"whatever\n");
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, [&["--log", "error", "run"], arguments].concat()))
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
    // A comma in the name of a file that is there is a part of it.
    fs::copy(dist_folder().join("checksum.wasm"), folder.path().join("a,b.wasm")).expect("a copy");
    assert_eq!(run(folder.path(), &["markdown", "a,b.wasm", "page.md"]), apart);
    assert_snapshot!(run(folder.path(), &[",", "page.md"]), @"
    ── stderr
    error: a plugin and a file are needed, as in `plugwright run markdown README.md`
    [exit code 2]
    ");
}

#[test]
fn a_chain_whose_stages_do_not_fit_is_refused_before_it_runs() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["markdown,markdown", "broken.md"]), @"
    ── stderr
    error: stage 1, `markdown`, gives text/html, and stage 2, `markdown`, takes text/markdown or text/plain: put a plugin between them that turns one into the other, or leave one of them out
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["checksum,markdown,markdown", "broken.md"]), @"
    ── stderr
    error: stage 2, `markdown`, gives text/html, and stage 3, `markdown`, takes text/markdown or text/plain: put a plugin between them that turns one into the other, or leave one of them out
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["markdown,checksum", "photo.png"]), @"
    ── stderr
    error: `photo.png` is image/png by its name, and stage 1, `markdown`, takes text/markdown or text/plain: begin with a plugin that takes image/png, or name another file
    [exit code 2]
    ");
    // The name says nothing, and one plugin can be tried on any file.
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
    // In pieces, too.
    let echo = around(include_str!("echo.wat"), "streamer");
    fs::write(folder.path().join("echo.wasm"), echo).expect("a file");
    fs::write(folder.path().join("trap.txt"), "trap").expect("a file");
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
