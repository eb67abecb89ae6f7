//! Records a plugin's calls of the application's own host functions.

use plugwright::wasmtime::component::{ResourceAny, Val};
use plugwright::{Functions, Observed};

use crate::script::handles::handle_name;
use crate::script::imported::{Ambiguous, Imported, shown};
use crate::script::recorder::Recorder;
use crate::script::recording::Answered;

/// Returns a function that records each of these calls.
pub(crate) fn observer(
    functions: &Functions,
    recorder: &Recorder,
) -> impl Fn(&Observed<'_>) + Send + Sync + use<> {
    let (ambiguous, recorder) = (Ambiguous::of(functions), recorder.clone());
    move |observed| {
        let name = ambiguous.name(observed.function());
        let mut handle = |handle: &ResourceAny| match observed.handle(handle) {
            Some((resource, number)) => handle_name(resource, number),
            None => "handle".to_owned(),
        };
        let arguments = observed.arguments();
        let texts: Vec<_> = arguments.iter().map(|it| shown(it, &mut handle)).collect();
        let function = observed.function();
        let imported = Imported { name: &name, function, arguments, shown: &texts };
        match observed.result() {
            Ok(None) => imported.tell(&recorder, &Answered::Nothing, None, &mut handle),
            Ok(Some(value)) => {
                let text = shown(value, &mut handle);
                imported.tell(&recorder, &Answered::Value(value), Some(&text), &mut handle);
            }
            Err(error) => {
                let words = error.root_cause().to_string();
                let text = shown(&Val::String(words.clone()), &mut handle);
                let text = format!("trap {text}");
                imported.tell(&recorder, &Answered::Trap(&words), Some(&text), &mut handle);
            }
        }
    }
}
