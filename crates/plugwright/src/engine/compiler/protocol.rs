//! The protocol between a host and a compiler process: a request on standard input, and an answer on standard output.

use std::io::{self, ErrorKind, Read};

use super::confine::{Confinement, OwnLimits};
use crate::engine::seal::Sealer;

/// The environment variable that makes a program compile. Its value is its [`Orders`].
pub(super) const VARIABLE: &str = "PLUGWRIGHT_COMPILES";

/// The first bytes of a request and of an answer. They change with the format of the messages. The seal rejects code
/// that another version of this library compiled.
const REQUEST: [u8; 8] = *b"\0plugwQ1";
const ANSWER: [u8; 8] = *b"\0plugwA1";

/// What the process learns before it reads anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Orders {
    /// The process ID of the host, which starts this process and ends it with itself.
    pub(super) host: u32,
    pub(super) limits: OwnLimits,
}

impl Orders {
    pub(super) fn write(self) -> String {
        let Self { host, limits: OwnLimits { cpu_time, memory } } = self;
        format!("{host} {cpu_time} {memory}")
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        let (host, limits) = text.split_once(' ')?;
        let (cpu_time, memory) = limits.split_once(' ')?;
        let limits = OwnLimits { cpu_time: cpu_time.parse().ok()?, memory: memory.parse().ok()? };
        Some(Self { host: host.parse().ok()?, limits })
    }
}

/// The head of a request, which the component follows.
pub(super) struct Request {
    /// The key to seal the code with, used only for this request.
    pub(super) key: [u8; Sealer::KEY],
    /// The only setting for code generation that differs between hosts.
    pub(super) counts_fuel: bool,
    /// The length of the component in bytes.
    pub(super) length: u64,
}

impl Request {
    pub(super) fn write(&self) -> Vec<u8> {
        let length = self.length.to_le_bytes();
        [&REQUEST[..], &self.key, &[u8::from(self.counts_fuel)], &length].concat()
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Self> {
        if bytes(from)? != REQUEST {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "it is not a request of this version",
            ));
        }
        let key = bytes(from)?;
        let [counts_fuel] = bytes(from)?;
        let length = u64::from_le_bytes(bytes(from)?);
        Ok(Self { key, counts_fuel: counts_fuel != 0, length })
    }
}

fn bytes<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The answer to a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// The code with its seal.
    Code(Vec<u8>),
    /// The reason why the compiler refused the component.
    Refused(String),
    /// There was not enough memory.
    Memory,
}

impl Answer {
    /// The number of bytes before the code.
    pub(super) const HEAD: usize = ANSWER.len() + 2;

    pub(super) fn write(self, confinement: Confinement) -> Vec<u8> {
        let (kind, rest) = match self {
            Self::Code(sealed) => (b'c', sealed),
            Self::Refused(reason) => (b'r', reason.into_bytes()),
            Self::Memory => (b'm', Vec::new()),
        };
        [&ANSWER[..], &[kind, confinement.to_byte()], &rest].concat()
    }

    /// Says whether an answer can begin with `bytes`.
    pub(super) fn may_begin(bytes: &[u8]) -> bool {
        bytes.iter().zip(&ANSWER).all(|(byte, expected)| byte == expected)
    }

    /// Reads an answer, and how the process was confined. Returns `None` if the bytes are not an answer.
    pub(super) fn read(mut bytes: Vec<u8>) -> Option<(Self, Confinement)> {
        let &[kind, confinement] = bytes.get(..Self::HEAD)?.strip_prefix(&ANSWER)? else {
            return None;
        };
        bytes.drain(..Self::HEAD);
        let answer = match kind {
            b'c' => Self::Code(bytes),
            b'r' => Self::Refused(String::from_utf8_lossy(&bytes).into_owned()),
            b'm' => Self::Memory,
            _ => return None,
        };
        Some((answer, Confinement::of_byte(confinement)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let limits = OwnLimits { cpu_time: 60, memory: u64::MAX };
        let orders = Orders { host: 4711, limits };
        assert_eq!(Orders::read(&orders.write()), Some(orders));
        let written = Request { key: [7; 32], counts_fuel: true, length: 258 }.write();
        let request = Request::read(&mut &*written).expect("a request");
        assert_eq!((request.key, request.counts_fuel, request.length), ([7; 32], true, 258));
        let confinement = Confinement::of_byte(7);
        for answer in
            [|| Answer::Code(vec![1, 2, 3]), || Answer::Refused("no".to_owned()), || Answer::Memory]
        {
            let read = Answer::read(answer().write(confinement));
            assert_eq!(read, Some((answer(), confinement)));
        }
    }

    #[test]
    fn what_is_none_is_not_read() {
        for orders in ["", "60", "60 1", "60 1 ", "x 1 2", "1 2 3 4"] {
            assert_eq!(Orders::read(orders), None, "{orders}");
        }
        let whole = Request { key: [7; 32], counts_fuel: false, length: 1 }.write();
        assert!(Request::read(&mut &whole[..whole.len() - 1]).is_err());
        assert!(Request::read(&mut &[b'y'; 100][..]).is_err());
        // A program that echoes its input does not produce an answer.
        assert_eq!(Answer::read(whole), None);
        for answer in [&b""[..], b"y", &[b'y'; 100], &ANSWER, b"\0plugwA1x\0"] {
            assert_eq!(Answer::read(answer.to_vec()), None, "{answer:?}");
        }
    }
}
