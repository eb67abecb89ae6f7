//! A loaded plugin and its settings for calls.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tracing::field::Empty;

use crate::call::call_error::CallError;
use crate::call::dynamic::observed::Observer;
use crate::call::identity::Identity;
use crate::call::log::{Log, LogLine, LogSource};
use crate::call::world::{World, in_version_of};
use crate::component::symbols::Symbols;
use crate::engine::error::LimitsError;
use crate::engine::shared::SharedEngine;
use crate::permission::limits::Limits;
use crate::text::foreign_text::{ForeignText, shown};

/// The target of the `tracing` spans for loads and calls, at the level `debug`.
///
/// The span of a load has the fields `plugin`, `version` (if the component has one) and `function` (`load`). When the
/// load is done, the span also has `cached` (whether the code had been compiled before) and `microseconds`. The span of
/// a call has the fields `plugin`, `version`, `function` and `pooled` (whether the instance came from a pool). When the
/// call is done, the span also has `microseconds`, `instantiation` (how many of these microseconds passed until the
/// instance was ready, absent for a kept instance), `memory` (the peak of linear memory in bytes), `input` and `output`
/// (bytes of documents), and `fuel` if fuel is counted.
pub const CALL_TARGET: &str = "plugwright::call";

/// A plugin of the world `W`, compiled and checked. It can be called from any thread or task. A clone is another handle
/// to the same plugin.
///
/// Each call gets its own instance, so no state is left over from one call to the next, and a call that traps does not
/// affect other calls.
pub struct Plugin<W: World> {
    pub(crate) shared: Arc<Shared<W>>,
    pub(crate) limits: Limits,
    pub(crate) data: W::Data,
    pub(crate) log: Log,
    /// The observer of calls of the application's own host functions, if there is one.
    pub(crate) observer: Option<Observer>,
    pub(crate) symbols: Symbols,
}

/// What all handles to a plugin share.
pub(crate) struct Shared<W: World> {
    /// The name of the world in the version that the plugin was built for.
    pub(crate) world: Arc<str>,
    pub(crate) identity: Arc<Identity>,
    pub(crate) engine: Arc<SharedEngine>,
    pub(crate) linked: Arc<Linked<W>>,
}

/// A component that is linked as a plugin of the world `W`.
pub(crate) struct Linked<W: World> {
    pub(crate) pre: W::Pre,
    /// How many places of the pool an instance takes.
    pub(crate) places: u32,
}

impl<W: World> Plugin<W> {
    /// Returns the plugin's name: the name of its file without the extension. The name of a file can be any text, so
    /// wrap it in a [`ForeignText`] to show it in one line.
    pub fn name(&self) -> &str {
        &self.shared.identity.name
    }

    /// Returns the plugin's version, if the component has one. The pipeline writes the version.
    pub fn version(&self) -> Option<&ForeignText> {
        self.shared.identity.version.as_ref()
    }

    /// Returns the name of the plugin's world, in the served version of the contract that the plugin was built for.
    pub fn world(&self) -> &str {
        &self.shared.world
    }

    /// Returns the plugin with the symbols in `file`, for backtraces. The file is the same component, unstripped.
    ///
    /// The file is not read until a call traps. If the file is missing, damaged or from another build, backtraces have
    /// no names, files and lines.
    #[must_use]
    pub fn with_symbols(self, file: impl AsRef<Path>) -> Self {
        Self { symbols: self.symbols.with_file(file.as_ref()), ..self }
    }

    /// Returns the limits of calls with this handle.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Returns another handle to the plugin, whose calls also have these limits. The stricter value of each limit
    /// applies.
    ///
    /// # Errors
    ///
    /// [`LimitsError`] if one of the limits can be set only for the whole host.
    pub fn with_limits(&self, limits: &Limits) -> Result<Self, LimitsError> {
        self.shared.engine.can_enforce(limits)?;
        Ok(Self { limits: self.limits.strictest(*limits), ..self.clone() })
    }

    /// Returns another handle to the plugin, whose calls pass `data` to the application's host functions.
    /// Without it, they get the default value of the type.
    pub fn with_data(&self, data: W::Data) -> Self {
        Self { data, ..self.clone() }
    }

    /// Returns another handle to the plugin. In its calls and sessions, each line of the log goes to `sink` instead of
    /// `tracing`. To get the lines of one call only, make a handle for that call.
    ///
    /// The sink is called during the plugin's call, on the same thread, so it should pass the line on and not block.
    /// Lines count for the limits as they do without a sink: see [`Limits::log_lines`] and [`Limits::log_bytes`]. If
    /// the sink panics, this call ends with [`CallError::Trapped`], and no other call does.
    ///
    /// ```no_run
    /// use std::sync::mpsc;
    /// use plugwright::{Plugin, World};
    ///
    /// # fn heard<W: World>(plugin: &Plugin<W>) -> Result<(), Box<dyn std::error::Error>> {
    /// let (sender, lines) = mpsc::channel();
    /// // The receiver may be gone.
    /// let heard = plugin.with_log(move |line| drop(sender.send(line)));
    /// // Calls of `heard`.
    /// drop(heard);
    /// for line in lines {
    ///     println!("{}: {}", line.level, line.message);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_log(&self, sink: impl Fn(LogLine) + Send + Sync + 'static) -> Self {
        Self { log: self.log.lines_to(sink), ..self.clone() }
    }

    /// Returns another handle to the plugin. In its calls and sessions, `sink` gets the raw bytes that the plugin
    /// writes to standard output and standard error, in the pieces in which they arrive. Each line also goes where it
    /// goes without a sink. A line of the log has no line break and no bytes that are not UTF-8.
    ///
    /// The sink is called like the sink of [`Plugin::with_log`], and its panic ends the call in the same way.
    #[must_use]
    pub fn with_output(&self, sink: impl Fn(LogSource, &[u8]) + Send + Sync + 'static) -> Self {
        Self { log: self.log.output_to(sink), ..self.clone() }
    }

    /// Returns the error of a call that ended without an answer.
    pub(crate) fn error<F>(&self, function: &str, error: &wasmtime::Error) -> CallError<F>
    where
        F: fmt::Debug + fmt::Display,
    {
        let limits = (&self.limits, &self.shared.identity.manifest);
        CallError::from_engine(self.name(), function, limits, error, &self.symbols)
    }

    pub(crate) fn span(&self, function: &str) -> tracing::Span {
        tracing::debug_span!(
            target: CALL_TARGET,
            "call",
            plugin = %shown(self.name()),
            version = self.version().map(display),
            function,
            pooled = self.shared.engine.is_pooled(),
            microseconds = Empty,
            instantiation = Empty,
            memory = Empty,
            input = Empty,
            output = Empty,
            fuel = Empty,
        )
    }

    /// Returns the same plugin as a plugin of the world `V`, which its own world includes. `narrow` converts a
    /// component that fits the one world into a component that fits the other.
    pub fn narrowed<V>(&self, narrow: impl FnOnce(&W::Pre) -> V::Pre) -> Plugin<V>
    where
        V: World<Data = W::Data>,
    {
        let Shared { world, identity, engine, linked } = &*self.shared;
        let linked = Linked { pre: narrow(&linked.pre), places: linked.places };
        let shared = Shared {
            world: in_version_of::<V>(world),
            identity: Arc::clone(identity),
            engine: Arc::clone(engine),
            linked: Arc::new(linked),
        };
        Plugin {
            shared: Arc::new(shared),
            limits: self.limits,
            data: self.data.clone(),
            log: self.log.clone(),
            observer: self.observer.clone(),
            symbols: self.symbols.clone(),
        }
    }
}

impl<W: World> Clone for Plugin<W> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            limits: self.limits,
            data: self.data.clone(),
            log: self.log.clone(),
            observer: self.observer.clone(),
            symbols: self.symbols.clone(),
        }
    }
}

impl<W: World> fmt::Debug for Plugin<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name()).field("world", &self.world()).finish()
    }
}
