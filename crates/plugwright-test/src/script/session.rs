//! The state of a script while an instance lives: variables and handles.

use std::collections::BTreeMap;

use plugwright::wasmtime::component::{Type, Val};
use plugwright::{ForeignText, write_value};
use serde_json::Value;

use crate::script::handles::{Handles, Use, fits};
use crate::script::json::bounded;
use crate::script::statement::Take;

/// The variables of a script, and the handles that they hold.
#[derive(Debug, Default)]
pub(crate) struct Session {
    pub(crate) variables: BTreeMap<String, Val>,
    pub(crate) handles: Handles,
}

/// The greatest number of bytes of a value that are shown.
const MOST_OF_VALUE: usize = 256 << 10;

/// The width of a line, without its sign.
pub(crate) const COLUMNS: usize = 98;

impl Session {
    /// Returns whether the target of a call begins with the name of a variable.
    pub(crate) fn is_of_variable(&self, target: &str) -> bool {
        let name = target.split_once('.').map(|(name, _)| name);
        name.is_some_and(|name| self.variables.contains_key(name))
    }

    /// Returns the value of a variable or of one of its fields: `NAME.FIELD`, or `NAME.0` for a tuple.
    ///
    /// # Errors
    ///
    /// Fails if there is no such variable or field.
    pub(crate) fn path(&self, path: &str) -> Result<&Val, String> {
        let mut parts = path.split('.');
        let name = parts.next().unwrap_or_default();
        let mut value = self.variables.get(name).ok_or_else(|| self.no_variable(name))?;
        let mut before = name.to_owned();
        for part in parts {
            if let (Val::Tuple(values), Ok(number)) = (value, part.parse::<usize>()) {
                value = values.get(number).ok_or_else(|| {
                    format!("`{before}` has {} values, and the first is 0", values.len())
                })?;
                before = format!("{before}.{part}");
                continue;
            }
            let Val::Record(fields) = value else {
                return Err(format!("`{before}` has no fields: it is {}", self.brief(value)));
            };
            let found = fields.iter().find(|(name, _)| name == part.trim_start_matches('%'));
            value = found.map(|(_, value)| value).ok_or_else(|| {
                let names: Vec<_> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
                let part = ForeignText::from(part);
                format!("`{before}` has no field `{part:.60}`, only {}", names.join(", "))
            })?;
            before = format!("{before}.{part}");
        }
        Ok(value)
    }

    /// Returns the value of a variable or of one of its fields, for an argument of the type `wanted`.
    ///
    /// # Errors
    ///
    /// Fails if there is no such variable or field, if it has another type, or if one of its handles is gone.
    pub(crate) fn argument(
        &self,
        path: &str,
        wanted: &Type,
        used: &mut Use,
    ) -> Result<Val, String> {
        let value = self.path(path)?;
        let mut trouble = None;
        let fits = fits(value, wanted, &mut |handle, is_owned| {
            let name = self.handles.name(&handle);
            if let Some(gone) = self.handles.gone(&handle) {
                trouble.get_or_insert(format!("`{path}` is gone: `{name}` {gone}"));
            } else if used.is_used_up(handle, is_owned) {
                trouble.get_or_insert(format!(
                    "`{path}` is used twice: `{name}` is given away in the same call"
                ));
            }
        });
        match (fits, trouble) {
            (true, None) => Ok(value.clone()),
            (true, Some(trouble)) => Err(trouble),
            (false, _) => Err(format!("`{path}` is {}", self.brief(value))),
        }
    }

    /// Unwraps the value with `takes`. Absent if the value is `err` or `none`.
    ///
    /// # Errors
    ///
    /// Returns the first take that does not apply to the value, because it is not a result or not an option.
    pub(crate) fn taken<'a>(
        value: &'a Val,
        takes: &[Take],
    ) -> Result<Option<Val>, (Take, &'a Val)> {
        let Some((take, rest)) = takes.split_first() else { return Ok(Some(value.clone())) };
        match (take, value) {
            (Take::Ok, Val::Result(Ok(Some(value)))) | (Take::Some, Val::Option(Some(value))) => {
                Self::taken(value, rest)
            }
            (Take::Ok, Val::Result(_)) | (Take::Some, Val::Option(_)) => Ok(None),
            _ => Err((*take, value)),
        }
    }

    /// Returns the value as transcripts show it.
    pub(crate) fn shown(&self, value: &Val) -> String {
        write_value(value, COLUMNS, MOST_OF_VALUE, &mut |handle| self.handles.name(handle))
    }

    /// Returns the value as JSON. `text` is its text in the transcript.
    pub(crate) fn json(&self, value: &Val, text: &str) -> Value {
        bounded(value, MOST_OF_VALUE, text, &mut |handle| self.handles.name(handle))
    }

    /// Returns the value as a short part of a message.
    pub(crate) fn brief(&self, value: &Val) -> String {
        let text = write_value(value, 1 << 10, 100, &mut |handle| self.handles.name(handle));
        if text.contains('\n') { "a long value".to_owned() } else { format!("`{text}`") }
    }

    fn no_variable(&self, name: &str) -> String {
        let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '%');
        let name = format!("{:.60}", ForeignText::from(name));
        if !is_name {
            return format!("`{name}` is not a name of a variable");
        }
        if self.variables.is_empty() {
            return format!("there is no variable `{name}`: begin with `let {name} = …`");
        }
        let known: Vec<_> =
            self.variables.keys().take(20).map(|known| format!("`{known}`")).collect();
        format!("there is no variable `{name}`, only {}", known.join(", "))
    }
}
