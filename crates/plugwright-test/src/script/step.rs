//! Runs one statement in an instance: reads its arguments, makes the call, and registers the handles of the result.

use std::path::Path;

use plugwright::wasmtime::component::{ResourceAny, ResourceType, Type, Val};
use plugwright::wasmtime::{Result, Store};
use plugwright::{
    CallText, Dynamic, DynamicError, ExportedFunction, FunctionKind, Names, State, ValueError,
    World, read_value, type_text,
};

use crate::script::file;
use crate::script::handles::{Use, each_handle};
use crate::script::recorder::{Problem, Recorder};
use crate::script::session::Session;
use crate::script::statement::{Call, Value};

/// How the host makes and numbers handles to its own resources. This depends on who answers the plugin's imports.
pub(crate) struct HostHandles<W: World> {
    /// Makes a handle with a number.
    pub(crate) make: Make<W>,
    /// Returns the number of a handle, and the handle to use from now on. Absent for a handle to a resource of the plugin.
    pub(crate) number: Number<W>,
}

type Make<W> = fn(
    &Dynamic<W>,
    &mut Store<State<<W as World>::Data>>,
    ResourceType,
) -> std::result::Result<(Val, u32), String>;

type Number<W> = fn(
    &Dynamic<W>,
    &mut Store<State<<W as World>::Data>>,
    ResourceAny,
) -> Result<Option<(ResourceAny, u32)>>;

/// A statement in an instance.
pub(crate) struct Step<'a, W: World> {
    pub(crate) dynamic: &'a Dynamic<W>,
    pub(crate) store: &'a mut Store<State<W::Data>>,
    pub(crate) host: &'a HostHandles<W>,
    pub(crate) session: &'a mut Session,
    pub(crate) folder: &'a Path,
    pub(crate) recorder: &'a Recorder,
    /// The statement as a part of a message.
    pub(crate) statement: &'a str,
    pub(crate) used: Use,
    /// Whether the argument that is being read names a file.
    pub(crate) names_file: bool,
}

/// The result, or what is wrong with the script, or the error that ended the call.
type Done<R> = Result<std::result::Result<R, Problem>>;

/// Returns early with what is wrong with the script.
macro_rules! right {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(problem) => return Ok(Err(problem)),
        }
    };
}

impl<W: World> Step<'_, W> {
    /// Makes the call, and returns its result.
    pub(crate) async fn call(&mut self, call: &Call) -> Done<Option<Val>> {
        let (function, receiver) = right!(self.callee(call));
        let mut parameters = self.dynamic.parameters(self.store, &function)?;
        let mut arguments = Vec::new();
        if let Some(receiver) = receiver {
            // The receiver is always the first parameter.
            parameters.drain(..1.min(parameters.len()));
            arguments.push(receiver);
        }
        if parameters.len() != call.arguments.len() {
            let wanted = parameters.iter().map(|(name, ty)| self.parameter(name, ty)).collect();
            let function = function.path().to_owned();
            let error = DynamicError::Count { function, wanted, given: call.arguments.len() };
            return Ok(Err(Problem { at: call.target_at, message: error.to_string() }));
        }
        for ((name, ty), value) in parameters.iter().zip(&call.arguments) {
            let argument = right!(self.argument(name, ty, value));
            if std::mem::take(&mut self.names_file) {
                let mut recorded = self.recorder.recorded();
                let at = value.at.saturating_sub(recorded.statement_at);
                recorded.recording.argument(at, value.text.len(), &argument);
            }
            arguments.push(argument);
        }
        if let Some(trace) = &mut self.recorder.recorded().trace {
            let mut name = |handle: &ResourceAny| self.session.handles.name(handle);
            trace.begin(function.name(), &arguments, &mut name);
        }
        let mut result = self.dynamic.call(self.store, &function, &arguments).await?;
        for handle in &self.used.owned {
            let gone = format!("was given away by `{}`", self.statement);
            self.session.handles.give_away(handle, &gone);
        }
        if let Some(result) = &mut result {
            self.make_known(result)?;
        }
        if let Some(trace) = &mut self.recorder.recorded().trace {
            let mut name = |handle: &ResourceAny| self.session.handles.name(handle);
            trace.end(Some(result.as_ref()), &mut name);
        }
        Ok(Ok(result))
    }

    /// Makes a handle to a resource of the host.
    pub(crate) fn new_resource(&mut self, resource: &str, at: usize) -> Done<Val> {
        let found = self.dynamic.functions().host_resource(resource);
        let ty = right!(found.ok_or_else(|| {
            let message = format!(
                "the plugin imports no resource `{resource}`, or several of this name: write `INTERFACE.RESOURCE`"
            );
            Problem { at, message }
        }));
        let made = (self.host.make)(self.dynamic, self.store, ty);
        let (value, number) = right!(made.map_err(|message| Problem { at, message }));
        if let Val::Resource(handle) = &value {
            let name = self.resource_name(ty).unwrap_or_default();
            self.session.handles.add(*handle, &name, Some(number));
        }
        Ok(Ok(value))
    }

    /// Drops the handle that is the value of a variable.
    pub(crate) async fn drop_handle(&mut self, name: &str, at: usize) -> Done<()> {
        let problem = |message| Problem { at, message };
        let (value, handle) = right!(self.handle(name).map_err(problem));
        let dropped = self.dynamic.drop_handle(self.store, &value).await;
        if let Some(trace) = &mut self.recorder.recorded().trace {
            trace.drop_handle(&self.session.handles.name(&handle));
        }
        dropped?;
        let gone = format!("was dropped by `{}`", self.statement);
        self.session.handles.give_away(&handle, &gone);
        Ok(Ok(()))
    }

    /// Returns the called function, and the receiver if it is a method.
    fn callee(
        &mut self,
        call: &Call,
    ) -> std::result::Result<(ExportedFunction, Option<Val>), Problem> {
        let problem = |message| Problem { at: call.target_at, message };
        let functions = self.dynamic.functions();
        let parts = call.target.rsplit_once('.');
        let Some((path, method)) = parts.filter(|_| self.session.is_of_variable(&call.target))
        else {
            let found = functions.find(&call.target);
            return found.map(|it| (it.clone(), None)).map_err(|error| {
                if let Ok(imported) = functions.find_imported(&call.target) {
                    let name = imported.short();
                    return problem(match imported.kind() {
                        FunctionKind::Constructor => format!(
                            "`{name}` is a resource of the host: `let NAME = new {name}` makes a handle"
                        ),
                        _ => format!(
                            "`{name}` is a function of the host, which the plugin calls: `import {name} = …` answers it"
                        ),
                    });
                }
                // The first word may be meant as a variable.
                let first = parts.and_then(|_| call.target.split('.').next());
                let is_known = |first: &&str| {
                    let begin = format!("{first}.");
                    functions.iter().any(|it| {
                        let name = it.name();
                        [name.whole(), name.short()].iter().any(|it| it.starts_with(&begin))
                            || name.resource() == Some(first)
                    })
                };
                problem(match first.filter(|first| !is_known(first)) {
                    Some(first) => format!("{error}; there is no variable `{first}` either"),
                    None => error.to_string(),
                })
            });
        };
        let (value, handle) = self.handle(path).map_err(problem)?;
        self.used.is_used_up(handle, false);
        let resource = self.resource_name(handle.ty());
        // The plugin may have a resource of the same name.
        let is_of_host = functions.imported_resource(handle.ty()).is_some();
        let resource = resource.filter(|_| !is_of_host).ok_or_else(|| {
            let name = self.session.handles.name(&handle);
            problem(format!(
                "`{path}` is `{name}`, a resource of the host: the plugin calls its functions, and `import` answers them"
            ))
        })?;
        let found = functions.method(&resource, method);
        found.map(|it| (it.clone(), Some(value))).map_err(|error| problem(error.to_string()))
    }

    /// Returns the handle in a variable or in one of its fields.
    fn handle(&self, path: &str) -> std::result::Result<(Val, ResourceAny), String> {
        let value = self.session.path(path)?;
        let Val::Resource(handle) = value else {
            return Err(format!(
                "`{path}` is not a handle but a value: {}",
                self.session.brief(value)
            ));
        };
        match self.session.handles.gone(handle) {
            None => Ok((value.clone(), *handle)),
            Some(gone) => {
                Err(format!("`{path}` is gone: `{}` {gone}", self.session.handles.name(handle)))
            }
        }
    }

    fn argument(
        &mut self,
        name: &str,
        ty: &Type,
        value: &Value,
    ) -> std::result::Result<Val, Problem> {
        let text = &*value.text;
        let is_path = text.contains('.')
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && CallText::target_of(text) == text;
        let read = if is_path {
            let found = self.session.argument(text, ty, &mut self.used);
            found.map_err(|message| ValueError { at: 0, message })
        } else {
            read_value(text, ty, self)
        };
        read.map_err(|ValueError { at, message }| {
            let parameter = self.parameter(name, ty);
            let message = format!("{message}; expected `{parameter}`");
            Problem { at: value.at.saturating_add(at), message }
        })
    }

    /// Registers the handles in the value with the session.
    fn make_known(&mut self, value: &mut Val) -> Result<()> {
        each_handle(value, &mut |handle| {
            let resource = self.dynamic.resource_name(self.store, handle.ty());
            let resource = resource.unwrap_or("handle").to_owned();
            let number = (self.host.number)(self.dynamic, self.store, *handle)?;
            let number = number.map(|(again, number)| {
                *handle = again;
                number
            });
            self.session.handles.add(*handle, &resource, number);
            Ok(())
        })
    }

    /// Returns a parameter as WIT writes it.
    fn parameter(&mut self, name: &str, ty: &Type) -> String {
        format!("{name}: {}", self.type_text(ty))
    }

    fn type_text(&mut self, ty: &Type) -> String {
        type_text(ty, &mut |resource| self.resource_name(resource))
    }
}

impl<W: World> Names for Step<'_, W> {
    fn variable(&mut self, name: &str, wanted: &Type) -> Option<std::result::Result<Val, String>> {
        let is_handle = matches!(wanted, Type::Own(_) | Type::Borrow(_));
        if !is_handle && !self.session.variables.contains_key(name) {
            return None;
        }
        Some(self.session.argument(name, wanted, &mut self.used))
    }

    fn file(&mut self, path: &str) -> std::result::Result<Vec<u8>, String> {
        self.names_file = true;
        file::read(self.folder, path)
    }

    fn new_handle(&mut self, resource: ResourceType) -> std::result::Result<Val, String> {
        let made = (self.host.make)(self.dynamic, self.store, resource);
        made.map(|(value, _)| value)
    }

    fn resource_name(&mut self, resource: ResourceType) -> Option<String> {
        self.dynamic.resource_name(self.store, resource).map(str::to_owned)
    }
}
