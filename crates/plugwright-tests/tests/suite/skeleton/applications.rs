//! Generated applications for the contracts beside this file. They are compiled here, where wasmtime is already
//! compiled, but not run.
#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    dead_code,
    unreachable_pub,
    unused_qualifications,
    reason = "each is a separate program, in a repository without these lints"
)]

#[rustfmt::skip]
mod both_layer;
#[rustfmt::skip]
mod chain_chain;
#[rustfmt::skip]
mod documented_library;
#[rustfmt::skip]
mod greeting_greeter;
#[rustfmt::skip]
mod traffic_desk_world;
#[rustfmt::skip]
mod traffic_handed;
#[rustfmt::skip]
mod traffic_locked;
#[rustfmt::skip]
mod traffic_quarter;
#[rustfmt::skip]
mod words_state;
