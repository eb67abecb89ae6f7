//! The types of two contracts: whether they are the same, how they differ, and their text in WIT.

use std::cell::RefCell;
use std::collections::HashMap;

use wit_parser::{
    Case, EnumCase, Field, Flag, Function, FunctionKind, Handle, Resolve, Result_, Type, TypeDef,
    TypeDefKind, TypeId, TypeOwner,
};

/// The types of two contracts.
#[derive(Clone, Copy)]
pub(crate) struct Types<'a> {
    pub(crate) old: &'a Resolve,
    pub(crate) new: &'a Resolve,
    /// Whether pairs of types are the same, as far as it is known. Without this cache, types that refer to another type
    /// twice would take exponential time.
    pub(crate) known: &'a RefCell<HashMap<Pair, bool>>,
}

/// A type of the old contract, and a type of the new one.
type Pair = (Type, Type);

impl<'a> Types<'a> {
    /// Returns the differences between two definitions of a type, as sentences without a period. `of` says where the
    /// type is defined.
    pub(crate) fn differences(self, of: &str, name: &str, old: TypeId, new: TypeId) -> Vec<String> {
        let (old_type, new_type) = (&self.old.types[old], &self.new.types[new]);
        let whole = |kind: &str| format!("the {kind} `{name}` of {of}");
        match (&old_type.kind, &new_type.kind) {
            (TypeDefKind::Record(old), TypeDefKind::Record(new)) => {
                let parts = |fields: &'a [Field]| {
                    fields.iter().map(|field| (&*field.name, Some(field.ty))).collect::<Vec<_>>()
                };
                self.parts(&whole("record"), "field", &parts(&old.fields), &parts(&new.fields))
            }
            (TypeDefKind::Variant(old), TypeDefKind::Variant(new)) => {
                let parts = |cases: &'a [Case]| {
                    cases.iter().map(|case| (&*case.name, case.ty)).collect::<Vec<_>>()
                };
                self.parts(&whole("variant"), "case", &parts(&old.cases), &parts(&new.cases))
            }
            (TypeDefKind::Enum(old), TypeDefKind::Enum(new)) => {
                let parts = |cases: &'a [EnumCase]| {
                    cases.iter().map(|case| (&*case.name, None)).collect::<Vec<_>>()
                };
                self.parts(&whole("enum"), "case", &parts(&old.cases), &parts(&new.cases))
            }
            (TypeDefKind::Flags(old), TypeDefKind::Flags(new)) => {
                let parts = |flags: &'a [Flag]| {
                    flags.iter().map(|flag| (&*flag.name, None)).collect::<Vec<_>>()
                };
                self.parts(&whole("flags"), "flag", &parts(&old.flags), &parts(&new.flags))
            }
            (TypeDefKind::Resource, TypeDefKind::Resource) => Vec::new(),
            _ if self.same_definition(old, new) => Vec::new(),
            (old_kind, new_kind) => {
                let (was, is) = (definition(self.old, old_kind), definition(self.new, new_kind));
                vec![match was == is {
                    true => format!("the type `{name}` of {of} is a different {is} than before"),
                    false => format!("the type `{name}` of {of} changed from {was} to {is}"),
                }]
            }
        }
    }

    /// Returns whether both functions have the same signature.
    pub(crate) fn same_function(self, old: &Function, new: &Function) -> bool {
        let of_old = old.params.iter().map(|it| (&it.name, it.ty));
        let of_new = new.params.iter().map(|it| (&it.name, it.ty));
        let same = |((name, old), (other, new))| name == other && self.same(old, new);
        old.params.len() == new.params.len()
            && of_old.zip(of_new).all(same)
            && self.same_option(old.result, new.result)
            && old.kind.is_async() == new.kind.is_async()
    }

    /// Returns the differences between the parts of two types. A part has a name and sometimes a type.
    fn parts(
        self,
        whole: &str,
        part: &str,
        old: &[(&'a str, Option<Type>)],
        new: &[(&'a str, Option<Type>)],
    ) -> Vec<String> {
        let mut found = Vec::new();
        let by_name = |parts: &[(&'a str, Option<Type>)]| -> HashMap<&'a str, Option<Type>> {
            parts.iter().copied().collect()
        };
        let (in_old, in_new) = (by_name(old), by_name(new));
        for &(name, new_type) in new {
            match in_old.get(name).copied() {
                None => found.push(format!("{whole} gained the {part} `{name}`")),
                Some(old_type) if !self.same_option(old_type, new_type) => {
                    let or_none = |resolve, ty: Option<Type>| {
                        ty.map_or("nothing".to_owned(), |ty| format!("`{}`", text(resolve, ty)))
                    };
                    let (was, is) = (or_none(self.old, old_type), or_none(self.new, new_type));
                    found
                        .push(format!("the {part} `{name}` of {whole} changed from {was} to {is}"));
                }
                Some(_) => {}
            }
        }
        for (name, _) in old {
            if !in_new.contains_key(name) {
                found.push(format!("{whole} lost the {part} `{name}`"));
            }
        }
        let (of_old, of_new) = (old.iter().map(|(name, _)| name), new.iter().map(|(name, _)| name));
        if found.is_empty() && !of_old.eq(of_new) {
            found.push(format!("{whole} has its {part}s in a different order"));
        }
        found
    }

    /// Returns whether a type is the same in both contracts. Changes inside a named type do not count here. They are
    /// reported where that type is defined.
    fn same(self, old: Type, new: Type) -> bool {
        // Each pair is a part of the pair before it, and has a list of parts that are still to be compared. This is a
        // list and not a recursion because a contract can nest types deeper than the stack allows.
        let mut under_way: Vec<(Pair, Vec<Pair>)> = Vec::new();
        let mut next = Some((old, new));
        loop {
            if let Some(pair) = next {
                let Some(parts) = self.to_compare(pair) else {
                    // The types that contain this one are different too.
                    let wholes = under_way.into_iter().map(|(whole, _)| whole);
                    self.known.borrow_mut().extend(wholes.chain([pair]).map(|it| (it, false)));
                    return false;
                };
                under_way.push((pair, parts));
            }
            let Some((whole, parts)) = under_way.last_mut() else { return true };
            next = parts.pop();
            if next.is_none() {
                self.known.borrow_mut().insert(*whole, true);
                under_way.pop();
            }
        }
    }

    /// Returns whether two type names stand for the same type.
    fn same_definition(self, old: TypeId, new: TypeId) -> bool {
        let parts = self.parts_of_both((Type::Id(old), Type::Id(new)));
        parts.is_some_and(|parts| parts.into_iter().all(|(old, new)| self.same(old, new)))
    }

    /// Returns the pairs that still have to be compared: none if the two types are the same. Returns `None` if they
    /// differ.
    fn to_compare(self, (old, new): Pair) -> Option<Vec<Pair>> {
        if let (Type::Id(old), Type::Id(new)) = (old, new) {
            let (old, new) = (&self.old.types[old], &self.new.types[new]);
            if old.name.is_some() && identity(self.old, old) == identity(self.new, new) {
                return Some(Vec::new());
            }
        }
        match self.known.borrow().get(&(old, new)) {
            Some(same) => same.then(Vec::new),
            None => self.parts_of_both((old, new)),
        }
    }

    /// Returns the parts of two types that have to be the same, whatever the types are called. Returns `None` if the
    /// types have different structures.
    fn parts_of_both(self, (old, new): Pair) -> Option<Vec<Pair>> {
        // An alias is not a type of its own: compare what it stands for.
        let (old_behind, new_behind) = (behind(self.old, old), behind(self.new, new));
        if old_behind.is_some() || new_behind.is_some() {
            return Some(vec![(old_behind.unwrap_or(old), new_behind.unwrap_or(new))]);
        }
        let (Type::Id(old), Type::Id(new)) = (old, new) else {
            return (old == new).then(Vec::new);
        };
        match (&self.old.types[old].kind, &self.new.types[new].kind) {
            (TypeDefKind::Handle(old), TypeDefKind::Handle(new)) => match (old, new) {
                (Handle::Own(old), Handle::Own(new))
                | (Handle::Borrow(old), Handle::Borrow(new)) => {
                    Some(vec![(Type::Id(*old), Type::Id(*new))])
                }
                _ => None,
            },
            (TypeDefKind::Tuple(old), TypeDefKind::Tuple(new)) => {
                let same_length = old.types.len() == new.types.len();
                let parts = old.types.iter().copied().zip(new.types.iter().copied());
                same_length.then(|| parts.collect())
            }
            (TypeDefKind::Option(old), TypeDefKind::Option(new))
            | (TypeDefKind::List(old), TypeDefKind::List(new)) => Some(vec![(*old, *new)]),
            (TypeDefKind::Result(old), TypeDefKind::Result(new)) => {
                both([(old.ok, new.ok), (old.err, new.err)])
            }
            (TypeDefKind::Map(old_key, old), TypeDefKind::Map(new_key, new)) => {
                Some(vec![(*old_key, *new_key), (*old, *new)])
            }
            (
                TypeDefKind::FixedLengthList(old, length),
                TypeDefKind::FixedLengthList(new, other),
            ) => (length == other).then(|| vec![(*old, *new)]),
            (TypeDefKind::Future(old), TypeDefKind::Future(new))
            | (TypeDefKind::Stream(old), TypeDefKind::Stream(new)) => both([(*old, *new)]),
            // The linker accepts types with different names if their structures are the same.
            (TypeDefKind::Record(old), TypeDefKind::Record(new)) => {
                let (of_old, of_new) = (old.fields.iter(), new.fields.iter());
                let same_names =
                    of_old.clone().map(|it| &it.name).eq(of_new.clone().map(|it| &it.name));
                same_names.then(|| of_old.map(|it| it.ty).zip(of_new.map(|it| it.ty)).collect())
            }
            (TypeDefKind::Variant(old), TypeDefKind::Variant(new)) => {
                let (of_old, of_new) = (old.cases.iter(), new.cases.iter());
                let same_names =
                    of_old.clone().map(|it| &it.name).eq(of_new.clone().map(|it| &it.name));
                both(of_old.map(|it| it.ty).zip(of_new.map(|it| it.ty))).filter(|_| same_names)
            }
            (TypeDefKind::Enum(old), TypeDefKind::Enum(new)) => {
                let (of_old, of_new) = (old.cases.iter(), new.cases.iter());
                of_old.map(|it| &it.name).eq(of_new.map(|it| &it.name)).then(Vec::new)
            }
            (TypeDefKind::Flags(old), TypeDefKind::Flags(new)) => {
                let (of_old, of_new) = (old.flags.iter(), new.flags.iter());
                of_old.map(|it| &it.name).eq(of_new.map(|it| &it.name)).then(Vec::new)
            }
            // A resource is the same only as itself.
            _ => None,
        }
    }

    fn same_option(self, old: Option<Type>, new: Option<Type>) -> bool {
        match (old, new) {
            (Some(old), Some(new)) => self.same(old, new),
            (old, new) => old == new,
        }
    }
}

/// Returns the pairs in which both parts exist. Returns `None` if a part exists in only one of the types.
fn both(parts: impl IntoIterator<Item = (Option<Type>, Option<Type>)>) -> Option<Vec<Pair>> {
    let there = |part| match part {
        (Some(old), Some(new)) => Some(Some((old, new))),
        (None, None) => None,
        _ => Some(None),
    };
    parts.into_iter().filter_map(there).collect()
}

/// Returns the kind and name of a type, in words.
pub(crate) fn words(resolve: &Resolve, id: TypeId) -> String {
    let ty = &resolve.types[id];
    let kind = match &ty.kind {
        TypeDefKind::Record(_)
        | TypeDefKind::Resource
        | TypeDefKind::Flags(_)
        | TypeDefKind::Variant(_)
        | TypeDefKind::Enum(_) => ty.kind.as_str(),
        _ => "type",
    };
    format!("the {kind} `{}`", ty.name.as_deref().unwrap_or_default())
}

/// Returns what a type definition stands for, in words.
fn definition(resolve: &Resolve, kind: &TypeDefKind) -> String {
    match kind {
        TypeDefKind::Record(_)
        | TypeDefKind::Resource
        | TypeDefKind::Variant(_)
        | TypeDefKind::Enum(_) => format!("a {}", kind.as_str()).replace("a enum", "an enum"),
        TypeDefKind::Flags(_) => "flags".to_owned(),
        TypeDefKind::Type(ty) => format!("`{}`", text(resolve, *ty)),
        _ => format!("`{}`", anonymous(resolve, kind)),
    }
}

/// Returns the WIT definition of a named type, in one line.
pub(crate) fn defined(resolve: &Resolve, id: TypeId) -> String {
    let TypeDef { name, kind, .. } = &resolve.types[id];
    let name = name.as_deref().unwrap_or_default();
    let case = |name: &str, ty: Option<Type>| match ty {
        Some(ty) => format!("{name}({})", text(resolve, ty)),
        None => name.to_owned(),
    };
    let parts: Vec<String> = match kind {
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter();
            fields.map(|field| format!("{}: {}", field.name, text(resolve, field.ty))).collect()
        }
        TypeDefKind::Variant(variant) => {
            variant.cases.iter().map(|it| case(&it.name, it.ty)).collect()
        }
        TypeDefKind::Enum(of) => of.cases.iter().map(|case| case.name.clone()).collect(),
        TypeDefKind::Flags(flags) => flags.flags.iter().map(|flag| flag.name.clone()).collect(),
        other => return format!("type {name} = {}", anonymous(resolve, other)),
    };
    format!("{} {name} {{ {} }}", kind.as_str(), parts.join(", "))
}

/// Returns a function's type in WIT.
pub(crate) fn signature(resolve: &Resolve, function: &Function) -> String {
    // WIT does not write a method's first parameter and a constructor's result, which are the resource itself.
    let itself = matches!(function.kind, FunctionKind::Method(_) | FunctionKind::AsyncMethod(_));
    let given = !matches!(function.kind, FunctionKind::Constructor(_));
    let parameters: Vec<_> = function
        .params
        .iter()
        .skip(usize::from(itself))
        .map(|parameter| format!("{}: {}", parameter.name, text(resolve, parameter.ty)))
        .collect();
    let asynchronous = if function.kind.is_async() { "async " } else { "" };
    let result = function.result.filter(|_| given).map(|ty| format!(" -> {}", text(resolve, ty)));
    format!("{asynchronous}func({}){}", parameters.join(", "), result.unwrap_or_default())
}

/// Returns a type in WIT.
fn text(resolve: &Resolve, ty: Type) -> String {
    let id = match ty {
        Type::Bool => return "bool".to_owned(),
        Type::U8 => return "u8".to_owned(),
        Type::U16 => return "u16".to_owned(),
        Type::U32 => return "u32".to_owned(),
        Type::U64 => return "u64".to_owned(),
        Type::S8 => return "s8".to_owned(),
        Type::S16 => return "s16".to_owned(),
        Type::S32 => return "s32".to_owned(),
        Type::S64 => return "s64".to_owned(),
        Type::F32 => return "f32".to_owned(),
        Type::F64 => return "f64".to_owned(),
        Type::Char => return "char".to_owned(),
        Type::String => return "string".to_owned(),
        Type::ErrorContext => return "error-context".to_owned(),
        Type::Id(id) => id,
    };
    let TypeDef { name, kind, .. } = &resolve.types[id];
    match name {
        Some(name) => name.clone(),
        None => anonymous(resolve, kind),
    }
}

/// Returns a type without a name in WIT.
fn anonymous(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let text = |ty: Type| text(resolve, ty);
    let in_brackets = |name: &str, ty: Option<Type>| match ty {
        Some(ty) => format!("{name}<{}>", text(ty)),
        None => name.to_owned(),
    };
    match kind {
        TypeDefKind::Handle(Handle::Own(id)) => text(Type::Id(*id)),
        TypeDefKind::Handle(Handle::Borrow(id)) => in_brackets("borrow", Some(Type::Id(*id))),
        TypeDefKind::Tuple(tuple) => {
            let types: Vec<_> = tuple.types.iter().map(|ty| text(*ty)).collect();
            format!("tuple<{}>", types.join(", "))
        }
        TypeDefKind::Option(ty) => in_brackets("option", Some(*ty)),
        TypeDefKind::List(ty) => in_brackets("list", Some(*ty)),
        TypeDefKind::FixedLengthList(ty, length) => format!("list<{}, {length}>", text(*ty)),
        TypeDefKind::Map(key, value) => format!("map<{}, {}>", text(*key), text(*value)),
        TypeDefKind::Future(ty) => in_brackets("future", *ty),
        TypeDefKind::Stream(ty) => in_brackets("stream", *ty),
        TypeDefKind::Result(Result_ { ok: None, err: None }) => "result".to_owned(),
        TypeDefKind::Result(Result_ { ok, err: None }) => in_brackets("result", *ok),
        TypeDefKind::Result(Result_ { ok, err: Some(err) }) => {
            format!("result<{}, {}>", ok.map_or("_".to_owned(), text), text(*err))
        }
        TypeDefKind::Type(ty) => text(*ty),
        // These types always have names.
        TypeDefKind::Record(_)
        | TypeDefKind::Resource
        | TypeDefKind::Flags(_)
        | TypeDefKind::Variant(_)
        | TypeDefKind::Enum(_)
        | TypeDefKind::Unknown => kind.as_str().to_owned(),
    }
}

/// Returns the type that an alias stands for.
fn behind(resolve: &Resolve, ty: Type) -> Option<Type> {
    let Type::Id(id) = ty else { return None };
    match resolve.types[id].kind {
        TypeDefKind::Type(other) => Some(other),
        _ => None,
    }
}

/// Returns where a type is defined, without versions, and its name.
fn identity<'a>(resolve: &'a Resolve, ty: &'a TypeDef) -> [Option<&'a str>; 4] {
    let name = ty.name.as_deref();
    match ty.owner {
        TypeOwner::Interface(id) => {
            let interface = &resolve.interfaces[id];
            let package = interface.package.map(|id| &resolve.packages[id].name);
            let namespace = package.map(|package| &*package.namespace);
            [namespace, package.map(|package| &*package.name), interface.name.as_deref(), name]
        }
        TypeOwner::World(id) => [None, None, Some(&*resolve.worlds[id].name), name],
        TypeOwner::None => [None, None, None, name],
    }
}
