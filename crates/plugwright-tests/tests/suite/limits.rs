//! Limits of a host, of a plugin and of a call. The tests in `hostile` check that each limit is enforced.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use plugwright::{CallError, ForeignText, Host, Limit, Limits, LimitsError, LoadError, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Document, Prettify};
use tests::markdown;

use crate::hostile;

static HARMLESS: LazyLock<Vec<u8>> = LazyLock::new(hostile::harmless);

fn host(limits: Limits) -> Host {
    let cache = plugwright::Cache::open(tests::cache_folder()).expect("the cache can be opened");
    Host::builder().cache(cache).limits(limits).concurrency(100).build().expect("the engine starts")
}

/// Returns the plugin `name` from `tests/hostile/`.
fn hostile(name: &str, limits: Limits) -> Plugin<Prettify> {
    host(limits).load_bytes(name, &hostile::component(name)).expect("the plugin fits the host")
}

/// Returns a harmless plugin.
fn harmless(limits: Limits) -> Result<Plugin<Prettify>, LoadError> {
    host(limits).load_bytes("harmless", &HARMLESS)
}

fn call(plugin: &Plugin<Prettify>) -> Result<String, CallError<ForeignText>> {
    plugin.prettify(&[])
}

#[test]
fn fuel_is_counted_where_the_host_limits_it() {
    let limits = Limits::default().fuel(10_000);
    let error = call(&hostile("endless-loop", limits)).expect_err("the plugin computes for ever");
    assert_snapshot!(error, @"plugin `endless-loop` was ended in `prettify`: a call is limited to 10000 units of fuel; to allow more, raise the limit `fuel`");
    let plugin = harmless(limits).expect("the plugin has enough memory");
    let stricter =
        plugin.with_limits(&Limits::none().fuel(1)).expect("a call can have a fuel limit");
    let error = call(&stricter).expect_err("the limit is almost zero");
    assert_snapshot!(error, @"plugin `harmless` was ended in `prettify`: a call is limited to 1 unit of fuel; to allow more, raise the limit `fuel`");
    assert_eq!(call(&plugin).expect("the call has enough room"), "");
}

#[test]
fn a_component_of_too_many_instances_is_not_loaded() {
    let error = harmless(Limits::default().instances(0));
    let error = error.expect_err("the plugin has instances");
    assert!(matches!(error, LoadError::Exceeded { .. }), "{error:?}");
    assert_snapshot!(error, @"`harmless` is not loaded: a component is limited to 0 core instances; to allow more, raise the limit `instances`");
}

#[test]
fn a_component_that_begins_with_too_much_memory_is_not_loaded() {
    let error = harmless(Limits::default().memory(1 << 20));
    assert_snapshot!(error.expect_err("the plugin has 17 pages"), @"`harmless` cannot be started: memory is limited to 1MiB; to allow more, raise the limit `memory`");
}

#[test]
fn of_two_limits_the_stricter_one_holds() {
    let plugin = hostile("memory-bomb", Limits::default().memory(4 << 20));
    for (limit, value) in [(8 << 20, 4 << 20), (3 << 20, 3 << 20)] {
        let limited = plugin
            .with_limits(&Limits::none().memory(limit))
            .expect("a call can have a memory limit");
        let Err(CallError::Exceeded { exceeded, .. }) = call(&limited) else { panic!("{limit}") };
        assert_eq!((exceeded.limit, exceeded.value), (Limit::Memory, value));
    }
    // The plugin that it was derived from keeps its own limits.
    assert_eq!(plugin.limits().get(Limit::Memory), Some(4 << 20));
}

#[test]
fn a_stack_is_told_as_the_host_has_it() {
    for (stack, told) in [(1, Limits::LEAST_STACK), (u64::MAX, Limits::MOST_STACK)] {
        let plugin = hostile("stack-overflow", Limits::default().stack(stack));
        let Err(CallError::Exceeded { exceeded, .. }) = call(&plugin) else { panic!("{stack}") };
        assert_eq!((exceeded.limit, exceeded.value), (Limit::Stack, told));
    }
}

#[test]
fn what_holds_for_the_whole_host_cannot_be_set_for_a_call() {
    let plugin = markdown();
    let fuel = plugin.with_limits(&Limits::none().fuel(1)).expect_err("the limit is not enforced");
    assert_eq!(fuel, LimitsError::FuelNotCounted);
    let stack =
        plugin.with_limits(&Limits::none().stack(1 << 15)).expect_err("the stack size is fixed");
    assert_eq!(stack, LimitsError::StackOfHost { stack: 512 << 10 });
    assert!(plugin.with_limits(&Limits::default()).is_ok());
}

#[test]
fn a_deadline_is_kept_to_within_some_ticks() {
    let plugin = hostile("endless-loop", Limits::default());
    let plugin = plugin.with_limits(&Limits::none().deadline(Duration::from_millis(50)));
    let plugin = plugin.expect("a call can have a deadline");
    let begin = Instant::now();
    call(&plugin).expect_err("the plugin computes for ever");
    // A clock that does not tick would be too late by more than a busy machine is.
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
}

#[test]
fn deadlines_are_kept_after_a_pause() {
    // The clock stops after a second without calls.
    let plugin = hostile("endless-loop", Limits::default());
    std::thread::sleep(Duration::from_millis(1300));
    let plugin = plugin.with_limits(&Limits::none().deadline(Duration::from_millis(20)));
    let plugin = plugin.expect("a call can have a deadline");
    let Err(CallError::Exceeded { exceeded, .. }) = call(&plugin) else {
        panic!("the call must not succeed")
    };
    assert_eq!(exceeded.limit, Limit::Deadline);
}

#[test]
fn the_clock_ends_with_its_host() {
    let threads = || {
        std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().filter(|task| {
            let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            // The kernel truncates names to 15 bytes.
            name.trim() == "plugwright-tick"
        })
    };
    let host = host(Limits::default());
    let before = threads().count();
    drop(host);
    // Other tests start and end hosts meanwhile, so only a lasting surplus is a leak.
    let end = Instant::now() + Duration::from_secs(5);
    while before > 0 && threads().count() >= before + 10 {
        assert!(Instant::now() < end, "the thread is still running");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_thousand_threads_call_one_plugin_of_which_a_hundred_run_at_once() {
    let plugin = harmless(Limits::none()).expect("the plugin fits the host");
    std::thread::scope(|scope| {
        for _ in 0..1000 {
            let builder = std::thread::Builder::new().stack_size(256 << 10);
            let call = || assert_eq!(call(&plugin).expect("the call succeeds"), "");
            builder.spawn_scoped(scope, call).expect("the thread starts");
        }
    });
}

#[test]
fn limits_do_not_get_into_the_way_of_work() {
    let document = Document::new("a.md", "text/markdown", "text ".repeat(200_000));
    let html = markdown().transform(&document, &[]).expect("the call is within all limits");
    assert!(html.body.len() > 1_000_000);
}
