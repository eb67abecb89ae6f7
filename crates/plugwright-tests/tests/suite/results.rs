//! Results of pipelines in a folder: which files a run may replace, and what remains of a run that is interrupted.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use tests::{Output, around, dist_folder, plugwright};

use crate::curious;
use crate::given_files::put;
use crate::pipelines::{NEEDED, files, folder, run, run_pipeline};

#[test]
fn results_of_the_same_name_do_not_replace_each_other() {
    let folder = folder();
    let pipeline = ["--pipeline", "checksums.toml", "--into", "out"];
    let both = [&pipeline[..], &["page.md", "deep/page.md", "other.md"]].concat();
    let attempt = || (run(folder.path(), &both), files(&folder.path().join("out")));
    let (output, results) = attempt();
    assert_snapshot!(output, @"
    ── stderr
    error: `deep/page.md`: its result `page.html.crc32` has the same name as that of `page.md`, which was kept: run one of the files with another `--into`
    error: 1 of 3 files failed; 2 are done, in `out`
    [exit code 2]
    ");
    assert_snapshot!(results, @"
    other.html.crc32: 22f95e34  other.html
    page.html.crc32: 2a3d4219  page.html
    ");
    // The result does not depend on which file is done first.
    for _ in 0..5 {
        assert_eq!(attempt(), (output.clone(), results.clone()));
    }
}

#[test]
fn results_stay_in_the_folder_and_replace_no_input() {
    let folder = folder();
    let curious = &*curious::FILE;
    // The plugin returns a document of the same name.
    let same = format!("[[stage]]\nplugin = \"{}\"\ngrants = [{NEEDED}]\n", curious.display());
    fs::write(folder.path().join("lines.txt"), "list /\n").expect("the file can be written");
    assert_snapshot!(run_pipeline(folder.path(), &same, &["lines.txt", "--into", "."]), @"
    ── stderr
    error: `lines.txt`: its result `lines.txt` would replace one of the input files: use another folder for the results
    error: 1 of 1 files failed; 0 are done, in `.`
    [exit code 2]
    ");
    let echo = around(include_str!("echo.wat"), "streamer");
    fs::write(folder.path().join("echo.wasm"), echo).expect("the file can be written");
    let nameless = "[[stage]]\nplugin = \"echo.wasm\"\n";
    assert_snapshot!(run_pipeline(folder.path(), nameless, &["lines.txt", "--into", "out"]), @"
    ── stderr
    error: `lines.txt`: the name of its result: `` cannot be used as a file name: it is empty
    error: 1 of 1 files failed; 0 are done, in `out`
    [exit code 1]
    ");
    assert_eq!(files(&folder.path().join("out")), "");
}

/// Returns a transformer that returns a document with this name and body for every input.
fn giver(name: &str, body: &str) -> Vec<u8> {
    let text = |text: &str| text.bytes().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let core = format!(
        r#"(module
          (memory (export "memory") 17)
          (data (i32.const 4096) "{}")
          (data (i32.const 8192) "{}")
          (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 16384))
          (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32) (i32.const 128))
          (func (export "plugwright:plugin/transform@0.2.0#transform")
            (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
            (i32.store (i32.const 516) (i32.const 4096))
            (i32.store (i32.const 520) (i32.const {}))
            (i32.store (i32.const 532) (i32.const 8192))
            (i32.store (i32.const 536) (i32.const {}))
            (i32.const 512)))"#,
        text(name),
        text(body),
        name.len(),
        body.len()
    );
    around(&core, "transformer")
}

/// Runs a plugin that writes `body` to the file `name` in the folder `out`.
fn give(folder: &Path, name: &str, body: &str, more: &[&str]) -> Output {
    fs::write(folder.join("giver.wasm"), giver(name, body)).expect("the file can be written");
    let pipeline = "[[stage]]\nplugin = \"giver.wasm\"\n";
    run_pipeline(folder, pipeline, &[&["NOTES", "--into", "out"], more].concat())
}

#[test]
fn a_result_replaces_what_an_earlier_run_wrote_and_nothing_else() {
    let folder = folder();
    let (folder, page) = (folder.path(), folder.path().join("out/page"));
    let is =
        |text: &str| assert_eq!(fs::read_to_string(&page).expect("the file can be read"), text);
    assert_eq!(give(folder, "page", "one", &[]).code, Some(0));
    assert_eq!(give(folder, "page", "two", &[]).code, Some(0));
    is("two");
    fs::write(&page, "two, and a note of mine").expect("the file can be written");
    assert_snapshot!(give(folder, "page", "three", &[]), @"
    ── stderr
    error: `NOTES`: its result `page` would replace a file that no run of this pipeline wrote, or that changed since: move the file away, or add `--replace`
    error: 1 of 1 files failed; 0 are done, in `out`
    [exit code 2]
    ");
    is("two, and a note of mine");
    assert_eq!(give(folder, "page", "three", &["--replace"]).code, Some(0));
    is("three");
    // The result of another pipeline must not be replaced.
    fs::rename(folder.join("pipeline.toml"), folder.join("other.toml")).expect("the path exists");
    fs::write(folder.join("giver.wasm"), giver("page", "four")).expect("the file can be written");
    let other = ["--pipeline", "other.toml", "NOTES", "--into", "out"];
    assert_eq!(run(folder, &other).code, Some(2));
    is("three");
    // Whatever has the name of a result is kept.
    fs::write(folder.join("mine"), "mine").expect("the file can be written");
    fs::remove_file(&page).expect("the file exists");
    std::os::unix::fs::symlink("../mine", &page).expect("the link can be created");
    assert_eq!(give(folder, "page", "three", &[]).code, Some(2));
    fs::remove_file(&page).expect("the file exists");
    fs::create_dir(&page).expect("the folder can be created");
    assert_eq!(give(folder, "page", "three", &[]).code, Some(2));
    assert_eq!(give(folder, "page", "three", &["--replace"]).code, Some(8));
    assert_eq!(fs::read_to_string(folder.join("mine")).expect("the file can be read"), "mine");
}

#[test]
fn a_result_that_is_as_a_file_of_somebody_s_does_not_become_its_owner() {
    let folder = folder();
    let (folder, mine) = (folder.path(), folder.path().join("out/mine"));
    fs::create_dir(folder.join("out")).expect("the folder can be created");
    fs::write(&mine, "known").expect("the file can be written");
    assert_eq!(give(folder, "mine", "known", &[]).code, Some(0));
    assert_eq!(give(folder, "mine", "other", &[]).code, Some(2));
    // A line of the record that is cut off gives no ownership, either.
    let record = folder.join("out/.plugwright-results");
    let line = r#"{"pipeline":"../pipeline.toml","name":"mine","bla"#;
    fs::write(&record, line).expect("the file can be written");
    assert_eq!(give(folder, "mine", "other", &[]).code, Some(2));
    assert_eq!(fs::read_to_string(&mine).expect("the file can be read"), "known");
}

#[test]
fn a_result_has_a_harmless_name() {
    let folder = folder();
    let names = [
        "",
        ".",
        "..",
        "../up",
        "/tmp/x",
        "deep/page",
        r"deep\page",
        ".bashrc",
        ".plugwright-results",
        "-rf",
        " page",
        "page.",
        "a\nb",
        "a\u{1b}[2J",
        "a\u{9b}2J",
        "a\u{202e}txt.exe",
        "a\u{200b}",
        "plugins.json",
        "Plugins.JSON",
        "quote.wasm.minisig",
        &"long".repeat(64),
    ];
    let told: String = names
        .iter()
        .map(|name| {
            let output = give(folder.path(), name, "x", &["--replace"]);
            assert_eq!(output.code, Some(1), "{name:?}");
            output.stderr.lines().next().unwrap_or_default().to_owned() + "\n"
        })
        .collect();
    assert_snapshot!(told, @r"
    error: `NOTES`: the name of its result: `` cannot be used as a file name: it is empty
    error: `NOTES`: the name of its result: `.` cannot be used as a file name: it begins with a dot
    error: `NOTES`: the name of its result: `..` cannot be used as a file name: it begins with a dot
    error: `NOTES`: the name of its result: `../up` cannot be used as a file name: it contains a slash
    error: `NOTES`: the name of its result: `/tmp/x` cannot be used as a file name: it contains a slash
    error: `NOTES`: the name of its result: `deep/page` cannot be used as a file name: it contains a slash
    error: `NOTES`: the name of its result: `deep\page` cannot be used as a file name: it contains a slash
    error: `NOTES`: the name of its result: `.bashrc` cannot be used as a file name: it begins with a dot
    error: `NOTES`: the name of its result: `.plugwright-results` cannot be used as a file name: it begins with a dot
    error: `NOTES`: the name of its result: `-rf` cannot be used as a file name: it begins with a dash, as options do
    error: `NOTES`: the name of its result: ` page` cannot be used as a file name: it begins or ends with a space, or ends with a dot
    error: `NOTES`: the name of its result: `page.` cannot be used as a file name: it begins or ends with a space, or ends with a dot
    error: `NOTES`: the name of its result: `a\nb` cannot be used as a file name: it contains an invisible character
    error: `NOTES`: the name of its result: `a\u{1b}[2J` cannot be used as a file name: it contains an invisible character
    error: `NOTES`: the name of its result: `a\u{9b}2J` cannot be used as a file name: it contains an invisible character
    error: `NOTES`: the name of its result: `a\u{202e}txt.exe` cannot be used as a file name: it contains an invisible character
    error: `NOTES`: the name of its result: `a\u{200b}` cannot be used as a file name: it contains an invisible character
    error: `NOTES`: its result `plugins.json` has a reserved name: such files decide which plugins are trusted
    error: `NOTES`: its result `Plugins.JSON` has a reserved name: such files decide which plugins are trusted
    error: `NOTES`: its result `quote.wasm.minisig` has a reserved name: such files decide which plugins are trusted
    error: `NOTES`: the name of its result: `longlonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglonglong` cannot be used as a file name: it is longer than 255 bytes
    ");
    assert_eq!(files(&folder.path().join("out")), "");
    assert_eq!(give(folder.path(), "résumé 漢字.md", "x", &[]).code, Some(0));
}

#[test]
fn runs_into_one_folder_at_the_same_time_each_keep_what_is_theirs() {
    let folder = folder();
    let checksum = "[[stage]]\nplugin = \"checksum\"\n";
    fs::write(folder.path().join("pipeline.toml"), checksum).expect("the file can be written");
    let begin = |file: String| {
        fs::write(folder.path().join(&file), &file).expect("the file can be written");
        let arguments = ["run", "--pipeline", "pipeline.toml", "--into", "out"];
        let arguments = arguments.into_iter().chain([&*file]);
        let mut command = plugwright(folder.path(), arguments);
        command.stderr(Stdio::null()).spawn().expect("the command is built")
    };
    for _ in 0..2 {
        let runs: Vec<_> = (0..4).map(|number| begin(format!("{number}.txt"))).collect();
        for mut run in runs {
            assert!(run.wait().expect("the process was started").success());
        }
    }
    let record = fs::read_to_string(folder.path().join("out/.plugwright-results"));
    assert_eq!(record.expect("the file can be read").lines().count(), 8);
}

#[test]
fn an_interrupted_run_leaves_whole_files_only() {
    let folder = folder();
    let curious = &*curious::FILE;
    let pipeline = format!("[[stage]]\nplugin = \"{}\"\ngrants = [{NEEDED}]\n", curious.display());
    fs::write(folder.path().join("pipeline.toml"), pipeline).expect("the file can be written");
    fs::write(folder.path().join("quick.txt"), "").expect("the file can be written");
    fs::write(folder.path().join("slow.txt"), "sleep 60000").expect("the file can be written");
    let arguments =
        ["run", "--pipeline", "pipeline.toml", "quick.txt", "slow.txt", "--into", "out"];
    let mut command = plugwright(folder.path(), arguments);
    let mut child = command.stderr(Stdio::null()).spawn().expect("the command is built");
    let out = folder.path().join("out");
    let begin = Instant::now();
    while !out.join("quick.txt").exists() {
        assert!(begin.elapsed() < Duration::from_secs(60), "the quick result is not written");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = Command::new("bash").args(["-c", "kill -TERM $0", &child.id().to_string()]).status();
    assert!(kill.expect("every system has the program").success());
    assert_eq!(child.wait().expect("the process was started").code(), None);
    assert_eq!(files(&out), "quick.txt: ");
}

/// Returns whether child processes receive the signal. In the background of a shell, they ignore some signals.
fn is_heard((_, number): &(&str, u32)) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask >> (number - 1) & 1 == 0)
}

#[test]
fn a_signal_leaves_nothing_of_a_file_that_is_begun() {
    let folder = folder();
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("the folder can be created");
    fs::write(out.join("page.md"), "old").expect("the file can be written");
    let command = "run --log off checksum - -o out/page.md";
    for (signal, _) in [("INT", 2), ("TERM", 15), ("HUP", 1)].into_iter().filter(is_heard) {
        let mut run = plugwright(folder.path(), command.split(' '));
        let mut run = run.stdin(Stdio::piped()).spawn().expect("the command is built");
        // Held open, so that the program's input does not end.
        let _stdin = run.stdin.take();
        let begin = Instant::now();
        while fs::read_dir(&out).expect("the folder can be read").count() < 2 {
            assert!(begin.elapsed() < Duration::from_secs(60), "no result was started");
            std::thread::sleep(Duration::from_millis(5));
        }
        let kill = format!("kill -{signal} {}", run.id());
        assert!(
            Command::new("bash").args(["-c", &kill]).status().expect("a shell exists").success()
        );
        assert_eq!(run.wait().expect("the process was started").code(), None, "{signal}");
        assert_eq!(files(&out), "page.md: old", "{signal}");
    }
    // A signal that is ignored stays ignored.
    let ignoring = format!("trap '' HUP; exec \"$0\" {command}");
    let program = plugwright(folder.path(), [""]);
    let mut run = Command::new("bash");
    run.args(["-c", &ignoring]).arg(program.get_program()).current_dir(folder.path());
    run.env("PLUGWRIGHT_DIST", dist_folder());
    let mut run = run.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a shell exists");
    let begin = Instant::now();
    while fs::read_dir(&out).expect("the folder can be read").count() < 2 {
        assert!(begin.elapsed() < Duration::from_secs(60), "no result was started");
        std::thread::sleep(Duration::from_millis(5));
    }
    let kill = format!("kill -HUP {}", run.id());
    assert!(Command::new("bash").args(["-c", &kill]).status().expect("a shell exists").success());
    drop(run.stdin.take());
    assert!(run.wait().expect("the process was started").success());
}

#[test]
fn a_record_is_written_anew_with_what_is_there() {
    let folder = folder();
    let (folder, record) = (folder.path(), folder.path().join("out/.plugwright-results"));
    assert_eq!(give(folder, "page", "one", &[]).code, Some(0));
    let first = fs::read_to_string(&record).expect("the record was written");
    // Lines of results that were never written to their files. The last one has another name.
    let lost = |name: &str, number: u32| {
        format!(
            "{{\"pipeline\":\"../pipeline.toml\",\"name\":\"{name}\",\"length\":3,\"blake2b\":\"{number:064x}\"}}\n"
        )
    };
    let lines: String = (0..10_010).map(|number| lost("page", number)).collect();
    fs::write(&record, format!("{first}{lines}{}", lost("../NOTES", 1)))
        .expect("the file can be written");
    // While another run adds to the record, it is not shortened.
    let out = File::open(folder.join("out")).expect("the folder can be opened");
    out.lock_shared().expect("the file can be locked");
    assert_eq!(give(folder, "other", "one", &[]).code, Some(0));
    assert!(fs::read_to_string(&record).expect("the file exists").lines().count() > 10_000);
    drop(out);
    assert_eq!(give(folder, "page", "two", &[]).code, Some(0));
    assert_eq!(fs::read_to_string(folder.join("out/page")).expect("the file can be read"), "two");
    // The lines of the old result, the one after it, those of the other names, and the new one.
    assert_eq!(fs::read_to_string(&record).expect("the file exists").lines().count(), 5);
    assert_eq!(give(folder, "page", "three", &[]).code, Some(0));
}

#[test]
fn a_result_that_cannot_be_put_in_its_place_leaves_what_is_there_to_its_pipeline() {
    let folder = folder();
    let (folder, page) = (folder.path(), folder.path().join("out/page"));
    assert_eq!(give(folder, "page", "one", &[]).code, Some(0));
    let there = folder.join("there");
    fs::rename(&page, &there).expect("the path exists");
    fs::create_dir(&page).expect("the folder can be created");
    assert_eq!(give(folder, "page", "two", &["--replace"]).code, Some(8));
    fs::remove_dir(&page).expect("the folder exists");
    fs::rename(&there, &page).expect("the path exists");
    assert_eq!(give(folder, "page", "three", &[]).code, Some(0));
    assert_eq!(fs::read_to_string(&page).expect("the file can be read"), "three");
}

#[test]
fn a_record_is_no_link_to_a_file_elsewhere() {
    let folder = folder();
    let (record, elsewhere) =
        (folder.path().join("out/.plugwright-results"), folder.path().join("elsewhere"));
    fs::create_dir(folder.path().join("out")).expect("the folder can be created");
    let into = ["--pipeline", "checksums.toml", "--into", "out", "page.md"];
    let told = "error: `$FOLDER/out/.plugwright-results` is a link or not a file: remove it, and add `--replace` once\n";
    let refused = || {
        let output = run(folder.path(), &into);
        let path = fs::canonicalize(folder.path()).expect("the folder exists");
        assert_eq!(output.stderr.replace(&*path.to_string_lossy(), "$FOLDER"), told, "{output}");
    };
    std::os::unix::fs::symlink(&elsewhere, &record).expect("the link can be created");
    refused();
    assert!(!elsewhere.exists());
    fs::write(&elsewhere, "mine").expect("the file can be written");
    refused();
    fs::remove_file(&record).expect("the file exists");
    fs::hard_link(&elsewhere, &record).expect("the link can be created");
    refused();
    assert_eq!(fs::read_to_string(&elsewhere).expect("the file can be read"), "mine");
}

#[test]
fn a_record_that_is_too_long_is_told_with_what_to_do() {
    let folder = folder();
    let record = folder.path().join("out/.plugwright-results");
    assert_eq!(give(folder.path(), "page", "one", &[]).code, Some(0));
    let file = File::options().write(true).open(&record).expect("the file exists");
    file.set_len(1 << 40).expect("a sparse file can be created");
    let output = give(folder.path(), "page", "two", &[]);
    assert_eq!(output.code, Some(8), "{output}");
    assert!(
        output.stderr.contains("/.plugwright-results`, and add `--replace` once: "),
        "{output}"
    );
    fs::remove_file(&record).expect("the file exists");
    assert_eq!(give(folder.path(), "page", "two", &["--replace"]).code, Some(0));
    assert_eq!(give(folder.path(), "page", "three", &[]).code, Some(0));
}

#[test]
fn what_is_in_the_place_of_a_result_is_not_read_unless_it_may_be_one() {
    let folder = folder();
    let (folder, out) = (folder.path(), folder.path().join("out"));
    // A record with mixed contents, and a line for each file.
    let line = |name: &str, number: u32| {
        format!(
            "{{\"pipeline\":\"{number}\",\"name\":\"{name}\",\"length\":3,\"blake2b\":\"{number:064x}\"}}\n"
        )
    };
    fs::create_dir(&out).expect("the folder can be created");
    for odd in ["fifo", "endless", "folder", "sparse"] {
        let page = out.join("page");
        put(odd, &page);
        if odd == "sparse" {
            // A file that takes minutes to read.
            File::options()
                .write(true)
                .open(&page)
                .and_then(|it| it.set_len(1 << 40))
                .expect("the file can be changed");
        }
        let lines: String = (0..10_010).map(|number| line("page", number % 2)).collect();
        fs::write(out.join(".plugwright-results"), lines + &line("page", 7))
            .expect("the file can be written");
        let output = give(folder, "page", "one", &[]);
        assert!(output.stderr.contains("would replace a file that no run"), "{odd}: {output}");
        let _ = fs::remove_file(&page).or_else(|_| fs::remove_dir(&page));
    }
}

#[test]
fn a_file_is_not_replaced_under_another_of_its_names() {
    let folder = folder();
    let out = folder.path().join("out");
    fs::create_dir(&out).expect("the folder can be created");
    fs::hard_link(folder.path().join("NOTES"), out.join("page")).expect("the link can be created");
    let output = give(folder.path(), "page", "x", &["--replace"]);
    assert!(output.stderr.contains("would replace one of the input files"), "{output}");
    assert_eq!(files(&out), "page: whatever\n");
}
