//! A body through a chain of sessions, piece by piece.

use plugwright::{CallError, Failure, Head, Plugin, Session, Setting, Streamer};

use crate::exit::{self, Failed};
use crate::input::Input;
use crate::output::Output;

/// The longest piece that is read at once: shorter ones cost a call each, and longer ones fall out of
/// the processor's cache on their way into the plugin.
const PIECE: usize = 64 * 1024;

/// Sessions, of which each gets what the one before it gives.
pub(crate) struct Chain(Vec<Session>);

impl Chain {
    /// Opens a session of each of `stages` with its options, for the document of which `head` is
    /// known.
    pub(crate) fn open(
        stages: &[(&Plugin<Streamer>, Vec<Setting>)],
        head: &Head,
    ) -> Result<Self, CallError<Failure>> {
        let mut sessions: Vec<Session> = Vec::new();
        for (plugin, options) in stages {
            let head = sessions.last().map_or(head, Session::head);
            sessions.push(plugin.session(head, options)?);
        }
        Ok(Self(sessions))
    }

    /// Puts all of `input` through the chain into `output`.
    pub(crate) fn run(mut self, input: &mut Input, output: &mut Output) -> Result<(), Failed> {
        let mut buffer = vec![0; PIECE];
        loop {
            let length = input.read(&mut buffer).map_err(exit::usage)?;
            if length == 0 {
                break;
            }
            output.write(&self.push(&buffer[..length])?).map_err(exit::usage)?;
        }
        output.write(&self.finish()?).map_err(exit::usage)
    }

    fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, CallError<Failure>> {
        let Some((first, others)) = self.0.split_first_mut() else {
            return Ok(piece.to_vec());
        };
        let mut ready = first.push(piece)?;
        for session in others {
            if !ready.is_empty() {
                ready = session.push(&ready)?;
            }
        }
        Ok(ready)
    }

    fn finish(self) -> Result<Vec<u8>, CallError<Failure>> {
        let mut rest = Vec::new();
        for mut session in self.0 {
            let mut ready = if rest.is_empty() { Vec::new() } else { session.push(&rest)? };
            let (last, _) = session.finish()?;
            ready.extend(last);
            rest = ready;
        }
        Ok(rest)
    }
}
