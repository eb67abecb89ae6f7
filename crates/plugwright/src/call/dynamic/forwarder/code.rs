//! The core module of a forwarder.

use wasm_encoder::{
    CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, FunctionSection, GlobalSection,
    GlobalType, ImportSection, Instruction, MemorySection, MemoryType, Module, TypeSection,
    ValType,
};
use wit_parser::abi::{AbiVariant, WasmSignature, WasmType};
use wit_parser::{
    LiftLowerAbi, ManglingAndAbi, Resolve, ResourceIntrinsic, SizeAlign, WasmExport,
    WasmExportKind, WasmImport, WorldId, WorldItem,
};

use super::borrows::{Borrows, resources_borrowed};
use super::function::{Code, index};
use super::imported::Import;
use super::room::write_room;

/// The naming scheme of functions.
const MANGLING: ManglingAndAbi = ManglingAndAbi::Legacy(LiftLowerAbi::Sync);

/// The address at which the memory for values begins.
const BEGIN: i32 = 16;

/// Makes the module that exports the functions of the world `forwarder`. Each function calls the import at the same
/// position.
pub(super) fn module(
    resolve: &Resolve,
    forwarder: WorldId,
    imports: &[Import],
) -> Result<Vec<u8>, String> {
    let world = resolve.worlds.get(forwarder).ok_or("the component has no world")?;
    let mut sizes = SizeAlign::default();
    sizes.fill(resolve);
    let mut types = TypeSection::new();
    let mut imported = ImportSection::new();
    let mut functions = FunctionSection::new();
    let mut exported = ExportSection::new();
    let mut bodies = CodeSection::new();
    let mut of_type = |parameters: Vec<ValType>, results: Vec<ValType>| {
        types.ty().function(parameters, results);
        types.len().saturating_sub(1)
    };

    let mut signatures = Vec::new();
    for import in imports {
        let Import { key, function } = import;
        let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
        let import = WasmImport::Func { interface: key.as_ref(), func: function };
        let (module, name) = resolve.wasm_import_name(MANGLING, import);
        let ty = of_type(values(&signature.params), values(&signature.results));
        imported.import(&module, &name, EntityType::Function(ty));
        signatures.push(signature);
    }
    let parameters = imports.iter().flat_map(|it| &it.function.params);
    let mut borrows = Borrows::new(resolve, &sizes);
    let drop = of_type(vec![ValType::I32], Vec::new());
    for resource in resources_borrowed(resolve, parameters.map(|parameter| &parameter.ty)) {
        let interface = borrows.interface_of(forwarder, resource);
        let intrinsic = ResourceIntrinsic::ImportedDrop;
        let import =
            WasmImport::ResourceIntrinsic { interface: interface.as_ref(), resource, intrinsic };
        let (module, name) = resolve.wasm_import_name(MANGLING, import);
        borrows.dropped_by(resource, imported.len());
        imported.import(&module, &name, EntityType::Function(drop));
    }

    // The module's first own function allocates memory, and the second frees all of it.
    let (room, back) = (imported.len(), imported.len().saturating_add(1));
    let first = back.saturating_add(1);
    functions.function(of_type(vec![ValType::I32; 4], vec![ValType::I32]));
    write_room(&mut bodies);
    functions.function(of_type(Vec::new(), Vec::new()));
    let mut code = Code::new(Vec::new());
    code.push(Instruction::I32Const(BEGIN));
    code.push(Instruction::GlobalSet(0));
    code.write_to(&mut bodies);

    let mut next = first;
    let exports = world.exports.values().filter_map(|item| match item {
        WorldItem::Function(function) => Some(function),
        _ => None,
    });
    for ((number, export), (import, at)) in
        (0u32..).zip(exports).zip(imports.iter().zip(&signatures))
    {
        let signature = resolve.wasm_signature(AbiVariant::GuestExport, export);
        let mut code = Code::new(values(&signature.params));
        forward(&mut code, number, (at, &signature), room, || {
            let result = export.result?;
            Some((sizes.align(&result).align_wasm32(), sizes.size(&result).size_wasm32()))
        })?;
        borrows.drop_all(&mut code, &import.function, signature.indirect_params);
        if !signature.results.is_empty() {
            // The first local after the parameters holds the result.
            code.push(Instruction::LocalGet(index(signature.params.len())));
        }
        if code.is_too_long() {
            let name = &import.function.name;
            return Err(format!("`{name}` has too many parameters that can contain lent handles"));
        }
        code.write_to(&mut bodies);
        functions.function(of_type(values(&signature.params), values(&signature.results)));
        // The memory of the result is freed after the result was read.
        let mut code = Code::new(values(&signature.results));
        code.push(Instruction::Call(back));
        code.write_to(&mut bodies);
        functions.function(of_type(values(&signature.results), Vec::new()));
        for kind in [WasmExportKind::Normal, WasmExportKind::PostReturn] {
            let export = WasmExport::Func { interface: None, func: export, kind };
            let name = resolve.wasm_export_name(MANGLING, export);
            exported.export(&name, ExportKind::Func, next);
            next = next.saturating_add(1);
        }
    }
    let name = |export| resolve.wasm_export_name(MANGLING, export);
    exported.export(&name(WasmExport::Memory), ExportKind::Memory, 0);
    exported.export(&name(WasmExport::Realloc), ExportKind::Func, room);

    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    let ty = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(ty, &ConstExpr::i32_const(BEGIN));

    let mut module = Module::new();
    module.section(&types).section(&imported).section(&functions).section(&memories);
    module.section(&globals).section(&exported).section(&bodies);
    Ok(module.finish())
}

/// Calls the import with that number with the parameters as they are, and leaves its result in the first additional
/// local.
fn forward(
    code: &mut Code,
    import: u32,
    (of_import, of_export): (&WasmSignature, &WasmSignature),
    room: u32,
    layout: impl FnOnce() -> Option<(usize, usize)>,
) -> Result<(), String> {
    let parameters = index(of_export.params.len());
    for parameter in 0..parameters {
        code.push(Instruction::LocalGet(parameter));
    }
    if of_import.retptr {
        let result = code.local(ValType::I32);
        let too_large = "a result is larger than memory";
        let (align, size) = layout().ok_or(too_large)?;
        let number = |it| i32::try_from(it).map(Instruction::I32Const).map_err(|_| too_large);
        code.push(Instruction::I32Const(0));
        code.push(Instruction::I32Const(0));
        code.push(number(align)?);
        code.push(number(size)?);
        code.push(Instruction::Call(room));
        code.push(Instruction::LocalTee(result));
    }
    code.push(Instruction::Call(import));
    if let [ty] = *values(&of_import.results) {
        let result = code.local(ty);
        code.push(Instruction::LocalSet(result));
    }
    Ok(())
}

fn values(types: &[WasmType]) -> Vec<ValType> {
    let value = |ty: &WasmType| match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
    };
    types.iter().map(value).collect()
}
