//! Translates WIT types to Rust, for the signatures in plugins and applications.

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
    /// The prefix of this interface's types, such as `rules::`. It is empty for the world itself.
    prefix: String,
    /// The name of the type for handles to the host's resources.
    resource: String,
    /// The names in the root that hide names of the standard library.
    hidden: BTreeSet<String>,
    exported: BTreeSet<InterfaceId>,
}

impl<'a> Types<'a> {
    /// Returns the types for a plugin's functions. The names of the interface's types begin with `prefix`.
    pub(super) fn of_plugin(request: &'a Request<'a>, prefix: String) -> Self {
        Self::new(request, Side::Plugin, prefix, String::new())
    }

    /// Returns the types for an application's functions. The names of the interface's types begin with `prefix`, and
    /// handles have the type `resource`.
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

    /// Returns the owned form of a type.
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

    /// Returns the type of a function's result, or `()` if it has none.
    pub(super) fn optional(&self, ty: Option<&Type>) -> String {
        ty.map_or_else(|| "()".to_owned(), |ty| self.owned(ty))
    }

    /// Returns the name of a type of the standard library, with its module if the name is hidden.
    pub(super) fn standard(&self, name: &str, module: &str) -> String {
        if self.hidden.contains(name) { format!("{module}::{name}") } else { name.to_owned() }
    }

    /// Returns the path of a type in the functions' scope.
    pub(super) fn path(&self, name: &str) -> String {
        match (self.side, name) {
            // `Guest` is the name of the trait.
            (Side::Plugin, "guest") => format!("{}Guest_", self.prefix),
            _ => format!("{}{}", self.prefix, camel(name)),
        }
    }

    /// Returns whether `Err` in an expression is the standard library's.
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
            // All other types have names or have been refused already.
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

    /// Returns whether the plugin exports the resource.
    pub(super) fn is_exported(&self, id: TypeId) -> bool {
        match self.resolve().types[original(self.resolve(), id)].owner {
            TypeOwner::Interface(interface) => self.exported.contains(&interface),
            _ => false,
        }
    }

    /// Returns whether the resource belongs to the host. This holds for imported functions.
    pub(super) fn is_hosts(&self, id: TypeId) -> bool {
        match self.resolve().types[original(self.resolve(), id)].owner {
            TypeOwner::Interface(owner) => {
                world::interfaces(self.request.imports()).any(|interface| interface.id == owner)
            }
            _ => true,
        }
    }

    /// Returns a function's signature in a Rust trait.
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

/// The signature of a function.
pub(super) struct Signature {
    pub(super) parameters: Vec<String>,
    pub(super) result: Option<String>,
    /// Whether the function has no parameters except `self`.
    pub(super) is_plain: bool,
}

/// Returns the type that an alias stands for.
pub(super) fn original(resolve: &Resolve, id: TypeId) -> TypeId {
    let mut id = id;
    while let TypeDefKind::Type(Type::Id(of)) = resolve.types[id].kind {
        id = of;
    }
    id
}

/// Returns the kind of a type, after resolving aliases.
pub(super) fn kind<'a>(resolve: &'a Resolve, ty: &Type) -> Option<&'a TypeDefKind> {
    match ty {
        Type::Id(id) => Some(&resolve.types[original(resolve, *id)].kind),
        _ => None,
    }
}

/// Returns the definition of a type that is a `result`.
pub(super) fn as_result<'a>(resolve: &'a Resolve, ty: &Type) -> Option<&'a wit_parser::Result_> {
    match kind(resolve, ty)? {
        TypeDefKind::Result(result) => Some(result),
        _ => None,
    }
}

/// Returns whether the type contains a borrowed handle.
pub(super) fn has_borrow(resolve: &Resolve, ty: &Type) -> bool {
    any(resolve, ty, |kind| matches!(kind, TypeDefKind::Handle(Handle::Borrow(_))))
}

/// Returns whether the type is a string or an alias of it.
pub(super) fn is_text(resolve: &Resolve, ty: &Type) -> bool {
    match kind(resolve, ty) {
        Some(TypeDefKind::Type(ty)) => is_text(resolve, ty),
        _ => matches!(ty, Type::String),
    }
}

/// Returns whether `is` holds for the kind of the type, or of a type inside it.
pub(super) fn any(resolve: &Resolve, ty: &Type, is: impl Fn(&TypeDefKind) -> bool) -> bool {
    let mut live = LiveTypes::default();
    live.add_type(resolve, ty);
    live.iter().any(|id| is(&resolve.types[id].kind))
}

/// Returns the types that a type directly consists of.
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

/// Returns whether the type implements `Debug`, which Rust lacks for long tuples.
pub(super) fn is_debug(resolve: &Resolve, ty: &Type) -> bool {
    !any(resolve, ty, |kind| matches!(kind, TypeDefKind::Tuple(tuple) if tuple.types.len() > 12))
}
