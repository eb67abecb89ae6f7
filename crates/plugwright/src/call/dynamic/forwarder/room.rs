//! The forwarder's function that allocates memory. All of it is freed after each call.

use wasm_encoder::{BlockType, CodeSection, Instruction, ValType};

use super::function::Code;

/// Allocates memory after everything that was allocated before, and copies the old content.
pub(super) fn write_room(bodies: &mut CodeSection) {
    let (old, old_size, align, size) = (0, 1, 2, 3);
    let mut code = Code::new(vec![ValType::I32; 4]);
    let (begin, end) = (code.local(ValType::I32), code.local(ValType::I32));
    let missing = code.local(ValType::I32);
    let trap_if = |code: &mut Code| {
        code.push(Instruction::If(BlockType::Empty));
        code.push(Instruction::Unreachable);
        code.push(Instruction::End);
    };
    // The next address with that alignment, which is a power of two.
    for instruction in [
        Instruction::GlobalGet(0),
        Instruction::LocalGet(align),
        Instruction::I32Add,
        Instruction::I32Const(1),
        Instruction::I32Sub,
        Instruction::I32Const(0),
        Instruction::LocalGet(align),
        Instruction::I32Sub,
        Instruction::I32And,
        Instruction::LocalTee(begin),
        Instruction::GlobalGet(0),
        Instruction::I32LtU,
    ] {
        code.push(instruction);
    }
    trap_if(&mut code);
    for instruction in [
        Instruction::LocalGet(begin),
        Instruction::LocalGet(size),
        Instruction::I32Add,
        Instruction::LocalTee(end),
        Instruction::LocalGet(begin),
        Instruction::I32LtU,
    ] {
        code.push(instruction);
    }
    trap_if(&mut code);
    // The number of pages that are needed, minus the number of pages that there are.
    for instruction in [
        Instruction::LocalGet(end),
        Instruction::GlobalSet(0),
        Instruction::LocalGet(end),
        Instruction::I32Const(16),
        Instruction::I32ShrU,
        Instruction::I32Const(1),
        Instruction::I32Add,
        Instruction::MemorySize(0),
        Instruction::I32Sub,
        Instruction::LocalTee(missing),
        Instruction::I32Const(0),
        Instruction::I32GtS,
        Instruction::If(BlockType::Empty),
        Instruction::LocalGet(missing),
        Instruction::MemoryGrow(0),
        Instruction::I32Const(-1),
        Instruction::I32Eq,
    ] {
        code.push(instruction);
    }
    trap_if(&mut code);
    code.push(Instruction::End);
    for instruction in [
        Instruction::LocalGet(begin),
        Instruction::LocalGet(old),
        Instruction::LocalGet(old_size),
        Instruction::LocalGet(size),
        Instruction::LocalGet(old_size),
        Instruction::LocalGet(size),
        Instruction::I32LtU,
        Instruction::Select,
        Instruction::MemoryCopy { src_mem: 0, dst_mem: 0 },
        Instruction::LocalGet(begin),
    ] {
        code.push(instruction);
    }
    code.write_to(bodies);
}
