//! The `plugwright` command as a user runs it: each verb and each exit code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use insta::assert_snapshot;
use tempfile::TempDir;
use tests::{Output, copy_built, dist_folder, plugwright, trapping};

static TRAPPING: LazyLock<Vec<u8>> = LazyLock::new(|| trapping("transformer"));

/// Returns a folder for one test, with files to run.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = |name: &str, content: &[u8]| {
        fs::write(folder.path().join(name), content).expect("the file can be written");
    };
    file("words.txt", b"to be\nor not");
    file("empty.txt", b"");
    file("page.md", b"# A *page*\n\n<b>bold</b>\n");
    file("broken.md", b"fine\nnot \xff\n");
    file("trapping.wasm", &TRAPPING);
    file("not-a-plugin.wasm", b"# no");
    folder
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    Output::of(&mut plugwright(folder, arguments))
}

#[test]
fn run_puts_a_document_through_a_plugin() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["run", "markdown", "page.md"]), @"
    <h1>A <em>page</em></h1>
    <p>&lt;b&gt;bold&lt;/b&gt;</p>
    ── stderr
    warn: markdown: raw HTML or unsafe links were made harmless pieces=2
    [exit code 0]
    ");
}

#[test]
fn run_takes_options() {
    let folder = folder();
    let arguments = ["run", "markdown", "page.md", "--option", "unsafe-html=true"];
    assert_snapshot!(run(folder.path(), &arguments), @"
    <h1>A <em>page</em></h1>
    <p><b>bold</b></p>
    [exit code 0]
    ");
}

#[test]
fn run_takes_a_plugin_by_its_file() {
    let folder = folder();
    let plugin = dist_folder().join("count.wasm");
    let arguments =
        ["--log", "off", "run", plugin.to_str().expect("the path is UTF-8"), "words.txt"];
    assert_snapshot!(run(folder.path(), &arguments), @r#"
    {"lines":2,"words":4,"characters":12,"bytes":12}
    [exit code 0]
    "#);
}

#[test]
fn run_reads_standard_input_and_gives_bytes() {
    let folder = folder();
    let mut command = plugwright(folder.path(), ["run", "markdown", "-"]);
    let output = Output::of_with_input(&mut command, "Größe\r\n".as_bytes());
    assert_eq!((output.bytes.as_slice(), output.code), ("<p>Größe</p>\n".as_bytes(), Some(0)));
}

#[test]
fn run_makes_a_chain_of_transformers_with_options_for_one_of_them() {
    let folder = folder();
    copy_built("checksum.wasm", folder.path().join("again.wasm"));
    let arguments =
        ["run", "checksum", "again.wasm", "markdown", "page.md", "-O", "again.algorithm=crc32"];
    assert_snapshot!(run(folder.path(), &arguments), @"
    <p>cc75bed9  page.md.sha256</p>
    [exit code 0]
    ");
}

#[test]
fn run_writes_a_file_whole() {
    let folder = folder();
    let file = folder.path().join("words.html");
    fs::write(&file, "old").expect("the file can be written");
    let output = run(folder.path(), &["run", "markdown", "words.txt", "-o", "words.html"]);
    assert_eq!((output.stdout.as_str(), output.code), ("", Some(0)), "{output}");
    let html = "<p>to be\nor not</p>\n";
    assert_eq!(fs::read_to_string(&file).expect("the file exists"), html);
    let output = run(folder.path(), &["run", "markdown", "broken.md", "-o", "words.html"]);
    assert_eq!(output.code, Some(1), "{output}");
    assert_eq!(fs::read_to_string(&file).expect("the file exists"), html);
    let left: Vec<PathBuf> = fs::read_dir(folder.path())
        .expect("the folder can be read")
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.to_string_lossy().contains("/.plugwright"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn exit_code_1_when_a_plugin_refuses() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["run", "markdown", "broken.md"]), @"
    ── stderr
    error: plugin `markdown` refused: invalid input at line 2, column 5: the byte 0xff is not UTF-8 here
    [exit code 1]
    ");
}

#[test]
fn what_a_plugin_says_does_not_steer_the_terminal() {
    let folder = folder();
    let arguments = ["run", "markdown", "page.md", "-O", "unsafe-html=\u{1b}[2J"];
    assert_snapshot!(run(folder.path(), &arguments), @r"
    ── stderr
    error: plugin `markdown` refused: option `unsafe-html`: `\u{1b}[2J` is neither `true` nor `false`
    [exit code 1]
    ");
}

#[test]
fn exit_code_2_for_usage() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["run", "markdown"]), @"
    ── stderr
    error: name a plugin and a file, as in `plugwright run markdown README.md`
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["run", "markdown", "page.md", "-O", "x"]), @"
    ── stderr
    error: invalid value 'x' for '--option <KEY=VALUE>': an option has the form KEY=VALUE

    For more information, try '--help'.
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["run", "quote", "words.txt"]), @"
    ── stderr
    error: `quote` does not take documents, because its world is `plugwright:plugin/prettify@0.2.0`: `plugwright call quote` lists its functions
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["run", "quote", "words.txt", "-O", "x=y"]), @"
    ── stderr
    error: `quote` does not take documents, because its world is `plugwright:plugin/prettify@0.2.0`: `plugwright call quote` lists its functions
    [exit code 2]
    ");
    let here = ["--compiler", "here", "--compiler-limit", "time=1s", "check", "trapping.wasm"];
    assert_snapshot!(run(folder.path(), &here), @"
    ── stderr
    error: `--compiler here` compiles without limits: leave out `--compiler-limit`, or use `--compiler process`
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["run", "markdown", "quote", "page.md"]), @"
    ── stderr
    error: `quote` does not take documents, because its world is `plugwright:plugin/prettify@0.2.0`: `plugwright call quote` lists its functions
    [exit code 2]
    ");
}

#[test]
fn exit_code_3_when_a_plugin_cannot_be_loaded() {
    let folder = folder();
    let unknown = run(folder.path(), &["run", "no-such-plugin", "page.md"]);
    let words = "error: there is no plugin `no-such-plugin` in `$DIST`, which has ";
    assert!(unknown.stderr.starts_with(words) && unknown.stderr.contains("`quote`"), "{unknown}");
    assert_eq!(unknown.code, Some(3), "{unknown}");
    assert_snapshot!(run(folder.path(), &["run", "not-a-plugin.wasm", "page.md"]), @r"
    ── stderr
    error: `not-a-plugin` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    [exit code 3]
    ");
}

#[test]
fn exit_code_4_when_a_plugin_traps() {
    let folder = folder();
    let output = run(folder.path(), &["run", "trapping.wasm", "page.md"]);
    // The function's offset depends on the compiler.
    let (before, after) =
        output.stderr.split_once("<function at 0x").expect("the output has a backtrace");
    assert_snapshot!(before, @"
    error: plugin `trapping` trapped in `transform`: wasm trap: wasm `unreachable` instruction executed
      in
    ");
    assert!(after.trim_end_matches(">\n").chars().all(|c| c.is_ascii_hexdigit()), "{output}");
    assert_eq!((output.stdout.as_str(), output.code), ("", Some(4)), "{output}");
}

#[test]
fn exit_code_8_when_a_file_cannot_be_read_or_written() {
    let folder = folder();
    assert_snapshot!(run(folder.path(), &["run", "markdown", "missing.md"]), @"
    ── stderr
    error: cannot read `missing.md`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(run(folder.path(), &["run", "count", "words.txt", "-o", "no/such/file"]), @"
    ── stderr
    info: count: counted lines=2 words=4 characters=12 bytes=12
    error: cannot write `no/such/file`: there is no folder `no/such`
    [exit code 8]
    ");
    assert_snapshot!(run(folder.path(), &["run", "missing.wasm", "page.md"]), @"
    ── stderr
    error: cannot read the plugin `missing.wasm`: No such file or directory (os error 2)
    [exit code 8]
    ");
    assert_snapshot!(run(folder.path(), &["run", "markdown", ""]), @"
    ── stderr
    error: the name of the file is empty
    [exit code 2]
    ");
    assert_snapshot!(run(folder.path(), &["--dist", "empty", "run", "markdown", "page.md"]), @"
    ── stderr
    error: there are no built plugins in `empty`: it has no `plugins.json`; run `plugwright build`
    [exit code 8]
    ");
    // The same holds for each verb.
    let path = folder.path();
    fs::create_dir(path.join("unreadable")).expect("the folder can be created");
    fs::create_dir(path.join("unreadable/plugins.json")).expect("the folder can be created");
    fs::write(path.join("plugin.toml"), "world = \"transformer\"\n")
        .expect("the file can be written");
    for arguments in [
        &["index", "no-such-folder"][..],
        &["compare", "unreadable", "unreadable"],
        &["compare", "empty", "empty"],
        &["size", "--dist", "unreadable"],
        &["stamp", "missing.toml", "trapping.wasm"],
        &["stamp", "plugin.toml", "missing.wasm"],
        &["check", "missing.wasm"],
        &["check", "unreadable/missing.wasm"],
        &["inspect", "missing.wasm"],
        &["sign", "--key", "missing.key", "trapping.wasm"],
        &["run", "--policy", "missing.toml", "markdown", "page.md"],
        &["call", "missing.wasm"],
        &["call", "missing.wasm", "prettify([])"],
        &["call", "quote", "--calls", "missing.calls"],
        &["call", "--policy", "missing.toml", "quote", "prettify([])"],
        &["contract", "missing.wit"],
    ] {
        let output = run(path, arguments);
        assert_eq!(output.code, Some(8), "{arguments:?}: {output}");
    }
    // A file that exists but is not a plugin is another error.
    for arguments in [
        &["check", "not-a-plugin.wasm"][..],
        &["inspect", "not-a-plugin.wasm"],
        &["call", "not-a-plugin.wasm"],
        &["stamp", "plugin.toml", "not-a-plugin.wasm"],
    ] {
        let output = run(path, arguments);
        assert_eq!(output.code, Some(3), "{arguments:?}: {output}");
    }
}

#[test]
fn check_tells_the_world_of_each_file_and_goes_on_after_a_bad_one() {
    let folder = folder();
    let quote = dist_folder().join("quote.wasm");
    let arguments =
        ["check", "not-a-plugin.wasm", "trapping.wasm", quote.to_str().expect("the path is UTF-8")];
    assert_snapshot!(run(folder.path(), &arguments), @r"
    trapping.wasm: a plugin of the world plugwright:plugin/transformer@0.2.0, which imports only its contract
    $DIST/quote.wasm: a plugin of the world plugwright:plugin/prettify@0.2.0, which imports only its contract
    ── stderr
    error: `not-a-plugin.wasm`: `not-a-plugin` is not WebAssembly: it does not begin with the bytes `\0asm`; a plugin is a file that `plugwright build` puts into `dist/`
    error: 1 of 3 files cannot be run
    [exit code 3]
    ");
}

#[test]
fn a_changed_byte_in_a_plugin_is_noticed() {
    let folder = folder();
    let dist = folder.path().join("dist");
    fs::create_dir(&dist).expect("the folder can be created");
    for file in ["plugins.json", "quote.wasm"] {
        copy_built(file, dist.join(file));
    }
    let intact = fs::read(dist.join("quote.wasm")).expect("the file exists");
    let step = intact.len() / 8;
    for at in (0..intact.len()).step_by(step) {
        let mut damaged = intact.clone();
        damaged[at] ^= 1;
        fs::write(dist.join("quote.wasm"), damaged).expect("the file can be written");
        let by_name = run(folder.path(), &["--dist", "dist", "call", "quote", "prettify([])"]);
        assert_eq!(by_name.code, Some(3), "byte {at}: {by_name}");
        assert!(by_name.stderr.contains("run `plugwright build`"), "byte {at}: {by_name}");
        let by_file = run(folder.path(), &["check", "dist/quote.wasm"]);
        assert_eq!(by_file.code, Some(3), "byte {at}: {by_file}");
    }
}

#[test]
fn inspect_shows_what_a_plugin_says_of_itself() {
    let folder = folder();
    let output = run(folder.path(), &["inspect", "markdown"]);
    assert_eq!(output.code, Some(0), "{output}");
    // The size, the digest and the standard library's imports depend on the toolchain.
    let stable = output.stdout.lines().filter(|line| {
        !line.starts_with("size") && !line.starts_with("sha256") && !line.contains(" wasi:")
    });
    assert_snapshot!(stable.collect::<Vec<_>>().join("\n"), @"
    name         markdown
    version      0.1.0
    world        plugwright:plugin/transformer@0.2.0
    contract     plugwright:plugin@0.2.0
    imports      plugwright:plugin/host@0.2.0
    exports      plugwright:plugin/transform@0.2.0
    declares     world plugwright:plugin/transformer@0.2.0
                 limit memory=128MiB
    summary      turns Markdown into HTML
    takes        text/markdown
                 text/plain
    gives        text/html
    options      unsafe-html=false  `true` passes raw HTML and links such as `javascript:` on; `false` escapes the HTML and empties the links
                 tag-filter=false  `true` shows tags such as `<script>` as text where `unsafe-html` passes raw HTML on, as GitHub does; `false` passes them on, too
                 autolinks=false  `true` turns addresses in text into links, such as `www.example.org` and `somebody@example.org`, as GitHub does; `false` leaves them as text
                 front-matter=true  `true` reads YAML between `---` lines at the beginning into the document's attributes; `false` takes it as Markdown

    functions to call

    plugwright:plugin/transform@0.2.0
      // Plugins that turn one document into another.
      //
      // All plugins use these definitions. A character is a Unicode scalar value. A line ends after U+000A,
      // or at the end of the text if characters follow the last U+000A; U+000D is a character of the line.
      // A word is a longest sequence of characters without Unicode's White_Space, which consists of U+0009
      // to U+000D, U+0020, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000,
      // and no other character.
      transform.describe: func() -> description
          // Describes the plugin. The answer is always the same.
      transform.transform: func(input: document, options: list<setting>) -> result<document, failure>
          // Turns `input` into another document, with the plugin's defaults for the options that
          // are not in `options`.
          //
          // If an option is set twice, the last value counts. The result depends only
          // on the arguments.
      record document { name: string, media-type: string, body: list<u8>, attributes: list<attribute> }
      record description { name: string, version: string, summary: string, takes: list<string>, gives: list<string>, options: list<option-description> }
      record setting { key: string, value: string }
      variant failure { invalid-input(invalid-input), unknown-option(string), bad-option(bad-option), internal(string) }
      record attribute { key: string, value: string }
      record option-description { key: string, default: string, help: string }
      record invalid-input { message: string, at: option<location> }
      record bad-option { key: string, message: string, at: option<location> }
      record location { line: u32, column: u32 }

    functions that the plugin imports, answered by `import` statements

    plugwright:plugin/host@0.2.0
      // Functions that the host provides to every plugin.
      host.log: func(level: level, message: string, fields: list<field>)
          // Writes one line to the host's log. The host adds which plugin wrote it.
          //
          // Put variable values into `fields` and keep `message` constant, so that lines can be
          // found and counted.
      enum level { trace, debug, info, warn, error }
      record field { key: string, value: string }
    ");
}

#[test]
fn inspect_gives_json() {
    let folder = folder();
    let output = run(folder.path(), &["inspect", "--json", "quote"]);
    let json: serde_json::Value =
        serde_json::from_slice(&output.bytes).expect("the text is valid JSON");
    assert_eq!(json["name"], "quote");
    assert_eq!(json["world"], "plugwright:plugin/prettify@0.2.0");
    assert_eq!(json["exports"], serde_json::json!(["plugwright:plugin/words@0.2.0"]));
    assert_eq!(json["description"], serde_json::Value::Null);
}

/// A pool of instances reserves terabytes of addresses, which cost nothing if there are enough.
#[cfg(target_os = "linux")]
#[test]
fn run_does_without_a_pool_where_addresses_are_few() {
    let folder = folder();
    let arguments = ["--log", "off", "run", "count", "words.txt", "--stats"];
    let placed = |kibibytes: &str| {
        let output = within_addresses(kibibytes, folder.path(), &arguments);
        assert_eq!(output.code, Some(0), "{output}");
        output.stderr
    };
    assert!(placed("unlimited").contains("instance from the pool"));
    assert!(placed("30000000").contains("instance on demand"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_without_threads_is_no_fault_of_a_file() {
    let folder = folder();
    fs::write(folder.path().join("plugin.toml"), "world = \"transformer\"\n")
        .expect("the file can be written");
    // With only just enough addresses to start, the command cannot create another stack.
    let arguments = ["stamp", "plugin.toml", "trapping.wasm"];
    let within = |mib: u32| within_addresses(&(mib << 10).to_string(), folder.path(), &arguments);
    let output =
        (16..1024).step_by(4).map(within).find(|output| output.stderr.starts_with("error"));
    // It depends on the machine which of its threads cannot start first.
    let error = output.expect("the program starts").stderr;
    let lacks =
        "error: the engine cannot run on this machine: cannot start the thread for deadlines: ";
    let sees = "error: `trapping` was not inspected: the system could not start another thread: ";
    assert!(error.starts_with(lacks) || error.starts_with(sees), "{error}");
}

/// Returns the output of the command with this much address space.
#[cfg(target_os = "linux")]
fn within_addresses(kibibytes: &str, folder: &Path, arguments: &[&str]) -> Output {
    let command = plugwright(folder, arguments);
    let mut limited = Command::new("bash");
    limited.args(["-c", "ulimit -v $0 && exec \"$@\"", kibibytes]).arg(command.get_program());
    limited.args(command.get_args()).current_dir(folder);
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Output::of(&mut limited)
}
