//! Translates a contract to TypeScript declarations, as componentize-qjs represents its values.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use heck::{ToLowerCamelCase as _, ToUpperCamelCase as _};
use wit_parser::{
    Docs, Function, FunctionKind, InterfaceId, Resolve, TypeDefKind, TypeId, WorldId, WorldItem,
    WorldKey,
};

use super::Request;
use super::exports::{Exports, Interface, lines, parameters, result};
use super::javascript_text::{doc, identifier};

/// The types of a contract.
pub(super) struct Types<'a> {
    pub(super) resolve: &'a Resolve,
    world: WorldId,
    /// The local names of the modules of interfaces in the plugin's source.
    aliases: BTreeMap<InterfaceId, String>,
    /// The local name of the module of the world's own types.
    world_alias: String,
}

impl<'a> Types<'a> {
    pub(super) fn of(request: &Request<'a>) -> Self {
        let Request { resolve, world, .. } = *request;
        let mut taken = BTreeSet::new();
        let mut alias = |name: &str| {
            let mut alias = name.to_upper_camel_case();
            while !taken.insert(alias.clone()) {
                alias.push('_');
            }
            alias
        };
        let exports = Exports::of(resolve, world).interfaces;
        let aliases = exports.iter().map(|it| (it.id, alias(it.name))).collect();
        Self { resolve, world, aliases, world_alias: alias("world") }
    }

    /// Returns the import declarations of the plugin's source.
    pub(super) fn imports(&self, exports: &Exports<'_>) -> String {
        let mut text = String::new();
        for Interface { id, full_name, .. } in &exports.interfaces {
            let _ =
                write!(text, "\nimport type * as {} from \"{full_name}\";", self.of_interface(*id));
        }
        if !exports.functions.is_empty() && self.own_types().next().is_some() {
            let _ = write!(
                text,
                "\nimport type * as {} from \"{}\";",
                self.world_alias,
                self.world_name()
            );
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text
    }

    /// Returns the local name of the interface's module in the plugin's source.
    pub(super) fn of_interface(&self, id: InterfaceId) -> String {
        self.aliases.get(&id).cloned().unwrap_or_default()
    }

    /// Returns the prefix of the world's own types in the plugin's source.
    pub(super) fn of_world(&self) -> String {
        format!("{}.", self.world_alias)
    }

    fn world_name(&self) -> String {
        let world = &self.resolve.worlds[self.world];
        match world.package {
            Some(package) => self.resolve.packages[package].name.interface_id(&world.name),
            None => world.name.clone(),
        }
    }

    /// Returns the types that the world itself defines.
    fn own_types(&self) -> impl Iterator<Item = (&'a str, TypeId)> + use<'a> {
        let world = &self.resolve.worlds[self.world];
        world.imports.iter().filter_map(|(key, item)| match (key, item) {
            (WorldKey::Name(name), WorldItem::Type { id, .. }) => Some((&**name, *id)),
            _ => None,
        })
    }

    /// Returns the declarations of the whole contract.
    pub(super) fn declarations(&self) -> String {
        let world = &self.resolve.worlds[self.world];
        let mut text = format!(
            "// The contract of the world `{}` in TypeScript, which `plugwright new` generated from its WIT. It is not updated: if
// the WIT changes, create another plugin with `plugwright new`, and copy its contract.d.ts.
",
            world.name
        );
        let mut modules = BTreeSet::new();
        for (key, item) in world.imports.iter().chain(&world.exports) {
            if let WorldItem::Interface { id, .. } = item {
                let interface = Interface::of(self.resolve, key, *id);
                if modules.insert(interface.full_name.clone()) {
                    self.module(&mut text, &interface);
                }
            }
        }
        let mut own = self.own_types().peekable();
        if own.peek().is_some() {
            let _ = writeln!(text, "declare module \"{}\" {{", self.world_name());
            for (name, id) in own {
                self.declare(&mut text, name, id);
            }
            text.push_str("}\n");
        }
        for item in world.imports.values() {
            if let WorldItem::Function(function) = item {
                text += &doc("", Some(lines(&function.docs)));
                let prefix = format!("import(\"{}\").", self.world_name());
                let name = identifier(&function.name.to_lower_camel_case());
                let _ =
                    writeln!(text, "declare function {name}{};", self.signature(function, &prefix));
            }
        }
        text
    }

    fn module(&self, text: &mut String, interface: &Interface<'_>) {
        let _ = writeln!(text, "declare module \"{}\" {{", interface.full_name);
        for (name, id) in &self.resolve.interfaces[interface.id].types {
            if !matches!(self.resolve.types[*id].kind, TypeDefKind::Resource) {
                self.declare(text, name, *id);
            }
        }
        let exports = &self.resolve.worlds[self.world].exports;
        let is_exported = exports.contains_key(interface.key);
        for resource in &interface.resources {
            self.documented(text, resource.docs);
            let _ = writeln!(text, "  export class {} {{", resource.name.to_upper_camel_case());
            let constructs =
                |function: &&Function| matches!(function.kind, FunctionKind::Constructor(_));
            if !resource.functions.iter().copied().any(|function| constructs(&function))
                && !is_exported
            {
                text.push_str("    private constructor();\n");
            }
            for function in &resource.functions {
                text.push_str(&doc("    ", Some(lines(&function.docs))));
                let name = function.item_name().to_lower_camel_case();
                let signature = self.signature(function, "");
                let name = match function.kind {
                    FunctionKind::Constructor(_) => "constructor".to_owned(),
                    FunctionKind::Static(_) => format!("static {name}"),
                    _ if name == "constructor" => "[\"constructor\"]".to_owned(),
                    _ => name,
                };
                let _ = writeln!(text, "    {name}{signature};");
            }
            if !is_exported {
                text.push_str("    [Symbol.dispose](): void;\n");
            }
            text.push_str("  }\n");
        }
        for function in &interface.functions {
            self.documented(text, &function.docs);
            let name = function.name.to_lower_camel_case();
            let (local, signature) = (identifier(&name), self.signature(function, ""));
            if local == name {
                let _ = writeln!(text, "  export function {name}{signature};");
            } else {
                let _ = writeln!(text, "  function {local}{signature};");
                let _ = writeln!(text, "  export {{ {local} as {name} }};");
            }
        }
        text.push_str("}\n");
    }

    fn documented(&self, text: &mut String, docs: &Docs) {
        text.push_str(&doc("  ", Some(lines(docs))));
    }

    /// Returns the parameters and the result of a function.
    fn signature(&self, function: &Function, prefix: &str) -> String {
        let parameters: Vec<_> = parameters(function)
            .map(|(name, ty)| {
                format!("{}: {}", identifier(&name.to_lower_camel_case()), self.ty(ty, prefix))
            })
            .collect();
        let result = match function.kind {
            FunctionKind::Constructor(_) => String::new(),
            _ => format!(": {}", self.result(function, prefix)),
        };
        format!("({}){result}", parameters.join(", "))
    }

    /// Returns the type that a function returns if it does not throw.
    pub(super) fn result(&self, function: &Function, prefix: &str) -> String {
        let gives = match result(self.resolve, function) {
            Some((ok, _)) => ok,
            None => function.result,
        };
        gives.map_or("void".to_owned(), |ty| self.ty(ty, prefix))
    }

    fn declare(&self, text: &mut String, name: &str, id: TypeId) {
        let ty = &self.resolve.types[id];
        let name = name.to_upper_camel_case();
        self.documented(text, &ty.docs);
        match &ty.kind {
            TypeDefKind::Record(record) => {
                let _ = writeln!(text, "  export interface {name} {{");
                for field in &record.fields {
                    text.push_str(&doc("    ", Some(lines(&field.docs))));
                    let optional = if self.is_option(field.ty) { "?" } else { "" };
                    let _ = writeln!(
                        text,
                        "    {}{optional}: {};",
                        field.name.to_lower_camel_case(),
                        self.ty(field.ty, "")
                    );
                }
                text.push_str("  }\n");
            }
            TypeDefKind::Flags(flags) => {
                let _ = writeln!(text, "  export interface {name} {{");
                for flag in &flags.flags {
                    text.push_str(&doc("    ", Some(lines(&flag.docs))));
                    let _ = writeln!(text, "    {}?: boolean;", flag.name.to_lower_camel_case());
                }
                text.push_str("  }\n");
            }
            TypeDefKind::Variant(variant) => {
                let _ = write!(text, "  export type {name} =");
                for case in &variant.cases {
                    let docs = doc("    ", Some(lines(&case.docs)));
                    let _ = write!(text, "\n{docs}    | {}", self.tagged(&case.name, case.ty, ""));
                }
                text.push_str(";\n");
            }
            TypeDefKind::Enum(cases) => {
                let _ = write!(text, "  export type {name} =");
                for case in &cases.cases {
                    let docs = doc("    ", Some(lines(&case.docs)));
                    let _ = write!(text, "\n{docs}    | \"{}\"", case.name);
                }
                text.push_str(";\n");
            }
            TypeDefKind::Type(of) => {
                let _ =
                    writeln!(text, "  export type {name} = {};", self.of_another(*of, ty.owner));
            }
            kind => {
                let _ = writeln!(text, "  export type {name} = {};", self.kind(kind, ""));
            }
        }
    }
}
