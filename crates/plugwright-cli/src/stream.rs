//! Passes a body through a chain of sessions, piece by piece.

use std::borrow::Cow;

use plugwright::{CallError, Plugin};
use plugwright_contract::prelude::*;
use plugwright_contract::{Failure, Head, Session, Setting, Streamer};

use crate::exit::{self, Failed};
use crate::input::Input;
use crate::output::Output;

/// The size of the largest piece, in bytes. Smaller pieces need more calls, and larger ones do not stay in the
/// processor's cache on their way into the plugin.
const PIECE: usize = 64 * 1024;

/// A sequence of sessions, where each session gets the output of the one before it.
pub(crate) struct Stream {
    sessions: Vec<Session>,
    /// The name of the result.
    name: String,
}

impl Stream {
    /// Opens a session of each of `stages` with its options, for the document with this `head`.
    pub(crate) fn open(
        stages: &[(&Plugin<Streamer>, &[Setting])],
        head: &Head,
    ) -> Result<Self, Failed> {
        let mut sessions: Vec<Session> = Vec::new();
        for (index, (plugin, options)) in stages.iter().enumerate() {
            let head = sessions.last().map_or(head, Session::head);
            let session = plugin.session(head, options);
            sessions.push(session.map_err(in_stage(index, stages.len()))?);
        }
        let name = sessions.last().map_or(head, Session::head).name.clone();
        Ok(Self { sessions, name })
    }

    /// Returns the name of the result.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Passes all of `input` through the sessions into `output`.
    pub(crate) fn run(mut self, input: &mut Input, output: &mut Output) -> Result<(), Failed> {
        let mut buffer = vec![0; PIECE];
        loop {
            let length = input.read(&mut buffer).map_err(exit::usage)?;
            if length == 0 {
                break;
            }
            let piece = buffer.get(..length).unwrap_or_default();
            output.write(&self.push(piece)?).map_err(exit::usage)?;
        }
        output.write(&self.finish()?).map_err(exit::usage)
    }

    fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, Failed> {
        let count = self.sessions.len();
        let mut ready = Cow::Borrowed(piece);
        for (index, session) in self.sessions.iter_mut().enumerate() {
            if !ready.is_empty() {
                ready = session.push(&ready).map_err(in_stage(index, count))?.into();
            }
        }
        Ok(ready.into_owned())
    }

    fn finish(self) -> Result<Vec<u8>, Failed> {
        let count = self.sessions.len();
        let mut rest = Vec::new();
        for (index, mut session) in self.sessions.into_iter().enumerate() {
            let mut ready = if rest.is_empty() {
                Vec::new()
            } else {
                session.push(&rest).map_err(in_stage(index, count))?
            };
            let (last, _) = session.finish().map_err(in_stage(index, count))?;
            ready.extend(last);
            rest = ready;
        }
        Ok(rest)
    }
}

/// Returns a function that adds to an error the stage, of `count` stages, in which the call failed.
fn in_stage(index: usize, count: usize) -> impl Fn(CallError<Failure>) -> Failed {
    move |error| Failed::from(error).in_stage(index, count)
}
