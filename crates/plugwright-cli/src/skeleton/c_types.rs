//! The names that `wit-bindgen c` gives to the types and interfaces of a contract.

use std::collections::{HashMap, HashSet};

use heck::ToSnakeCase as _;
use wit_parser::{
    Handle, IndexMap, InterfaceId, LiveTypes, Type, TypeDefKind, TypeId, TypeOwner, WorldItem,
    WorldKey,
};

use super::c_bindings::{Bindings, TypeNames};

impl Bindings {
    /// Names all types in the same order as `wit-bindgen`. The order matters because a type without a name can belong
    /// to several interfaces, and is named after the first of them.
    pub(super) fn name_types(&self) -> TypeNames {
        let world = &self.resolve.worlds[self.world];
        let mut types = HashMap::new();
        let of_interface = |id| {
            let mut live = LiveTypes::default();
            live.add_interface(&self.resolve, id);
            live
        };
        let of_items = |items: &IndexMap<WorldKey, WorldItem>, functions: bool| {
            let mut live = LiveTypes::default();
            for item in items.values() {
                match item {
                    WorldItem::Function(function) if functions => {
                        live.add_func(&self.resolve, function);
                    }
                    WorldItem::Type { id, .. } if !functions => {
                        live.add_type_id(&self.resolve, *id);
                    }
                    _ => {}
                }
            }
            live
        };
        for (key, id) in interfaces(&world.imports) {
            self.name_live(&mut types, &of_interface(id), &self.namespace(key, false));
        }
        self.name_live(&mut types, &of_items(&world.imports, false), &self.prefix);
        self.name_live(&mut types, &of_items(&world.imports, true), &self.prefix);
        self.name_live(&mut types, &of_items(&world.exports, true), &self.prefix);
        let in_world = types.clone();
        let imported = self.imported_by_exports();
        types.retain(|id, _| imported.contains(id));
        for (key, id) in interfaces(&world.exports) {
            self.name_live(&mut types, &of_interface(id), &self.namespace(key, true));
        }
        TypeNames { in_world, in_interfaces: types }
    }

    fn name_live(&self, types: &mut HashMap<TypeId, String>, live: &LiveTypes, namespace: &str) {
        for id in live.iter().filter(|id| !types.contains_key(id)).collect::<Vec<_>>() {
            let of_all = self.resolve.types[id].name.is_none() && self.is_of_all(Type::Id(id));
            let namespace = if of_all { &self.prefix } else { namespace };
            types.insert(id, format!("{namespace}_{}_t", self.spelled(Type::Id(id))));
        }
    }

    /// Returns the types of imported interfaces that exported interfaces use.
    fn imported_by_exports(&self) -> HashSet<TypeId> {
        let exports = &self.resolve.worlds[self.world].exports;
        let mut live = LiveTypes::default();
        let exported: HashSet<_> = interfaces(exports).map(|(_, id)| id).collect();
        for id in &exported {
            live.add_interface(&self.resolve, *id);
        }
        let mut imported = LiveTypes::default();
        let mut seen = HashSet::new();
        for id in live.iter() {
            if let TypeOwner::Interface(id) = self.resolve.types[id].owner
                && !exported.contains(&id)
                && seen.insert(id)
            {
                imported.add_interface(&self.resolve, id);
            }
        }
        imported.iter().collect()
    }

    /// Returns the prefix of the names of an interface.
    pub(super) fn namespace(&self, key: &WorldKey, is_exported: bool) -> String {
        let id = match key {
            WorldKey::Name(name) => return name.to_snake_case(),
            WorldKey::Interface(id) => *id,
        };
        let interface = &self.resolve.interfaces[id];
        let mut namespace = if is_exported { "exports_".to_owned() } else { String::new() };
        if let Some(package) = interface.package {
            let name = &self.resolve.packages[package].name;
            namespace +=
                &format!("{}_{}_", name.namespace.to_snake_case(), name.name.to_snake_case());
            let mut others = self.resolve.packages.iter().map(|(_, other)| &other.name);
            let has_versions = others.any(|other| {
                (&other.namespace, &other.name) == (&name.namespace, &name.name)
                    && other.version != name.version
            });
            if let Some(version) = name.version.as_ref().filter(|_| has_versions) {
                namespace += &version.to_string().replace(['.', '-', '+'], "_");
                namespace.push('_');
            }
        }
        namespace + &interface.name.as_deref().unwrap_or_default().to_snake_case()
    }

    /// Returns whether a type consists only of built-in types, so that all interfaces share it.
    fn is_of_all(&self, ty: Type) -> bool {
        let Type::Id(id) = ty else { return true };
        let ty = &self.resolve.types[id];
        ty.name.is_none()
            && match &ty.kind {
                TypeDefKind::List(ty) | TypeDefKind::Option(ty) | TypeDefKind::Type(ty) => {
                    self.is_of_all(*ty)
                }
                TypeDefKind::Tuple(tuple) => tuple.types.iter().all(|ty| self.is_of_all(*ty)),
                _ => false,
            }
    }

    /// Returns the name of a type within its interface.
    fn spelled(&self, ty: Type) -> String {
        let or_void = |ty: Option<Type>| match ty {
            Some(ty) => self.spelled(ty),
            None => "void".to_owned(),
        };
        let id = match ty {
            Type::Id(id) => id,
            Type::Char => return "char32".to_owned(),
            scalar => return scalar_name(scalar).to_owned(),
        };
        let ty = &self.resolve.types[id];
        if let Some(name) = &ty.name {
            return name.to_snake_case();
        }
        match &ty.kind {
            TypeDefKind::Type(ty) => self.spelled(*ty),
            TypeDefKind::Tuple(tuple) => {
                let types: String =
                    tuple.types.iter().map(|ty| format!("_{}", self.spelled(*ty))).collect();
                format!("tuple{}{types}", tuple.types.len())
            }
            TypeDefKind::Option(ty) => format!("option_{}", self.spelled(*ty)),
            TypeDefKind::List(ty) => format!("list_{}", self.spelled(*ty)),
            TypeDefKind::Result(result) => {
                format!("result_{}_{}", or_void(result.ok), or_void(result.err))
            }
            TypeDefKind::Handle(Handle::Own(id)) => format!("own_{}", self.spelled(Type::Id(*id))),
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                format!("borrow_{}", self.spelled(Type::Id(*id)))
            }
            // A contract with any other type has been refused already.
            _ => String::new(),
        }
    }
}

/// Returns the name of a built-in type in WIT.
pub(super) fn scalar_name(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Char => "char",
        Type::U8 => "u8",
        Type::S8 => "s8",
        Type::U16 => "u16",
        Type::S16 => "s16",
        Type::U32 => "u32",
        Type::S32 => "s32",
        Type::U64 => "u64",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::String => "string",
        Type::ErrorContext | Type::Id(_) => "",
    }
}

fn interfaces(
    items: &IndexMap<WorldKey, WorldItem>,
) -> impl Iterator<Item = (&WorldKey, InterfaceId)> {
    items.iter().filter_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } => Some((key, *id)),
        _ => None,
    })
}
