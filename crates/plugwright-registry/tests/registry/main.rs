//! Plugins to registries and back: to a real one, Debian's `docker-registry`, and to some that mean harm.

mod command;
mod hostile;
mod library;
mod others;
mod real;
mod server;
mod terminal;
