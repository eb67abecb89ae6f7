//! Bounds the cost of validating the code of core modules. An instruction of two bytes can take and return a thousand
//! operands, a table branch is checked against the operands of each of its targets, and a function of eight bytes can
//! have fifty thousand locals.

#![warn(clippy::arithmetic_side_effects)]

use wasmparser::{
    BinaryReaderError, BlockType, CompositeInnerType, ContType, FrameKind, FuncType, FunctionBody,
    ModuleArity, Operator, Parser, Payload, RefType, SubType, TypeRef,
};

use super::{Fault, within};

/// The most operands and locals for each byte of a component, on average. In the output of compilers, a one-byte
/// instruction takes three operands and returns one. Instructions that take more follow longer ones that return the
/// operands, and locals have instructions that use them.
const FOR_EACH_BYTE: u64 = 16;

/// The number that is always allowed, even for the smallest component.
const AT_LEAST: u64 = 1_000_000;

/// Refuses code with so many operands and locals that validation would take long for its size. The component `bytes`
/// must be scanned before, but its code need not be valid.
pub(crate) fn check_steps(bytes: &[u8]) -> Result<(), Fault> {
    let most = (bytes.len() as u64).saturating_mul(FOR_EACH_BYTE).saturating_add(AT_LEAST);
    let most = ("operands and locals of functions", most);
    let mut module = Module::default();
    let mut bodies = 0;
    let mut steps: u64 = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ModuleSection { .. } => (module, bodies) = (Module::default(), 0),
            Payload::TypeSection(types) => {
                for group in types {
                    group?.into_types().for_each(|ty| module.add_type(ty));
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    match import?.ty {
                        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => module.functions.push(ty),
                        TypeRef::Tag(tag) => module.tags.push(tag.func_type_idx),
                        TypeRef::Table(_) | TypeRef::Memory(_) | TypeRef::Global(_) => {}
                    }
                }
                bodies = module.functions.len();
            }
            Payload::FunctionSection(functions) => {
                for ty in functions {
                    module.functions.push(ty?);
                }
            }
            Payload::TagSection(tags) => {
                for tag in tags {
                    module.tags.push(tag?.func_type_idx);
                }
            }
            Payload::CodeSectionEntry(body) => {
                let at = body.range().start;
                steps = steps.saturating_add(module.steps_of(bodies, &body)?);
                bodies = bodies.saturating_add(1);
                within(most, steps, at)?;
            }
            payload => {
                // Initial values may be computed by instructions, and one instruction can make a structure with all
                // fields.
                let values = match &payload {
                    Payload::GlobalSection(section) => section.range(),
                    Payload::ElementSection(section) => section.range(),
                    Payload::TableSection(section) => section.range(),
                    Payload::DataSection(section) => section.range(),
                    _ => continue,
                };
                let more = (values.len() as u64).saturating_mul(module.fields);
                steps = steps.saturating_add(more);
                within(most, steps, values.start)?;
            }
        }
    }
    Ok(())
}

/// The parts of a core module that decide how many operands its instructions have.
#[derive(Default)]
struct Module {
    types: Vec<SubType>,
    /// The type of each function, imported functions first.
    functions: Vec<u32>,
    tags: Vec<u32>,
    /// The number of fields of the largest structure type.
    fields: u64,
    /// The number of parameters and results of the largest function type.
    width: u64,
    /// The open blocks of the current function.
    blocks: Vec<(BlockType, FrameKind)>,
}

impl Module {
    fn add_type(&mut self, ty: SubType) {
        match &ty.composite_type.inner {
            CompositeInnerType::Struct(ty) => {
                self.fields = self.fields.max(ty.fields.len() as u64);
            }
            CompositeInnerType::Func(ty) => {
                let width = ty.params().len().saturating_add(ty.results().len());
                self.width = self.width.max(width as u64);
            }
            CompositeInnerType::Array(_) | CompositeInnerType::Cont(_) => {}
        }
        self.types.push(ty);
    }

    /// Returns the number of locals of the function with index `function`, plus the operands that its instructions take
    /// and return.
    fn steps_of(
        &mut self,
        function: usize,
        body: &FunctionBody<'_>,
    ) -> Result<u64, BinaryReaderError> {
        let ty = self.functions.get(function).copied().unwrap_or_default();
        self.blocks.clear();
        self.blocks.push((BlockType::FuncType(ty), FrameKind::Block));
        // Parameters are locals too.
        let parameters = self.sub_type_at(ty).and_then(|ty| self.sub_type_arity(ty));
        let mut steps = parameters.map_or(0, |(parameters, _)| parameters.into());
        for locals in body.get_locals_reader()? {
            let (count, _) = locals?;
            steps = u64::saturating_add(steps, count.into());
        }
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let operator = operators.read()?;
            steps = steps.saturating_add(self.steps_at(&operator));
            match operator {
                Operator::Block { blockty } => self.blocks.push((blockty, FrameKind::Block)),
                Operator::If { blockty } => self.blocks.push((blockty, FrameKind::If)),
                Operator::Loop { blockty } => self.blocks.push((blockty, FrameKind::Loop)),
                Operator::TryTable { try_table } => {
                    self.blocks.push((try_table.ty, FrameKind::TryTable));
                }
                Operator::End => drop(self.blocks.pop()),
                _ => {}
            }
        }
        Ok(steps)
    }

    fn steps_at(&self, operator: &Operator<'_>) -> u64 {
        // An invalid instruction has no arity, and the validator stops there anyway.
        let (taken, given) = operator.operator_arity(self).unwrap_or_default();
        let steps = u64::from(taken).saturating_add(given.into());
        let more = match operator {
            Operator::BrTable { targets } => steps.saturating_mul(targets.len().into()),
            Operator::TryTable { try_table } => {
                (try_table.catches.len() as u64).saturating_mul(self.width)
            }
            Operator::StructNewDefault { .. } | Operator::StructNewDefaultDesc { .. } => {
                self.fields
            }
            _ => 0,
        };
        steps.saturating_add(more).saturating_add(1)
    }
}

impl ModuleArity for Module {
    fn sub_type_at(&self, number: u32) -> Option<&SubType> {
        self.types.get(number as usize)
    }

    fn tag_type_arity(&self, number: u32) -> Option<(u32, u32)> {
        self.sub_type_arity(self.sub_type_at(*self.tags.get(number as usize)?)?)
    }

    fn type_index_of_function(&self, number: u32) -> Option<u32> {
        self.functions.get(number as usize).copied()
    }

    // Only continuations need these two, and the validator does not accept continuations.
    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }

    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }

    fn control_stack_height(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)
    }

    fn label_block(&self, depth: u32) -> Option<(BlockType, FrameKind)> {
        self.blocks.iter().rev().nth(depth as usize).copied()
    }
}
