//! The memory, descriptors and threads that the host holds for plugins are bounded, whatever the plugins do.
//! Everything that is released can be used again.

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
use tests::{Output, cache_folder, mkfifo, trapping};

use crate::curious::{BUILT, FILE, Folders, curious, granted, has_room, needed, tries};

const MIB: u64 = 1 << 20;

/// A deadline that no call here reaches.
const LONG: Duration = Duration::from_secs(600);

/// Runs the test `name` in a process of its own, in a shell that first runs `prepare`. Returns whether the current
/// process is that one.
fn alone(name: &str, prepare: &str) -> bool {
    if std::env::var_os(BUILT).is_some() {
        return true;
    }
    let mut command = Command::new("sh");
    let script = format!("{prepare}exec \"$0\" --exact budgets::{name} --nocapture");
    command
        .args(["-c", &script])
        .arg(std::env::current_exe().expect("the path of this program is known"));
    // With several heaps, the memory that glibc keeps after a release depends on the timing of its threads.
    let output = Output::of(command.env(BUILT, &*FILE).env("MALLOC_ARENA_MAX", "1"));
    assert_eq!(output.code, Some(0), "{output}");
    false
}

/// Returns a number that the system reports for this process, such as `VmHWM` or `Threads`.
fn status(key: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("`/proc` can be read");
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    let number = line.expect("the line exists").trim_end_matches("kB").trim();
    number.parse().expect("the text is a number")
}

/// Returns by how many bytes `work` raises the peak of resident memory.
fn grown(work: impl FnOnce()) -> u64 {
    // Resets the peak to the current size.
    fs::write("/proc/self/clear_refs", "5").expect("`/proc` can be written");
    let before = status("VmHWM");
    work();
    // Processors count on their own, and the kernel's sum can lag behind a little.
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
    fs::create_dir(&folder).expect("the folder can be created");
    for number in 0..10_000 {
        File::create(folder.join(format!("a-name-of-some-letters-{number}")))
            .expect("the file can be created");
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
    let plugin: Plugin<Transformer> = host
        .with_grants(needed(many_names(&folders)))
        .load(&*FILE)
        .expect("the plugin fits the host");
    // The first call allocates what is allocated only once.
    tries(&plugin, &["list-and-keep /names 1", "bodies 1", "cloned-fields 1"]);
    let mut lines =
        vec!["bodies 10000", "fields 10000", "cloned-fields 10000", "authorities 10000"];
    let grants = granted(&folders.path("open"), "/given", Access::ReadOnly);
    let opens: Plugin<Transformer> =
        host.with_grants(needed(grants)).load(&*FILE).expect("the plugin fits the host");
    if has_room(&opens, "open /given/file.txt 200") {
        lines.push("list-and-keep /names 10000");
    }
    let mut found = String::new();
    for line in lines {
        for most in [64 * MIB, 4 * MIB] {
            let plugin = plugin
                .with_limits(&Limits::none().host_memory(most))
                .expect("a call can have this limit");
            let grown = grown(|| {
                let exceeded = exceeds(&plugin, line);
                assert_eq!((exceeded.limit, exceeded.value), (Limit::HostMemory, most), "{line}");
            });
            writeln!(found, "{line}: {} MiB of {}", grown / MIB, most / MIB)
                .expect("the output can be written");
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
        host.with_grants(needed(grants)).load(&*FILE).expect("the plugin fits the host");
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

/// Returns a host for the plugin, with folders.
fn host(budgets: impl FnOnce(plugwright::HostBuilder) -> plugwright::HostBuilder) -> Host {
    let cache = Cache::open(cache_folder()).expect("the cache can be opened");
    let builder = Host::builder().cache(cache).concurrency(64);
    budgets(builder).build().expect("the engine starts")
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
        host.with_grants(needed(Grants::none())).load(&*FILE).expect("the plugin fits the host");
    let lines = ["bodies 80", "sleep 300"];
    tries(&plugin, &lines);
    let grown = grown(|| {
        let answers: Vec<_> = thread::scope(|scope| {
            let call = || {
                let text = lines.join("\n");
                plugin.transform(&Document::new("lines.txt", "text/plain", text), &[])
            };
            let calls: Vec<_> = (0..16).map(|_| scope.spawn(call)).collect();
            calls.into_iter().map(|call| call.join().expect("the thread did not panic")).collect()
        });
        let ended = answers.iter().filter(|answer| {
            let Err(CallError::Exceeded { exceeded, .. }) = answer else { return false };
            assert_eq!((exceeded.limit, exceeded.scope), (Limit::HostMemory, Scope::Host));
            true
        });
        assert!(ended.count() > 0, "{answers:?}");
    });
    // In addition, each call has memory of its own.
    assert!(grown < (16 + 16 * 4) * MIB, "{grown}");
    // The memory is available again.
    tries(&plugin, &lines);
    assert_snapshot!(exceeds(&plugin, "bodies 10000"), @"the memory that the host holds for a plugin is limited to 16MiB for all calls together; make fewer calls at once, or raise `HostBuilder::memory_budget`");
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_without_threads_is_an_error() {
    // Stacks of this size are too large to be kept for the next thread.
    let prepare = "ulimit -v 30000000; RUST_MIN_STACK=67108864; export RUST_MIN_STACK; ";
    if !alone("a_system_without_threads_is_an_error", prepare) {
        return;
    }
    let host = host(|builder| builder);
    let plugin: Plugin<Transformer> =
        host.with_grants(needed(Grants::none())).load(&*FILE).expect("the plugin fits the host");
    let (document, component) =
        (Document::new("lines.txt", "text/plain", ""), trapping("transformer"));
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("the runtime starts");
    // Leave some addresses, but too few for a stack, and use up the stacks that are kept.
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
    assert_snapshot!(called.expect_err("the system has no threads left"), @"plugin `curious` was not called: the system could not start another thread; raise the limits of the process, or end other work");
    assert_snapshot!(looked.expect_err("the system has no threads left"), @"`sample` was not inspected: the system could not start another thread");
}

#[cfg(target_os = "linux")]
#[test]
fn descriptors_are_left_for_the_host() {
    if !alone("descriptors_are_left_for_the_host", "ulimit -n 1024; ") {
        return;
    }
    let folders = Folders::new();
    // Half of the descriptors stay reserved, however many a call may open.
    let host =
        host(|builder| builder.limits(Limits::default().descriptors(100_000).deadline(LONG)));
    let grants = granted(&folders.path("open"), "/given", Access::ReadOnly);
    let load = || -> Plugin<Transformer> {
        host.with_grants(needed(grants.clone())).load(&*FILE).expect("the plugin fits the host")
    };
    let (hostile, good) = (load(), load());
    if !has_room(&hostile, "open /given/file.txt 505") {
        return;
    }
    assert_snapshot!(exceeds(&hostile, "open /given/file.txt 9000"), @"the number of open files, folders and connections is limited to 512 for all calls together; make fewer calls at once, or raise `HostBuilder::descriptor_budget`");
    let few =
        hostile.with_limits(&Limits::none().descriptors(100)).expect("a call can have this limit");
    assert_snapshot!(exceeds(&few, "open /given/file.txt 9000"), @"the number of open files, folders and connections is limited to 100; to allow more, raise the limit `descriptors`");
    let (open, opened) = mpsc::channel();
    let line = "open /given/file.txt 505\nsleep 2000";
    thread::scope(|scope| {
        let calls = [(); 3].map(|()| {
            let (hostile, open) = (hostile.clone(), open.clone());
            scope.spawn(move || {
                let answer =
                    hostile.transform(&Document::new("lines.txt", "text/plain", line), &[]);
                open.send(()).expect("the receiver exists");
                answer
            })
        });
        // At least one call is ended because of what the other calls hold open.
        opened.recv_timeout(Duration::from_secs(60)).expect("a call ends");
        let here = fs::read_dir("/proc/self/fd").expect("`/proc` can be read").count();
        assert!(here < 700, "{here} descriptors are open");
        TcpListener::bind("127.0.0.1:0").expect("a free port exists");
        load();
        let ended = calls.map(|call| call.join().expect("the thread did not panic"));
        let of_host = |answer: &Result<Document, CallError<_>>| match answer {
            Err(CallError::Exceeded { exceeded, .. }) => exceeded.scope == Scope::Host,
            _ => false,
        };
        assert!(ended.iter().any(of_host), "{ended:?}");
    });
    assert_snapshot!(tries(&good, &["read /given/file.txt"]), @r#"read /given/file.txt: "text""#);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_is_not_opened_and_nothing_waits_for_it() {
    if !alone("what_is_no_file_is_not_opened_and_nothing_waits_for_it", "") {
        return;
    }
    let folders = Folders::new();
    mkfifo(&folders.path("open/pipe"));
    std::os::unix::fs::symlink("pipe", folders.path("open/link-to-pipe"))
        .expect("the link can be created");
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
