//! Types of WIT as they are written in Rust, in signatures of plugins and of applications.

use std::collections::BTreeSet;

use wit_parser::{
    Function, FunctionKind, Handle, InterfaceId, LiveTypes, Resolve, Type, TypeDefKind, TypeId,
    TypeOwner,
};

use super::rust_names::{Side, camel, identifier};
use super::{Request, world};

/// Writes types of the functions of one interface, or of the world itself.
pub(super) struct Types<'a> {
    request: &'a Request<'a>,
    side: Side,
    /// What comes before a name of a type of this interface: `rules::`, and nothing for the world itself.
    prefix: String,
    /// What the type of handles to resources of the host's is called.
    resource: String,
    /// Names of the root that hide those of the standard library.
    hidden: BTreeSet<String>,
    exported: BTreeSet<InterfaceId>,
}

impl<'a> Types<'a> {
    /// Types for functions whose interface's types begin with `prefix`.
    pub(super) fn of_plugin(request: &'a Request<'a>, prefix: String) -> Self {
        Self::new(request, Side::Plugin, prefix, String::new())
    }

    /// Types for functions whose interface's types begin with `prefix`, where handles are of the type `resource`.
    pub(super) fn of_application(request: &'a Request<'a>, prefix: String, resource: &str) -> Self {
        Self::new(request, Side::Application, prefix, resource.to_owned())
    }

    fn new(request: &'a Request<'a>, side: Side, prefix: String, resource: String) -> Self {
        let hidden = world::types(request.imports()).map(|(name, _)| camel(name)).collect();
        let exported = world::interfaces(request.exports()).map(|it| it.id).collect();
        Self { request, side, prefix, resource, hidden, exported }
    }

    fn resolve(&self) -> &'a Resolve {
        self.request.resolve
    }

    /// A type that is owned.
    pub(super) fn owned(&self, ty: &Type) -> String {
        let name = match ty {
            Type::Bool => "bool",
            Type::U8 => "u8",
            Type::U16 => "u16",
            Type::U32 => "u32",
            Type::U64 => "u64",
            Type::S8 => "i8",
            Type::S16 => "i16",
            Type::S32 => "i32",
            Type::S64 => "i64",
            Type::F32 => "f32",
            Type::F64 => "f64",
            Type::Char => "char",
            Type::String => return self.standard("String", "std::string"),
            Type::ErrorContext => "()",
            Type::Id(id) => return self.defined(*id),
        };
        name.to_owned()
    }

    /// What a function gives back, which is `()` if that is nothing.
    pub(super) fn optional(&self, ty: Option<&Type>) -> String {
        ty.map_or_else(|| "()".to_owned(), |ty| self.owned(ty))
    }

    /// A type of the standard library.
    pub(super) fn standard(&self, name: &str, module: &str) -> String {
        if self.hidden.contains(name) { format!("{module}::{name}") } else { name.to_owned() }
    }

    /// The name of a type, as it is written where the functions are.
    pub(super) fn path(&self, name: &str) -> String {
        match (self.side, name) {
            // The name of a trait.
            (Side::Plugin, "guest") => format!("{}Guest_", self.prefix),
            _ => format!("{}{}", self.prefix, camel(name)),
        }
    }

    /// Says whether `Err` in an expression is that of the standard library.
    pub(super) fn has_plain_err(&self) -> bool {
        !self.hidden.contains("Err")
    }

    fn defined(&self, id: TypeId) -> String {
        let ty = &self.resolve().types[id];
        if let Some(name) = &ty.name {
            let is_lent = self.side == Side::Plugin && has_borrow(self.resolve(), &Type::Id(id));
            return format!("{}{}", self.path(name), if is_lent { "<'_>" } else { "" });
        }
        match &ty.kind {
            TypeDefKind::List(ty) => {
                format!("{}<{}>", self.standard("Vec", "std::vec"), self.owned(ty))
            }
            TypeDefKind::Option(ty) => {
                format!("{}<{}>", self.standard("Option", "std::option"), self.owned(ty))
            }
            TypeDefKind::Result(result) => {
                let (ok, err) =
                    (self.optional(result.ok.as_ref()), self.optional(result.err.as_ref()));
                format!("{}<{ok}, {err}>", self.standard("Result", "std::result"))
            }
            TypeDefKind::Tuple(tuple) => {
                let types: Vec<_> = tuple.types.iter().map(|ty| self.owned(ty)).collect();
                match &*types {
                    [one] => format!("({one},)"),
                    types => format!("({})", types.join(", ")),
                }
            }
            TypeDefKind::Handle(handle) => self.handle(handle),
            TypeDefKind::Type(ty) => self.owned(ty),
            // The others have names, or are not hosted.
            _ => "()".to_owned(),
        }
    }

    fn handle(&self, handle: &Handle) -> String {
        let (Handle::Own(id) | Handle::Borrow(id)) = handle;
        let name = self.resolve().types[*id].name.as_deref().unwrap_or_default();
        let path = self.path(name);
        match (self.side, handle) {
            (Side::Application, _) if self.is_hosts(*id) => {
                format!("{}<{path}>", self.resource)
            }
            (Side::Application, _) => "plugwright::wasmtime::component::ResourceAny".to_owned(),
            (Side::Plugin, Handle::Own(_)) => path,
            (Side::Plugin, Handle::Borrow(_)) if self.is_exported(*id) => {
                format!("{path}Borrow<'_>")
            }
            (Side::Plugin, Handle::Borrow(_)) => format!("&{path}"),
        }
    }

    /// Says whether the resource is one that the plugin has.
    pub(super) fn is_exported(&self, id: TypeId) -> bool {
        match self.resolve().types[original(self.resolve(), id)].owner {
            TypeOwner::Interface(interface) => self.exported.contains(&interface),
            _ => false,
        }
    }

    /// Says whether the resource is one that the host has, for functions that are imported.
    pub(super) fn is_hosts(&self, id: TypeId) -> bool {
        match self.resolve().types[original(self.resolve(), id)].owner {
            TypeOwner::Interface(owner) => {
                world::interfaces(self.request.imports()).any(|interface| interface.id == owner)
            }
            _ => true,
        }
    }

    /// A function's parameters and result in a trait of Rust, and whether it has parameters besides itself.
    pub(super) fn signature(&self, function: &Function) -> Signature {
        let is_method = matches!(function.kind, FunctionKind::Method(_));
        let is_first = |index| index == 0 && is_method && self.side == Side::Plugin;
        let parameters = function.params.iter().enumerate().map(|(index, parameter)| {
            let ty = self.owned(&parameter.ty);
            match is_first(index) {
                true => "&self".to_owned(),
                false => format!("{}: {ty}", identifier(self.side, &parameter.name)),
            }
        });
        let parameters: Vec<_> = match self.side {
            Side::Plugin => parameters.collect(),
            Side::Application => {
                std::iter::once("&mut self".to_owned()).chain(parameters).collect()
            }
        };
        let result = match (self.side, &function.kind, &function.result) {
            (Side::Plugin, FunctionKind::Constructor(_), result) => {
                match result.as_ref().and_then(|ty| as_result(self.resolve(), ty)) {
                    Some(result) => {
                        let err = self.optional(result.err.as_ref());
                        Some(format!("{}<Self, {err}>", self.standard("Result", "std::result")))
                    }
                    None => Some("Self".to_owned()),
                }
            }
            (_, _, result) => result.as_ref().map(|ty| self.owned(ty)),
        };
        let is_plain = function.params.len() == usize::from(is_method && self.side == Side::Plugin);
        Signature { parameters, result, is_plain }
    }
}

/// What stands in a function's head.
pub(super) struct Signature {
    pub(super) parameters: Vec<String>,
    pub(super) result: Option<String>,
    /// Whether it has no parameters besides itself.
    pub(super) is_plain: bool,
}

/// The type that another one is a name for.
pub(super) fn original(resolve: &Resolve, id: TypeId) -> TypeId {
    let mut id = id;
    while let TypeDefKind::Type(Type::Id(of)) = resolve.types[id].kind {
        id = of;
    }
    id
}

/// The kind of a type, looked at through the names for it.
pub(super) fn kind<'a>(resolve: &'a Resolve, ty: &Type) -> Option<&'a TypeDefKind> {
    match ty {
        Type::Id(id) => Some(&resolve.types[original(resolve, *id)].kind),
        _ => None,
    }
}

/// The result that a type is, if it is one.
pub(super) fn as_result<'a>(resolve: &'a Resolve, ty: &Type) -> Option<&'a wit_parser::Result_> {
    match kind(resolve, ty)? {
        TypeDefKind::Result(result) => Some(result),
        _ => None,
    }
}

/// Says whether there is a handle in the type that is lent.
pub(super) fn has_borrow(resolve: &Resolve, ty: &Type) -> bool {
    any(resolve, ty, |kind| matches!(kind, TypeDefKind::Handle(Handle::Borrow(_))))
}

/// Says whether the type is text, maybe under another name.
pub(super) fn is_text(resolve: &Resolve, ty: &Type) -> bool {
    match kind(resolve, ty) {
        Some(TypeDefKind::Type(ty)) => is_text(resolve, ty),
        _ => matches!(ty, Type::String),
    }
}

/// Says whether the type, or one that is in it, is of such a kind.
pub(super) fn any(resolve: &Resolve, ty: &Type, is: impl Fn(&TypeDefKind) -> bool) -> bool {
    let mut live = LiveTypes::default();
    live.add_type(resolve, ty);
    live.iter().any(|id| is(&resolve.types[id].kind))
}

/// The types that a type is directly made of.
pub(super) fn parts(kind: &TypeDefKind) -> Vec<&Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| &field.ty).collect(),
        TypeDefKind::Variant(variant) => {
            variant.cases.iter().filter_map(|case| case.ty.as_ref()).collect()
        }
        TypeDefKind::Tuple(tuple) => tuple.types.iter().collect(),
        TypeDefKind::Result(result) => [&result.ok, &result.err].into_iter().flatten().collect(),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => vec![ty],
        _ => Vec::new(),
    }
}

/// Says whether a value of the type can be shown by `{:?}`, which Rust has not for long tuples.
pub(super) fn is_debug(resolve: &Resolve, ty: &Type) -> bool {
    !any(resolve, ty, |kind| matches!(kind, TypeDefKind::Tuple(tuple) if tuple.types.len() > 12))
}
