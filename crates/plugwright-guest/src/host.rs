//! The functions and types that the host provides to every plugin: a log, and maps that the host keeps.
//!
//! On the author's machine there is no host. There, the log goes to standard error and maps live in the plugin itself, so
//! that unit tests of a plugin run.

pub use imports::{Field, Level, MapResource, log, log_structured};

#[cfg(target_family = "wasm")]
mod imports {
    pub use bindings::plugwright::plugin::host::{Field, Level, MapResource, log, log_structured};

    #[expect(missing_docs, reason = "wit-bindgen generates this code")]
    mod bindings {
        crate::__generate!("with-host");
    }
}

#[cfg(not(target_family = "wasm"))]
#[expect(clippy::print_stderr, reason = "without a host, the log goes to standard error")]
mod imports {
    use std::cell::RefCell;

    /// The severity of a log line, from lowest to highest.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
    pub enum Level {
        /// Every step, for debugging the plugin itself.
        Trace,
        /// Details that help to understand one run.
        Debug,
        /// Events of a normal run that an operator wants to know about.
        Info,
        /// Something unexpected happened, and the plugin continues.
        Warn,
        /// Something failed.
        Error,
    }

    /// One named value of a log line.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Field {
        /// The name, by convention in `kebab-case`.
        pub key: String,
        /// The value as text.
        pub value: String,
    }

    /// Writes one line to the host's log. The host adds the name of the plugin.
    pub fn log(level: Level, message: &str, fields: &[Field]) {
        let fields = fields.iter().map(|Field { key, value }| format!(" {key}={value}"));
        eprintln!("{level:?}: {message}{}", fields.collect::<String>());
    }

    /// A set of key-value pairs that the host keeps. The plugin holds a handle to it.
    ///
    /// If a key is given twice, the last value counts. Pairs keep the order in which their keys first appeared.
    #[derive(Debug)]
    pub struct MapResource(RefCell<Vec<(String, String)>>);

    impl MapResource {
        /// Creates a map in the host from key-value pairs.
        pub fn new(entries: &[(String, String)]) -> Self {
            let mut kept: Vec<(String, String)> = Vec::new();
            for (key, value) in entries {
                match kept.iter_mut().find(|(name, _)| name == key) {
                    Some((_, old)) => old.clone_from(value),
                    None => kept.push((key.clone(), value.clone())),
                }
            }
            Self(RefCell::new(kept))
        }

        /// Takes all pairs out of the map, in order, and leaves it empty.
        pub fn take(&self) -> Vec<(String, String)> {
            self.0.take()
        }

        /// Returns the number of pairs in the map.
        pub fn length(&self) -> u32 {
            u32::try_from(self.0.borrow().len()).unwrap_or(u32::MAX)
        }
    }

    /// Writes one line at level `info`, with the pairs of `properties` as its fields.
    ///
    /// This moves the map to the host. The plugin can no longer use it.
    pub fn log_structured(message: &str, properties: MapResource) {
        let fields = properties.0.into_inner().into_iter();
        let fields: Vec<_> = fields.map(|(key, value)| Field { key, value }).collect();
        log(Level::Info, message, &fields);
    }
}
