//! Code that drops the handles that were lent to a forwarder. They have to be dropped before the function returns.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::{BlockType, Instruction, MemArg, ValType};
use wit_parser::abi::{FlatTypes, WasmType};
use wit_parser::{
    Function, Handle, Int, InterfaceId, Resolve, SizeAlign, Type, TypeDefKind, TypeId, TypeOwner,
    WorldId, WorldItem, WorldKey,
};

use super::function::{Code, MOST, index};

/// Writes the code that drops handles.
pub(super) struct Borrows<'a> {
    resolve: &'a Resolve,
    sizes: &'a SizeAlign,
    /// The function that drops a handle to the resource.
    drops: BTreeMap<TypeId, u32>,
    /// Whether values of a type contain lent handles.
    lends: BTreeMap<TypeId, bool>,
}

/// The place of a value.
#[derive(Clone, Copy)]
enum Place {
    /// In parameters, beginning with this one.
    Flat(u32),
    /// In memory: a local that holds an address, and an offset.
    Memory(u32, u64),
}

/// Returns the resources of the lent handles in values of these types.
pub(super) fn resources_borrowed<'a>(
    resolve: &Resolve,
    types: impl Iterator<Item = &'a Type>,
) -> BTreeSet<TypeId> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let mut left: Vec<_> = types.copied().collect();
    while let Some(ty) = left.pop() {
        let Type::Id(id) = ty else { continue };
        if !seen.insert(id) {
            continue;
        }
        let Some(ty) = resolve.types.get(id) else { continue };
        match &ty.kind {
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                found.insert(defined(resolve, *resource));
            }
            kind => left.extend(parts(kind)),
        }
    }
    found
}

/// Returns the original resource behind an alias.
pub(super) fn defined(resolve: &Resolve, mut resource: TypeId) -> TypeId {
    while let Some(TypeDefKind::Type(Type::Id(next))) =
        resolve.types.get(resource).map(|it| &it.kind)
    {
        resource = *next;
    }
    resource
}

/// Returns the name under which the world imports the interface.
pub(super) fn interface_key(
    resolve: &Resolve,
    world: WorldId,
    interface: InterfaceId,
) -> Option<WorldKey> {
    let mut imports = resolve.worlds.get(world)?.imports.iter();
    imports.find_map(|(key, item)| match item {
        WorldItem::Interface { id, .. } if *id == interface => Some(key.clone()),
        _ => None,
    })
}

/// Returns the types of the parts of a value.
fn parts(kind: &TypeDefKind) -> Vec<Type> {
    match kind {
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Map(key, value) => vec![*key, *value],
        TypeDefKind::Option(ty)
        | TypeDefKind::List(ty)
        | TypeDefKind::FixedLengthList(ty, _)
        | TypeDefKind::Type(ty) => vec![*ty],
        _ => Vec::new(),
    }
}

impl<'a> Borrows<'a> {
    pub(super) fn new(resolve: &'a Resolve, sizes: &'a SizeAlign) -> Self {
        Self { resolve, sizes, drops: BTreeMap::new(), lends: BTreeMap::new() }
    }

    /// Sets the function that drops a handle to the resource.
    pub(super) fn dropped_by(&mut self, resource: TypeId, function: u32) {
        self.drops.insert(resource, function);
    }

    /// Returns the interface that the resource is imported from, or `None` if the resource belongs to the world.
    pub(super) fn interface_of(&self, world: WorldId, resource: TypeId) -> Option<WorldKey> {
        match self.resolve.types.get(resource)?.owner {
            TypeOwner::Interface(owner) => interface_key(self.resolve, world, owner),
            _ => None,
        }
    }

    /// Drops the handles that were lent to the function.
    pub(super) fn drop_all(&mut self, code: &mut Code, function: &Function, in_memory: bool) {
        let types: Vec<_> = function.params.iter().map(|parameter| parameter.ty).collect();
        self.drop_fields(
            code,
            &types,
            if in_memory { Place::Memory(0, 0) } else { Place::Flat(0) },
        );
    }

    /// Drops the handles in consecutive values.
    fn drop_fields(&mut self, code: &mut Code, types: &[Type], place: Place) {
        match place {
            Place::Flat(mut at) => {
                for ty in types {
                    self.drop(code, ty, Place::Flat(at));
                    at = at.saturating_add(self.flat(ty));
                }
            }
            Place::Memory(address, offset) => {
                for (field, ty) in self.sizes.field_offsets(types) {
                    let offset = offset.saturating_add(field.size_wasm32() as u64);
                    self.drop(code, ty, Place::Memory(address, offset));
                }
            }
        }
    }

    fn drop(&mut self, code: &mut Code, ty: &Type, place: Place) {
        if !self.is_lent(ty) || code.is_too_long() {
            return;
        }
        let (Type::Id(id), resolve) = (ty, self.resolve) else { return };
        let Some(ty) = resolve.types.get(*id) else { return };
        match &ty.kind {
            TypeDefKind::Handle(Handle::Borrow(resource)) => {
                let Some(&drop) = self.drops.get(&defined(resolve, *resource)) else { return };
                number(code, place, Int::U32);
                code.push(Instruction::Call(drop));
            }
            TypeDefKind::Record(_) | TypeDefKind::Tuple(_) => {
                self.drop_fields(code, &parts(&ty.kind), place);
            }
            TypeDefKind::Type(ty) => self.drop(code, ty, place),
            TypeDefKind::FixedLengthList(ty, length) => {
                // A longer list would exceed the maximum length of a function, which is checked later.
                let length = usize::try_from(*length).map_or(MOST, |length| length.min(MOST));
                self.drop_fields(code, &vec![*ty; length], place);
            }
            TypeDefKind::Variant(variant) => {
                let cases: Vec<_> = variant.cases.iter().map(|case| case.ty).collect();
                self.drop_case(code, variant.tag(), &cases, place);
            }
            TypeDefKind::Option(ty) => self.drop_case(code, Int::U8, &[None, Some(*ty)], place),
            TypeDefKind::Result(ty) => self.drop_case(code, Int::U8, &[ty.ok, ty.err], place),
            TypeDefKind::List(ty) => self.drop_each(code, &[*ty], place),
            TypeDefKind::Map(key, value) => self.drop_each(code, &[*key, *value], place),
            _ => {}
        }
    }

    /// Drops the handles in the payload of the value's case.
    fn drop_case(&mut self, code: &mut Code, tag: Int, cases: &[Option<Type>], place: Place) {
        let payload = match place {
            Place::Flat(at) => Place::Flat(at.saturating_add(1)),
            Place::Memory(address, offset) => {
                let more = self.sizes.payload_offset(tag, cases.iter().map(Option::as_ref));
                Place::Memory(address, offset.saturating_add(more.size_wasm32() as u64))
            }
        };
        for (case, ty) in (0i32..).zip(cases) {
            let Some(ty) = ty.as_ref().filter(|ty| self.is_lent(ty)) else { continue };
            number(code, place, tag);
            code.push(Instruction::I32Const(case));
            code.push(Instruction::I32Eq);
            code.push(Instruction::If(BlockType::Empty));
            self.drop(code, ty, payload);
            code.push(Instruction::End);
        }
    }

    /// Drops the handles in each element of a list. `fields` are the types of an element's fields.
    fn drop_each(&mut self, code: &mut Code, fields: &[Type], place: Place) {
        let (address, left) = (code.local(ValType::I32), code.local(ValType::I32));
        let size = self.sizes.record(fields).size.size_wasm32();
        let length = match place {
            Place::Flat(at) => Place::Flat(at.saturating_add(1)),
            Place::Memory(address, offset) => Place::Memory(address, offset.saturating_add(4)),
        };
        number(code, place, Int::U32);
        code.push(Instruction::LocalSet(address));
        number(code, length, Int::U32);
        code.push(Instruction::LocalSet(left));
        code.push(Instruction::Block(BlockType::Empty));
        code.push(Instruction::Loop(BlockType::Empty));
        code.push(Instruction::LocalGet(left));
        code.push(Instruction::I32Eqz);
        code.push(Instruction::BrIf(1));
        self.drop_fields(code, fields, Place::Memory(address, 0));
        for (local, more) in [(address, i32::try_from(size).unwrap_or(i32::MAX)), (left, -1)] {
            code.push(Instruction::LocalGet(local));
            code.push(Instruction::I32Const(more));
            code.push(Instruction::I32Add);
            code.push(Instruction::LocalSet(local));
        }
        code.push(Instruction::Br(0));
        code.push(Instruction::End);
        code.push(Instruction::End);
    }

    /// Returns whether values of the type contain lent handles.
    fn is_lent(&mut self, ty: &Type) -> bool {
        let (Type::Id(id), resolve) = (ty, self.resolve) else { return false };
        if let Some(known) = self.lends.get(id) {
            return *known;
        }
        let found = resolve.types.get(*id).is_some_and(|ty| match &ty.kind {
            TypeDefKind::Handle(Handle::Borrow(_)) => true,
            kind => parts(kind).iter().any(|part| self.is_lent(part)),
        });
        self.lends.insert(*id, found);
        found
    }

    /// Returns how many parameters a value takes.
    fn flat(&self, ty: &Type) -> u32 {
        let mut types = [WasmType::I32; Resolve::MAX_FLAT_PARAMS];
        let mut types = FlatTypes::new(&mut types);
        self.resolve.push_flat(ty, &mut types);
        index(types.to_vec().len())
    }
}

/// Pushes a number onto the stack.
fn number(code: &mut Code, place: Place, ty: Int) {
    match place {
        Place::Flat(parameter) => code.get_32(parameter),
        Place::Memory(address, offset) => {
            let at = |align| MemArg { offset, align, memory_index: 0 };
            code.push(Instruction::LocalGet(address));
            code.push(match ty {
                Int::U8 => Instruction::I32Load8U(at(0)),
                Int::U16 => Instruction::I32Load16U(at(1)),
                Int::U32 | Int::U64 => Instruction::I32Load(at(2)),
            });
        }
    }
}
