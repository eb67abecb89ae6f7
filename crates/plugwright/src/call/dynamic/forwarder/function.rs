//! The code of a forwarder's functions, as it is written.

use wasm_encoder::{CodeSection, Instruction, ValType};

/// How many instructions a function may have: what drops handles is as long as its type is, all parts written out.
pub(super) const MOST: usize = 1 << 16;

/// The code of a function that is being written.
pub(super) struct Code {
    /// The types of its parameters, and those of further locals.
    pub(super) locals: (Vec<ValType>, Vec<ValType>),
    instructions: Vec<Instruction<'static>>,
}

impl Code {
    pub(super) fn new(parameters: Vec<ValType>) -> Self {
        Self { locals: (parameters, Vec::new()), instructions: Vec::new() }
    }

    /// A further local of that type.
    pub(super) fn local(&mut self, ty: ValType) -> u32 {
        let (parameters, more) = &mut self.locals;
        more.push(ty);
        index(parameters.len().saturating_add(more.len()).saturating_sub(1))
    }

    /// Puts a parameter that is a number of 32 bits, or in the place of one of 64, onto the stack.
    pub(super) fn get_32(&mut self, parameter: u32) {
        self.push(Instruction::LocalGet(parameter));
        let ty = usize::try_from(parameter).ok().and_then(|it| self.locals.0.get(it));
        if ty == Some(&ValType::I64) {
            self.push(Instruction::I32WrapI64);
        }
    }

    pub(super) fn push(&mut self, instruction: Instruction<'static>) {
        // What is more is found out in the end.
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

/// There are never as many as there are numbers.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
