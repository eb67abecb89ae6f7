//! Sample values as Rust code for an application. They are the same as those of [`sample`](super::sample) in WAVE.

use std::collections::BTreeSet;

use heck::ToShoutySnakeCase as _;
use wit_parser::{Handle, Type, TypeDefKind, TypeId, TypeOwner};

use super::Request;
use super::layout::{self, Expression};
use super::rust_names::{Side, camel, identifier, module};
use super::rust_types::{any, kind, parts};
use super::sample::{chosen, is_element, is_small};
use super::world::{self, Interface};

/// Generates values for the functions of one interface, or of the world itself.
pub(super) struct Values<'a> {
    pub(super) request: &'a Request<'a>,
    /// The interface, and the local name of its module.
    pub(super) interface: Option<(Interface<'a>, String)>,
    /// The host's resources to which the generated values have handles.
    pub(super) made: BTreeSet<TypeId>,
}

/// How an argument of a call is passed.
pub(super) enum Argument {
    /// As an expression in the call.
    Plain(String),
    /// As a variable, with `&` or without.
    Kept(Expression, &'static str),
}

impl Values<'_> {
    /// Returns whether a host function can return a sample of the type. A handle is possible only where the host can
    /// create its resource.
    pub(super) fn can_return(&self, ty: Option<&Type>) -> bool {
        ty.is_none_or(|ty| is_small(self.request.resolve, ty) || self.made_of(ty).is_some())
    }

    /// Returns the host's resource if the type is a handle to it, or a result whose `ok` type is such a handle.
    fn made_of(&self, ty: &Type) -> Option<TypeId> {
        match kind(self.request.resolve, ty)? {
            TypeDefKind::Handle(Handle::Own(id)) => {
                Some(super::rust_types::original(self.request.resolve, *id))
            }
            TypeDefKind::Result(result) => self.made_of(result.ok.as_ref()?),
            _ => None,
        }
        .filter(|id| match self.request.resolve.types[*id].owner {
            TypeOwner::Interface(owner) => {
                world::interfaces(self.request.imports()).any(|interface| interface.id == owner)
            }
            _ => true,
        })
    }

    /// Returns the argument for a parameter. Its type has to have a sample.
    pub(super) fn argument(&mut self, ty: &Type, name: &str) -> Argument {
        let resolve = self.request.resolve;
        let is_named = matches!(ty, Type::Id(id) if resolve.types[*id].name.is_some());
        match (ty, kind(resolve, ty)) {
            (Type::String, _) => Argument::Plain(layout::literal(name)),
            (Type::Id(_), _) if is_named => {
                let reference = if self.has_list(ty) { "&" } else { "" };
                match self.owned(ty, name) {
                    Expression::Plain(text) if reference.is_empty() => Argument::Plain(text),
                    value => Argument::Kept(value, reference),
                }
            }
            (_, Some(TypeDefKind::List(Type::U8))) => {
                Argument::Plain(format!("b{}", layout::literal(name)))
            }
            (_, Some(TypeDefKind::List(of))) if !is_element(resolve, of) => {
                Argument::Plain("&[]".to_owned())
            }
            (_, Some(TypeDefKind::List(of))) => {
                let value = self.owned(of, name);
                Argument::Kept(Expression::Group("[".to_owned(), vec![value], "]"), "&")
            }
            (_, Some(TypeDefKind::Tuple(_) | TypeDefKind::Result(_))) => {
                Argument::Kept(self.lent(ty, name), "")
            }
            _ => match self.owned(ty, name) {
                Expression::Plain(text) => Argument::Plain(text),
                value => Argument::Kept(value, ""),
            },
        }
    }

    /// Returns a value inside a tuple or a result, with borrowed strings and lists.
    fn lent(&mut self, ty: &Type, name: &str) -> Expression {
        let resolve = self.request.resolve;
        match (ty, kind(resolve, ty)) {
            (Type::Id(id), Some(TypeDefKind::Tuple(tuple)))
                if resolve.types[*id].name.is_none() =>
            {
                let values = tuple.types.iter().map(|ty| self.lent(ty, name)).collect();
                tuple_of(values)
            }
            (Type::Id(id), Some(TypeDefKind::Result(result)))
                if resolve.types[*id].name.is_none() =>
            {
                let value = match &result.ok {
                    Some(ty) => self.lent(ty, name),
                    None => Expression::Plain("()".to_owned()),
                };
                Expression::Group("Ok(".to_owned(), vec![value], ")")
            }
            // The bindings take slices, not arrays.
            (Type::Id(id), Some(TypeDefKind::List(of))) if resolve.types[*id].name.is_none() => {
                let is_empty = !is_element(resolve, of);
                let values = if is_empty { vec![] } else { vec![self.owned(of, name)] };
                match of {
                    Type::U8 => Expression::Plain(format!("&b{}[..]", layout::literal(name))),
                    _ => Expression::Group("&[".to_owned(), values, "][..]"),
                }
            }
            _ => match self.argument(ty, name) {
                Argument::Plain(text) => Expression::Plain(text),
                Argument::Kept(value, "") => value,
                Argument::Kept(value, _) => Expression::Group("&".to_owned(), vec![value], ""),
            },
        }
    }

    /// Returns an owned value. Its type has to have a sample, or be a handle that the host can create.
    pub(super) fn owned(&mut self, ty: &Type, name: &str) -> Expression {
        let resolve = self.request.resolve;
        let plain = |text: &str| Expression::Plain(text.to_owned());
        match ty {
            Type::Bool => return plain("true"),
            Type::F32 | Type::F64 => return plain("1.5"),
            Type::Char => return plain("'a'"),
            Type::String => {
                return Expression::Plain(format!("{}.to_owned()", layout::literal(name)));
            }
            Type::Id(_) | Type::ErrorContext => {}
            _ => return plain("1"),
        }
        match kind(resolve, ty) {
            Some(TypeDefKind::Record(record)) => {
                let fields = record.fields.iter().map(|field| {
                    let value = self.owned(&field.ty, &field.name);
                    (identifier(Side::Application, &field.name), value)
                });
                let fields = fields.collect();
                Expression::Struct(self.path(ty), fields)
            }
            Some(TypeDefKind::Tuple(tuple)) => {
                let values = tuple.types.iter().map(|ty| self.owned(ty, name)).collect();
                tuple_of(values)
            }
            Some(TypeDefKind::Variant(variant)) => {
                let Some(case) = chosen(resolve, &variant.cases) else { return plain("()") };
                let path = format!("{}::{}", self.path(ty), camel(&case.name));
                match &case.ty {
                    Some(ty) => {
                        Expression::Group(format!("{path}("), vec![self.owned(ty, name)], ")")
                    }
                    None => Expression::Plain(path),
                }
            }
            Some(TypeDefKind::Enum(of)) => {
                let case = of.cases.first().map(|case| camel(&case.name)).unwrap_or_default();
                Expression::Plain(format!("{}::{case}", self.path(ty)))
            }
            Some(TypeDefKind::Flags(flags)) => {
                let flag = flags.flags.first().map(|flag| flag.name.to_shouty_snake_case());
                Expression::Plain(format!("{}::{}", self.path(ty), flag.unwrap_or_default()))
            }
            Some(TypeDefKind::Result(result)) => {
                let value = result.ok.map_or_else(|| plain("()"), |ty| self.owned(&ty, name));
                Expression::Group("Ok(".to_owned(), vec![value], ")")
            }
            Some(TypeDefKind::List(Type::U8)) => {
                Expression::Plain(format!("b{}.to_vec()", layout::literal(name)))
            }
            Some(TypeDefKind::List(of)) if is_element(resolve, of) => {
                Expression::Group("vec![".to_owned(), vec![self.owned(of, name)], "]")
            }
            Some(TypeDefKind::List(_)) => plain("vec![]"),
            Some(TypeDefKind::Type(ty)) => self.owned(ty, name),
            Some(TypeDefKind::Handle(Handle::Own(id))) => {
                let id = super::rust_types::original(resolve, *id);
                self.made.insert(id);
                Expression::Plain(format!("self.resources().push({})?", self.path(&Type::Id(id))))
            }
            _ => plain("None"),
        }
    }

    /// Returns the path of a named type.
    fn path(&self, ty: &Type) -> String {
        let resolve = self.request.resolve;
        let Type::Id(id) = ty else { return String::new() };
        let mut id = *id;
        // A type without a name is an alias of a named type.
        while let (None, TypeDefKind::Type(Type::Id(of))) =
            (&resolve.types[id].name, &resolve.types[id].kind)
        {
            id = *of;
        }
        let name = resolve.types[id].name.as_deref().map(camel).unwrap_or_default();
        let TypeOwner::Interface(owner) = resolve.types[id].owner else { return name };
        match &self.interface {
            Some((interface, module)) if interface.id == owner => {
                return format!("{module}::{name}");
            }
            _ => {}
        }
        let find = |items, is_exported| {
            let found = world::interfaces(items).find(|interface| interface.id == owner);
            found.map(|interface| module(self.request, Side::Application, interface, is_exported))
        };
        let module =
            find(self.request.imports(), false).or_else(|| find(self.request.exports(), true));
        format!("{}::{name}", module.unwrap_or_default())
    }

    /// Returns whether the type contains a list or a string. A named type with one is passed by reference.
    fn has_list(&self, ty: &Type) -> bool {
        any(self.request.resolve, ty, |kind| {
            matches!(kind, TypeDefKind::List(_))
                || parts(kind).iter().any(|ty| matches!(ty, Type::String))
        })
    }
}

fn tuple_of(values: Vec<Expression>) -> Expression {
    let end = if values.len() == 1 { ",)" } else { ")" };
    Expression::Group("(".to_owned(), values, end)
}
