//! Pushes and pulls: with a real registry, Debian's `docker-registry`, and with hostile ones.

mod command;
mod hostile;
mod library;
mod others;
mod real;
mod server;
mod terminal;
