//! Many hosts in one process: each has room for exactly as many calls as it asked for.

use std::env;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use plugwright::{Cache, CallError, Host, HostBuilder, Limit, Limits, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Head, Session, Streamer};
use tests::{around, cache_folder};

/// Does the work of the test `name` in a process of its own, because all hosts in a process share its address
/// space.
pub(crate) fn alone(name: &str, work: impl FnOnce()) {
    const ALONE: &str = "PLUGWRIGHT_TEST_ALONE";
    if env::var_os(ALONE).is_some() {
        return work();
    }
    let mut command = Command::new(env::current_exe().expect("the path of this program is known"));
    let output = command.args([name, "--exact", "--nocapture"]).env(ALONE, "1").output();
    let output = output.expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{errors}");
}

pub(crate) fn builder() -> HostBuilder {
    Host::builder().cache(Cache::open(cache_folder()).expect("the cache can be opened"))
}

/// Returns a plugin with one memory. Each instance takes one slot.
pub(crate) fn echo(host: &Host) -> Plugin<Streamer> {
    static ECHO: LazyLock<Vec<u8>> = LazyLock::new(|| around(include_str!("echo.wat"), "streamer"));
    host.load_bytes("echo", &ECHO).unwrap_or_else(|error| panic!("{error}"))
}

fn calls(plugin: &Plugin<Streamer>) {
    let mut session = session(plugin);
    assert_eq!(session.push(b"word").expect("the session returns the piece"), b"word");
}

fn session(plugin: &Plugin<Streamer>) -> Session {
    let session = plugin.session(&Head::new("a.txt", "text/plain"), &[]);
    session.unwrap_or_else(|error| panic!("{error}"))
}

/// Checks that there is no room for another call of the plugin.
fn expect_full(plugin: &Plugin<Streamer>) {
    let hurried = plugin.with_limits(&Limits::none().deadline(Duration::from_millis(100)));
    let hurried = hurried.expect("a call can have a deadline");
    match hurried.session(&Head::new("a.txt", "text/plain"), &[]) {
        Err(CallError::Exceeded { exceeded, .. }) => assert_eq!(exceeded.limit, Limit::Deadline),
        other => panic!("{other:?}"),
    }
}

/// Checks that there is room for exactly this many concurrent calls of the plugin.
pub(crate) fn expect_room(plugin: &Plugin<Streamer>, room: usize) {
    let mut sessions: Vec<_> = (0..room).map(|_| session(plugin)).collect();
    expect_full(plugin);
    sessions.pop();
    calls(plugin);
}

#[test]
fn a_hundred_hosts_have_pools() {
    alone("hosts::a_hundred_hosts_have_pools", || {
        let hosts: Vec<_> =
            (0..100).map(|_| builder().build().expect("the engine starts")).collect();
        assert!(hosts.iter().all(Host::is_pooled));
        let plugins: Vec<_> = hosts.iter().map(echo).collect();
        plugins.iter().for_each(calls);
        // These hosts share a pool, and each has its own share of the room.
        for room in [64, 80] {
            let host = builder().concurrency(room).build().expect("the engine starts");
            assert!(host.is_pooled());
            expect_room(&echo(&host), room as usize);
        }
    });
}

#[test]
fn hosts_that_share_a_pool_wait_for_each_other() {
    alone("hosts::hosts_that_share_a_pool_wait_for_each_other", || {
        let hosts: Vec<_> =
            (0..14).map(|_| builder().build().expect("the engine starts")).collect();
        let [one, other] = [&hosts[12], &hosts[13]].map(echo);
        let mut sessions: Vec<_> = (0..500).map(|_| session(&one)).collect();
        sessions.extend((0..500).map(|_| session(&other)));
        expect_full(&one);
        expect_full(&other);
        calls(&echo(&hosts[0]));
        sessions.truncate(999);
        calls(&one);
        calls(&other);
    });
}

#[test]
fn a_host_without_a_pool_keeps_to_its_room() {
    alone("hosts::a_host_without_a_pool_keeps_to_its_room", || {
        let with_stack = |index: u64| {
            builder().limits(Limits::default().stack((512 + index) << 10)).concurrency(64)
        };
        // Each of these hosts needs its own pool.
        let hosts: Vec<_> = (0..30)
            .map(|index| with_stack(index).concurrency(1000).build().expect("the engine starts"))
            .collect();
        assert!(hosts[0].is_pooled() && hosts[15].is_pooled());
        let [one, other] =
            [29, 29].map(|index| with_stack(index).build().expect("the engine starts"));
        assert!(!one.is_pooled() && !other.is_pooled());
        expect_room(&echo(&one), 64);
        expect_room(&echo(&other), 64);
        // Dropping the hosts makes their room available to others.
        drop((hosts, one, other));
        assert!(with_stack(29).build().expect("the engine starts").is_pooled());
    });
}
