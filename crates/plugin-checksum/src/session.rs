//! A document on its way through: what is known of it, and its checksum in the making.

use std::cell::RefCell;

use crate::algorithm::{Algorithm, Hasher};
use crate::exports::plugwright::plugin::sessions::{
    Ending, GuestTransformSession, Head, TransformSession,
};
use crate::exports::plugwright::plugin::transform::{Attribute, Failure, Setting};
use crate::options;

/// One document on its way through.
pub(crate) struct Session {
    head: Head,
    /// What the document is called, of which the resulting one says the checksum.
    name: String,
    algorithm: Algorithm,
    hasher: RefCell<Hasher>,
}

impl Session {
    pub(crate) fn new(input: Head, settings: Vec<Setting>) -> Result<Self, Failure> {
        let algorithm = options::algorithm(settings)?;
        let Head { name, attributes, .. } = input;
        let head = Head {
            name: format!("{name}.{}", algorithm.extension()),
            media_type: "text/plain".to_owned(),
            attributes,
        };
        let hasher = RefCell::new(algorithm.begin());
        Ok(Self { head, name, algorithm, hasher })
    }

    pub(crate) fn update(&self, bytes: &[u8]) {
        self.hasher.borrow_mut().update(bytes);
    }

    pub(crate) fn end(self) -> (Head, Vec<u8>) {
        let Self { mut head, name, algorithm, hasher } = self;
        let checksum = hasher.into_inner().finish();
        let body = line(&checksum, &name).into_bytes();
        let key = algorithm.name();
        head.attributes.retain(|attribute| attribute.key != key);
        head.attributes.push(Attribute { key: key.to_owned(), value: checksum });
        (head, body)
    }
}

impl GuestTransformSession for Session {
    fn open(input: Head, options: Vec<Setting>) -> Result<TransformSession, Failure> {
        Self::new(input, options).map(TransformSession::new)
    }

    fn head(&self) -> Head {
        self.head.clone()
    }

    fn push(&self, chunk: Vec<u8>) -> Result<Vec<u8>, Failure> {
        self.update(&chunk);
        Ok(Vec::new())
    }

    fn finish(session: TransformSession) -> Result<Ending, Failure> {
        let (Head { attributes, .. }, body) = session.into_inner::<Self>().end();
        Ok(Ending { body, attributes })
    }
}

/// A line as `sha256sum` writes and checks it. In a name that would break the line, what does so is
/// escaped, and a backslash at the beginning of the line says so.
fn line(checksum: &str, name: &str) -> String {
    let escaped = name.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == name { "" } else { "\\" };
    format!("{mark}{checksum}  {escaped}\n")
}
