//! Traces: all values that went between a script and its plugin, so that another engine can replay them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::{FunctionKind, FunctionName, LogSource};
use serde_json::{Map, Value as Json, json};

use crate::script::recording::Answered;

/// The calls of a script in order. Each call has the imported functions that the plugin called meanwhile, with their
/// answers. A call without an answer ended its instance.
///
/// As JSON, a trace is a list of steps:
///
/// - `{"call": FUNCTION, "arguments": […], "asked": […], "answer": VALUE, "written": OUTPUT}`
/// - `{"drop": HANDLE, "written": OUTPUT}`
/// - `{"fresh": true}` for a new instance
///
/// `OUTPUT` is `{"stdout": BYTES, "stderr": BYTES}`, in Base64: what the plugin has written since the previous step or
/// since its instance began. A value is an object whose only key is its type, such as `{"u32": 1}` or
/// `{"record": [["name", {"string": "Ada"}]]}`. A handle has its name in the transcript, as in `{"handle": "ship#1"}`.
/// Numbers of 64 bits are strings, and so are numbers that JSON cannot represent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    steps: Vec<Json>,
    /// The running call.
    call: Option<Map<String, Json>>,
    /// The output of the plugin since the last step.
    written: Written,
}

/// The output of a plugin on standard output and standard error.
#[derive(Debug, Clone, Default, PartialEq)]
struct Written {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Written {
    fn take(&mut self) -> Json {
        let Self { stdout, stderr } = std::mem::take(self);
        json!({ "stdout": BASE64_STANDARD.encode(stdout), "stderr": BASE64_STANDARD.encode(stderr) })
    }
}

impl Trace {
    /// Returns the trace as JSON.
    pub fn to_json(&self) -> Json {
        Json::Array(self.steps.clone())
    }

    pub(crate) fn begin(
        &mut self,
        function: &FunctionName,
        arguments: &[Val],
        handle: &mut dyn FnMut(&ResourceAny) -> String,
    ) {
        let arguments: Vec<_> = arguments.iter().map(|it| value_of(it, handle)).collect();
        let call = [
            ("call", function_of(function)),
            ("arguments", arguments.into()),
            ("asked", Json::Array(Vec::new())),
        ];
        self.call = Some(call.map(|(key, value)| (key.to_owned(), value)).into_iter().collect());
    }

    /// Adds a call of an imported function by the plugin.
    pub(crate) fn ask(
        &mut self,
        function: &FunctionName,
        arguments: &[Val],
        answered: &Answered<'_>,
        handle: &mut dyn FnMut(&ResourceAny) -> String,
    ) {
        let arguments: Vec<_> = arguments.iter().map(|it| value_of(it, handle)).collect();
        let answer = match answered {
            Answered::Nothing => Json::Null,
            Answered::Value(value) => value_of(value, handle),
            Answered::Trap(words) => json!({ "trap": words }),
        };
        let asked =
            json!({ "call": function_of(function), "arguments": arguments, "answer": answer });
        let all = self.call.as_mut().and_then(|call| call.get_mut("asked"));
        if let Some(all) = all.and_then(Json::as_array_mut) {
            all.push(asked);
        }
    }

    /// Ends the call with its answer, or without one if it ended the instance.
    pub(crate) fn end(
        &mut self,
        answer: Option<Option<&Val>>,
        handle: &mut dyn FnMut(&ResourceAny) -> String,
    ) {
        let Some(mut call) = self.call.take() else { return };
        let answer = match answer {
            Some(Some(value)) => value_of(value, handle),
            Some(None) => Json::Null,
            None => json!({ "trap": null }),
        };
        call.insert("answer".to_owned(), answer);
        call.insert("written".to_owned(), self.written.take());
        self.steps.push(Json::Object(call));
    }

    /// Adds output of the plugin.
    pub(crate) fn write(&mut self, source: LogSource, bytes: &[u8]) {
        match source {
            LogSource::Stdout => self.written.stdout.extend_from_slice(bytes),
            LogSource::Stderr => self.written.stderr.extend_from_slice(bytes),
            // Log lines are calls of a host function, which the trace has already.
            _ => {}
        }
    }

    /// Adds the drop of a handle. The plugin may write output in the handle's destructor.
    pub(crate) fn drop_handle(&mut self, name: &str) {
        self.steps.push(json!({ "drop": name, "written": self.written.take() }));
    }

    pub(crate) fn fresh(&mut self) {
        // A replay does not make the instance again if it was never called, so its output is dropped.
        self.written = Written::default();
        self.steps.push(json!({ "fresh": true }));
    }
}

fn function_of(function: &FunctionName) -> Json {
    let kind = match function.kind() {
        FunctionKind::Freestanding => "freestanding",
        FunctionKind::Constructor => "constructor",
        FunctionKind::Method => "method",
        FunctionKind::Static => "static",
    };
    json!({
        "interface": function.interface(), "resource": function.resource(), "name": function.name(),
        "kind": kind,
    })
}

/// Returns the value with the type of each of its parts.
fn value_of(value: &Val, handle: &mut dyn FnMut(&ResourceAny) -> String) -> Json {
    let mut all = |values: &[Val]| -> Json {
        values.iter().map(|it| value_of(it, handle)).collect::<Vec<_>>().into()
    };
    match value {
        Val::Bool(it) => json!({ "bool": it }),
        Val::S8(it) => json!({ "s8": it }),
        Val::U8(it) => json!({ "u8": it }),
        Val::S16(it) => json!({ "s16": it }),
        Val::U16(it) => json!({ "u16": it }),
        Val::S32(it) => json!({ "s32": it }),
        Val::U32(it) => json!({ "u32": it }),
        Val::S64(it) => json!({ "s64": it.to_string() }),
        Val::U64(it) => json!({ "u64": it.to_string() }),
        Val::Float32(it) => json!({ "f32": it.to_string() }),
        Val::Float64(it) => json!({ "f64": it.to_string() }),
        Val::Char(it) => json!({ "char": it }),
        Val::String(it) => json!({ "string": it }),
        Val::List(values) => match bytes_of(values) {
            Some(bytes) => json!({ "bytes": bytes }),
            None => json!({ "list": all(values) }),
        },
        Val::Tuple(values) => json!({ "tuple": all(values) }),
        Val::Record(fields) => {
            let fields = fields.iter().map(|(name, it)| json!([name, value_of(it, handle)]));
            json!({ "record": fields.collect::<Vec<_>>() })
        }
        Val::Variant(case, payload) => {
            let payload = payload.as_deref().map(|it| value_of(it, handle));
            json!({ "variant": [case, payload] })
        }
        Val::Enum(case) => json!({ "enum": case }),
        Val::Flags(names) => json!({ "flags": names }),
        Val::Option(it) => json!({ "option": it.as_deref().map(|it| value_of(it, handle)) }),
        Val::Result(Ok(it)) => json!({ "ok": it.as_deref().map(|it| value_of(it, handle)) }),
        Val::Result(Err(it)) => json!({ "err": it.as_deref().map(|it| value_of(it, handle)) }),
        Val::Resource(it) => json!({ "handle": handle(it) }),
        // Other values have no text, so no script contains them.
        other => json!({ "unknown": format!("{other:?}") }),
    }
}

/// Returns the bytes of a list of bytes, as Base64.
fn bytes_of(values: &[Val]) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        values.iter().map(|it| if let Val::U8(byte) = it { Some(*byte) } else { None }).collect();
    Some(BASE64_STANDARD.encode(bytes?))
}
