//! Bounds the structure of a component: how deep it is nested, and how many items it has. This scan runs before
//! anything else reads the bytes, because other readers recurse into nested parts, and take quadratic time for some
//! items.

#![warn(clippy::arithmetic_side_effects)]

pub(crate) mod names;
pub(crate) mod steps;

use wasmparser::{
    BinaryReader, BinaryReaderError, ComponentInstance, ComponentType, ComponentTypeDeclaration,
    CoreType, Encoding, Instance, Parser, Payload,
};

use self::names::Names;
pub(crate) use self::steps::check_steps;

/// The error for a component that has more parts of a kind than the library inspects.
///
/// The bounds are the same for all hosts. They are many times what any known tool produces, and low enough that every
/// reader finishes soon, on a stack of a known size.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has {found} {part}, but at most {most} are allowed (at byte {offset})")]
pub struct Excess {
    /// What there is too much of, in the plural.
    pub part: &'static str,
    /// The most that is allowed.
    pub most: u64,
    /// The number that was found when the scan stopped.
    pub found: u64,
    /// Where the scan stopped, in bytes from the beginning of the file.
    pub offset: usize,
}

/// The reason why a component is not inspected.
pub(crate) enum Fault {
    Damaged(BinaryReaderError),
    Excess(Excess),
}

/// What is counted over the whole file, at all levels of nesting.
#[derive(Clone, Copy)]
enum Part {
    /// Components and core modules.
    Parts,
    /// Sections, including those of core modules.
    Sections,
    /// Imports and exports of components.
    Names,
    /// Types of components and of core modules, and the declarations in them.
    Types,
    /// Instances, and the arguments or exports that they are made from.
    Instances,
    /// Aliases, and functions that are lifted or lowered.
    Definitions,
    /// What core modules import, export and define.
    CoreItems,
    /// Names, including those of core modules, counted each time they are imported, exported or instantiated.
    Interfaces,
}

/// How deep components may be nested. Tools nest two levels, and one more each time that components are composed.
const NESTING: u64 = 100;

/// How deep types of components and instances may be nested. A WIT package is a type in a type in a type. For types
/// that refer to each other by index, the validator has the same bound.
const TYPE_NESTING: u64 = 100;

impl Part {
    /// Returns what the part is called, and how many of it are allowed.
    const fn most(self) -> (&'static str, u64) {
        match self {
            Self::Parts => ("components and core modules", 1_000),
            Self::Sections => ("sections", 100_000),
            Self::Names => ("imports and exports", 20_000),
            Self::Types => ("types and declarations in types", 100_000),
            Self::Instances => ("instances and arguments of instances", 100_000),
            Self::Definitions => ("aliases and canonical functions", 100_000),
            Self::CoreItems => ("items of core modules", 2_000_000),
            Self::Interfaces => ("names, counted at each use of their interface", 1_000_000),
        }
    }
}

impl From<BinaryReaderError> for Fault {
    fn from(error: BinaryReaderError) -> Self {
        Self::Damaged(error)
    }
}

impl From<Excess> for Fault {
    fn from(excess: Excess) -> Self {
        Self::Excess(excess)
    }
}

/// Scans the component or core module `bytes` once, from beginning to end, without recursion. Most faults are left for
/// the validator to find.
pub(crate) fn scan(bytes: &[u8]) -> Result<(), Fault> {
    let mut counts = Counts { counts: [0; 8], names: Names::default(), of_module: 0 };
    // For each open component and core module, whether it is a component.
    let mut open: Vec<bool> = Vec::new();
    let mut nesting: u64 = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { encoding, range, .. } => {
                let is_component = encoding == Encoding::Component;
                nesting = nesting.saturating_add(is_component.into());
                within(("levels of nested components", NESTING), nesting, range.start)?;
                counts.add(Part::Parts, 1, range.start)?;
                open.push(is_component);
                if is_component {
                    counts.names.open();
                }
                counts.of_module = 0;
            }
            Payload::End(_) => {
                if open.pop().unwrap_or_default() {
                    nesting = nesting.saturating_sub(1);
                    counts.names.close_component();
                } else {
                    counts.names.add_module(counts.of_module);
                }
            }
            payload => counts.add_section(payload, bytes)?,
        }
    }
    Ok(())
}

fn within((part, most): (&'static str, u64), found: u64, offset: usize) -> Result<(), Excess> {
    if found <= most { Ok(()) } else { Err(Excess { part, most, found, offset }) }
}

/// The counts of each [`Part`].
struct Counts {
    counts: [u64; 8],
    names: Names,
    /// The number of imports and exports of the current core module.
    of_module: u64,
}

impl Counts {
    #[expect(clippy::indexing_slicing, reason = "there is a count for each part")]
    fn add(&mut self, part: Part, more: u64, offset: usize) -> Result<(), Excess> {
        let count = &mut self.counts[part as usize];
        *count = count.saturating_add(more);
        within(part.most(), *count, offset)
    }

    /// Counts the contents of one section of `bytes`.
    fn add_section(&mut self, payload: Payload<'_>, bytes: &[u8]) -> Result<(), Fault> {
        // A payload without a section is the body of a function, which was counted with its section.
        let Some((_, range)) = payload.as_section() else { return Ok(()) };
        let at = range.start;
        self.add(Part::Sections, 1, at)?;
        let (part, count) = match payload {
            Payload::ComponentTypeSection(_) => {
                let section = bytes.get(range).unwrap_or_default();
                return self.add_types(&mut BinaryReader::new(section, at));
            }
            Payload::CoreTypeSection(types) => {
                for ty in types {
                    self.add_core_type(&ty?, at)?;
                }
                return Ok(());
            }
            Payload::InstanceSection(instances) => {
                for instance in instances {
                    let instance = instance?;
                    let within = match &instance {
                        Instance::Instantiate { args, .. } => args.len(),
                        Instance::FromExports(exports) => exports.len(),
                    };
                    self.add(Part::Instances, with_itself(within), at)?;
                    let names = self.names.add_core_instance(&instance);
                    self.add(Part::Interfaces, names, at)?;
                }
                return Ok(());
            }
            Payload::ComponentInstanceSection(instances) => {
                for instance in instances {
                    let instance = instance?;
                    let within = match &instance {
                        ComponentInstance::Instantiate { args, .. } => args.len(),
                        ComponentInstance::FromExports(exports) => exports.len(),
                    };
                    self.add(Part::Instances, with_itself(within), at)?;
                    let names = self.names.add_instance(&instance);
                    self.add(Part::Interfaces, names, at)?;
                }
                return Ok(());
            }
            Payload::ComponentImportSection(imports) => {
                self.add(Part::Names, imports.count().into(), at)?;
                for import in imports {
                    let names = self.names.add_reference(import?.ty);
                    self.add(Part::Interfaces, names, at)?;
                }
                return Ok(());
            }
            Payload::ComponentExportSection(exports) => {
                self.add(Part::Names, exports.count().into(), at)?;
                for export in exports {
                    let names = self.names.add_export(&export?);
                    self.add(Part::Interfaces, names, at)?;
                }
                return Ok(());
            }
            Payload::ComponentAliasSection(aliases) => {
                self.add(Part::Definitions, aliases.count().into(), at)?;
                for alias in aliases {
                    self.names.add_alias(&alias?);
                }
                return Ok(());
            }
            Payload::ComponentCanonicalSection(section) => (Part::Definitions, section.count()),
            Payload::TypeSection(section) => (Part::CoreItems, section.count()),
            Payload::ImportSection(section) => {
                // Several imports can be written as one item.
                for import in section.into_imports() {
                    import?;
                    self.of_module = self.of_module.saturating_add(1);
                    self.add(Part::CoreItems, 1, at)?;
                }
                return Ok(());
            }
            Payload::FunctionSection(section) => (Part::CoreItems, section.count()),
            Payload::TableSection(section) => (Part::CoreItems, section.count()),
            Payload::MemorySection(section) => (Part::CoreItems, section.count()),
            Payload::TagSection(section) => (Part::CoreItems, section.count()),
            Payload::GlobalSection(section) => (Part::CoreItems, section.count()),
            Payload::ExportSection(section) => {
                self.of_module = self.of_module.saturating_add(section.count().into());
                (Part::CoreItems, section.count())
            }
            Payload::ElementSection(section) => (Part::CoreItems, section.count()),
            Payload::DataSection(section) => (Part::CoreItems, section.count()),
            Payload::CodeSectionStart { count, .. } => (Part::CoreItems, count),
            _ => return Ok(()),
        };
        Ok(self.add(part, count.into(), at)?)
    }

    /// Counts the types in a type section of a component. They are not read with wasmparser's iterator, because it
    /// recurses into nested types.
    fn add_types(&mut self, section: &mut BinaryReader<'_>) -> Result<(), Fault> {
        const COMPONENT: u8 = 0x41;
        const INSTANCE: u8 = 0x42;
        const TYPE_DECLARATION: u8 = 0x01;
        // For the section and each open type in it, the number of items that are left.
        let mut open = vec![section.read_var_u32()?];
        while let Some(left) = open.last_mut() {
            let Some(rest) = left.checked_sub(1) else {
                open.pop();
                if !open.is_empty() {
                    self.names.close_type();
                }
                continue;
            };
            *left = rest;
            let at = section.original_position();
            if open.len() > 1 {
                if section.clone().read_u8()? != TYPE_DECLARATION {
                    // No other declaration contains nested types.
                    self.add_declaration(&section.read()?, at)?;
                    continue;
                }
                section.read_u8()?;
            }
            self.add(Part::Types, 1, at)?;
            if let COMPONENT | INSTANCE = section.clone().read_u8()? {
                section.read_u8()?;
                within(("levels of nested types", TYPE_NESTING), open.len() as u64, at)?;
                open.push(section.read_var_u32()?);
                self.names.open();
            } else {
                section.read::<ComponentType<'_>>()?;
                self.names.add_type();
            }
        }
        Ok(())
    }

    /// Counts a declaration that is not a nested type.
    fn add_declaration(
        &mut self,
        declaration: &ComponentTypeDeclaration<'_>,
        at: usize,
    ) -> Result<(), Excess> {
        let ty = match declaration {
            ComponentTypeDeclaration::CoreType(ty) => return self.add_core_type(ty, at),
            ComponentTypeDeclaration::Alias(alias) => {
                self.names.add_alias(alias);
                return self.add(Part::Types, 1, at);
            }
            ComponentTypeDeclaration::Type(_) => return self.add(Part::Types, 1, at),
            ComponentTypeDeclaration::Export { ty, .. } => *ty,
            ComponentTypeDeclaration::Import(import) => import.ty,
        };
        let names = self.names.add_reference(ty);
        self.add(Part::Types, 1, at)?;
        self.add(Part::Interfaces, names, at)
    }

    fn add_core_type(&mut self, ty: &CoreType<'_>, at: usize) -> Result<(), Excess> {
        self.names.add_core_type(ty);
        let within = match ty {
            CoreType::Rec(types) => types.types().len(),
            CoreType::Module(declarations) => declarations.len(),
        };
        self.add(Part::Types, with_itself(within), at)
    }
}

/// Returns the count of an item and its contents.
fn with_itself(within: usize) -> u64 {
    (within as u64).saturating_add(1)
}
