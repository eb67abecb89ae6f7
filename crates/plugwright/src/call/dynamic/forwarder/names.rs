//! Aliases in a world for the types of imported interfaces. The world's own exports can refer to those types only by
//! alias.

use std::collections::BTreeMap;

use wit_parser::{
    Docs, Handle, InterfaceId, Resolve, Span, Stability, Type, TypeDef, TypeDefKind, TypeId,
    TypeOwner, WorldId, WorldItem, WorldKey,
};

use super::borrows::{defined, interface_key};
use super::imported::ForwardedResource;

/// Makes aliases for types.
pub(super) struct Names<'a> {
    resolve: &'a mut Resolve,
    world: WorldId,
    /// The type in the world for each type of an interface.
    known: BTreeMap<TypeId, TypeId>,
    /// How many names have been made.
    count: usize,
    /// The aliases of resources.
    resources: Vec<ForwardedResource>,
}

impl<'a> Names<'a> {
    pub(super) fn new(resolve: &'a mut Resolve, world: WorldId) -> Self {
        Self { resolve, world, known: BTreeMap::new(), count: 0, resources: Vec::new() }
    }

    /// Returns the aliases that were made for resources.
    pub(super) fn resources(self) -> Vec<ForwardedResource> {
        self.resources
    }

    /// Returns the type, with the world's aliases for the types of interfaces.
    pub(super) fn of_type(&mut self, ty: Type) -> Result<Type, String> {
        match ty {
            Type::Id(id) => self.of(id).map(Type::Id),
            ty => Ok(ty),
        }
    }

    fn of(&mut self, id: TypeId) -> Result<TypeId, String> {
        if let Some(known) = self.known.get(&id) {
            return Ok(*known);
        }
        let ty = self.resolve.types.get(id).ok_or("the component lacks a type")?.clone();
        let found = match ty.owner {
            TypeOwner::World(_) => id,
            TypeOwner::Interface(owner) => self.named(id, owner, ty.name)?,
            TypeOwner::None => {
                let kind = self.of_kind(ty.kind)?;
                self.resolve.types.alloc(TypeDef { kind, ..ty })
            }
        };
        self.known.insert(id, found);
        Ok(found)
    }

    /// Makes an alias for the type.
    fn named(
        &mut self,
        id: TypeId,
        owner: InterfaceId,
        in_interface: Option<String>,
    ) -> Result<TypeId, String> {
        let kind = |id| self.resolve.types.get(id).map(|ty| &ty.kind);
        let is_resource = matches!(kind(defined(self.resolve, id)), Some(TypeDefKind::Resource));
        let interface = interface_key(self.resolve, self.world, owner);
        let interface = interface.map(|key| self.resolve.name_world_key(&key));
        let world = self.resolve.worlds.get_mut(self.world).ok_or("the component has no world")?;
        let name = loop {
            let name = format!("t{}", self.count);
            self.count = self.count.saturating_add(1);
            if !world.imports.contains_key(&WorldKey::Name(name.clone())) {
                break name;
            }
        };
        if is_resource && let Some((interface, resource)) = interface.zip(in_interface) {
            self.resources.push(ForwardedResource { name: name.clone(), interface, resource });
        }
        let alias = self.resolve.types.alloc(TypeDef {
            name: Some(name.clone()),
            kind: TypeDefKind::Type(Type::Id(id)),
            owner: TypeOwner::World(self.world),
            docs: Docs::default(),
            stability: Stability::default(),
            span: Span::default(),
            external_id: None,
        });
        let item = WorldItem::Type { id: alias, span: Span::default() };
        world.imports.insert(WorldKey::Name(name), item);
        Ok(alias)
    }

    fn of_kind(&mut self, kind: TypeDefKind) -> Result<TypeDefKind, String> {
        let mut optional = |ty: Option<Type>| ty.map(|ty| self.of_type(ty)).transpose();
        Ok(match kind {
            TypeDefKind::Handle(Handle::Own(resource)) => {
                TypeDefKind::Handle(Handle::Own(self.of(resource)?))
            }
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                TypeDefKind::Handle(Handle::Borrow(self.of(resource)?))
            }
            TypeDefKind::Tuple(mut tuple) => {
                for ty in &mut tuple.types {
                    *ty = self.of_type(*ty)?;
                }
                TypeDefKind::Tuple(tuple)
            }
            TypeDefKind::Option(ty) => TypeDefKind::Option(self.of_type(ty)?),
            TypeDefKind::Result(mut result) => {
                result.ok = optional(result.ok)?;
                result.err = optional(result.err)?;
                TypeDefKind::Result(result)
            }
            TypeDefKind::List(ty) => TypeDefKind::List(self.of_type(ty)?),
            TypeDefKind::Map(key, value) => {
                TypeDefKind::Map(self.of_type(key)?, self.of_type(value)?)
            }
            TypeDefKind::FixedLengthList(ty, length) => {
                TypeDefKind::FixedLengthList(self.of_type(ty)?, length)
            }
            // The other kinds of types always have a name.
            kind => kind,
        })
    }
}
