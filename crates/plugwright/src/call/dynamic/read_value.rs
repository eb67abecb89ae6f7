//! Reads values from text in WAVE, by type. In addition to WAVE, there are words for handles, files and long texts.
//!
//! WAVE: <https://github.com/bytecodealliance/wasm-tools/tree/main/crates/wasm-wave>.

use std::collections::BTreeMap;

use wasm_wave::ast::{Node, NodeType};
use wasm_wave::parser::ParserError;
use wasm_wave::untyped::UntypedValue;
use wasmtime::component::types::{Record, Variant};
use wasmtime::component::{ResourceType, Type, Val};

use crate::call::dynamic::call_text::ArgumentText;
use crate::call::dynamic::functions::likest;
use crate::call::dynamic::type_text::type_text;
use crate::text::foreign_text::brief;

/// The reason why a text is not a value of the expected type.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    /// The position in the text, in bytes from its beginning.
    pub at: usize,
    /// What is wrong, and what is expected.
    pub message: String,
}

/// Provides the values of names in the text of a value.
pub trait Names {
    /// Returns the value of the variable `name`, or `None` if there is no such variable. `wanted` is the type that is
    /// expected there.
    ///
    /// # Errors
    ///
    /// A text that says why the variable cannot be used.
    fn variable(&mut self, name: &str, wanted: &Type) -> Option<Result<Val, String>>;

    /// Returns the bytes of the file `path`, for `file("path")`.
    ///
    /// # Errors
    ///
    /// A text that says why the file cannot be read.
    fn file(&mut self, path: &str) -> Result<Vec<u8>, String>;

    /// Returns a handle to a new resource, for `new`.
    ///
    /// # Errors
    ///
    /// A text that says why the handle cannot be made.
    fn new_handle(&mut self, resource: ResourceType) -> Result<Val, String>;

    /// Returns the name of the resource.
    fn resource_name(&mut self, resource: ResourceType) -> Option<String>;
}

/// Provides no names, for texts that contain only values.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoNames;

impl Names for NoNames {
    fn variable(&mut self, _: &str, _: &Type) -> Option<Result<Val, String>> {
        None
    }

    fn file(&mut self, _: &str) -> Result<Vec<u8>, String> {
        Err("files cannot be read here".to_owned())
    }

    fn new_handle(&mut self, _: ResourceType) -> Result<Val, String> {
        Err("handles cannot be made here".to_owned())
    }

    fn resource_name(&mut self, _: ResourceType) -> Option<String> {
        None
    }
}

/// Reads a value of the type `ty` from text in WAVE. `names` provides the values of variables. A `list<u8>` can also be
/// `utf8("…")`, `hex("…")` or `file("…")`, a `string` can also be `file("…")`, and `new` is a handle to a new resource
/// of the host. Brackets may be nested at most 100 deep.
///
/// # Errors
///
/// The position at which the text is not a value of that type, and what is expected there.
pub fn read_value(text: &str, ty: &Type, names: &mut dyn Names) -> Result<Val, ValueError> {
    check_depth(text)?;
    let value = UntypedValue::parse(text).map_err(|error| {
        let at = error.span().start.min(text.len());
        let field = text.get(at..).and_then(|rest| rest.strip_prefix('.'));
        let field = field.filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()));
        let message = match text.trim() {
            "" => "a value is missing".to_owned(),
            _ if field.is_some() => {
                "a field of a variable cannot be part of a value: assign the field first, as in \
                 `let field = cart.field`, and write `field` here"
                    .to_owned()
            }
            _ => {
                let rest = brief(text.get(at..).unwrap_or_default());
                format!("`{rest}` is not a value: {}", without_place(&error))
            }
        };
        ValueError { at, message }
    })?;
    Reader { text, names }.value(value.node(), ty)
}

/// Returns the parser's message without the position at its end, because our own position comes before the message.
fn without_place(error: &ParserError) -> String {
    let (text, place) = (error.to_string(), format!(" at {:?}", error.span()));
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

/// Refuses a text that is not exactly one value, or whose brackets are nested deeper than the reader can follow.
fn check_depth(text: &str) -> Result<(), ValueError> {
    let blank = text.len().saturating_sub(text.trim_start().len());
    let value = text.trim();
    let at = |within: usize| blank.saturating_add(within);
    match ArgumentText::read(value) {
        Ok((_, length)) if length == value.len() => Ok(()),
        Ok((_, length)) => {
            Err(ValueError { at: at(length), message: "the value ends before this".to_owned() })
        }
        Err(error) => Err(ValueError { at: at(error.at), message: error.message }),
    }
}

struct Reader<'a> {
    text: &'a str,
    names: &'a mut dyn Names,
}

type Read<R> = Result<R, ValueError>;

impl Reader<'_> {
    fn value(&mut self, node: &Node, ty: &Type) -> Read<Val> {
        if let Some(value) = self.named(node, ty)? {
            return Ok(value);
        }
        macro_rules! number {
            ($case:ident) => {
                Val::$case(node.as_number(self.text).map_err(|_| self.wrong(node, ty))?)
            };
        }
        Ok(match ty {
            Type::Bool => Val::Bool(node.as_bool().map_err(|_| self.wrong(node, ty))?),
            Type::S8 => number!(S8),
            Type::U8 => number!(U8),
            Type::S16 => number!(S16),
            Type::U16 => number!(U16),
            Type::S32 => number!(S32),
            Type::U32 => number!(U32),
            Type::S64 => number!(S64),
            Type::U64 => number!(U64),
            Type::Float32 => number!(Float32),
            Type::Float64 => number!(Float64),
            Type::Char => Val::Char(node.as_char(self.text).map_err(|_| self.wrong(node, ty))?),
            Type::String => Val::String(self.string(node, ty)?),
            Type::List(list) => Val::List(self.list(node, ty, &list.ty())?),
            Type::FixedLengthList(list) => {
                let values = self.list(node, ty, &list.ty())?;
                if values.len() as u64 != u64::from(list.len()) {
                    return Err(self.wrong(node, ty));
                }
                Val::FixedLengthList(values)
            }
            Type::Tuple(tuple) => {
                let nodes: Vec<_> = node.as_tuple().map_err(|_| self.wrong(node, ty))?.collect();
                if nodes.len() != tuple.types().len() {
                    return Err(self.wrong(node, ty));
                }
                let values = nodes.into_iter().zip(tuple.types());
                Val::Tuple(values.map(|(node, ty)| self.value(node, &ty)).collect::<Read<_>>()?)
            }
            Type::Record(record) => self.record(node, ty, record)?,
            Type::Variant(variant) => self.variant(node, ty, variant)?,
            Type::Enum(of) => match node.as_enum(self.text) {
                Ok(name) if of.names().any(|known| known == name) => Val::Enum(name.to_owned()),
                Ok(name) => return Err(self.no_case(node, name, of.names(), ty)),
                // WAVE's own words, such as `none`, can also be names of cases.
                Err(_) => match self.text.get(node.span()) {
                    Some(word) if of.names().any(|known| known == word) => {
                        Val::Enum(word.to_owned())
                    }
                    _ => return Err(self.wrong(node, ty)),
                },
            },
            Type::Flags(flags) => self.flags(node, ty, &flags.names().collect::<Vec<_>>())?,
            Type::Option(option) => match node.ty() {
                NodeType::OptionNone => Val::Option(None),
                NodeType::OptionSome => {
                    let inner = node.as_option().ok().flatten();
                    let inner = inner.ok_or_else(|| self.wrong(node, ty))?;
                    Val::Option(Some(Box::new(self.value(inner, &option.ty())?)))
                }
                _ if matches!(option.ty(), Type::Option(_) | Type::Result(_)) => {
                    return Err(self.wrong(node, ty));
                }
                // WAVE allows a value without `some`.
                _ => Val::Option(Some(Box::new(self.value(node, &option.ty())?))),
            },
            Type::Result(result) => {
                let (found, ty_of) = match node.as_result() {
                    Ok(Ok(inner)) => (Ok(inner), result.ok()),
                    Ok(Err(inner)) => (Err(inner), result.err()),
                    Err(_) => match result.ok() {
                        Some(ok) if !matches!(ok, Type::Option(_) | Type::Result(_)) => {
                            (Ok(Some(node)), Some(ok))
                        }
                        _ => return Err(self.wrong(node, ty)),
                    },
                };
                match found {
                    Ok(inner) => Val::Result(Ok(self.payload(node, inner, ty_of, ty)?)),
                    Err(inner) => Val::Result(Err(self.payload(node, inner, ty_of, ty)?)),
                }
            }
            _ => return Err(self.wrong(node, ty)),
        })
    }

    /// Returns the value of a name that is not a case of the type, if the node is such a name.
    fn named(&mut self, node: &Node, ty: &Type) -> Read<Option<Val>> {
        let Ok((name, payload)) = node.as_variant(self.text) else { return Ok(None) };
        let wrong = |message: String| ValueError { at: node.span().start, message };
        let is_of_bytes = matches!(ty, Type::List(list) if matches!(list.ty(), Type::U8));
        match (name, payload, ty) {
            ("new", None, Type::Own(resource) | Type::Borrow(resource)) => {
                self.names.new_handle(*resource).map(Some).map_err(wrong)
            }
            (_, None, _) if has_case(ty, name) => Ok(None),
            (_, None, _) => match self.names.variable(name, ty) {
                Some(value) => value.map(Some).map_err(wrong),
                None if matches!(ty, Type::Own(_) | Type::Borrow(_)) => Err(wrong(format!(
                    "there is no variable `{name}`: begin with `let {name} = …`"
                ))),
                None => Ok(None),
            },
            ("file", Some(path), Type::String) => {
                let bytes = self.file(path)?;
                let text = String::from_utf8(bytes);
                let text = text.map_err(|_| wrong("the file is not text in UTF-8".to_owned()))?;
                Ok(Some(Val::String(text)))
            }
            ("file", Some(path), _) if is_of_bytes => Ok(Some(bytes(&self.file(path)?))),
            ("utf8", Some(text), _) if is_of_bytes => {
                Ok(Some(bytes(self.plain_string(text)?.as_bytes())))
            }
            ("hex", Some(text), _) if is_of_bytes => {
                let read = hex(&self.plain_string(text)?);
                let read = read.ok_or_else(|| ValueError {
                    at: text.span().start,
                    message: "two hexadecimal digits are expected for each byte".to_owned(),
                })?;
                Ok(Some(bytes(&read)))
            }
            _ => Ok(None),
        }
    }

    fn file(&mut self, path: &Node) -> Read<Vec<u8>> {
        let name = self.plain_string(path)?;
        let at = path.span().start;
        self.names.file(&name).map_err(|message| ValueError { at, message })
    }

    fn plain_string(&mut self, node: &Node) -> Read<String> {
        self.string(node, &Type::String)
    }

    fn string(&mut self, node: &Node, ty: &Type) -> Read<String> {
        match node.as_str(self.text) {
            Ok(text) => Ok(text.into_owned()),
            Err(error) if matches!(node.ty(), NodeType::String | NodeType::MultilineString) => {
                Err(ValueError { at: error.span().start, message: without_place(&error) })
            }
            Err(_) => Err(self.wrong(node, ty)),
        }
    }

    fn list(&mut self, node: &Node, ty: &Type, element: &Type) -> Read<Vec<Val>> {
        let nodes = node.as_list().map_err(|_| self.wrong(node, ty))?;
        nodes.map(|node| self.value(node, element)).collect()
    }

    fn record(&mut self, node: &Node, ty: &Type, record: &Record) -> Read<Val> {
        let nodes = node.as_record(self.text).map_err(|_| self.wrong(node, ty))?;
        let mut given = BTreeMap::new();
        for (name, node) in nodes {
            if !record.fields().any(|field| field.name == name) {
                let likest = likest(name, record.fields().map(|field| field.name));
                let message = format!("there is no field `{name}`{}", did_you_mean(likest));
                return Err(ValueError { at: node.span().start, message });
            }
            if given.insert(name, node).is_some() {
                let message = format!("the field `{name}` appears twice");
                return Err(ValueError { at: node.span().start, message });
            }
        }
        let mut values = Vec::new();
        for field in record.fields() {
            let value = match (given.remove(field.name), &field.ty) {
                (Some(node), ty) => self.value(node, ty)?,
                (None, Type::Option(_)) => Val::Option(None),
                (None, ty) => {
                    let ty = self.type_text(ty);
                    let message = format!("the field `{}: {ty}` is missing", field.name);
                    return Err(ValueError { at: node.span().start, message });
                }
            };
            values.push((field.name.to_owned(), value));
        }
        Ok(Val::Record(values))
    }

    fn variant(&mut self, node: &Node, ty: &Type, variant: &Variant) -> Read<Val> {
        let (name, payload) = match node.ty() {
            // WAVE's own words can also be names of cases.
            NodeType::OptionNone => ("none", None),
            NodeType::OptionSome => ("some", node.as_option().ok().flatten()),
            NodeType::ResultOk | NodeType::ResultErr => match node.as_result() {
                Ok(Ok(inner)) => ("ok", inner),
                Ok(Err(inner)) => ("err", inner),
                Err(_) => return Err(self.wrong(node, ty)),
            },
            _ => match node.as_variant(self.text) {
                Ok(found) => found,
                Err(_) => (self.text.get(node.span()).unwrap_or_default(), None),
            },
        };
        let case = variant.cases().find(|case| case.name == name).map(|case| case.ty);
        let Some(case) = case else {
            if node.as_variant(self.text).is_err() {
                return Err(self.wrong(node, ty));
            }
            let names: Vec<_> = variant.cases().map(|case| case.name.to_owned()).collect();
            return Err(self.no_case(node, name, names.iter().map(String::as_str), ty));
        };
        let value = self.payload(node, payload, case, ty)?;
        Ok(Val::Variant(name.to_owned(), value))
    }

    fn flags(&mut self, node: &Node, ty: &Type, known: &[&str]) -> Read<Val> {
        let mut names = Vec::new();
        // Empty braces parse as a record.
        let empty = node.as_record(self.text).is_ok_and(|mut fields| fields.next().is_none());
        if !empty {
            let given = node.as_flags(self.text).map_err(|_| self.wrong(node, ty))?;
            for name in given {
                let name = name.trim_start_matches('%');
                if !known.contains(&name) {
                    return Err(self.no_case(node, name, known.iter().copied(), ty));
                }
                names.push(name.to_owned());
            }
        }
        Ok(Val::Flags(names))
    }

    /// Reads the value in the parentheses of a case.
    fn payload(
        &mut self,
        node: &Node,
        payload: Option<&Node>,
        wanted: Option<Type>,
        ty: &Type,
    ) -> Read<Option<Box<Val>>> {
        match (payload, wanted) {
            (Some(payload), Some(ty)) => Ok(Some(Box::new(self.value(payload, &ty)?))),
            (None, None) => Ok(None),
            _ => Err(self.wrong(node, ty)),
        }
    }

    fn type_text(&mut self, ty: &Type) -> String {
        type_text(ty, &mut |resource| self.names.resource_name(resource))
    }

    /// Returns the error of a node that is not a value of the type.
    fn wrong(&mut self, node: &Node, ty: &Type) -> ValueError {
        let found = brief(self.text.get(node.span()).unwrap_or_default()).to_string();
        let message = format!("`{found}` is not a value of `{}`", self.type_text(ty));
        ValueError { at: node.span().start, message }
    }

    /// Returns the error of a name that is not a case of the type.
    fn no_case<'n>(
        &mut self,
        node: &Node,
        name: &str,
        known: impl Iterator<Item = &'n str>,
        ty: &Type,
    ) -> ValueError {
        let likest = did_you_mean(likest(name, known));
        let message = format!("`{name}` is not a value of `{}`{likest}", self.type_text(ty));
        ValueError { at: node.span().start, message }
    }
}

fn did_you_mean(likest: Option<String>) -> String {
    likest.map_or_else(String::new, |likest| format!(": did you mean `{likest}`?"))
}

/// Returns whether the name is a case of the type. A case takes precedence over a variable.
fn has_case(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Enum(of) => of.names().any(|known| known == name),
        Type::Variant(variant) => variant.cases().any(|case| case.name == name),
        Type::Option(option) => has_case(&option.ty(), name),
        Type::Result(result) => result.ok().is_some_and(|ty| has_case(&ty, name)),
        _ => false,
    }
}

fn bytes(bytes: &[u8]) -> Val {
    Val::List(bytes.iter().copied().map(Val::U8).collect())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<_> = text.chars().filter(|c| !c.is_whitespace()).collect();
    let pair = |pair: &[char]| match pair {
        [high, low] => {
            let (high, low) = (high.to_digit(16)?, low.to_digit(16)?);
            u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()
        }
        _ => None,
    };
    digits.chunks(2).map(pair).collect()
}
