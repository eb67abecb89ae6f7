//! Limits: of a host, of a plugin, of a call. That each is kept, `hostile` shows.

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
    let cache = plugwright::Cache::open(tests::cache_folder()).expect("a folder");
    Host::builder().cache(cache).limits(limits).concurrency(100).build().expect("an engine")
}

/// The plugin of `tests/hostile/` of that name.
fn hostile(name: &str, limits: Limits) -> Plugin<Prettify> {
    host(limits).load_bytes(name, &hostile::component(name)).expect("it fits")
}

/// A plugin that does no harm.
fn harmless(limits: Limits) -> Result<Plugin<Prettify>, LoadError> {
    host(limits).load_bytes("harmless", &HARMLESS)
}

fn call(plugin: &Plugin<Prettify>) -> Result<String, CallError<ForeignText>> {
    plugin.prettify(&[])
}

#[test]
fn fuel_is_counted_where_the_host_limits_it() {
    let limits = Limits::default().fuel(10_000);
    let error = call(&hostile("endless-loop", limits)).expect_err("it computes without end");
    assert_snapshot!(error, @"plugin `endless-loop` was ended in `prettify`: a call is limited to 10000 units of fuel; to allow more, raise the limit `fuel`");
    let plugin = harmless(limits).expect("there is enough");
    let stricter = plugin.with_limits(&Limits::none().fuel(1)).expect("fuel is counted");
    let error = call(&stricter).expect_err("there is nearly none");
    assert_snapshot!(error, @"plugin `harmless` was ended in `prettify`: a call is limited to 1 unit of fuel; to allow more, raise the limit `fuel`");
    assert_eq!(call(&plugin).expect("there is enough"), "");
}

#[test]
fn a_component_of_too_many_instances_is_not_loaded() {
    let error = harmless(Limits::default().instances(0));
    let error = error.expect_err("it has some");
    assert!(matches!(error, LoadError::Exceeded { .. }), "{error:?}");
    assert_snapshot!(error, @"`harmless` is not loaded: a component is limited to 0 core instances; to allow more, raise the limit `instances`");
}

#[test]
fn a_component_that_begins_with_too_much_memory_is_not_loaded() {
    let error = harmless(Limits::default().memory(1 << 20));
    assert_snapshot!(error.expect_err("it has 17 pages"), @"`harmless` cannot be started: memory is limited to 1MiB; to allow more, raise the limit `memory`");
}

#[test]
fn of_two_limits_the_stricter_one_holds() {
    let plugin = hostile("memory-bomb", Limits::default().memory(4 << 20));
    for (limit, value) in [(8 << 20, 4 << 20), (3 << 20, 3 << 20)] {
        let limited =
            plugin.with_limits(&Limits::none().memory(limit)).expect("memory is enforced");
        let Err(CallError::Exceeded { exceeded, .. }) = call(&limited) else { panic!("{limit}") };
        assert_eq!((exceeded.limit, exceeded.value), (Limit::Memory, value));
    }
    // The handle that they were made of keeps its own.
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
    let fuel = plugin.with_limits(&Limits::none().fuel(1)).expect_err("it is not counted");
    assert_eq!(fuel, LimitsError::FuelNotCounted);
    let stack = plugin.with_limits(&Limits::none().stack(1 << 15)).expect_err("it is made");
    assert_eq!(stack, LimitsError::StackOfHost { stack: 512 << 10 });
    assert!(plugin.with_limits(&Limits::default()).is_ok());
}

#[test]
fn a_deadline_is_kept_to_within_some_ticks() {
    let plugin = hostile("endless-loop", Limits::default());
    let plugin = plugin.with_limits(&Limits::none().deadline(Duration::from_millis(50)));
    let plugin = plugin.expect("a deadline is enforced");
    let begin = Instant::now();
    call(&plugin).expect_err("it computes without end");
    // Half a second too late would be a clock that does not tick, not a machine that is busy.
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    assert!(begin.elapsed() >= Duration::from_millis(50), "{:?}", begin.elapsed());
}

#[test]
fn deadlines_are_kept_after_a_pause() {
    // The clock sleeps when there was no call for a second.
    let plugin = hostile("endless-loop", Limits::default());
    std::thread::sleep(Duration::from_millis(1300));
    let plugin = plugin.with_limits(&Limits::none().deadline(Duration::from_millis(20)));
    let plugin = plugin.expect("a deadline is enforced");
    let Err(CallError::Exceeded { exceeded, .. }) = call(&plugin) else { panic!("it was done") };
    assert_eq!(exceeded.limit, Limit::Deadline);
}

#[test]
fn the_clock_ends_with_its_host() {
    let threads = || {
        std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().filter(|task| {
            let name = std::fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            // The kernel keeps 15 bytes of a name.
            name.trim() == "plugwright-tick"
        })
    };
    let host = host(Limits::default());
    let before = threads().count();
    drop(host);
    // Other tests start and end hosts meanwhile, so only a lasting surplus would be a leak.
    let end = Instant::now() + Duration::from_secs(5);
    while before > 0 && threads().count() >= before + 10 {
        assert!(Instant::now() < end, "the thread goes on");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_thousand_threads_call_one_plugin_of_which_a_hundred_run_at_once() {
    let plugin = harmless(Limits::none()).expect("it fits");
    std::thread::scope(|scope| {
        for _ in 0..1000 {
            let builder = std::thread::Builder::new().stack_size(256 << 10);
            let call = || assert_eq!(call(&plugin).expect("its turn comes"), "");
            builder.spawn_scoped(scope, call).expect("a thread");
        }
    });
}

#[test]
fn limits_do_not_get_into_the_way_of_work() {
    let document = Document::new("a.md", "text/markdown", "text ".repeat(200_000));
    let html = markdown().transform(&document, &[]).expect("it is within all limits");
    assert!(html.body.len() > 1_000_000);
}
