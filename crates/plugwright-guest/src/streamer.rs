//! Plugins of the world `streamer`.

use std::cell::RefCell;

use crate::{Attribute, Attributes, Document, Failure, Head, Options, Setting};

/// The state that a plugin keeps while a document goes through it piece by piece.
///
/// Everything that `push` and `finish` append to `output` is, in order, the body of the resulting document. The result
/// must not depend on how the body is cut into pieces.
pub trait Stream: Sized {
    /// The plugin's options, or `()` if it has none.
    type Options: Options;

    /// Begins a document. `head` describes the input, and the function changes it into the head of the result.
    ///
    /// # Errors
    ///
    /// Fails if the plugin cannot process the document.
    fn open(head: &mut Head, options: Self::Options) -> Result<Self, Failure>;

    /// Takes a piece of the body, appends finished output to `output`, and returns how many bytes of `input` it
    /// consumed. The remaining bytes are held back: the next `input` begins with them.
    ///
    /// # Errors
    ///
    /// Fails if the plugin cannot process the document.
    fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure>;

    /// Ends the document. `input` is the part of the body that was held back. The function appends the rest of the
    /// result to `output`, and can set attributes that depend on the whole body.
    ///
    /// # Errors
    ///
    /// Fails if the plugin cannot process the document.
    fn finish(
        self,
        input: &[u8],
        output: &mut Vec<u8>,
        attributes: Attributes<'_>,
    ) -> Result<(), Failure>;
}

/// The end of a session's result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The rest of the body.
    pub body: Vec<u8>,
    /// All attributes of the resulting document.
    pub attributes: Vec<Attribute>,
}

/// A session of a plugin: its state, and the bytes that are held back.
#[derive(Debug)]
pub struct Session<S> {
    head: Head,
    running: RefCell<Running<S>>,
}

/// How many bytes of a long piece are appended to the held bytes at once.
const PART: usize = 64 << 10;

#[derive(Debug)]
struct Running<S> {
    stream: S,
    held: Vec<u8>,
}

impl<S: Stream> Session<S> {
    /// Begins a session with the document's head and the settings of the caller.
    ///
    /// # Errors
    ///
    /// Fails if an option is unknown or does not take its value, or if the plugin fails.
    pub fn open(mut head: Head, settings: Vec<Setting>) -> Result<Self, Failure> {
        let stream = open(&mut head, settings)?;
        Ok(Self { head, running: RefCell::new(Running { stream, held: Vec::new() }) })
    }

    /// Returns the head of the resulting document.
    pub fn head(&self) -> Head {
        self.head.clone()
    }

    /// Takes the next piece of the body, and returns the part of the resulting body that is ready.
    ///
    /// # Errors
    ///
    /// Fails if the plugin fails.
    pub fn push(&self, piece: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut output = Vec::new();
        self.running.borrow_mut().push(piece, &mut output)?;
        Ok(output)
    }

    /// Ends the session, and returns the rest of the resulting body.
    ///
    /// # Errors
    ///
    /// Fails if the plugin fails.
    pub fn finish(self) -> Result<Ending, Failure> {
        let Self { mut head, running } = self;
        let Running { stream, held } = running.into_inner();
        let mut body = Vec::new();
        finish(stream, &held, &mut body, &mut head)?;
        Ok(Ending { body, attributes: head.attributes })
    }
}

impl<S: Stream> Running<S> {
    fn push(&mut self, mut piece: &[u8], output: &mut Vec<u8>) -> Result<(), Failure> {
        let Self { stream, held } = self;
        while !piece.is_empty() {
            if held.is_empty() {
                // Without held bytes, the piece goes through without a copy.
                let done = push(stream, piece, output)?;
                held.extend_from_slice(&piece[done..]);
                break;
            }
            let (part, rest) = piece.split_at(piece.len().min(PART));
            held.extend_from_slice(part);
            let done = push(stream, held, output)?;
            held.drain(..done);
            piece = rest;
        }
        Ok(())
    }
}

/// Transforms a whole document as one piece.
///
/// # Errors
///
/// Fails if an option is unknown or does not take its value, or if the plugin fails.
pub fn transform<S: Stream>(input: Document, settings: Vec<Setting>) -> Result<Document, Failure> {
    let (mut head, body) = input.into_parts();
    let mut stream: S = open(&mut head, settings)?;
    let mut output = Vec::new();
    let done = push(&mut stream, &body, &mut output)?;
    finish(stream, &body[done..], &mut output, &mut head)?;
    Ok(head.with_body(output))
}

/// Calls `push`, and checks how many bytes the plugin claims to have consumed.
fn push<S: Stream>(stream: &mut S, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure> {
    let done = stream.push(input, output)?;
    let length = input.len();
    assert!(
        done <= length,
        "`push` returned {done} for an input of {length} bytes: it must return how many bytes of `input` it consumed"
    );
    Ok(done)
}

// Whole documents and sessions share these two functions, so that a plugin contains their code only once.
#[inline(never)]
fn open<S: Stream>(head: &mut Head, settings: Vec<Setting>) -> Result<S, Failure> {
    S::open(head, S::Options::read(settings)?)
}

#[inline(never)]
fn finish<S: Stream>(
    stream: S,
    input: &[u8],
    output: &mut Vec<u8>,
    head: &mut Head,
) -> Result<(), Failure> {
    stream.finish(input, output, Attributes(&mut head.attributes))
}

/// Makes a plugin of the world `streamer` from a type that implements [`Stream`](crate::Stream).
///
/// The same code transforms whole documents and documents that arrive piece by piece.
///
/// ```
/// use plugwright_guest::{Attributes, Failure, Head, Stream, streamer};
///
/// streamer! { summary: "counts bytes", takes: ["*/*"], gives: ["*/*"], state: Count }
///
/// /// How many bytes there were so far.
/// struct Count(usize);
///
/// impl Stream for Count {
///     type Options = ();
///
///     fn open(_: &mut Head, (): ()) -> Result<Self, Failure> {
///         Ok(Self(0))
///     }
///
///     fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure> {
///         self.0 += input.len();
///         output.extend_from_slice(input);
///         Ok(input.len())
///     }
///
///     fn finish(self, _: &[u8], _: &mut Vec<u8>, mut attributes: Attributes<'_>) -> Result<(), Failure> {
///         attributes.set("bytes", self.0);
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! streamer {
    (
        summary: $summary:expr, takes: $takes:expr, gives: $gives:expr,
        state: $state:ty $(, wasi: $wasi:tt)? $(,)?
    ) => {
        const _: () = {
            $crate::__about!($summary, $takes, $gives);
            $crate::__without_wasi!($($wasi)?);
            $crate::__embed_kinds!(<$state as $crate::Stream>::Options);

            fn describe() -> $crate::Description {
                ABOUT.describe::<<$state as $crate::Stream>::Options>()
            }

            $crate::__export_streamer!(describe, $state, $($wasi)?);
        };
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`streamer!` takes these parts in this order: summary: \"…\", takes: [\"…\"], gives: [\"…\"], state: Type, wasi: true (optional)"
        );
    };
}

/// Exports the functions as those of the world `streamer`.
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! __export_streamer {
    ($describe:ident, $state:ty, $($wasi:tt)?) => {
        mod world {
            $crate::__generate!("streamer", with: {
                "plugwright:plugin/host@0.2.0": ::plugwright_guest::host,
                "plugwright:plugin/transform@0.2.0/attribute": ::plugwright_guest::Attribute,
                "plugwright:plugin/transform@0.2.0/document": ::plugwright_guest::Document,
                "plugwright:plugin/transform@0.2.0/setting": ::plugwright_guest::Setting,
                "plugwright:plugin/transform@0.2.0/location": ::plugwright_guest::Location,
                "plugwright:plugin/transform@0.2.0/invalid-input": ::plugwright_guest::Invalid,
                "plugwright:plugin/transform@0.2.0/bad-option": ::plugwright_guest::BadOption,
                "plugwright:plugin/transform@0.2.0/failure": ::plugwright_guest::Failure,
                "plugwright:plugin/transform@0.2.0/option-description": ::plugwright_guest::OptionDescription,
                "plugwright:plugin/transform@0.2.0/description": ::plugwright_guest::Description,
                "plugwright:plugin/sessions@0.2.0/head": ::plugwright_guest::Head,
                "plugwright:plugin/sessions@0.2.0/ending": ::plugwright_guest::__private::Ending,
            });
        }

        use $crate::__private::{Ending, Session};
        use $crate::{Description, Document, Failure, Head, Setting};
        use ::core::result::Result;
        use ::std::vec::Vec;
        use world::exports::plugwright::plugin::{sessions, transform};

        struct Plugin;

        impl transform::Guest for Plugin {
            fn describe() -> Description {
                $describe()
            }

            fn transform(input: Document, options: Vec<Setting>) -> Result<Document, Failure> {
                let result = $crate::__private::stream::<$state>(input, options);
                $crate::__flush!($($wasi)?);
                result
            }
        }

        impl sessions::Guest for Plugin {
            type TransformSession = Session<$state>;
        }

        impl sessions::GuestTransformSession for Session<$state> {
            fn open(input: Head, options: Vec<Setting>) -> Result<sessions::TransformSession, Failure> {
                Self::open(input, options).map(sessions::TransformSession::new)
            }

            fn head(&self) -> Head {
                self.head()
            }

            fn push(&self, chunk: Vec<u8>) -> Result<Vec<u8>, Failure> {
                let result = self.push(&chunk);
                $crate::__flush!($($wasi)?);
                result
            }

            fn finish(session: sessions::TransformSession) -> Result<Ending, Failure> {
                let result = session.into_inner::<Self>().finish();
                $crate::__flush!($($wasi)?);
                result
            }
        }

        world::export!(Plugin with_types_in world);
    };
}

/// Exports nothing on the author's machine, but checks the functions' types.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __export_streamer {
    ($describe:ident, $state:ty, $($wasi:tt)?) => {
        const _: (fn() -> $crate::Description, $crate::__private::Transform) =
            ($describe, $crate::__private::stream::<$state>);
    };
}
