//! Compiling in a separate process gives the same code as compiling in the host's own process. Whatever happens to
//! that process, the host gets an error and continues.

use std::error::Error as _;
use std::fs;
use std::future::poll_fn;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use plugwright::{Cache, Compiler, CompilerError, CompilerLimit, Host, HostBuilder, LoadError};
use plugwright_contract::Transformer;
use plugwright_contract::prelude::*;
use tests::{Output, dist, plugwright, plugwright_path, trapping, which};

use crate::hostile;

/// Quick to compile, because the tests compile it often.
static SMALL: LazyLock<Vec<u8>> = LazyLock::new(|| trapping("transformer"));

fn worker() -> Compiler {
    Compiler::process(plugwright_path())
}

/// Returns a shell script as a compiler. It gets no environment, so the script sets the PATH itself.
fn shell(script: &str) -> Compiler {
    let path = std::env::var("PATH").expect("the variable is set");
    Compiler::process("/bin/sh").argument("-c").argument(format!("PATH='{path}'; {script}"))
}

fn with(compiler: Compiler) -> HostBuilder {
    Host::builder().no_cache().concurrency(64).compiler(compiler)
}

fn host(compiler: Compiler) -> Host {
    with(compiler).build().expect("the engine starts")
}

fn load(host: &Host, bytes: &[u8]) -> Result<(), LoadError> {
    host.load_bytes::<Transformer>("sample", bytes).map(drop)
}

/// Returns why a valid component is not compiled.
fn error(compiler: Compiler) -> CompilerError {
    match load(&host(compiler), &SMALL) {
        Err(LoadError::Compiler { plugin, source }) => {
            assert_eq!(plugin.exact(), "sample");
            source
        }
        other => panic!("{other:?}"),
    }
}

/// Waits until the condition holds, but not for ever. Returns whether it does.
fn until(mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        if is_so() {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn limits_can_be_lifted() {
    let lifted = |it: Compiler, limit: &CompilerLimit| it.with(*limit, u64::MAX);
    let compiler = CompilerLimit::ALL.iter().fold(worker(), lifted);
    load(&host(compiler), &SMALL).expect("the plugin loads");
}

#[test]
fn a_limit_of_computing_is_told_as_the_system_keeps_it() {
    let [second, seconds] = [1, 2].map(|it| worker().cpu_time(Duration::from_secs(it)));
    for text in ["cpu-time=0", "cpu-time=1ms", "cpu-time=1000"] {
        assert_eq!(worker().with_text(text).as_ref(), Ok(&second), "{text}");
    }
    assert_eq!(worker().cpu_time(Duration::from_millis(1001)), seconds);
}

#[test]
fn the_code_is_that_of_the_hosts_own_process() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let bytes = dist().read("quote").unwrap_or_else(|error| panic!("{error}"));
    let mut codes = Vec::new();
    for (name, compiler) in [("own", Compiler::in_process()), ("other", worker())] {
        for limits in [plugwright::Limits::default(), plugwright::Limits::default().fuel(1 << 40)] {
            let place = folder.path().join(format!("{name} {}", codes.len()));
            let cache = Cache::open(&place).unwrap_or_else(|error| panic!("{error}"));
            let host = with(compiler.clone()).cache(cache.clone()).limits(limits);
            let host = host.build().expect("the engine starts");
            let plugin = host.load_bytes::<plugwright_contract::Prettify>("quote", &bytes);
            let plugin = plugin.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(
                plugin.prettify(&["well".to_owned()]).expect("the call succeeds"),
                "\"well\""
            );
            let entries = cache.entries().expect("the cache can be read");
            let [entry] = &*entries else { panic!("{entries:?}") };
            let mut code = fs::read(&entry.path).expect("the file was just written");
            // The rest is the seal, and each folder has its own key for it.
            code.truncate(code.len() - 32);
            codes.push((entry.path.file_name().map(ToOwned::to_owned), code));
        }
    }
    let [own, own_with_fuel, other, other_with_fuel] = &*codes else {
        panic!("the caches must have four entries")
    };
    assert!(own == other && own_with_fuel == other_with_fuel, "the codes differ");
    assert_ne!(own.0, own_with_fuel.0);
}

#[test]
fn no_process_is_started_for_what_is_compiled_already() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let cache = Cache::open(folder.path().join("cache")).unwrap_or_else(|error| panic!("{error}"));
    let host = |compiler| with(compiler).cache(cache.clone()).build().expect("the engine starts");
    load(&host(worker()), &SMALL).unwrap_or_else(|error| panic!("{error}"));
    load(&host(Compiler::process("/nowhere")), &SMALL).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((cache.hits(), cache.misses()), (1, 1));
}

#[test]
fn a_component_that_the_compiler_does_not_take_is_refused_in_the_same_words() {
    let component = hostile::component("huge-br-table");
    let words = |compiler| {
        let error =
            host(compiler).load_any_bytes("sample", &component).expect_err("the code is refused");
        assert!(matches!(error, LoadError::Compile { .. }), "{error:?}");
        error.to_string()
    };
    assert_eq!(words(worker()), words(Compiler::in_process()));
}

#[test]
fn a_program_that_is_no_compiler_is_found_out() {
    let told = |compiler| {
        let error = error(compiler);
        let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        format!("{error}{source}")
    };
    let told_of = |name| {
        let path = which(name).expect("every system has the program");
        told(Compiler::process(&path)).replace(&*path.to_string_lossy(), name)
    };
    assert_snapshot!(told(Compiler::process("/nowhere/compiler")), @"cannot start the compiler `/nowhere/compiler`: name an existing program that calls `plugwright::compile_worker` first: No such file or directory (os error 2)");
    assert_snapshot!(told(Compiler::process("/")), @"cannot start the compiler `/`: name an existing program that calls `plugwright::compile_worker` first: Permission denied (os error 13)");
    assert_snapshot!(told_of("true"), @"the output of the compiler `true` was rejected: it is not an answer; name a program that is built with the same version of this library and calls `plugwright::compile_worker` first");
    assert_snapshot!(told_of("false"), @"the compiler failed (exit status: 1): it wrote no error message");
    assert_snapshot!(told_of("cat"), @"the output of the compiler `cat` was rejected: it is not an answer; name a program that is built with the same version of this library and calls `plugwright::compile_worker` first");
    assert_snapshot!(told_of("yes"), @"the output of the compiler `yes` was rejected: it is not an answer; name a program that is built with the same version of this library and calls `plugwright::compile_worker` first");
    assert_snapshot!(told(shell("echo why >&2; exit 3")), @"the compiler failed (exit status: 3): why");
    assert_snapshot!(told(shell("printf 'a\\033[31mb' >&2; kill -9 $$")), @r#"the compiler failed (signal: 9 (SIGKILL)): a\u{1b}[31mb"#);
    let short = Duration::from_millis(300);
    assert_snapshot!(told(shell("sleep 1000").time(short)), @"the time of compiling a plugin is limited to 300ms; to allow more, raise the compiler's limit `time`");
    // A compiler that closes its pipes and keeps running.
    assert_snapshot!(told(shell("exec >&- 2>&-; sleep 1000").time(short)), @"the time of compiling a plugin is limited to 300ms; to allow more, raise the compiler's limit `time`");
    // A compiler that leaves its pipes open in another process.
    assert_snapshot!(told(shell("sleep 1000 & exit 0").time(short)), @"the time of compiling a plugin is limited to 300ms; to allow more, raise the compiler's limit `time`");
}

#[test]
fn a_compiler_that_gives_too_much_is_ended() {
    let compiler = worker().code_size(1 << 10);
    assert_snapshot!(error(compiler), @"compiled code is limited to 1KiB; to allow more, raise the compiler's limit `code-size`");
}

#[test]
fn a_compiler_with_too_little_memory_says_so() {
    let error = error(worker().memory(8 << 20));
    let CompilerError::Exceeded { limit, .. } = error else { panic!("{error:?}") };
    assert_eq!(limit, CompilerLimit::Memory);
}

#[test]
fn a_program_that_forgot_to_be_the_compiler_does_not_start_itself_for_ever() {
    const HERE: &str =
        "compiler::a_program_that_forgot_to_be_the_compiler_does_not_start_itself_for_ever";
    let this =
        Compiler::process(std::env::current_exe().expect("the path of this program is known"));
    let found = error(this.argument("--exact").argument(HERE).argument("--nocapture"));
    if let CompilerError::Uncalled = found {
        std::process::exit(7);
    }
    let CompilerError::Garbled { reason, .. } = &found else { panic!("{found:?}") };
    // The test runner prints a text, which is not an answer.
    assert_eq!(reason, "it is not an answer");
    // A compiler that is known to be this program is not started at all.
    let this = Compiler::this_program().expect("the path of this program is known");
    assert_snapshot!(error(this), @"this program is set to compile plugins in a separate process, but cannot: call `plugwright::compile_worker` at the beginning of `main`");
}

#[test]
fn a_compiler_that_never_ends_to_complain_is_ended() {
    let short = Duration::from_millis(300);
    assert_snapshot!(error(shell("exec yes >&2").time(short)), @"the time of compiling a plugin is limited to 300ms; to allow more, raise the compiler's limit `time`");
    let many = error(shell("yes why | head -c 1000000 >&2; exit 3"));
    let CompilerError::Crashed { said, .. } = many else { panic!("{many:?}") };
    assert_eq!(said.exact().len(), 4095);
}

#[cfg(target_os = "linux")]
#[test]
fn what_a_compiler_started_ends_with_it() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("process");
    let start = format!("sleep 1000 >/dev/null 2>&1 & echo $! >{}", file.display());
    for then in ["exit 0", "exec sleep 1000"] {
        let compiler = shell(&format!("{start}; {then}")).time(Duration::from_secs(1));
        drop(error(compiler));
        let process = fs::read_to_string(&file).expect("the process was started");
        let process = Path::new("/proc").join(process.trim());
        // The process may be a zombie, because the process that inherits it may not wait for it.
        let is_over = || {
            let status = fs::read_to_string(process.join("status")).unwrap_or_default();
            status.is_empty() || status.contains("State:\tZ")
        };
        assert!(until(is_over), "`{}` is still running", process.display());
    }
}

#[test]
fn a_load_that_is_not_waited_for_ends_its_process() {
    // In one case the host waits for the process to answer, in the other for it to end.
    ends_with_its_load("");
    ends_with_its_load("exec >&- 2>&-;");
}

fn ends_with_its_load(begin: &str) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let file = folder.path().join("process");
    let host = host(shell(&format!("{begin} echo $$ >{}; exec sleep 1000", file.display())));
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("the runtime starts");
    let mut load = Box::pin(host.load_bytes_async::<Transformer>("sample", &**SMALL));
    // The task that drives the load also does other work meanwhile.
    let process = runtime.block_on(poll_fn(|context| {
        if let Poll::Ready(loaded) = load.as_mut().poll(context) {
            panic!("{loaded:?}");
        }
        context.waker().wake_by_ref();
        let process = fs::read_to_string(&file).unwrap_or_default();
        if process.ends_with('\n') { Poll::Ready(process) } else { Poll::Pending }
    }));
    drop(load);
    let process = Path::new("/proc").join(process.trim());
    assert!(until(|| !process.exists()), "`{}` is still running", process.display());
}

#[test]
fn plugins_are_loaded_at_once_without_holding_anybody_up() {
    let host = host(worker());
    let names = ["quote", "count", "checksum"];
    let paths = names.map(|name| dist().path(name));
    let runtime =
        tokio::runtime::Builder::new_current_thread().build().expect("the runtime starts");
    let worlds = runtime.block_on(async {
        let mut loads = tokio::task::JoinSet::new();
        for path in paths.clone() {
            let host = host.clone();
            loads.spawn(async move { host.load_any_async(path).await });
        }
        let plugins = loads.join_all().await.into_iter();
        let plugins = plugins.map(|plugin| plugin.unwrap_or_else(|error| panic!("{error}")));
        let mut loaded: Vec<_> = plugins.map(|it| it.name().to_owned()).collect();
        loaded.sort_unstable();
        loaded
    });
    assert_eq!(worlds, ["checksum", "count", "quote"]);
    let missing = runtime.block_on(host.load_async::<Transformer>("/nowhere.wasm"));
    assert!(matches!(missing, Err(LoadError::Read { .. })), "{missing:?}");
}

/// The command while it waits for a slow compiler, and the process of that compiler.
#[cfg(target_os = "linux")]
fn waiting() -> (std::process::Child, u32) {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    let path = folder.path().join("slow.wasm");
    fs::write(&path, hostile::component("slow-to-compile")).expect("the file can be written");
    let arguments = ["check", "--no-cache", path.to_str().expect("the path is UTF-8")];
    let mut command: Command = plugwright(folder.path(), arguments);
    let command = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let command = command.expect("the plugin was built");
    let tasks = Path::new("/proc").join(command.id().to_string()).join("task");
    let mut compiler = None;
    let children = |task: fs::DirEntry| fs::read_to_string(task.path().join("children")).ok();
    let found = until(|| {
        let tasks = fs::read_dir(&tasks).into_iter().flatten().flatten();
        let children: String = tasks.filter_map(children).collect();
        compiler = children.split_whitespace().next().and_then(|it| it.parse().ok());
        compiler.is_some()
    });
    assert!(found, "no compiler was started");
    (command, compiler.expect("the process was found"))
}

#[cfg(target_os = "linux")]
fn kill(process: u32) {
    let killed = tests::kill(["-9", &process.to_string()]);
    assert_eq!(killed.code, Some(0), "{killed}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_compiler_that_is_killed_is_an_error() {
    let (command, compiler) = waiting();
    kill(compiler);
    let output = command.wait_with_output().expect("the process ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("the compiler failed (signal: 9 (SIGKILL))"), "{stderr}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_compiler_ends_with_the_host() {
    let (mut command, compiler) = waiting();
    kill(command.id());
    command.wait().expect("the process was killed");
    let process = Path::new("/proc").join(compiler.to_string());
    assert!(until(|| !process.exists()), "`{}` is still running", process.display());
}

#[test]
fn a_compiler_without_the_host_that_started_it_ends_at_once() {
    let told = |orders: &str| {
        let mut command = plugwright(Path::new("/"), ["--version"]);
        command.env("PLUGWRIGHT_COMPILES", orders);
        let output = Output::of(&mut command);
        (output.code, output.stderr)
    };
    // The parent is given as process 1, which does not start compilers.
    let said = "the host has ended, or did not start this program itself: name this program, not one that starts it\n";
    assert_eq!(told("1 60 1000000000"), (Some(1), said.to_owned()));
    let own = format!("{} 60 1000000000", std::process::id());
    assert_eq!(told(&own), (Some(1), "failed to fill whole buffer\n".to_owned()));
    let said = "error: `PLUGWRIGHT_COMPILES` is set, but not by a host: unset it\n";
    assert_eq!(told("yes"), (Some(1), said.to_owned()));
}

#[test]
fn the_command_compiles_in_its_own_process_if_it_is_told_to() {
    let folder = tempfile::tempdir().expect("a temporary folder can be created");
    fs::write(folder.path().join("small.wasm"), &**SMALL).expect("the file can be written");
    let says = |arguments: &[&str]| {
        let all = ["check", "--no-cache", "--log", "debug", "small.wasm"];
        let output = Output::of(&mut plugwright(folder.path(), all.iter().chain(arguments)));
        assert_eq!(output.code, Some(0), "{output}");
        output.stderr.contains("compiled `small` in a separate process")
    };
    assert!(says(&[]));
    assert!(says(&["--compiler", "process"]));
    assert!(!says(&["--compiler", "here"]));
    let said = |limit: &str| {
        let all = ["check", "--no-cache", "--log", "debug", "small.wasm", "--compiler-limit"];
        Output::of(&mut plugwright(folder.path(), all.into_iter().chain([limit]))).stderr
    };
    assert!(said("memory=none").contains("without a limit of memory"));
    let limits_memory = cfg!(target_os = "linux");
    assert_eq!(said("memory=2GiB").contains("with a limit of memory"), limits_memory);
}
