//! Counts the bytes of a document, which goes through as it is, in the world `streamer`.
#![expect(missing_docs, unsafe_code, reason = "what wit-bindgen generates")]

wit_bindgen::generate!({ path: "../../wit", world: "streamer" });

use std::cell::Cell;

use exports::plugwright::plugin::sessions::{
    self, Ending, GuestTransformSession, Head, TransformSession,
};
use exports::plugwright::plugin::transform::{
    self, Attribute, Description, Document, Failure, Setting,
};

struct Plugin;

export!(Plugin);

impl transform::Guest for Plugin {
    fn describe() -> Description {
        Description {
            name: "@NAME@".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "counts the bytes of a document".to_owned(),
            takes: vec!["*/*".to_owned()],
            gives: vec!["*/*".to_owned()],
            options: Vec::new(),
        }
    }

    // The whole document is one piece, so that both ways give the same.
    fn transform(input: Document, options: Vec<Setting>) -> Result<Document, Failure> {
        let Document { name, media_type, body, attributes } = input;
        let head = Head { name, media_type, attributes };
        let session = Session::new(head, options)?;
        let body = session.take(body);
        let Head { name, media_type, attributes } = session.end();
        Ok(Document { name, media_type, body, attributes })
    }
}

impl sessions::Guest for Plugin {
    type TransformSession = Session;
}

/// One document on its way through.
struct Session {
    head: Head,
    bytes: Cell<usize>,
}

impl Session {
    fn new(head: Head, options: Vec<Setting>) -> Result<Self, Failure> {
        match options.into_iter().next() {
            Some(Setting { key, .. }) => Err(Failure::UnknownOption(key)),
            None => Ok(Self { head, bytes: Cell::new(0) }),
        }
    }

    fn take(&self, piece: Vec<u8>) -> Vec<u8> {
        self.bytes.set(self.bytes.get() + piece.len());
        piece
    }

    fn end(self) -> Head {
        let Self { mut head, bytes } = self;
        head.attributes.retain(|attribute| attribute.key != "bytes");
        let value = bytes.get().to_string();
        head.attributes.push(Attribute { key: "bytes".to_owned(), value });
        head
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
        Ok(self.take(chunk))
    }

    fn finish(session: TransformSession) -> Result<Ending, Failure> {
        let Head { attributes, .. } = session.into_inner::<Self>().end();
        Ok(Ending { body: Vec::new(), attributes })
    }
}
