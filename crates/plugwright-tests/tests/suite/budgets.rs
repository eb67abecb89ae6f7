//! What plugins make the host hold, of memory, of descriptors and of threads, is bounded, whatever they have it
//! do, and is free again when it is freed.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use plugwright::{
    Access, Cache, CallError, Exceeded, Grants, Host, Limit, Limits, LoadError, Plugin, Scope,
};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Transformer, inspect};
use tests::{Output, cache_folder, trapping};

use crate::curious::{BUILT, FILE, Folders, curious, granted, has_room, needed, tries};

const MIB: u64 = 1 << 20;

/// A deadline that no call here meets.
const LONG: Duration = Duration::from_secs(600);

/// Runs the test of this name in a process of its own, with what `prepare` has the shell do before. Says
/// whether this is that process.
fn alone(name: &str, prepare: &str) -> bool {
    if std::env::var_os(BUILT).is_some() {
        return true;
    }
    let mut command = Command::new("sh");
    let script = format!("{prepare}exec \"$0\" --exact budgets::{name} --nocapture");
    command.args(["-c", &script]).arg(std::env::current_exe().expect("the system knows it"));
    // How much of what was freed glibc keeps depends on how its threads met, unless they share one heap.
    let output = Output::of(command.env(BUILT, &*FILE).env("MALLOC_ARENA_MAX", "1"));
    assert_eq!(output.code, Some(0), "{output}");
    false
}

/// A number that the system has of this process, such as `VmHWM` or `Threads`.
fn status(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let number = line.expect("a line").trim_end_matches("kB").trim();
    number.parse().expect("a number")
}

/// By how many bytes the most that was ever resident grows.
fn grown(work: impl FnOnce()) -> u64 {
    // The most is that of now.
    fs::write("/proc/self/clear_refs", "5").expect("Linux does it");
    let before = status("VmHWM");
    work();
    // The kernel adds up what its processors count, and can be a little behind.
    status("VmHWM").saturating_sub(before) << 10
}

fn exceeds(plugin: &Plugin<Transformer>, line: &str) -> Exceeded {
    let document = Document::new("lines.txt", "text/plain", line);
    match plugin.transform(&document, &[]) {
        Err(CallError::Exceeded { exceeded, .. }) => exceeded,
        answer => panic!("{line}: {answer:?}"),
    }
}

/// A folder with ten thousand names in it.
fn many_names(folders: &Folders) -> Grants {
    let folder = folders.path("names");
    fs::create_dir(&folder).expect("a folder");
    for number in 0..10_000 {
        File::create(folder.join(format!("a-name-of-some-letters-{number}"))).expect("a file");
    }
    granted(&folder, "/names", Access::ReadOnly)
}

#[cfg(target_os = "linux")]
#[test]
fn what_the_host_holds_for_a_call_is_bounded() {
    if !alone("what_the_host_holds_for_a_call_is_bounded", "") {
        return;
    }
    let folders = Folders::new();
    let small = Limits::default().memory(4 * MIB).transfer(4 * MIB).descriptors(10_000);
    let host = host(|builder| builder.limits(small.deadline(LONG)));
    let plugin: Plugin<Transformer> =
        host.with_grants(needed(many_names(&folders))).load(&*FILE).expect("it fits");
    // The first call makes what is made once.
    tries(&plugin, &["list-and-keep /names 1", "bodies 1", "cloned-fields 1"]);
    let mut lines =
        vec!["bodies 10000", "fields 10000", "cloned-fields 10000", "authorities 10000"];
    let grants = granted(&folders.path("open"), "/given", Access::ReadOnly);
    let opens: Plugin<Transformer> =
        host.with_grants(needed(grants)).load(&*FILE).expect("it fits");
    if has_room(&opens, "open /given/file.txt 200") {
        lines.push("list-and-keep /names 10000");
    }
    let mut found = String::new();
    for line in lines {
        for most in [64 * MIB, 4 * MIB] {
            let plugin =
                plugin.with_limits(&Limits::none().host_memory(most)).expect("it is enforced");
            let grown = grown(|| {
                let exceeded = exceeds(&plugin, line);
                assert_eq!((exceeded.limit, exceeded.value), (Limit::HostMemory, most), "{line}");
            });
            writeln!(found, "{line}: {} MiB of {}", grown / MIB, most / MIB).expect("it is text");
            assert!(grown < most + 24 * MIB, "{found}");
        }
    }
}

#[test]
fn what_is_freed_does_not_count() {
    let folders = Folders::new();
    let few = Limits::default().host_memory(MIB).descriptors(4).handles(100);
    let host = host(|builder| builder.limits(few.deadline(LONG)));
    let grants = granted(&folders.path("open"), "/given", Access::ReadOnly);
    let plugin: Plugin<Transformer> =
        host.with_grants(needed(grants)).load(&*FILE).expect("it fits");
    let lines = [
        "open-and-close /given/file.txt 10000",
        "list-and-drop /given 1000",
        "fields-and-drop 1000",
        "open /given/file.txt 4",
        "bodies 3",
        "bodies 3",
    ];
    assert_snapshot!(tries(&plugin, &lines), @"
    open-and-close /given/file.txt 10000: 10000
    list-and-drop /given 1000: 1000
    fields-and-drop 1000: 1000
    open /given/file.txt 4: 4
    bodies 3: 3
    bodies 3: 3
    ");
}

/// A host for the plugin, with folders.
fn host(budgets: impl FnOnce(plugwright::HostBuilder) -> plugwright::HostBuilder) -> Host {
    let cache = Cache::open(cache_folder()).expect("a folder");
    let builder = Host::builder().cache(cache).concurrency(64);
    budgets(builder).build().expect("an engine")
}

#[cfg(target_os = "linux")]
#[test]
fn all_calls_of_a_host_have_one_budget() {
    if !alone("all_calls_of_a_host_have_one_budget", "") {
        return;
    }
    let host =
        host(|builder| builder.limits(Limits::default().deadline(LONG)).memory_budget(16 * MIB));
    let plugin: Plugin<Transformer> =
        host.with_grants(needed(Grants::none())).load(&*FILE).expect("it fits");
    let lines = ["bodies 80", "sleep 300"];
    tries(&plugin, &lines);
    let grown = grown(|| {
        let answers: Vec<_> = thread::scope(|scope| {
            let call = || {
                let text = lines.join("\n");
                plugin.transform(&Document::new("lines.txt", "text/plain", text), &[])
            };
            let calls: Vec<_> = (0..16).map(|_| scope.spawn(call)).collect();
            calls.into_iter().map(|call| call.join().expect("it does not panic")).collect()
        });
        let ended = answers.iter().filter(|answer| {
            let Err(CallError::Exceeded { exceeded, .. }) = answer else { return false };
            assert_eq!((exceeded.limit, exceeded.scope), (Limit::HostMemory, Scope::Host));
            true
        });
        assert!(ended.count() > 0, "{answers:?}");
    });
    // Each call has memory of its own besides.
    assert!(grown < (16 + 16 * 4) * MIB, "{grown}");
    // It is free again.
    tries(&plugin, &lines);
    assert_snapshot!(exceeds(&plugin, "bodies 10000"), @"the memory that the host holds for a plugin is limited to 16MiB for all calls together; make fewer calls at once, or raise `HostBuilder::memory_budget`");
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_without_threads_is_an_error() {
    // Stacks of this size are none that are kept for the next thread.
    let prepare = "ulimit -v 30000000; RUST_MIN_STACK=67108864; export RUST_MIN_STACK; ";
    if !alone("a_system_without_threads_is_an_error", prepare) {
        return;
    }
    let host = host(|builder| builder);
    let plugin: Plugin<Transformer> =
        host.with_grants(needed(Grants::none())).load(&*FILE).expect("it fits");
    let (document, component) =
        (Document::new("lines.txt", "text/plain", ""), trapping("transformer"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    // Of all addresses, some are left that are too few for a stack; and stacks that are kept are in use.
    let (few, mut taken) = (Vec::<u8>::with_capacity(8 << 20), Vec::with_capacity(5000));
    for size in [1 << 30, 1 << 20] {
        let mut more = Vec::<u8>::new();
        while more.try_reserve_exact(size).is_ok() {
            taken.push(std::mem::take(&mut more));
        }
    }
    drop(few);
    while thread::Builder::new().stack_size(16 << 20).spawn(thread::park).is_ok() {}
    let called = runtime.block_on(async { plugin.transform(&document, &[]) });
    let looked = inspect("sample", &component);
    assert!(matches!(called, Err(CallError::Thread { .. })), "{called:?}");
    assert!(matches!(looked, Err(LoadError::Thread { .. })), "{looked:?}");
    drop(taken);
    assert_snapshot!(called.expect_err("it is one"), @"plugin `curious` was not called: the system gives no thread to wait for it on; raise the limits of the process, or end other work");
    assert_snapshot!(looked.expect_err("it is one"), @"`sample` was not inspected: the system could not start another thread");
}

#[cfg(target_os = "linux")]
#[test]
fn descriptors_are_left_for_the_host() {
    if !alone("descriptors_are_left_for_the_host", "ulimit -n 1024; ") {
        return;
    }
    let folders = Folders::new();
    // However many a call may open, half of what there are is left.
    let host =
        host(|builder| builder.limits(Limits::default().descriptors(100_000).deadline(LONG)));
    let grants = granted(&folders.path("open"), "/given", Access::ReadOnly);
    let load = || -> Plugin<Transformer> {
        host.with_grants(needed(grants.clone())).load(&*FILE).expect("it fits")
    };
    let (hostile, good) = (load(), load());
    if !has_room(&hostile, "open /given/file.txt 505") {
        return;
    }
    assert_snapshot!(exceeds(&hostile, "open /given/file.txt 9000"), @"what a plugin has open is limited to 512 files, folders and connections for all calls together; make fewer calls at once, or raise `HostBuilder::descriptor_budget`");
    let few = hostile.with_limits(&Limits::none().descriptors(100)).expect("it is enforced");
    assert_snapshot!(exceeds(&few, "open /given/file.txt 9000"), @"what a plugin has open is limited to 100 files, folders and connections; to allow more, raise the limit `descriptors`");
    let (open, opened) = mpsc::channel();
    let line = "open /given/file.txt 505\nsleep 2000";
    thread::scope(|scope| {
        let calls = [(); 3].map(|()| {
            let (hostile, open) = (hostile.clone(), open.clone());
            scope.spawn(move || {
                let answer =
                    hostile.transform(&Document::new("lines.txt", "text/plain", line), &[]);
                open.send(()).expect("somebody waits");
                answer
            })
        });
        // One of them at least is ended by what the others have open.
        opened.recv_timeout(Duration::from_secs(60)).expect("a call ends");
        let here = fs::read_dir("/proc/self/fd").expect("Linux tells").count();
        assert!(here < 700, "{here} descriptors");
        TcpListener::bind("127.0.0.1:0").expect("a port");
        load();
        let ended = calls.map(|call| call.join().expect("it does not panic"));
        let of_host = |answer: &Result<Document, CallError<_>>| match answer {
            Err(CallError::Exceeded { exceeded, .. }) => exceeded.scope == Scope::Host,
            _ => false,
        };
        assert!(ended.iter().any(of_host), "{ended:?}");
    });
    assert_snapshot!(tries(&good, &["read /given/file.txt"]), @r#"read /given/file.txt: "text""#);
}

/// Makes a pipe with a name.
fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("the system has it").success());
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_not_opened_and_nothing_waits_for_it() {
    if !alone("what_is_no_file_is_not_opened_and_nothing_waits_for_it", "") {
        return;
    }
    let folders = Folders::new();
    pipe(&folders.path("open/pipe"));
    std::os::unix::fs::symlink("pipe", folders.path("open/link-to-pipe")).expect("a link");
    let _socket = std::os::unix::net::UnixListener::bind(folders.path("open/socket"));
    let plugin = folders.granted(Access::ReadWrite);
    let lines = [
        "read /given/pipe",
        "write /given/pipe text",
        "append /given/pipe text",
        "read /given/link-to-pipe",
        "read /given/socket",
        "size /given/pipe",
        "read /given/file.txt",
    ];
    assert_snapshot!(tries(&plugin, &lines), @r#"
    read /given/pipe: Not supported (os error 58)
    write /given/pipe text: Not supported (os error 58)
    append /given/pipe text: Not supported (os error 58)
    read /given/link-to-pipe: Not supported (os error 58)
    read /given/socket: Not supported (os error 58)
    size /given/pipe: 0
    read /given/file.txt: "text"
    "#);
    let threads = status("Threads");
    for _ in 0..600 {
        assert!(tries(&plugin, &["read /given/pipe"]).contains("os error"));
    }
    assert!(status("Threads") <= threads + 8, "{threads}, then {}", status("Threads"));
    let devices = curious(granted(Path::new("/dev"), "/dev", Access::ReadOnly));
    assert_snapshot!(tries(&devices, &["read /dev/zero", "read /dev/tty"]), @"
    read /dev/zero: Not supported (os error 58)
    read /dev/tty: Not supported (os error 58)
    ");
}
