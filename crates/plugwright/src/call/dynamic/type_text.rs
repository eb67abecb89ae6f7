//! Writes types as WIT does.

use wasmtime::component::{ResourceType, Type};

/// Writes the type as WIT does. The names of records, variants, enums and flags are not known here, so their parts are
/// written out: `record { sku: string, count: u32 }`. `resource` returns the name of a resource; a resource without a
/// name is written as `resource`. A type of more than about 160 characters is cut.
pub fn type_text(ty: &Type, resource: &mut dyn FnMut(ResourceType) -> Option<String>) -> String {
    let mut text = Text { text: String::new(), resource };
    text.write(ty);
    text.text
}

/// About how many characters of a type are written.
const MOST: usize = 160;

struct Text<'a> {
    text: String,
    resource: &'a mut dyn FnMut(ResourceType) -> Option<String>,
}

impl Text<'_> {
    fn write(&mut self, ty: &Type) {
        if self.text.len() > MOST {
            return self.text.push('…');
        }
        match ty {
            Type::List(list) => self.of("list", &[list.ty()]),
            Type::Map(map) => self.of("map", &[map.key(), map.value()]),
            Type::Tuple(tuple) => self.of("tuple", &tuple.types().collect::<Vec<_>>()),
            Type::Option(option) => self.of("option", &[option.ty()]),
            Type::FixedLengthList(list) => {
                self.text.push_str("list<");
                self.write(&list.ty());
                self.text.push_str(&format!(", {}>", list.len()));
            }
            Type::Result(result) => match (result.ok(), result.err()) {
                (None, None) => self.text.push_str("result"),
                (Some(ok), None) => self.of("result", &[ok]),
                (None, Some(err)) => {
                    self.text.push_str("result<_, ");
                    self.write(&err);
                    self.text.push('>');
                }
                (Some(ok), Some(err)) => self.of("result", &[ok, err]),
            },
            Type::Record(record) => {
                let fields = record.fields().map(|field| (field.name.to_owned(), Some(field.ty)));
                self.parts("record", ": ", "", fields.collect());
            }
            Type::Variant(variant) => {
                let cases = variant.cases().map(|case| (case.name.to_owned(), case.ty));
                self.parts("variant", "(", ")", cases.collect());
            }
            Type::Enum(of) => {
                self.parts(
                    "enum",
                    "",
                    "",
                    of.names().map(|name| (name.to_owned(), None)).collect(),
                );
            }
            Type::Flags(flags) => {
                let names = flags.names().map(|name| (name.to_owned(), None));
                self.parts("flags", "", "", names.collect());
            }
            Type::Own(resource) => {
                let name = (self.resource)(*resource).unwrap_or_else(|| "resource".to_owned());
                self.text.push_str(&name);
            }
            Type::Borrow(resource) => {
                let name = (self.resource)(*resource).unwrap_or_else(|| "resource".to_owned());
                self.text.push_str(&format!("borrow<{name}>"));
            }
            Type::Future(_) => self.text.push_str("future"),
            Type::Stream(_) => self.text.push_str("stream"),
            Type::ErrorContext => self.text.push_str("error-context"),
            Type::Bool => self.text.push_str("bool"),
            Type::S8 => self.text.push_str("s8"),
            Type::U8 => self.text.push_str("u8"),
            Type::S16 => self.text.push_str("s16"),
            Type::U16 => self.text.push_str("u16"),
            Type::S32 => self.text.push_str("s32"),
            Type::U32 => self.text.push_str("u32"),
            Type::S64 => self.text.push_str("s64"),
            Type::U64 => self.text.push_str("u64"),
            Type::Float32 => self.text.push_str("f32"),
            Type::Float64 => self.text.push_str("f64"),
            Type::Char => self.text.push_str("char"),
            Type::String => self.text.push_str("string"),
        }
    }

    /// Writes a type with type parameters.
    fn of(&mut self, name: &str, types: &[Type]) {
        self.text.push_str(name);
        self.text.push('<');
        for (number, ty) in types.iter().enumerate() {
            if number > 0 {
                self.text.push_str(", ");
            }
            self.write(ty);
        }
        self.text.push('>');
    }

    /// Writes a type with named parts. The type of a part, if it has one, is written between `before` and `after`.
    fn parts(&mut self, kind: &str, before: &str, after: &str, parts: Vec<(String, Option<Type>)>) {
        self.text.push_str(kind);
        self.text.push_str(" { ");
        for (number, (name, ty)) in parts.into_iter().enumerate() {
            if number > 0 {
                self.text.push_str(", ");
            }
            if self.text.len() > MOST {
                self.text.push('…');
                break;
            }
            self.text.push_str(&name);
            if let Some(ty) = ty {
                self.text.push_str(before);
                self.write(&ty);
                self.text.push_str(after);
            }
        }
        self.text.push_str(" }");
    }
}
