//! Calls from synchronous and asynchronous code, many at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use plugwright::{Cache, CallError, Host, Limit, Limits};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Head, Streamer};
use tests::{cache_folder, checksum, dist, markdown};
use tokio::runtime::{Builder, Runtime};

fn document(words: usize) -> Document {
    Document::new("a.md", "text/markdown", "*word* ".repeat(words))
}

fn single_threaded() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("the runtime starts")
}

#[test]
fn synchronous_calls_work_inside_of_tokio() {
    let markdown = markdown();
    let call = || markdown.transform(&document(1), &[]).expect("the call succeeds").body;
    assert_eq!(single_threaded().block_on(async { call() }), b"<p><em>word</em></p>\n");
    let many = Builder::new_multi_thread().worker_threads(2).build().expect("the runtime starts");
    assert_eq!(many.block_on(async { call() }), b"<p><em>word</em></p>\n");
}

#[test]
fn asynchronous_calls_can_be_spawned() {
    let (markdown, runtime) = (markdown(), single_threaded());
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let markdown = markdown.clone();
            runtime.spawn(async move { markdown.transform_async(&document(1), &[]).await })
        })
        .collect();
    for task in tasks {
        let html =
            runtime.block_on(task).expect("the task did not panic").expect("the call succeeds");
        assert_eq!(html.body, b"<p><em>word</em></p>\n");
    }
}

#[test]
fn an_asynchronous_call_needs_no_runtime_if_the_plugin_does_not_wait() {
    let (markdown, document) = (markdown(), document(1));
    let mut call = std::pin::pin!(markdown.transform_async(&document, &[]));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let html = loop {
        if let std::task::Poll::Ready(html) = call.as_mut().poll(&mut context) {
            break html.expect("the call succeeds");
        }
    };
    assert_eq!(html.body, b"<p><em>word</em></p>\n");
}

#[test]
fn a_call_waits_for_its_turn_until_its_deadline() {
    let cache = Cache::open(cache_folder()).expect("the cache can be opened");
    let host = Host::builder().cache(cache).concurrency(64).build().expect("the engine starts");
    let bytes = dist().read("checksum").expect("the plugin is built");
    let plugin = host.load_bytes::<Streamer>("checksum", &bytes).expect("the plugin fits the host");
    let within = |milliseconds| {
        let limits = Limits::none().deadline(Duration::from_millis(milliseconds));
        plugin.with_limits(&limits).expect("a call can have a deadline")
    };
    // As many calls as there is room for. Each takes two places, because it has two tables. No call waits, however
    // busy the machine is.
    let head = Head::new("a.txt", "text/plain");
    let open = |_| within(10_000).session(&head, &[]).expect("the host has room for the call");
    let mut sessions: Vec<_> = (0..32).map(open).collect();
    let error = within(300).session(&head, &[]).map(drop).expect_err("there is no more room");
    let CallError::Exceeded { exceeded, .. } = error else { panic!("{error}") };
    assert_eq!(exceeded.limit, Limit::Deadline);
    let document = Document::new("b.txt", "text/plain", "word");
    std::thread::scope(|scope| {
        let call = scope.spawn(|| within(10_000).transform(&document, &[]));
        sessions.pop().expect("the list is not empty").finish().expect("the call succeeds");
        call.join().expect("the thread did not panic").expect("the call succeeds");
    });
}

#[test]
fn other_tasks_get_their_turn_while_a_plugin_computes() {
    let (markdown, runtime) = (markdown(), single_threaded());
    let turns = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&turns);
    let others = runtime.spawn(async move {
        loop {
            counted.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    });
    let document = document(100_000);
    assert!(runtime.block_on(markdown.transform_async(&document, &[])).is_ok());
    others.abort();
    // The call takes many ticks, and after each of them the other tasks get a turn.
    assert!(turns.load(Ordering::Relaxed) > 2, "{turns:?}");
}

#[test]
fn a_call_can_be_given_up() {
    let markdown = markdown();
    single_threaded().block_on(async {
        let document = document(100_000);
        let call = markdown.transform_async(&document, &[]);
        let given_up = tokio::time::timeout(Duration::from_millis(5), call).await;
        assert!(given_up.is_err(), "the call was shorter than a tick");
    });
    assert!(markdown.transform(&document(1), &[]).is_ok());
}

#[test]
fn a_session_is_limited_call_by_call() {
    let checksum = checksum().with_limits(&Limits::none().deadline(Duration::from_secs(1)));
    let checksum = checksum.expect("a call can have a deadline");
    let head = Head::new("a.txt", "text/plain");
    let runtime = single_threaded();
    let text = runtime.block_on(async {
        let mut session = checksum.session_async(&head, &[]).await?;
        for _ in 0..6 {
            // In total longer than the deadline of a call.
            tokio::time::sleep(Duration::from_millis(200)).await;
            session.push_async(b"abc").await?;
        }
        let (body, _) = session.finish_async().await?;
        Ok::<_, CallError<_>>(String::from_utf8_lossy(&body).into_owned())
    });
    let text = text.expect("the call succeeds");
    assert!(text.ends_with("  a.txt\n"), "{text}");
}
