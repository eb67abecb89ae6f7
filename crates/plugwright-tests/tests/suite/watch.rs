//! Plugins whose files change while they serve, and `plugwright run --watch`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use insta::assert_snapshot;
use plugwright::{Dist, Host, LoadError, Plugin, WatchError, Watched};
use plugwright_contract::prelude::*;
use plugwright_contract::{Person, Prettify, inspect};
use tempfile::TempDir;
use tests::{Output, dist, plugwright, trapping};

use crate::given_files;

/// How long a test waits for an event that must come. The event takes far less time.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a test waits for an event that must not come. This is longer than the watcher's quiet period.
const SILENCE: Duration = Duration::from_millis(150);

/// Returns the plugin `quote`, which says hello.
fn hello() -> Vec<u8> {
    dist().read("quote").unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the same plugin with another greeting.
fn howdy() -> Vec<u8> {
    replaced(&hello(), b"Hello, ", b"Howdy, ")
}

/// Returns a plugin that is quick to compile. Only `version` tells it apart from others.
fn quick(version: u8) -> Vec<u8> {
    static QUICK: LazyLock<Vec<u8>> = LazyLock::new(|| trapping("prettify"));
    // A custom section: its id, its size, the size of its name, its name and its content.
    [QUICK.as_slice(), &[0, 3, 1, b'v', version]].concat()
}

/// Replaces `from` in the bytes with `to`, which has the same length.
fn replaced<const N: usize>(bytes: &[u8], from: &[u8; N], to: &[u8; N]) -> Vec<u8> {
    let at = bytes.windows(N).position(|window| window == from).expect("the plugin has this text");
    let mut bytes = bytes.to_owned();
    bytes[at..at + N].copy_from_slice(to);
    bytes
}

fn greeting(plugin: &Plugin<Prettify>) -> String {
    let person = Person { first_name: "Ada".to_owned(), last_name: "Lovelace".to_owned() };
    plugin.greet(&person).unwrap_or_else(|error| panic!("{error}"))
}

/// A file in its own folder, and the watched plugin in it.
struct Sample {
    folder: TempDir,
    path: PathBuf,
    watched: Watched<Prettify>,
}

impl Sample {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be created");
        let path = folder.path().join(name).with_extension("wasm");
        fs::write(&path, bytes).expect("the file can be written");
        let host = Host::builder().build().expect("the engine starts");
        let watched = host.watch(&path).unwrap_or_else(|error| panic!("{error}"));
        Self { folder, path, watched }
    }

    /// Waits until the plugin's greeting of Ada begins with `word`.
    fn expect_greeting(&self, word: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !greeting(&self.watched.current()).starts_with(word) {
            assert!(Instant::now() < deadline, "no `{word}`: {:?}", self.watched);
            self.watched.wait_for_change(self.watched.changes(), Duration::from_millis(20));
        }
    }

    /// Waits until the file is refused with an error that begins with `words`, and returns the whole error. A file
    /// that is written in place may be refused as empty before that.
    fn expect_refusal(&self, words: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let seen = self.watched.changes();
            let refusal = self.watched.last_error().map_or_else(String::new, |it| it.to_string());
            if refusal.starts_with(words) {
                return refusal;
            }
            assert!(Instant::now() < deadline, "no `{words}`: {:?}", self.watched);
            self.watched.wait_for_change(seen, PATIENCE);
        }
    }
}

/// Replaces a file in one step, as the pipeline does.
fn replace(path: &Path, bytes: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).expect("the file can be written");
    fs::rename(beside, path).expect("both paths are in the same folder");
}

#[test]
fn a_plugin_is_replaced_between_calls_and_none_fails() {
    let sample = Sample::new("replaced", &hello());
    let done = AtomicBool::new(false);
    let answers: Vec<String> = thread::scope(|scope| {
        let callers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut answers = Vec::new();
                    while !done.load(Ordering::Relaxed) {
                        answers.push(greeting(&sample.watched.current()));
                        thread::sleep(Duration::from_millis(1));
                    }
                    answers
                })
            })
            .collect();
        for (bytes, word) in [(howdy(), "Howdy"), (hello(), "Hello")] {
            replace(&sample.path, &bytes);
            sample.expect_greeting(word);
        }
        done.store(true, Ordering::Relaxed);
        callers
            .into_iter()
            .flat_map(|caller| caller.join().expect("the thread did not panic"))
            .collect()
    });
    let of = |greeting: &str| answers.iter().filter(|answer| *answer == greeting).count();
    let (hello, howdy) = (of("Hello, Ada Lovelace!"), of("Howdy, Ada Lovelace!"));
    assert!(hello > 0 && howdy > 0 && hello + howdy == answers.len(), "{hello}, {howdy}");
    assert_eq!(sample.watched.changes(), 2);
}

#[test]
fn a_broken_file_is_refused_and_the_old_plugin_serves_until_there_is_a_good_one() {
    let sample = Sample::new("broken", &hello());
    let kept = sample.watched.current();
    let good = howdy();
    fs::write(&sample.path, b"# no").expect("the file can be written");
    let refusal = sample.expect_refusal("`broken` is not WebAssembly: it does not");
    assert_snapshot!(refusal, @r"`broken` is not WebAssembly: it does not begin with the bytes `\0asm`");
    sample.expect_greeting("Hello");

    // A partial file is also refused. Once it is complete, it serves.
    fs::write(&sample.path, &good[..good.len() / 2]).expect("the file can be written");
    sample.expect_refusal("`broken` is damaged: ");
    sample.expect_greeting("Hello");
    fs::write(&sample.path, &good).expect("the file can be written");
    sample.expect_greeting("Howdy");
    assert!(sample.watched.last_error().is_none());
    assert_eq!(greeting(&kept), "Hello, Ada Lovelace!");
}

#[test]
fn a_file_that_is_gone_keeps_serving_and_can_come_back_even_with_its_folder() {
    let sample = Sample::new("gone", &quick(1));
    fs::remove_dir_all(sample.folder.path()).expect("the folder exists");
    sample.expect_refusal("cannot read the plugin `");
    assert_eq!(sample.watched.current().name(), "gone");
    fs::create_dir(sample.folder.path()).expect("the file no longer exists");
    replace(&sample.path, &quick(2));
    assert_eq!(sample.watched.wait_for_change(1, PATIENCE), 2);
    assert!(sample.watched.last_error().is_none(), "{:?}", sample.watched);
}

#[test]
fn a_file_that_is_none_keeps_serving_and_can_become_one_again() {
    let sample = Sample::new("odd", &quick(1));
    let beside = sample.folder.path().join("beside");
    for (count, odd) in (2..).zip(["fifo", "endless", "folder", "sparse"]) {
        given_files::put(odd, &beside);
        // A folder does not replace a file.
        fs::remove_file(&sample.path).expect("the file exists");
        fs::rename(&beside, &sample.path).expect("both paths are in the same folder");
        let words =
            if odd == "sparse" { "`odd` is not loaded: " } else { "cannot read the plugin `" };
        sample.expect_refusal(words);
        let _ = fs::remove_dir(&sample.path);
        replace(&sample.path, &quick(count));
        let deadline = Instant::now() + PATIENCE;
        while sample.watched.last_error().is_some() {
            assert!(Instant::now() < deadline, "{odd}: {:?}", sample.watched);
            sample.watched.wait_for_change(sample.watched.changes(), Duration::from_millis(20));
        }
    }
}

#[test]
fn the_same_bytes_are_no_change() {
    let sample = Sample::new("touched", &quick(1));
    let file = File::options().append(true).open(&sample.path).expect("the file exists");
    file.set_modified(SystemTime::now()).expect("the time can be set");
    assert_eq!(sample.watched.wait_for_change(0, SILENCE), 0);
    replace(&sample.path, &quick(1));
    assert_eq!(sample.watched.wait_for_change(0, SILENCE), 0);
    replace(&sample.path, &quick(2));
    assert_eq!(sample.watched.wait_for_change(0, PATIENCE), 1);
    assert!(sample.watched.last_error().is_none(), "{:?}", sample.watched);
}

#[test]
fn what_is_no_plugin_to_begin_with_is_not_watched() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let host = Host::builder().build().expect("the engine starts");
    let error = host
        .watch::<Prettify>(folder.path().join("missing.wasm"))
        .expect_err("the file does not exist");
    assert!(matches!(error, WatchError::Load(LoadError::Read { .. })), "{error:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn the_threads_end_with_the_last_handle() {
    use std::os::unix::fs::MetadataExt as _;

    let sample = Sample::new("dropped", &quick(1));
    let inode = fs::metadata(sample.folder.path()).expect("the path exists").ino();
    // The files of a thread that ends meanwhile cannot be read any more.
    let texts = |folder: &str, file: fn(PathBuf) -> PathBuf| -> Vec<String> {
        let entries = fs::read_dir(folder).expect("`/proc` can be read").flatten();
        entries.filter_map(|entry| fs::read_to_string(file(entry.path())).ok()).collect()
    };
    let threads = || {
        let names = texts("/proc/self/task", |thread| thread.join("comm"));
        names.contains(&"watch dropped\n".to_owned())
    };
    // The thread of the notifications keeps its list of watched files as long as it runs.
    let notified = || {
        let mark = format!(" ino:{inode:x} ");
        texts("/proc/self/fdinfo", |file| file).iter().any(|text| text.contains(&mark))
    };
    let until = |watches: bool| {
        let deadline = Instant::now() + PATIENCE;
        while (threads(), notified()) != (watches, watches) {
            assert!(Instant::now() < deadline, "watches: {} {}", threads(), notified());
            thread::sleep(Duration::from_millis(5));
        }
    };
    // A thread gets its name when it starts to run.
    until(true);
    let other = sample.watched.clone();
    drop(sample.watched);
    replace(&sample.path, &quick(2));
    assert_eq!(other.wait_for_change(0, PATIENCE), 1);
    drop(other);
    until(false);
}

/// A running `plugwright run --watch`, and its output line by line.
struct Running {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Running {
    fn new(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = plugwright(folder, arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command was built");
        let stdout = lines(child.stdout.take().expect("the stream is piped"));
        let stderr = lines(child.stderr.take().expect("the stream is piped"));
        Self { child, stdout, stderr }
    }

    fn expect_stdout(&self, line: &str) {
        let next = self.stdout.recv_timeout(PATIENCE);
        assert_eq!(next.as_deref(), Ok(line), "{:?}", self.stderr.try_iter().collect::<Vec<_>>());
    }

    fn expect_stderr(&self, line: &str) {
        assert_eq!(self.stderr.recv_timeout(PATIENCE).as_deref(), Ok(line));
    }

    /// Waits for the output and the log of the plugin of this name.
    fn expect(&self, plugin: &str, [given, logged]: [&str; 2]) {
        self.expect_stdout(given);
        self.expect_stderr(&format!("info: {plugin}: {logged}"));
    }

    /// Like [`Running::expect`], once the plugin is [louder].
    fn expect_loud(&self, plugin: &str, [given, logged]: [&str; 2]) {
        self.expect(plugin, [given, &logged.replace("counted", "COUNTED")]);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // In any case, the process must not outlive the test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(output: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// Returns the plugin `count`, which documents go through.
fn count() -> Vec<u8> {
    dist().read("count").unwrap_or_else(|error| panic!("{error}"))
}

/// Returns the same plugin with another log message.
fn louder() -> Vec<u8> {
    replaced(&count(), b"counted", b"COUNTED")
}

/// The result for the words, and the log after the plugin's name.
const ONE: [&str; 2] = [
    "{\"lines\":1,\"words\":1,\"characters\":3,\"bytes\":3}",
    "counted lines=1 words=1 characters=3 bytes=3",
];
const TWO: [&str; 2] = [
    "{\"lines\":1,\"words\":2,\"characters\":7,\"bytes\":7}",
    "counted lines=1 words=2 characters=7 bytes=7",
];

/// Returns a folder with a file of words, and the plugin `count` in a folder of built plugins.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let built = folder.path().join("dist");
    fs::create_dir(&built).expect("the folder can be created");
    fs::write(folder.path().join("words.txt"), "one").expect("the file can be written");
    fs::write(built.join("count.wasm"), count()).expect("the file can be written");
    let manifest = tests::dist_folder().join(Dist::MANIFEST);
    fs::copy(manifest, built.join(Dist::MANIFEST)).expect("the file can be copied");
    folder
}

#[test]
fn run_runs_again_when_the_input_or_a_plugin_changes() {
    let folder = folder();
    let words = folder.path().join("words.txt");
    let plugin = folder.path().join("copy.wasm");
    fs::write(&plugin, count()).expect("the file can be written");
    let running = Running::new(folder.path(), &["run", "--watch", "copy.wasm", "words.txt"]);
    running.expect("copy", ONE);

    // An error is shown, and the watch continues.
    fs::write(&words, b"\xff").expect("the file can be written");
    running.expect_stderr(
        "error: plugin `copy` refused: invalid input at line 1, column 1: the byte 0xff is not UTF-8 here",
    );
    replace(&words, b"one two");
    running.expect("copy", TWO);

    replace(&plugin, &louder());
    running.expect_loud("copy", TWO);
}

#[test]
fn run_builds_again_when_a_source_changes() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("plugin.wasm"), count()).expect("the file can be written");
    fs::write(path("next.wasm"), louder()).expect("the file can be written");
    fs::create_dir_all(path("sources/src")).expect("the folders can be created");
    fs::write(path("sources/src/lib.rs"), "old").expect("the file can be written");
    let build = "echo built; cp next.wasm new.wasm && mv new.wasm plugin.wasm";
    let arguments = ["--watch", "--build", build, "--sources", "sources", "--sources", "gone"];
    let arguments = [&["run", "plugin.wasm", "words.txt"], &arguments[..]].concat();
    let running = Running::new(folder.path(), &arguments);
    running.expect("plugin", ONE);
    // The sources are read at the same time as the first run.
    thread::sleep(SILENCE);
    fs::write(path("sources/src/lib.rs"), "new").expect("the file can be written");
    running.expect_stdout("built");
    running.expect_loud("plugin", ONE);
}

#[test]
fn run_waits_for_the_manifest_of_a_plugin_that_is_built_again() {
    let folder = folder();
    let built = folder.path().join("dist");
    let arguments = ["--dist", "dist", "run", "--watch", "count", "words.txt"];
    let running = Running::new(folder.path(), &arguments);
    running.expect("count", ONE);

    let digest = |bytes: &[u8]| inspect("count", bytes).expect("the component is valid").sha256;
    let (old, new) = (count(), louder());
    let manifest = built.join(Dist::MANIFEST);
    let text = fs::read_to_string(&manifest).expect("the file exists");
    assert!(text.contains(&digest(&old)));
    replace(&built.join("count.wasm"), &new);
    // Meanwhile, the pipeline builds another plugin.
    thread::sleep(SILENCE);
    replace(&manifest, text.replace(&digest(&old), &digest(&new)).as_bytes());
    running.expect_loud("count", ONE);
}

#[test]
fn run_says_what_cannot_be_watched() {
    let folder = folder();
    let run = |arguments: &[&str]| Output::of(&mut plugwright(folder.path(), arguments));
    assert_snapshot!(run(&["run", "--watch", "count", "-"]), @"
    ── stderr
    error: `--watch` cannot watch standard input: name a file instead of `-`
    [exit code 2]
    ");
    assert_snapshot!(run(&["run", "--watch", "count", "dist"]), @"
    ── stderr
    error: `--watch` cannot watch `dist`, which is not a file: name a file
    [exit code 2]
    ");
    assert_snapshot!(run(&["run", "--watch", "count", "words.txt", "-o", "./words.txt"]), @"
    ── stderr
    error: `./words.txt` is watched, and writing the result to it would cause endless runs: name another file for `--output`
    [exit code 2]
    ");
}
