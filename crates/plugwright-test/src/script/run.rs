//! Runs a script, statement by statement, in one instance until the script begins a new one.

use std::convert::Infallible;
use std::path::Path;

use plugwright::wasmtime::Store;
use plugwright::wasmtime::component::Val;
use plugwright::{
    AnyWorld, CallError, Dynamic, ForeignText, Frame, KeptInstance, Limit, Plugin, State, World,
};
use serde_json::{Value, json};

use crate::script::Script;
use crate::script::answers::answers;
use crate::script::error::ScriptError;
use crate::script::handles::Use;
use crate::script::observing::observer;
use crate::script::recorder::{Problem, Recorder};
use crate::script::session::Session;
use crate::script::statement::{Bound, Kind, Statement, Take};
use crate::script::step::{HostHandles, Step};
use crate::script::trace::Trace;
use crate::script::transcript::{Ending, Entry, EntryKind, Transcript};

impl Script {
    /// Runs the script with a plugin whose imports are answered by the script's `import` statements. Paths of files in
    /// the script are relative to `folder`.
    pub fn run(&self, plugin: &Plugin<Dynamic>, folder: &Path) -> Transcript {
        self.run_telling(plugin, folder, |_| {})
    }

    /// Runs the script as [`Script::run`] does, and passes each of [`Transcript::entries`] to `listener` as soon as it
    /// exists. A statement is passed before it runs. The time of the listener counts as time of the plugin, so it
    /// should return quickly.
    pub fn run_telling(
        &self,
        plugin: &Plugin<Dynamic>,
        folder: &Path,
        listener: impl Fn(&Entry) + Send + Sync + 'static,
    ) -> Transcript {
        self.run_recorded(plugin, folder, &Recorder::new(self.has_json(), listener)).0
    }

    fn run_recorded(
        &self,
        plugin: &Plugin<Dynamic>,
        folder: &Path,
        recorder: &Recorder,
    ) -> (Transcript, Trace) {
        let imports = self.statements().iter().filter_map(|statement| match &statement.kind {
            Kind::Import(import) => Some(import),
            _ => None,
        });
        let host: HostHandles<AnyWorld> = HostHandles {
            make: |dynamic, store, ty| {
                dynamic.new_handle(store, ty).map_err(|error| error.to_string())
            },
            number: Dynamic::handle_number,
        };
        let transcript = match answers(imports, plugin.functions(), recorder, folder) {
            Ok(answers) => self.run_as(&plugin.with_data(answers), folder, recorder.clone(), &host),
            Err(problem) => self.transcript(recorder, Ending::Result, Some(problem)),
        };
        (transcript, recorder.recorded().trace.take().unwrap_or_default())
    }

    /// Runs the script as [`Script::run`] does, and also returns a trace of all values.
    pub fn run_traced(&self, plugin: &Plugin<Dynamic>, folder: &Path) -> (Transcript, Trace) {
        self.run_recorded(plugin, folder, &Recorder::new(self.has_json(), |_| {}).tracing())
    }

    /// Runs the script as [`Script::run_with`] does, and also returns a trace of all values.
    pub fn run_traced_with<W: World>(
        &self,
        plugin: &Plugin<Dynamic<W>>,
        folder: &Path,
    ) -> (Transcript, Trace) {
        let recorder = Recorder::new(self.has_json(), |_| {}).tracing();
        let transcript = self.run_by(plugin, folder, recorder.clone());
        (transcript, recorder.recorded().trace.take().unwrap_or_default())
    }

    /// Runs the script as [`Script::run`] does, but the application's own host functions answer the plugin's imports.
    /// The transcript has these calls if the plugin was loaded to be [observed](plugwright::Host::load_observed_as).
    pub fn run_with<W: World>(&self, plugin: &Plugin<Dynamic<W>>, folder: &Path) -> Transcript {
        self.run_by(plugin, folder, Recorder::new(self.has_json(), |_| {}))
    }

    fn run_by<W: World>(
        &self,
        plugin: &Plugin<Dynamic<W>>,
        folder: &Path,
        recorder: Recorder,
    ) -> Transcript {
        let import = self.statements().iter().find(|it| it.is_import());
        if let Some(import) = import {
            let message =
                "the application's own functions answer the plugin's imports: remove this statement"
                    .to_owned();
            let problem = Problem { at: import.at, message };
            return self.transcript(&recorder, Ending::Result, Some(problem));
        }
        let host: HostHandles<W> = HostHandles {
            make: |_, _, _| {
                Err("only the application's own functions can make handles to its resources"
                    .to_owned())
            },
            number: Dynamic::handle_number,
        };
        let observer = observer(plugin.functions(), &recorder);
        self.run_as(&plugin.with_observer(observer), folder, recorder, &host)
    }

    fn run_as<W: World>(
        &self,
        plugin: &Plugin<Dynamic<W>>,
        folder: &Path,
        recorder: Recorder,
        host: &HostHandles<W>,
    ) -> Transcript {
        let (log, written) = (recorder.clone(), recorder.clone());
        let plugin = plugin.with_log(move |line| log.log(&line));
        let plugin = plugin.with_output(move |source, bytes| written.written(source, bytes));
        let mut run = Run {
            plugin,
            folder,
            host,
            recorder,
            session: Session::default(),
            instance: Instance::None,
            ending: Ending::Result,
        };
        let mut problem = None;
        for statement in self.statements() {
            match run.statement(statement) {
                Ok(Flow::On) => {}
                Ok(Flow::End) => break,
                Err(wrong) => {
                    problem = Some(wrong);
                    break;
                }
            }
        }
        self.transcript(&run.recorder, run.ending, problem)
    }

    fn transcript(
        &self,
        recorder: &Recorder,
        ending: Ending,
        problem: Option<Problem>,
    ) -> Transcript {
        let mut recorded = recorder.recorded();
        Transcript {
            entries: std::mem::take(&mut recorded.entries),
            left_out: std::mem::take(&mut recorded.left_out),
            last: recorded.last.take(),
            ending,
            error: problem.map(|Problem { at, message }| ScriptError::at(self.text(), at, message)),
            recording: std::mem::take(&mut recorded.recording),
        }
    }
}

/// A running script.
struct Run<'a, W: World> {
    plugin: Plugin<Dynamic<W>>,
    folder: &'a Path,
    host: &'a HostHandles<W>,
    recorder: Recorder,
    session: Session,
    instance: Instance<W>,
    ending: Ending,
}

enum Instance<W: World> {
    /// There is no instance. The next call makes one.
    None,
    Kept(Box<KeptInstance<Dynamic<W>>>),
    Over,
}

/// Whether the script goes on.
enum Flow {
    On,
    End,
}

/// The result of work in an instance, or what is wrong with the script.
type Answer<R> = Result<R, Problem>;

impl<W: World> Run<'_, W> {
    fn statement(&mut self, statement: &Statement) -> Result<Flow, Problem> {
        if let Kind::Import(_) = statement.kind {
            return Ok(Flow::On);
        }
        {
            let mut recorded = self.recorder.recorded();
            recorded.statement_at = statement.at;
            recorded.recording.statement(&statement.source);
        }
        self.recorder.push(EntryKind::Statement, shown(&statement.to_string()));
        if let Kind::Fresh = statement.kind {
            (self.session, self.instance) = (Session::default(), Instance::None);
            if let Some(trace) = &mut self.recorder.recorded().trace {
                trace.fresh();
            }
            return Ok(Flow::On);
        }
        if let Instance::Over = self.instance {
            self.end("over", None, "the instance has ended: begin a new one with `fresh`");
            return Ok(Flow::On);
        }
        let brief = brief(statement);
        match &statement.kind {
            Kind::Import(_) | Kind::Fresh => Ok(Flow::On),
            Kind::Drop { name, at } => {
                let dropped =
                    self.within("drop", &brief, async |step| step.drop_handle(name, *at).await);
                dropped.map(|_| Flow::On)
            }
            Kind::Call(call) => {
                let result =
                    self.within(&call.target, &brief, async |step| step.call(call).await)?;
                if let Some(result) = result {
                    self.show(result.as_ref());
                }
                Ok(Flow::On)
            }
            Kind::Let { name, takes, value } => {
                let value = match value {
                    Bound::Call(call) => {
                        let result =
                            self.within(&call.target, &brief, async |step| step.call(call).await)?;
                        let Some(result) = result else { return Ok(Flow::On) };
                        self.show(result.as_ref());
                        result.ok_or_else(|| Problem {
                            at: call.target_at,
                            message: format!(
                                "`{name}` gets no value, because `{}` has no result",
                                call.target
                            ),
                        })?
                    }
                    Bound::New { resource, at } => {
                        let made = self
                            .within("new", &brief, async |step| step.new_resource(resource, *at))?;
                        let Some(made) = made else { return Ok(Flow::On) };
                        self.show_value(Some(&made));
                        made
                    }
                    Bound::Path { path, at } => {
                        let found = self.session.path(path);
                        let value =
                            found.cloned().map_err(|message| Problem { at: *at, message })?;
                        self.show_value(Some(&value));
                        value
                    }
                };
                self.bind(name, takes, &value, statement.at)
            }
        }
    }

    /// Binds the variable to the value, or to the part that `takes` takes out of it.
    fn bind(
        &mut self,
        name: &str,
        takes: &[Take],
        value: &Val,
        at: usize,
    ) -> Result<Flow, Problem> {
        match Session::taken(value, takes) {
            Ok(Some(taken)) => {
                self.session.variables.insert(name.to_owned(), taken);
                Ok(Flow::On)
            }
            Err((take, value)) => {
                let kind = match take {
                    Take::Ok => "a result",
                    Take::Some => "an option",
                };
                let value = self.session.brief(value);
                let message = format!("{value} is not {kind}: leave out `{take}`");
                Err(Problem { at, message })
            }
            // The following statements need the variable.
            Ok(None) => {
                let takes: Vec<_> = takes.iter().map(|take| format!("{take}(")).collect();
                let close = ")".repeat(takes.len());
                let what = takes.concat();
                let text = format!("the script ends: there is no `{what}…{close}` for `{name}`");
                self.end("absent", None, &text);
                self.ending = Ending::Failure;
                Ok(Flow::End)
            }
        }
    }

    /// Runs `work` in the instance, and makes an instance if there is none. Returns nothing if the work ended the
    /// instance.
    fn within<R: Send>(
        &mut self,
        function: &str,
        statement: &str,
        work: impl AsyncFnOnce(&mut Step<'_, W>) -> plugwright::wasmtime::Result<Answer<R>> + Send,
    ) -> Result<Option<R>, Problem> {
        if let Instance::None = self.instance {
            match self.plugin.keep::<Infallible>(function) {
                Ok(kept) => self.instance = Instance::Kept(Box::new(kept)),
                Err(error) => return self.ended(error),
            }
        }
        let Instance::Kept(kept) = &mut self.instance else { return Ok(None) };
        let (session, host, folder) = (&mut self.session, self.host, self.folder);
        let recorder = &self.recorder;
        let answer = kept.call(
            function,
            async move |dynamic: &Dynamic<W>, store: &mut Store<State<W::Data>>| {
                let (used, names_file) = (Use::default(), false);
                let mut step = Step {
                    dynamic,
                    store,
                    host,
                    session,
                    folder,
                    recorder,
                    statement,
                    used,
                    names_file,
                };
                Ok(Ok::<_, Infallible>(work(&mut step).await?))
            },
        );
        match answer {
            Ok(answer) => answer.map(Some),
            Err(error) => self.ended(error),
        }
    }

    /// Records the result of a call.
    fn show(&mut self, result: Option<&Val>) {
        let is_failure = matches!(result, Some(Val::Result(Err(_))));
        self.ending = if is_failure { Ending::Failure } else { Ending::Result };
        self.show_value(result);
    }

    /// Records a value, which may come from a call or from another statement.
    fn show_value(&mut self, result: Option<&Val>) {
        let text = result.map_or_else(String::new, |value| self.session.shown(value));
        let session = &self.session;
        self.recorder.push_with(EntryKind::Result, text, |text| {
            result.map_or(Value::Null, |value| session.json(value, text))
        });
    }

    /// Records what ended a call or the script, with its kind and the exceeded limit.
    fn end(&self, kind: &str, limit: Option<Limit>, message: &str) {
        let text = match (kind, limit) {
            (_, Some(limit)) => format!("limit {limit}: {message}"),
            ("trap" | "denied", None) => format!("{kind} {message}"),
            _ => message.to_owned(),
        };
        self.recorder.push_with(EntryKind::End, text, |_| {
            let mut end = json!({ "kind": kind, "message": message });
            if let (Some(limit), Some(end)) = (limit, end.as_object_mut()) {
                end.insert("limit".to_owned(), Value::from(limit.to_string()));
            }
            end
        });
    }

    /// Records what ended the instance.
    fn ended<R>(&mut self, error: CallError<Infallible>) -> Result<Option<R>, Problem> {
        self.instance = Instance::Over;
        let (problem, at) = {
            let mut recorded = self.recorder.recorded();
            if let Some(trace) = &mut recorded.trace {
                trace.end(None, &mut |_| String::new());
            }
            (recorded.problem.take(), recorded.statement_at)
        };
        // A mistake of the script itself ended the call.
        if let Some(problem) = problem {
            return Err(problem);
        }
        let backtrace = match error {
            CallError::Trapped { reason, backtrace, .. } => {
                self.ending = Ending::Trap;
                self.end("trap", None, without_kind(&reason.to_string()));
                backtrace
            }
            CallError::Exceeded { exceeded, backtrace, .. } => {
                self.ending = Ending::Limit;
                self.end("limit", Some(exceeded.limit), &exceeded.to_string());
                backtrace
            }
            CallError::Denied { source, .. } => {
                self.ending = Ending::Denied;
                self.end("denied", None, &source.to_string());
                Vec::new()
            }
            other => return Err(Problem { at, message: other.to_string() }),
        };
        for frame in &backtrace {
            self.recorder.push(EntryKind::Frame, Frame::to_string(frame));
        }
        Ok(None)
    }
}

/// Returns the statement as a part of a message.
fn brief(statement: &Statement) -> String {
    let text = statement.to_string();
    let line = text.lines().next().unwrap_or_default();
    let brief = format!("{:.60}", ForeignText::from(line));
    if line.len() < text.len() { format!("{brief} …") } else { brief }
}

/// Returns the engine's description of a trap without its prefix.
fn without_kind(reason: &str) -> &str {
    reason.strip_prefix("wasm trap: ").unwrap_or(reason)
}

/// Returns a foreign text with its line breaks.
fn shown(text: &str) -> String {
    let lines = text.split('\n').map(|line| ForeignText::from(line).whole().to_string());
    lines.collect::<Vec<_>>().join("\n")
}
