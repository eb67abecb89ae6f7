//! The TypeScript types of values, as componentize-qjs represents them.

use heck::ToUpperCamelCase as _;
use wit_parser::{Handle, Type, TypeDefKind, TypeOwner};

use super::exports::resolved;
use super::typescript_types::Types;

impl Types<'_> {
    /// Returns a type. If it belongs to another interface than `here`, its name is qualified with that interface.
    pub(super) fn of_another(&self, ty: Type, here: TypeOwner) -> String {
        let prefix = match ty {
            Type::Id(id) => match self.resolve.types[id].owner {
                TypeOwner::Interface(of) if here != TypeOwner::Interface(of) => self
                    .resolve
                    .id_of(of)
                    .map(|name| format!("import(\"{name}\")."))
                    .unwrap_or_default(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        self.ty(ty, &prefix)
    }

    /// Returns a type, with `prefix` before each name.
    pub(super) fn ty(&self, ty: Type, prefix: &str) -> String {
        match ty {
            Type::Bool => "boolean".to_owned(),
            Type::Char | Type::String => "string".to_owned(),
            Type::Id(id) => {
                let ty = &self.resolve.types[id];
                match &ty.name {
                    Some(name) => format!("{prefix}{}", name.to_upper_camel_case()),
                    None => self.kind(&ty.kind, prefix),
                }
            }
            _ => "number".to_owned(),
        }
    }

    pub(super) fn kind(&self, kind: &TypeDefKind, prefix: &str) -> String {
        match kind {
            TypeDefKind::List(Type::U8) => "Uint8Array".to_owned(),
            TypeDefKind::List(Type::S8) => "Int8Array".to_owned(),
            TypeDefKind::List(ty) => {
                let ty = self.ty(*ty, prefix);
                if ty.contains(" | ") { format!("({ty})[]") } else { format!("{ty}[]") }
            }
            TypeDefKind::Option(ty) if self.is_option(*ty) => format!(
                "{} | {}",
                self.tagged("some", Some(*ty), prefix),
                self.tagged("none", None, prefix)
            ),
            TypeDefKind::Option(ty) => format!("{} | null", self.ty(*ty, prefix)),
            TypeDefKind::Result(result) => format!(
                "{} | {}",
                self.tagged("ok", result.ok, prefix),
                self.tagged("err", result.err, prefix)
            ),
            TypeDefKind::Tuple(tuple) => {
                let types: Vec<_> = tuple.types.iter().map(|ty| self.ty(*ty, prefix)).collect();
                format!("[{}]", types.join(", "))
            }
            TypeDefKind::Handle(Handle::Own(id) | Handle::Borrow(id)) => {
                self.ty(Type::Id(*id), prefix)
            }
            TypeDefKind::Type(ty) => self.ty(*ty, prefix),
            // A contract with any other type has been refused already.
            _ => "unknown".to_owned(),
        }
    }

    pub(super) fn tagged(&self, tag: &str, ty: Option<Type>, prefix: &str) -> String {
        match ty {
            Some(ty) => format!("{{ tag: \"{tag}\"; val: {} }}", self.ty(ty, prefix)),
            None => format!("{{ tag: \"{tag}\" }}"),
        }
    }

    pub(super) fn is_option(&self, ty: Type) -> bool {
        match resolved(self.resolve, ty) {
            Type::Id(id) => matches!(self.resolve.types[id].kind, TypeDefKind::Option(_)),
            _ => false,
        }
    }
}
