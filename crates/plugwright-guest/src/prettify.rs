//! Plugins of the world `prettify`.

/// A person that a plugin of the world `prettify` keeps for the host.
pub trait Person: 'static {
    /// Makes a person from a first and a last name. Either may be empty.
    fn new(first_name: String, last_name: String) -> Self;

    /// Returns the first and the last name, as the plugin keeps them.
    fn replica(&self) -> (String, String);
}

/// The types of a plugin's functions in the world `prettify`, and of the functions of its [`Person`].
pub type Words<P> = (
    fn(&[String]) -> Result<String, String>,
    fn(&P) -> Result<String, String>,
    fn(String, String) -> P,
    fn(&P) -> (String, String),
);

/// Makes a plugin of the world `prettify` from a type for persons and two functions.
///
/// ```
/// use plugwright_guest::{Person, prettify};
///
/// prettify! { person: Name, prettify: join, greet: greet }
///
/// fn join(words: &[String]) -> Result<String, String> {
///     plugwright_guest::info!("joining", words = words.len());
///     Ok(words.join(" "))
/// }
///
/// fn greet(person: &Name) -> Result<String, String> {
///     Ok(format!("Hello, {} {}!", person.0, person.1))
/// }
///
/// struct Name(String, String);
///
/// impl Person for Name {
///     fn new(first_name: String, last_name: String) -> Self {
///         Self(first_name, last_name)
///     }
///
///     fn replica(&self) -> (String, String) {
///         (self.0.clone(), self.1.clone())
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! prettify {
    (person: $person:ty, prettify: $prettify:path, greet: $greet:path $(, wasi: $wasi:tt)? $(,)?) => {
        $crate::__export_prettify!($person, $prettify, $greet, $($wasi)?);
        const _: () = {
            $crate::__without_wasi!($($wasi)?);
        };
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "`prettify!` takes these parts in this order: person: Type, prettify: function, greet: function, wasi: true (optional)"
        );
    };
}

/// Exports the functions as those of the world `prettify`.
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! __export_prettify {
    ($person:ty, $prettify:path, $greet:path, $($wasi:tt)?) => {
        const _: () = {
            mod world {
                $crate::__generate!("prettify", with: { "plugwright:plugin/host@0.2.0": ::plugwright_guest::host });
            }

            use ::core::result::Result;
            use ::std::string::String;
            use ::std::vec::Vec;
            use world::exports::plugwright::plugin::words;

            struct Plugin;
            /// Implements the trait of the bindings, because the author's type cannot.
            struct Kept($person);

            impl words::Guest for Plugin {
                type PersonResource = Kept;

                fn prettify(words: Vec<String>) -> Result<String, String> {
                    let result = $prettify(&words);
                    $crate::__flush!($($wasi)?);
                    result
                }

                fn greet(person: words::PersonResourceBorrow<'_>) -> Result<String, String> {
                    let result = $greet(&person.get::<Kept>().0);
                    $crate::__flush!($($wasi)?);
                    result
                }
            }

            impl words::GuestPersonResource for Kept {
                fn new(first_name: String, last_name: String) -> Self {
                    Self(<$person as $crate::Person>::new(first_name, last_name))
                }

                fn replica(&self) -> (String, String) {
                    $crate::Person::replica(&self.0)
                }
            }

            world::export!(Plugin with_types_in world);
        };
    };
}

/// Exports nothing on the author's machine, but checks the functions' types.
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! __export_prettify {
    ($person:ty, $prettify:path, $greet:path, $($wasi:tt)?) => {
        const _: $crate::__private::Words<$person> = (
            $prettify,
            $greet,
            <$person as $crate::Person>::new,
            <$person as $crate::Person>::replica,
        );
    };
}
