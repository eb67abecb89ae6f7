//! Plugins of the world `streamer`.

use std::cell::RefCell;

use crate::{Attribute, Attributes, Document, Failure, Head, Options, Setting};

/// A document on its way through a plugin, piece by piece: what the plugin keeps of it.
///
/// What `push` and `finish` put into `output` is, end to end, the body of the resulting document. How the body is cut
/// into pieces changes nothing.
pub trait Stream: Sized {
    /// The options of the plugin, or `()`.
    type Options: Options;

    /// Begins with what is known of the document, and makes of it what is known of the resulting one.
    ///
    /// # Errors
    ///
    /// Says why there is no document.
    fn open(head: &mut Head, options: Self::Options) -> Result<Self, Failure>;

    /// Takes what there is of the body, puts what is ready into `output`, and returns how many bytes of `input` are
    /// done with. The others are held back: the next `input` begins with them, so each piece looks at them again.
    ///
    /// # Errors
    ///
    /// Says why there is no document.
    fn push(&mut self, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure>;

    /// Takes the end of the body, which is what was held back, and puts the rest into `output`. Attributes that the whole body
    /// tells can be set now.
    ///
    /// # Errors
    ///
    /// Says why there is no document.
    fn finish(
        self,
        input: &[u8],
        output: &mut Vec<u8>,
        attributes: Attributes<'_>,
    ) -> Result<(), Failure>;
}

/// What a session gives last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// The rest of the body.
    pub body: Vec<u8>,
    /// All attributes of the resulting document.
    pub attributes: Vec<Attribute>,
}

/// A session of a plugin: its state, and what is held back.
#[derive(Debug)]
pub struct Session<S> {
    head: Head,
    running: RefCell<Running<S>>,
}

/// How much of a long piece is put behind what is held back at once.
const PART: usize = 64 << 10;

#[derive(Debug)]
struct Running<S> {
    stream: S,
    held: Vec<u8>,
}

impl<S: Stream> Session<S> {
    /// Begins with what is known of the document.
    ///
    /// # Errors
    ///
    /// Says which option is not there, or does not take its value, or what the plugin says.
    pub fn open(mut head: Head, settings: Vec<Setting>) -> Result<Self, Failure> {
        let stream = open(&mut head, settings)?;
        Ok(Self { head, running: RefCell::new(Running { stream, held: Vec::new() }) })
    }

    /// What is known of the resulting document.
    pub fn head(&self) -> Head {
        self.head.clone()
    }

    /// Takes the next piece of the body, and gives what is ready of the resulting one.
    ///
    /// # Errors
    ///
    /// Says what the plugin says.
    pub fn push(&self, piece: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut output = Vec::new();
        self.running.borrow_mut().push(piece, &mut output)?;
        Ok(output)
    }

    /// Ends with the rest of the resulting body.
    ///
    /// # Errors
    ///
    /// Says what the plugin says.
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
                // What nothing is held back of goes through as it came.
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

/// Takes the whole document as one piece.
///
/// # Errors
///
/// Says which option is not there, or does not take its value, or what the plugin says.
pub fn transform<S: Stream>(input: Document, settings: Vec<Setting>) -> Result<Document, Failure> {
    let (mut head, body) = input.into_parts();
    let mut stream: S = open(&mut head, settings)?;
    let mut output = Vec::new();
    let done = push(&mut stream, &body, &mut output)?;
    finish(stream, &body[done..], &mut output, &mut head)?;
    Ok(head.with_body(output))
}

/// Pushes, and looks at how much the plugin says that it is done with.
fn push<S: Stream>(stream: &mut S, input: &[u8], output: &mut Vec<u8>) -> Result<usize, Failure> {
    let done = stream.push(input, output)?;
    let length = input.len();
    assert!(
        done <= length,
        "`push` is done with {done} bytes of {length}: it returns how many of `input` it took"
    );
    Ok(done)
}

// Both ways begin and end here, so that the code for it is there once.
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

/// Makes a plugin of the world `streamer` of what it keeps of a document on its way: a [`Stream`](crate::Stream).
///
/// A document goes through whole or piece by piece, by the same code.
///
/// ```
/// use plugwright_guest::{Attributes, Failure, Head, Stream, streamer};
///
/// streamer! { summary: "counts bytes", takes: ["*/*"], gives: ["*/*"], state: Count }
///
/// /// How many bytes there were.
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
            "the parts are, in this order: summary: \"…\", takes: [\"…\"], gives: [\"…\"], state: Type, wasi: true (if need be)"
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

/// Exports nothing on the author's machine, and looks at the functions' types.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __export_streamer {
    ($describe:ident, $state:ty, $($wasi:tt)?) => {
        const _: (fn() -> $crate::Description, $crate::__private::Transform) =
            ($describe, $crate::__private::stream::<$state>);
    };
}
