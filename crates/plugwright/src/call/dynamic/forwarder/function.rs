//! The code of a forwarder's function while it is written.

use wasm_encoder::{CodeSection, Instruction, ValType};

/// The maximum number of instructions of a function. The code that drops handles grows with all parts of a type written
/// out.
pub(super) const MOST: usize = 1 << 16;

/// The code of a function that is being written.
pub(super) struct Code {
    /// The types of the parameters, and the types of the other locals.
    pub(super) locals: (Vec<ValType>, Vec<ValType>),
    instructions: Vec<Instruction<'static>>,
}

impl Code {
    pub(super) fn new(parameters: Vec<ValType>) -> Self {
        Self { locals: (parameters, Vec::new()), instructions: Vec::new() }
    }

    /// Adds a local of that type.
    pub(super) fn local(&mut self, ty: ValType) -> u32 {
        let (parameters, more) = &mut self.locals;
        more.push(ty);
        index(parameters.len().saturating_add(more.len()).saturating_sub(1))
    }

    /// Pushes a 32-bit parameter onto the stack. The parameter may be passed as a 64-bit number.
    pub(super) fn get_32(&mut self, parameter: u32) {
        self.push(Instruction::LocalGet(parameter));
        let ty = usize::try_from(parameter).ok().and_then(|it| self.locals.0.get(it));
        if ty == Some(&ValType::I64) {
            self.push(Instruction::I32WrapI64);
        }
    }

    pub(super) fn push(&mut self, instruction: Instruction<'static>) {
        // One instruction too many is enough to detect the excess at the end.
        if self.instructions.len() <= MOST {
            self.instructions.push(instruction);
        }
    }

    pub(super) fn is_too_long(&self) -> bool {
        self.instructions.len() > MOST
    }

    pub(super) fn write_to(mut self, section: &mut CodeSection) {
        self.push(Instruction::End);
        let mut function = wasm_encoder::Function::new_with_locals_types(self.locals.1);
        for instruction in &self.instructions {
            function.instruction(instruction);
        }
        section.function(&function);
    }
}

/// Converts a number that always fits.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
