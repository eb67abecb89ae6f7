//! What happened between a script and its plugin, value by value, so that it can be done again in another engine.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::{FunctionKind, FunctionName, LogSource};
use serde_json::{Map, Value as Json, json};

use crate::script::recording::Answered;

/// What happened between a script and its plugin: the calls in their order, and in each what the plugin asked and was
/// answered. A call that nothing came out of has ended its instance.
///
/// As JSON it is a list of steps: `{"call": FUNCTION, "arguments": […], "asked": […], "answer": VALUE, "written": OUTPUT}`,
/// `{"drop": HANDLE, "written": OUTPUT}` and `{"fresh": true}` for another instance. What the plugin has written since the
/// step before, or since there was an instance, is `{"stdout": BYTES, "stderr": BYTES}`, in Base64. A value is an object whose one key is its type, such as `{"u32": 1}` or
/// `{"record": [["name", {"string": "Ada"}]]}`; a handle is what transcripts call it, `{"handle": "ship#1"}`; numbers of 64 bits are
/// strings, and so are those that JSON has not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trace {
    steps: Vec<Json>,
    /// The call that is being made.
    call: Option<Map<String, Json>>,
    /// What the plugin has written since the last step.
    written: Written,
}

/// What a plugin has written to standard output and standard error.
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
    /// The trace as JSON.
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

    /// What the plugin asks while it is called.
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

    /// What came out of the call: nothing if it ended the instance.
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

    /// What the plugin writes meanwhile.
    pub(crate) fn write(&mut self, source: LogSource, bytes: &[u8]) {
        match source {
            LogSource::Stdout => self.written.stdout.extend_from_slice(bytes),
            LogSource::Stderr => self.written.stderr.extend_from_slice(bytes),
            // That is a call of the host's.
            _ => {}
        }
    }

    /// The handle was dropped, by whose destructor the plugin may have written.
    pub(crate) fn drop_handle(&mut self, name: &str) {
        self.steps.push(json!({ "drop": name, "written": self.written.take() }));
    }

    pub(crate) fn fresh(&mut self) {
        // An instance that never was there is not made again, and what it wrote is not written again.
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

/// The value, with the type of each part of it.
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
        // Nothing else has a text, so no script has it.
        other => json!({ "unknown": format!("{other:?}") }),
    }
}

/// The bytes of a list that is of nothing else, as Base64.
fn bytes_of(values: &[Val]) -> Option<String> {
    if values.is_empty() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        values.iter().map(|it| if let Val::U8(byte) = it { Some(*byte) } else { None }).collect();
    Some(BASE64_STANDARD.encode(bytes?))
}
