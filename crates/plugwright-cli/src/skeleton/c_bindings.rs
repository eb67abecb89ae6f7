//! The names and parameters that `wit-bindgen c` generates for the functions that a plugin has to export. They match
//! release 0.63. A plugin in which one differs does not compile.

use std::collections::HashMap;

use heck::ToSnakeCase as _;
use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, WorldId};

use super::exports::{Exports, Interface};
use super::{Request, exports};

/// The bindings of a world.
pub(super) struct Bindings {
    pub(super) resolve: Resolve,
    pub(super) world: WorldId,
    /// The prefix of all names that belong to the world, which is also the name of the header.
    pub(super) prefix: String,
    names: TypeNames,
}

/// The names of types, which differ between the world and its interfaces.
#[derive(Default)]
pub(super) struct TypeNames {
    pub(super) in_world: HashMap<TypeId, String>,
    pub(super) in_interfaces: HashMap<TypeId, String>,
}

/// A type of a parameter or result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A number, a character or a Boolean.
    Scalar(Type),
    /// A type that the header defines.
    Header(String),
}

/// How a parameter is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    AsItIs,
    ByPointer,
    /// By a pointer that is null if there is no value.
    ByPointerOrNull,
}

/// A function that the header declares.
pub(super) struct Signature<'a> {
    pub(super) function: &'a Function,
    pub(super) name: String,
    pub(super) parameters: Vec<(String, Named, Passed)>,
    pub(super) result: Option<Named>,
    /// Whether the parameter `err` takes a string.
    pub(super) fails_with_text: bool,
}

/// The functions of an interface, or of the world itself.
pub(super) struct Group<'a> {
    pub(super) interface: Option<Interface<'a>>,
    pub(super) functions: Vec<Signature<'a>>,
    /// For each resource, the struct that the plugin defines, and the function that frees it.
    pub(super) resources: Vec<(String, String)>,
}

impl Bindings {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let mut resolve = request.resolve.clone();
        resolve.generate_nominal_type_ids(request.world);
        let prefix = resolve.worlds[request.world].name.to_snake_case();
        let mut bindings =
            Self { resolve, world: request.world, prefix, names: TypeNames::default() };
        bindings.names = bindings.name_types();
        bindings
    }

    /// Returns the functions that the plugin has to export. The world's own functions come first.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let Exports { functions, interfaces } = Exports::of(&self.resolve, self.world);
        let of_world = format!("exports_{}", self.prefix);
        let own = functions
            .iter()
            .map(|function| self.signature(&of_world, function, &self.names.in_world))
            .collect();
        let own = Group { interface: None, functions: own, resources: Vec::new() };
        let of_interfaces = interfaces.into_iter().map(|interface| {
            let namespace = self.namespace(interface.key, true);
            let functions = self.resolve.interfaces[interface.id].functions.values();
            let resources = interface.resources.iter().map(|resource| {
                let name = format!("{namespace}_{}", resource.name.to_snake_case());
                (format!("{name}_t"), format!("{name}_destructor"))
            });
            Group {
                functions: functions
                    .map(|function| self.signature(&namespace, function, &self.names.in_interfaces))
                    .collect(),
                resources: resources.collect(),
                interface: Some(interface),
            }
        });
        [own].into_iter().filter(|own| !own.functions.is_empty()).chain(of_interfaces).collect()
    }

    fn signature<'a>(
        &self,
        namespace: &str,
        function: &'a Function,
        types: &HashMap<TypeId, String>,
    ) -> Signature<'a> {
        let named = |ty| self.named(ty, types);
        let name = format!("{namespace}_{}", function.name.to_snake_case().replace('.', "_"));
        let mut parameters: Vec<_> = function
            .params
            .iter()
            .map(|parameter| self.parameter(&parameter.name, parameter.ty, types))
            .collect();
        let mut gives = |name: &str, ty: Option<Type>| {
            let parameter = ty.map(|ty| (name.to_owned(), named(ty), Passed::ByPointer));
            parameters.extend(parameter);
        };
        let resolved = function.result.map(|ty| (ty, exports::resolved(&self.resolve, ty)));
        let truth = Some(Named::Scalar(Type::Bool));
        let result = match resolved {
            None => None,
            Some((ty, Type::Id(id))) => match &self.resolve.types[id].kind {
                TypeDefKind::Option(some) => {
                    gives("ret", Some(*some));
                    truth
                }
                TypeDefKind::Result(result) => {
                    gives("ret", result.ok);
                    gives("err", result.err);
                    truth
                }
                TypeDefKind::Flags(_) | TypeDefKind::Enum(_) | TypeDefKind::Handle(_) => {
                    Some(named(ty))
                }
                _ => {
                    gives("ret", Some(ty));
                    None
                }
            },
            Some((ty, Type::String)) => {
                gives("ret", Some(ty));
                None
            }
            Some((ty, _)) => Some(named(ty)),
        };
        let fails_with_text = exports::fails_with_text(&self.resolve, function);
        Signature { function, name, parameters, result, fails_with_text }
    }

    fn parameter(
        &self,
        name: &str,
        ty: Type,
        types: &HashMap<TypeId, String>,
    ) -> (String, Named, Passed) {
        // Only an unnamed option is passed as a pointer, not an alias of an option.
        if let Type::Id(id) = ty
            && let TypeDefKind::Option(some) = self.resolve.types[id].kind
        {
            return (
                format!("maybe_{}", identifier(name)),
                self.named(some, types),
                Passed::ByPointerOrNull,
            );
        }
        let passed = match exports::resolved(&self.resolve, ty) {
            Type::String => Passed::ByPointer,
            Type::Id(id) => match &self.resolve.types[id].kind {
                TypeDefKind::Enum(_) | TypeDefKind::Flags(_) | TypeDefKind::Handle(_) => {
                    Passed::AsItIs
                }
                _ => Passed::ByPointer,
            },
            _ => Passed::AsItIs,
        };
        (identifier(name), self.named(ty, types), passed)
    }

    fn named(&self, ty: Type, types: &HashMap<TypeId, String>) -> Named {
        match ty {
            Type::String => Named::Header(format!("{}_string_t", self.prefix)),
            Type::Id(id) => Named::Header(types.get(&id).cloned().unwrap_or_default()),
            scalar => Named::Scalar(scalar),
        }
    }
}

/// The words that cannot be names in C and C++, and those that the header uses for something else.
const WORDS: &str = "alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool \
    break case catch char char8_t char16_t char32_t class compl concept const consteval constexpr constinit const_cast \
    continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit export \
    extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or \
    or_eq private protected public reflexpr register reinterpret_cast requires return short signed sizeof static \
    static_assert static_cast struct switch synchronized template this thread_local throw true try typedef typeid \
    typename union unsigned using virtual void volatile wchar_t while xor xor_eq \
    _Packed ret err stdin stdout stderr";

/// Returns the name of a parameter.
fn identifier(name: &str) -> String {
    if WORDS.split_whitespace().any(|word| word == name) {
        return format!("{name}_");
    }
    name.to_snake_case()
}
