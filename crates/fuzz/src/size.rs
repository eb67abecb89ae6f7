//! Unstripped plugins with any function names. The reported sizes of the parts add up to no more than the
//! whole.

use plugwright::sizes;
use plugwright_cli::parts::{growth, parts};
use wasm_encoder::{
    CodeSection, Component, Function, FunctionSection, Instruction, Module, ModuleSection, NameMap,
    NameSection, TypeSection,
};

use crate::seeds;

/// Measures `bytes`: a component, or else a list of function names, one per line, which become a component.
///
/// # Panics
///
/// If the parts are larger than the whole.
pub fn run(bytes: &[u8]) {
    if bytes.starts_with(b"\0asm") {
        measure(bytes);
    } else {
        measure(&of_functions(String::from_utf8_lossy(bytes).lines()));
    }
}

/// Returns components with names, and lists of names.
pub fn seeds() -> Vec<Vec<u8>> {
    let names = "core::fmt::write\n<alloc::vec::Vec<T> as core::clone::Clone>::clone\n→x::y\n\
                 _ZN4core3fmt5write17h0123456789abcdefE\n_RNvC6_123foo3bar\nmemcpy\n<[é] as ä::ö>::ü\n";
    let texts = [names, "a::\u{301}::b", "::", "<::<", "→::→"];
    let texts = texts.map(|text| text.as_bytes().to_vec());
    seeds::components().into_iter().chain(texts).collect()
}

fn measure(component: &[u8]) {
    let Ok(sizes) = sizes("input", component) else { return };
    let whole = component.len() as u64;
    let told =
        sizes.code.values().chain([&sizes.data]).try_fold(0_u64, |sum, it| sum.checked_add(*it));
    assert!(told.is_some_and(|told| told <= whole), "{sizes:?} of {whole} bytes");
    assert!(sizes.code.keys().all(|name| !name.exact().is_empty()), "{sizes:?}");
    let parts = parts(&sizes, whole);
    assert_eq!(parts.iter().map(|(_, size)| size).sum::<u64>(), whole, "{parts:?}");
    assert!(growth(&sizes, &sizes).is_empty());
    assert!(growth(&plugwright::Sizes::default(), &sizes).len() <= 5);
}

/// Returns a component with a function for each of these names.
fn of_functions<'a>(names: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    let mut map = NameMap::new();
    for (number, name) in (0..).zip(names) {
        functions.function(0);
        let mut function = Function::new([]);
        function.instruction(&Instruction::End);
        code.function(&function);
        map.append(number, name);
    }
    let mut section = NameSection::new();
    section.functions(&map);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code).section(&section);
    let mut component = Component::new();
    component.section(&ModuleSection(&module));
    component.finish()
}
