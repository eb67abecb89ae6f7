//! Plugins that wait, on any executor. The library runs what the plugins wait for, and the caller runs what the
//! application's host functions wait for.

use std::fs;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use plugwright::{Access, CallError, Grants, Host, Limits, Plugin, State, Watched};
use plugwright_contract::prelude::*;
use plugwright_contract::{AnyPlugin, Document, Head, Session, Transformer};
use tests::{Wit, checksum, component_around, host};
use tokio::runtime::{Builder, Handle, Id, Runtime};

use crate::curious::{FILE, Folders, curious, granted, needed};
use crate::hosts::{alone, builder, echo, expect_room};
use crate::http::Server;

plugwright::world!(
    Waiter, WaiterPre = "waiter" inline "
        package tests:runtimes;

        world waiter {
            import look: func();
            export wait: func();
        }
    ",
    data = Seen,
);

/// The same world as its plugins see it, with their WASI imports.
const WIT: &str = "
    package tests:runtimes;

    world waiter {
        import wasi:clocks/monotonic-clock@0.2.3;
        import look: func();
        export wait: func();
    }

    package wasi:io@0.2.3 {
        interface poll {
            resource pollable {
                block: func();
            }
        }
    }

    package wasi:clocks@0.2.3 {
        interface monotonic-clock {
            use wasi:io/poll@0.2.3.{pollable};
            subscribe-duration: func(when: u64) -> pollable;
        }
    }
";

/// Sleeps during instantiation, and between two calls of the application's function.
const CORE: &str = r#"
    (module
      (import "wasi:clocks/monotonic-clock@0.2.3" "subscribe-duration"
        (func $subscribe (param i64) (result i32)))
      (import "wasi:io/poll@0.2.3" "[method]pollable.block" (func $block (param i32)))
      (import "$root" "look" (func $look))
      (func $sleep (call $block (call $subscribe (i64.const 5_000_000))))
      (start $sleep)
      (func (export "wait") (call $look) (call $sleep) (call $look)))
"#;

/// The runtimes in which the application's function ran, in order.
type Seen = Arc<Mutex<Vec<Option<Id>>>>;

impl WaiterImports for State<Seen> {
    async fn look(&mut self) {
        let current = Handle::try_current();
        self.data.lock().expect("no thread panicked").push(current.as_ref().map(Handle::id).ok());
        if current.is_ok() {
            // The function can spawn and await a task if it runs in a runtime like the test's.
            tokio::spawn(tokio::task::yield_now()).await.expect("the task did not panic");
        }
    }
}

static WAITER: LazyLock<Plugin<Waiter>> = LazyLock::new(|| {
    let wit = Wit { text: WIT.to_owned(), dependency: None, world: "waiter" };
    let plugin = host().load_bytes("waiter", &component_around(&wit, CORE));
    plugin.unwrap_or_else(|error| panic!("{error}"))
});

/// Returns the plugin, and a record of the runtimes in which its calls ran.
fn waiter() -> (Plugin<Waiter>, Seen) {
    let seen = Seen::default();
    (WAITER.with_data(Arc::clone(&seen)), seen)
}

async fn wait(waiter: &Plugin<Waiter>) -> Result<(), CallError<String>> {
    waiter.call_async("wait", async |waiter, store| Ok(Ok(waiter.call_wait(store).await?))).await
}

/// Returns a runtime that has neither timers nor I/O.
fn bare() -> Runtime {
    Builder::new_current_thread().build().expect("the runtime starts")
}

/// A plugin with a folder and a server, and what the plugin finds there.
struct Everything {
    folders: Folders,
    server: Server,
}

impl Everything {
    fn new() -> Self {
        Self { folders: Folders::new(), server: Server::start() }
    }

    fn grants(&self) -> Grants {
        let grants = granted(&self.folders.path("open"), "/given", Access::ReadWrite);
        grants.http(&self.server.origin()).expect("the origin is valid")
    }

    fn plugin(&self) -> Plugin<Transformer> {
        curious(self.grants())
    }

    fn document(&self) -> Document {
        let lines = format!(
            "sleep 5\nread /given/file.txt\nwrite /given/new.txt word\nlist /given\nget {}/echo",
            self.server.origin()
        );
        Document::new("lines.txt", "text/plain", lines)
    }

    fn expect(&self, answer: &Document) {
        let text = String::from_utf8_lossy(&answer.body);
        let answers: Vec<_> = text
            .lines()
            .map(|line| line.rsplit_once(": ").expect("the call returns an answer").1)
            .collect();
        let list = r#"["absolute-link", "deep", "file.txt", "folder-link", "inner-link", "new.txt", "relative-link"]"#;
        assert_eq!(answers, ["slept", r#""text""#, "()", list, r#"200, """#]);
    }
}

#[test]
fn a_runtime_without_drivers_is_enough() {
    let (everything, runtime) = (Everything::new(), bare());
    let (plugin, document) = (everything.plugin(), everything.document());
    let answer = runtime.block_on(plugin.transform_async(&document, &[]));
    everything.expect(&answer.expect("the call succeeds"));

    let (waiter, seen) = waiter();
    runtime.block_on(wait(&waiter)).expect("the call succeeds");
    assert_eq!(*seen.lock().expect("no thread panicked"), [Some(runtime.handle().id()); 2]);
}

#[test]
fn no_runtime_is_enough() {
    let everything = Everything::new();
    let (plugin, document) = (everything.plugin(), everything.document());
    let answer = pollster::block_on(plugin.transform_async(&document, &[]));
    everything.expect(&answer.expect("the call succeeds"));

    let (waiter, seen) = waiter();
    pollster::block_on(wait(&waiter)).expect("the call succeeds");
    assert_eq!(*seen.lock().expect("no thread panicked"), [None; 2]);
}

#[test]
fn a_synchronous_call_works_in_a_runtime_without_drivers() {
    let everything = Everything::new();
    let (plugin, document) = (everything.plugin(), everything.document());
    let answer = bare().block_on(async { plugin.transform(&document, &[]) });
    everything.expect(&answer.expect("the call succeeds"));
}

#[test]
fn host_functions_are_in_the_runtime_of_each_task() {
    let many = Builder::new_multi_thread().worker_threads(2).build().expect("the runtime starts");
    for runtime in [bare(), many] {
        let calls = (0..20).map(|_| {
            let (waiter, seen) = waiter();
            let call = runtime.spawn(async move { wait(&waiter).await });
            (call, seen)
        });
        for (call, seen) in calls.collect::<Vec<_>>() {
            runtime.block_on(call).expect("the task did not panic").expect("the call succeeds");
            assert_eq!(*seen.lock().expect("no thread panicked"), [Some(runtime.handle().id()); 2]);
        }
    }
}

/// Wakes the thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls the future in one runtime after another. Each runtime is dropped before the next poll.
fn from_runtime_to_runtime<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        let once = poll_fn(|_| {
            Poll::Ready(match future.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(answer) => Some(answer),
                Poll::Pending => None,
            })
        });
        if let Some(answer) = bare().block_on(once) {
            return answer;
        }
        thread::park_timeout(Duration::from_secs(10));
    }
}

#[test]
fn a_call_can_move_from_runtime_to_runtime() {
    let everything = Everything::new();
    let (plugin, document) = (everything.plugin(), everything.document());
    everything.expect(
        &from_runtime_to_runtime(plugin.transform_async(&document, &[]))
            .expect("the call succeeds"),
    );
}

#[test]
fn a_plugin_that_sleeps_while_it_is_loaded_is_loaded_anywhere() {
    let wit = Wit { text: WIT.to_owned(), dependency: None, world: "waiter" };
    let bytes = component_around(&wit, CORE);
    let load = || host().load_bytes::<Waiter>("waiter", &bytes);
    bare().block_on(async { load() }).unwrap_or_else(|error| panic!("{error}"));
    pollster::block_on(async { load() }).unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn a_wait_without_a_runtime_ends_at_its_deadline() {
    let plugin = curious(Grants::none());
    let limits = Limits::none().deadline(Duration::from_millis(50));
    let plugin = plugin.with_limits(&limits).expect("a call can have a deadline");
    let document = Document::new("lines.txt", "text/plain", "sleep 60000");
    let answer = pollster::block_on(plugin.transform_async(&document, &[]));
    assert!(matches!(answer, Err(CallError::Exceeded { .. })), "{answer:?}");
}

/// Returns the numbers of threads and of descriptors in this process.
fn held() -> (usize, usize) {
    let count = |path| fs::read_dir(path).expect("`/proc` can be read").count();
    (count("/proc/self/task"), count("/proc/self/fd"))
}

/// The number of idle threads that are kept for files.
const IDLE: usize = 8;

/// Checks that the numbers of threads and descriptors return to what they were, apart from idle threads.
fn expect_no_more_than(before: (usize, usize)) {
    let begin = Instant::now();
    // The server's threads exist for some seconds longer.
    while held().0 > before.0 + IDLE || held().1 > before.1 {
        assert!(begin.elapsed() < Duration::from_secs(60), "{before:?} became {:?}", held());
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_call_that_is_dropped_while_it_waits_leaves_nothing() {
    alone("runtimes::a_call_that_is_dropped_while_it_waits_leaves_nothing", || {
        let everything = Everything::new();
        let host = builder().concurrency(64).build().expect("the engine starts");
        let plugin: Plugin<Transformer> = host
            .with_grants(needed(everything.grants()))
            .load(&*FILE)
            .unwrap_or_else(|error| panic!("{error}"));
        let runtime =
            Builder::new_current_thread().enable_time().build().expect("the runtime starts");
        let waits = [
            "sleep 60000".to_owned(),
            format!("get {}/never", everything.server.origin()),
            "read /given/file.txt\n".repeat(10_000),
        ];
        let drop_each = || {
            for lines in &waits {
                let document = Document::new("lines.txt", "text/plain", lines.clone());
                let call = plugin.transform_async(&document, &[]);
                let call = async { tokio::time::timeout(Duration::from_millis(20), call).await };
                assert!(runtime.block_on(call).is_err(), "the call ended too soon");
            }
        };
        drop_each();
        let before = held();
        (0..100).for_each(|_| drop_each());
        expect_no_more_than(before);
        expect_room(&echo(&host), 64);
    });
}

#[test]
fn a_call_that_is_dropped_while_it_waits_for_its_turn_leaves_nothing() {
    let host = builder().concurrency(64).build().expect("the engine starts");
    let echo = echo(&host);
    let head = Head::new("a.txt", "text/plain");
    let open = || echo.session(&head, &[]).unwrap_or_else(|error| panic!("{error}"));
    let sessions: Vec<_> = (0..64).map(|_| open()).collect();
    for _ in 0..100 {
        let mut waiting = pin!(echo.session_async(&head, &[]));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
    }
    drop(sessions);
    expect_room(&echo, 64);
}

#[test]
fn handles_and_calls_go_from_thread_to_thread() {
    fn is_sync<T: Send + Sync>() {}
    fn is_send<T: Send>(_: &T) {}
    is_sync::<Host>();
    is_sync::<Plugin<Waiter>>();
    is_sync::<AnyPlugin>();
    is_sync::<Watched<Transformer>>();
    let (checksum, head) = (checksum(), Head::new("a.txt", "text/plain"));
    let document = Document::new("a.txt", "text/plain", "word");
    is_send(&checksum.transform_async(&document, &[]));
    is_send(&checksum.describe_async());
    is_send(&checksum.session_async(&head, &[]));
    let mut session = checksum.session(&head, &[]).expect("the session opens");
    is_send::<Session>(&session);
    is_send(&session.push_async(b"word"));
    is_send(&session.finish_async());
    is_send(&wait(&waiter().0));
}
