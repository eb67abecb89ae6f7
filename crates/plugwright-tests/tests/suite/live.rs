//! Instances that are kept over many calls: their limits, and what ends them.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use insta::assert_snapshot;
use plugwright::wasmtime::component::Val;
use plugwright::{
    CallError, Dynamic, Host, Imports, KeptInstance, Limit, Limits, Plugin, State, TrapKind,
};
use plugwright_contract::Document;
use plugwright_contract::prelude::*;
use tests::{Wit, component_around, markdown};
use tokio::runtime::Builder;

use crate::hosts::builder;

plugwright::world!(Worker, WorkerPre = "worker" in "tests/suite/live", data = Duration);

impl WorkerImports for State<Duration> {
    async fn ask(&mut self) {
        tokio::time::sleep(self.data).await;
    }
}

static WORKER: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let wit = include_str!("live/worker.wit").to_owned();
    let wit = Wit { text: wit, dependency: None, world: "worker" };
    component_around(&wit, include_str!("live/worker.wat"))
});

/// The number of instances that every host has room for.
const ROOM: usize = 64;

fn host(limits: Limits) -> Host {
    let host = builder().limits(limits).concurrency(ROOM as u32).build();
    host.unwrap_or_else(|error| panic!("{error}"))
}

fn worker(limits: Limits) -> Plugin<Worker> {
    host(limits).load_bytes("worker", &WORKER).unwrap_or_else(|error| panic!("{error}"))
}

fn by_name(limits: Limits) -> Plugin<Dynamic> {
    let plugin = host(limits).load_dynamic_bytes("worker", &WORKER, &[]);
    plugin.unwrap_or_else(|error| panic!("{error}")).with_data(Imports::default())
}

fn opened(plugin: &Plugin<Worker>) -> KeptInstance<Worker> {
    plugin.open_instance().unwrap_or_else(|error| panic!("{error}"))
}

type Answer<R, F = Infallible> = Result<R, CallError<F>>;

fn count(instance: &mut KeptInstance<Worker>) -> Answer<u32> {
    instance.call("count", async |worker, store| Ok(Ok(worker.call_count(store).await?)))
}

fn small(instance: &mut KeptInstance<Worker>, number: u32) -> Result<u32, String> {
    let answer = instance.call("small", async |it, store| it.call_small(store, number).await);
    answer.map_err(|error: CallError<u32>| error.to_string())
}

fn take(instance: &mut KeptInstance<Worker>, pages: u32) -> Answer<bool> {
    instance.call("take", async |worker, store| Ok(Ok(worker.call_take(store, pages).await?)))
}

fn spin(instance: &mut KeptInstance<Worker>) -> Answer<()> {
    instance.call("spin", async |worker, store| Ok(Ok(worker.call_spin(store).await?)))
}

fn ask(instance: &mut KeptInstance<Worker>) -> Answer<()> {
    instance.call("ask-host", async |worker, store| Ok(Ok(worker.call_ask_host(store).await?)))
}

/// Checks that the call exceeded the limit, and that the instance has ended.
fn expect_ended<R>(instance: &mut KeptInstance<Worker>, answer: Answer<R>, limit: Limit) {
    match answer {
        Err(CallError::Exceeded { exceeded, .. }) => assert_eq!(exceeded.limit, limit),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the call must exceed the limit"),
    }
    assert!(instance.is_over());
    let over = count(instance).expect_err("the instance has ended");
    assert!(matches!(over, CallError::InstanceOver { .. }), "{over}");
}

#[test]
fn what_a_plugin_keeps_is_there_in_the_next_call_and_in_no_other_instance() {
    let worker = worker(Limits::default());
    let mut instance = opened(&worker);
    let counts: Vec<_> = (0..3).map(|_| count(&mut instance).expect("the call succeeds")).collect();
    assert_eq!(counts, [1, 2, 3]);
    drop(instance);
    assert_eq!(count(&mut opened(&worker)).expect("the call succeeds"), 1);
    let fresh: Answer<u32> =
        worker.call("count", async |worker, store| Ok(Ok(worker.call_count(store).await?)));
    assert_eq!(fresh.expect("the call succeeds"), 1);
}

#[test]
fn a_refusal_is_an_answer_and_a_trap_is_the_end() {
    let worker = worker(Limits::default());
    let mut instance = opened(&worker);
    assert_eq!(small(&mut instance, 9), Ok(9));
    assert_snapshot!(small(&mut instance, 10).expect_err("the number is too large"), @"plugin `worker` refused: 10");
    assert_eq!(small(&mut instance, 8), Ok(8));
    assert!(!instance.is_over());
    let trapped: Answer<()> =
        instance.call("fail", async |worker, store| Ok(Ok(worker.call_fail(store).await?)));
    assert!(matches!(trapped, Err(CallError::Trapped { kind: TrapKind::Unreachable, .. })));
    assert!(instance.is_over());
    assert_snapshot!(small(&mut instance, 8).expect_err("the instance has ended"), @"cannot call `small` of plugin `worker`: the instance has ended; open another instance");
}

#[test]
fn each_call_has_the_fuel_anew() {
    let worker = worker(Limits::default().fuel(10_000));
    let mut instance = opened(&worker);
    for calls in 1..5000 {
        assert_eq!(count(&mut instance).expect("the call has enough room"), calls);
    }
    let answer = spin(&mut instance);
    expect_ended(&mut instance, answer, Limit::Fuel);
}

#[test]
fn each_call_has_the_deadline_anew() {
    let worker = worker(Limits::default().deadline(Duration::from_millis(300)));
    let mut instance = opened(&worker);
    for calls in 1..5 {
        thread::sleep(Duration::from_millis(100));
        assert_eq!(count(&mut instance).expect("the call ends in time"), calls);
    }
    let answer = spin(&mut instance);
    expect_ended(&mut instance, answer, Limit::Deadline);
    // The limit also holds while the call is in a function of the application, inside and outside of a runtime.
    let mut instance = opened(&worker.with_data(Duration::from_secs(600)));
    let answer = ask(&mut instance);
    expect_ended(&mut instance, answer, Limit::Deadline);
    let runtime = Builder::new_current_thread().enable_time().build().expect("the runtime starts");
    let mut instance = opened(&worker.with_data(Duration::from_secs(600)));
    let answer: Answer<()> = runtime.block_on(
        instance.call_async("ask-host", async |it, store| Ok(Ok(it.call_ask_host(store).await?))),
    );
    expect_ended(&mut instance, answer, Limit::Deadline);
}

#[test]
fn memory_counts_as_long_as_it_is_held() {
    let worker = worker(Limits::default().memory(4 << 20));
    let mut instance = opened(&worker);
    // One of the 64 pages exists from the start.
    assert!(take(&mut instance, 32).expect("the call is within the limit"));
    assert!(take(&mut instance, 31).expect("the call is within the limit"));
    let answer = take(&mut instance, 1);
    expect_ended(&mut instance, answer, Limit::Memory);
}

#[test]
fn each_call_has_the_output_anew() {
    let plugin = by_name(Limits::default().output(1000));
    let mut instance = plugin.open_instance().expect("the instance starts");
    for _ in 0..5 {
        let text =
            instance.call_values("give", &[Val::U32(600)]).expect("the call is within the limit");
        assert_eq!(text, Some(Val::String("\0".repeat(600))));
    }
    let error = instance.call_values("give", &[Val::U32(1001)]).expect_err("the text is too long");
    assert_snapshot!(error, @"plugin `worker` was ended in `give`: the result is limited to 1000 bytes; to allow more, raise the limit `output`");
    assert!(instance.is_over());
}

#[test]
fn a_live_instance_is_called_by_name_and_by_text() {
    let plugin = by_name(Limits::default());
    let mut instance = plugin.open_instance().expect("the instance starts");
    assert_eq!(instance.call_values("count", &[]).expect("the call succeeds"), Some(Val::U32(1)));
    assert_eq!(instance.call_text("count()").expect("the call succeeds"), "2");
    assert_eq!(instance.call_text("small(12)").expect("the call succeeds"), "err(12)");
    // An invalid call leaves the instance unchanged.
    for (text, error) in
        [("coun()", "there is no `coun`"), ("small()", "`small` takes one argument")]
    {
        let found = instance.call_text(text).expect_err(text).to_string();
        assert!(found.starts_with(error), "{found}");
    }
    let wrong = instance.call_values("small", &[]).expect_err("the function takes one argument");
    assert!(wrong.to_string().starts_with("`small` takes one argument"), "{wrong}");
    let runtime = Builder::new_current_thread().build().expect("the runtime starts");
    let three = runtime.block_on(async { instance.call_text_async("count()").await });
    assert_eq!(three.expect("the call succeeds"), "3");
    let four = runtime.block_on(async { instance.call_values("count", &[]) });
    assert_eq!(four.expect("the call succeeds"), Some(Val::U32(4)));
    let error = instance.call_text("fail()").expect_err("the plugin traps");
    assert_snapshot!(error, @"plugin `worker` trapped in `fail`: wasm trap: wasm `unreachable` instruction executed");
    let error = instance.call_text("count()").expect_err("the instance has ended");
    assert_snapshot!(error, @"cannot call `count` of plugin `worker`: the instance has ended; open another instance");
}

#[test]
fn there_is_room_again_once_it_is_dropped_or_ended() {
    let worker = worker(Limits::default());
    let hurried = worker.with_limits(&Limits::none().deadline(Duration::from_millis(100)));
    let hurried = hurried.expect("a call can have a deadline");
    let mut instances: Vec<_> = (0..ROOM).map(|_| opened(&worker)).collect();
    let is_full = || match hurried.open_instance() {
        Err(CallError::Exceeded { exceeded, function, .. }) => {
            assert_eq!((exceeded.limit, &*function), (Limit::Deadline, "open_instance"));
            true
        }
        Err(other) => panic!("{other}"),
        Ok(_) => false,
    };
    assert!(is_full());
    drop(instances.pop());
    assert!(!is_full());
    instances.push(opened(&worker));
    assert!(is_full());
    // An instance that has ended still exists, but blocks no others.
    instances[0].end();
    assert!(instances[0].is_over());
    assert!(!is_full());
    let trapped: Answer<()> =
        instances[1].call("fail", async |worker, store| Ok(Ok(worker.call_fail(store).await?)));
    trapped.expect_err("the plugin traps");
    instances.push(opened(&worker));
    assert!(!is_full());
}

#[test]
fn a_live_instance_goes_from_a_runtime_to_another_and_back() {
    let worker = worker(Limits::default()).with_data(Duration::from_millis(1));
    let runtime =
        || Builder::new_current_thread().enable_time().build().expect("the runtime starts");
    let mut instance = runtime()
        .block_on(async { worker.open_instance_async().await.expect("the instance starts") });
    assert_eq!(count(&mut instance).expect("the call succeeds"), 1);
    ask(&mut instance).expect("the call succeeds");
    let mut instance = runtime().block_on(async move {
        let two: Answer<u32> = instance
            .call_async("count", async |worker, store| Ok(Ok(worker.call_count(store).await?)))
            .await;
        assert_eq!(two.expect("the call succeeds"), 2);
        // The call blocks the runtime's only thread, and still ends.
        assert_eq!(count(&mut instance).expect("the call succeeds"), 3);
        ask(&mut instance).expect("the call succeeds");
        instance
    });
    let count =
        thread::spawn(move || count(&mut instance)).join().expect("the thread did not panic");
    assert_eq!(count.expect("the call succeeds"), 4);
}

#[test]
fn a_call_that_is_given_up_ends_the_instance() {
    let worker = worker(Limits::default()).with_data(Duration::from_secs(600));
    let mut instance = opened(&worker);
    let runtime = Builder::new_current_thread().enable_time().build().expect("the runtime starts");
    let entered = runtime.enter();
    {
        let call = instance.call_async::<(), Infallible>("ask-host", async |worker, store| {
            Ok(Ok(worker.call_ask_host(store).await?))
        });
        let mut context = Context::from_waker(Waker::noop());
        assert!(matches!(pin!(call).poll(&mut context), Poll::Pending));
    }
    drop(entered);
    assert!(instance.is_over());
    drop(opened(&worker));
}

#[test]
fn many_documents_go_through_one_instance() {
    let mut instance = markdown().open_instance().expect("the instance starts");
    assert_eq!(instance.describe().expect("the call succeeds").name, "markdown");
    for number in 0..100 {
        let document = Document::new("a.md", "text/markdown", format!("*{number}*"));
        let html = instance.transform(&document, &[]).expect("the call succeeds").body;
        assert_eq!(html, format!("<p><em>{number}</em></p>\n").as_bytes());
    }
    let options = [plugwright_contract::Setting::new("no-such", "1")];
    let refused = instance.transform(&Document::new("a.md", "text/markdown", ""), &options);
    assert!(matches!(refused, Err(CallError::Refused { .. })), "{refused:?}");
    assert!(instance.transform(&Document::new("a.md", "text/markdown", ""), &[]).is_ok());
}
