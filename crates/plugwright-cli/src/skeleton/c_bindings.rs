//! What `wit-bindgen c` makes of a contract: names and parameters of the functions that a plugin has to have. They are
//! as its release 0.63 has them; a plugin of which one differs does not compile.

use std::collections::HashMap;

use heck::ToSnakeCase as _;
use wit_parser::{Function, Resolve, Type, TypeDefKind, TypeId, WorldId};

use super::exports::{Exports, Interface};
use super::{Request, exports};

/// The bindings of a world.
pub(super) struct Bindings {
    pub(super) resolve: Resolve,
    pub(super) world: WorldId,
    /// What all names that are of the world begin with, which is the name of the header, too.
    pub(super) prefix: String,
    names: TypeNames,
}

/// What types are called, which is not the same everywhere.
#[derive(Default)]
pub(super) struct TypeNames {
    pub(super) in_world: HashMap<TypeId, String>,
    pub(super) in_interfaces: HashMap<TypeId, String>,
}

/// A type of a parameter or result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A number, character or truth value.
    Scalar(Type),
    /// A type of the header.
    Header(String),
}

/// How a parameter is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    AsItIs,
    ByPointer,
    /// By a pointer that is null if there is none.
    ByPointerOrNull,
}

/// A function of the header.
pub(super) struct Signature<'a> {
    pub(super) function: &'a Function,
    pub(super) name: String,
    pub(super) parameters: Vec<(String, Named, Passed)>,
    pub(super) result: Option<Named>,
    /// Whether the parameter `err` takes a text.
    pub(super) fails_with_text: bool,
}

/// The functions of an interface, or those of the world itself.
pub(super) struct Group<'a> {
    pub(super) interface: Option<Interface<'a>>,
    pub(super) functions: Vec<Signature<'a>>,
    /// What stands for each resource: a struct that the plugin defines, and the function that frees it.
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

    /// What a plugin has to have: the functions of the world's own first.
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
        // An option alone, and not a name for one, is a pointer.
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

/// The words that are no names in C and C++, and those that the header has for something else.
const WORDS: &str = "alignas alignof and and_eq asm atomic_cancel atomic_commit atomic_noexcept auto bitand bitor bool \
    break case catch char char8_t char16_t char32_t class compl concept const consteval constexpr constinit const_cast \
    continue co_await co_return co_yield decltype default delete do double dynamic_cast else enum explicit export \
    extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq nullptr operator or \
    or_eq private protected public reflexpr register reinterpret_cast requires return short signed sizeof static \
    static_assert static_cast struct switch synchronized template this thread_local throw true try typedef typeid \
    typename union unsigned using virtual void volatile wchar_t while xor xor_eq \
    _Packed ret err stdin stdout stderr";

/// The name of a parameter.
fn identifier(name: &str) -> String {
    if WORDS.split_whitespace().any(|word| word == name) {
        return format!("{name}_");
    }
    name.to_snake_case()
}
