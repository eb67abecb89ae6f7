//! Valid components that consist of many copies of one structure, written byte by byte. Tests, benchmarks and
//! fuzz targets use them to check the limits of plugin inspection.

/// A family of components, each with a given number of copies of one structure.
#[derive(Debug, Clone, Copy)]
pub struct Structure {
    /// What is repeated.
    pub name: &'static str,
    /// Returns a component with this many copies.
    pub make: fn(usize) -> Vec<u8>,
}

/// All families. Each component is valid, unless it exceeds a limit of the parser.
pub const STRUCTURES: &[Structure] = &[
    Structure { name: "components in one another", make: nested_components },
    Structure { name: "component types in one another", make: |count| nested_types(0x41, count) },
    Structure { name: "instance types in one another", make: |count| nested_types(0x42, count) },
    Structure { name: "types that name one another", make: chained_types },
    Structure {
        name: "components",
        make: |count| component(&[section(4, &COMPONENT).repeat(count)]),
    },
    Structure {
        name: "core modules",
        make: |count| component(&[section(1, &MODULE).repeat(count)]),
    },
    Structure { name: "sections", make: |count| component(&[section(7, &[0]).repeat(count)]) },
    Structure {
        name: "custom sections",
        make: |count| component(&[section(0, &[1, b'c']).repeat(count)]),
    },
    Structure { name: "imports", make: imports },
    Structure { name: "imports of interfaces", make: imports_of_interfaces },
    Structure { name: "imports of resources", make: imports_of_resources },
    Structure { name: "imports of wide types", make: imports_of_wide_types },
    Structure { name: "functions of wide types", make: functions_of_wide_types },
    Structure { name: "instances with resources", make: instances_with_resources },
    Structure { name: "components with imports", make: components_with_imports },
    Structure { name: "instances of imported components", make: instances_of_imported },
    Structure { name: "interfaces that use one another", make: interfaces_in_layers },
    Structure { name: "exports", make: exports },
    Structure { name: "types", make: |count| component(&[items(7, count, |_| LIST.to_vec())]) },
    Structure { name: "declarations", make: declarations },
    Structure { name: "fields", make: fields },
    Structure { name: "aliases", make: aliases },
    Structure { name: "canonical functions", make: canonical_functions },
    Structure { name: "core instances", make: core_instances },
    Structure { name: "instances of core modules with exports", make: instances_of_exports },
    Structure { name: "instances of imported core modules", make: instances_of_imported_modules },
    Structure { name: "arguments of instances", make: arguments },
    Structure { name: "instances", make: instances },
    Structure {
        name: "core types",
        make: |count| of_module(&[items(1, count, |_| FUNCTION.to_vec())]),
    },
    Structure { name: "core imports", make: core_imports },
    Structure { name: "core functions", make: core_functions },
    Structure {
        name: "core globals",
        make: |count| of_module(&[items(6, count, |_| vec![0x7f, 0, 0x41, 0, 0x0b])]),
    },
    Structure { name: "core exports", make: core_exports },
    Structure {
        name: "core elements",
        make: |count| of_module(&[items(9, count, |_| vec![1, 0, 0])]),
    },
    Structure { name: "core data", make: |count| of_module(&[items(11, count, |_| vec![1, 0])]) },
    Structure { name: "instructions", make: instructions },
    Structure { name: "calls with a thousand operands", make: wide_calls },
    Structure { name: "jumps with a thousand operands", make: wide_jumps },
    Structure { name: "functions with a thousand locals", make: functions_of_locals },
    Structure { name: "functions with a thousand parameters", make: functions_of_parameters },
];

const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";
const MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";
/// A list of strings.
const LIST: [u8; 2] = [0x70, 0x73];
/// The type of a function without parameters and results, in a component and in a core module.
const COMPONENT_FUNCTION: [u8; 4] = [0x40, 0, 1, 0];
const FUNCTION: [u8; 3] = [0x60, 0, 0];
/// The type of a resource.
const RESOURCE: [u8; 3] = [0x3f, 0x7f, 0];

/// Components nested in one another. The outermost one counts.
fn nested_components(count: usize) -> Vec<u8> {
    let mut lengths = vec![COMPONENT.len()];
    for _ in 1..count {
        let inner = lengths[lengths.len() - 1];
        lengths.push(COMPONENT.len() + 1 + leb128(inner).len() + inner);
    }
    lengths.pop();
    let mut bytes = COMPONENT.to_vec();
    for inner in lengths.into_iter().rev() {
        bytes.push(4);
        bytes.extend(leb128(inner));
        bytes.extend(COMPONENT);
    }
    bytes
}

/// Types of components or of instances, nested in one another.
fn nested_types(kind: u8, count: usize) -> Vec<u8> {
    let mut content = vec![1];
    content.extend([kind, 1, 1].repeat(count));
    content.push(0x73);
    component(&[section(7, &content)])
}

/// A list of lists of lists. Each type refers to the previous one by its index.
fn chained_types(count: usize) -> Vec<u8> {
    let ty = |number: usize| match number.checked_sub(1) {
        None => LIST.to_vec(),
        Some(before) => [vec![0x70], signed_leb128(before)].concat(),
    };
    component(&[items(7, count, ty)])
}

fn imports(count: usize) -> Vec<u8> {
    let import = |number| [vec![0], name("i", number), vec![1, 0]].concat();
    component(&[items(7, 1, |_| COMPONENT_FUNCTION.to_vec()), items(10, count, import)])
}

/// An interface type with `count / 2` types, and `count / 2` imports of that interface.
fn imports_of_interfaces(count: usize) -> Vec<u8> {
    let mut ty = vec![0x42];
    ty.extend(leb128(count / 2 * 2));
    for number in 0..count / 2 {
        ty.extend([1, 0x70, 0x73, 4, 0]);
        ty.extend(name("t", number));
        ty.extend([3, 0]);
        ty.extend(leb128(number * 2));
    }
    let import = |number| [vec![0], name("i", number), vec![5, 0]].concat();
    component(&[items(7, 1, |_| ty.clone()), items(10, count / 2, import)])
}

/// An interface type with `count / 2` resources, and `count / 2` imports of that interface.
fn imports_of_resources(count: usize) -> Vec<u8> {
    let mut ty = vec![0x42];
    ty.extend(leb128(count / 2));
    for number in 0..count / 2 {
        ty.extend([4, 0]);
        ty.extend(name("t", number));
        ty.extend([3, 1]);
    }
    let import = |number| [vec![0], name("i", number), vec![5, 0]].concat();
    component(&[items(7, 1, |_| ty.clone()), items(10, count / 2, import)])
}

/// Pairs of pairs, which hold more than a hundred thousand values, and `count` imported functions that take
/// them.
fn imports_of_wide_types(count: usize) -> Vec<u8> {
    let import = |number| [vec![0], name("i", number), vec![1, 17]].concat();
    component(&[wide_types(), items(10, count, import)])
}

/// One such function, and `count` core functions for it.
fn functions_of_wide_types(count: usize) -> Vec<u8> {
    let import = items(10, 1, |number| [vec![0], name("i", number), vec![1, 17]].concat());
    let memory = of_module(&[items(5, 1, |_| vec![0, 1]), items(7, 1, |_| vec![1, b'm', 2, 0])]);
    let memory = [&memory[COMPONENT.len()..], &items(2, 1, |_| vec![0, 0, 0])].concat();
    let alias = items(6, 1, |_| vec![0, 2, 1, 0, 1, b'm']);
    let lower = items(8, count, |_| vec![1, 0, 0, 1, 3, 0]);
    component(&[wide_types(), import, memory, alias, lower])
}

fn wide_types() -> Vec<u8> {
    items(7, 18, |number| match number {
        0 => vec![0x6f, 2, 0x73, 0x73],
        17 => vec![0x40, 1, 1, b'p', 16, 1, 0],
        _ => [vec![0x6f, 2], signed_leb128(number - 1).repeat(2)].concat(),
    })
}

/// A component with `count / 2` resources, and `count / 2` instances of it.
fn instances_with_resources(count: usize) -> Vec<u8> {
    let export =
        |number: usize| [vec![0], name("t", number), vec![3], leb128(number), vec![0]].concat();
    // An exported item gets an index of its own, so each resource is exported before the next one is defined.
    let resources = (0..count / 2).map(|number| {
        let resource = items(7, 1, |_| RESOURCE.to_vec());
        [resource, items(11, 1, |_| export(number * 2)[..].to_vec())].concat()
    });
    let inner = component(&[resources.collect::<Vec<_>>().concat()]);
    component(&[section(4, &inner), items(5, (count / 2).min(1_000), |_| vec![0, 0, 0])])
}

/// An imported component, `count` instances of it, and as many core instances.
fn instances_of_imported(count: usize) -> Vec<u8> {
    let import = items(10, 1, |number| [vec![0], name("c", number), vec![4, 0]].concat());
    let instances = [
        items(5, count, |_| vec![0, 0, 0]),
        section(1, &MODULE),
        items(2, count, |_| vec![0, 0, 0]),
    ];
    component(&[items(7, 1, |_| vec![0x41, 0]), import, instances.concat()])
}

/// A sequence of `count` components. Each imports the same interface, with a hundred types, ten times.
fn components_with_imports(count: usize) -> Vec<u8> {
    let mut ty = vec![0x42];
    ty.extend(leb128(200));
    for number in 0..100 {
        ty.extend([1, 0x70, 0x73, 4, 0]);
        ty.extend(name("t", number));
        ty.extend([3, 0]);
        ty.extend(leb128(number * 2));
    }
    let import = |number| [vec![0], name("i", number), vec![5, 0]].concat();
    let alias = items(6, 1, |_| vec![3, 2, 1, 0]);
    let inner = component(&[alias, items(10, 10, import)]);
    component(&[items(7, 1, |_| ty.clone()), section(4, &inner).repeat(count)])
}

/// `count` interfaces with forty types. Each interface uses twelve types of the previous one.
fn interfaces_in_layers(count: usize) -> Vec<u8> {
    let alias = |layer: usize, number| [vec![3, 0], leb128(layer), name("t", number)].concat();
    let layers = (0..count).map(|layer| {
        let mut ty = [vec![0x42], leb128(80)].concat();
        for number in 0..40 {
            match layer.checked_sub(1).filter(|_| number < 12) {
                Some(before) => {
                    ty.extend([2, 3, 2, 1]);
                    ty.extend(leb128(before * 13 + 1 + number));
                }
                None => ty.extend([1, 0x70, 0x73]),
            }
            ty.extend([4, 0]);
            ty.extend(name("t", number));
            ty.extend([3, 0]);
            ty.extend(leb128(number * 2));
        }
        let import = [vec![0], name("i", layer), vec![5], leb128(layer * 13)].concat();
        [
            items(7, 1, |_| ty.clone()),
            items(10, 1, |_| import.clone()),
            items(6, 12, |number| alias(layer, number)),
        ]
        .concat()
    });
    component(&layers.collect::<Vec<_>>())
}

fn exports(count: usize) -> Vec<u8> {
    let export = |number| [vec![0], name("e", number), vec![3, 0, 0]].concat();
    component(&[items(7, 1, |_| LIST.to_vec()), items(11, count, export)])
}

/// One type with `count` declarations.
fn declarations(count: usize) -> Vec<u8> {
    let ty = [vec![0x42], leb128(count), [1, 0x70, 0x73].repeat(count)].concat();
    component(&[items(7, 1, |_| ty.clone())])
}

/// Records with `count` fields in total. Each record has at most ten thousand.
fn fields(count: usize) -> Vec<u8> {
    let record = |number: usize| {
        let fields = (count - number * 10_000).min(10_000);
        let fields = (0..fields).map(|number| [name("f", number), vec![0x73]].concat());
        [vec![0x72], leb128(fields.len()), fields.collect::<Vec<_>>().concat()].concat()
    };
    component(&[items(7, count.div_ceil(10_000), record)])
}

fn aliases(count: usize) -> Vec<u8> {
    component(&[items(7, 1, |_| LIST.to_vec()), items(6, count, |_| vec![3, 2, 0, 0])])
}

fn canonical_functions(count: usize) -> Vec<u8> {
    component(&[items(7, 1, |_| RESOURCE.to_vec()), items(8, count, |_| vec![3, 0])])
}

fn core_instances(count: usize) -> Vec<u8> {
    component(&[section(1, &MODULE), items(2, count, |_| vec![0, 0, 0])])
}

/// A core module with `count / 2` exports, and `count / 2` instances of it.
fn instances_of_exports(count: usize) -> Vec<u8> {
    [core_exports(count / 2), items(2, count / 2, |_| vec![0, 0, 0])].concat()
}

/// The same with an imported core module.
fn instances_of_imported_modules(count: usize) -> Vec<u8> {
    let exports = (0..count / 2).map(|number| [vec![3], name("e", number), vec![0, 0]].concat());
    let exports = [vec![1], FUNCTION.to_vec(), exports.collect::<Vec<_>>().concat()].concat();
    let ty = [vec![0x50], leb128(count / 2 + 1), exports].concat();
    let import = items(10, 1, |number| [vec![0], name("m", number), vec![0, 0x11, 0]].concat());
    component(&[items(3, 1, |_| ty.clone()), import, items(2, count / 2, |_| vec![0, 0, 0])])
}

/// A core instance made from one function under `count` names.
fn arguments(count: usize) -> Vec<u8> {
    let names = (0..count).map(|number| [name("a", number), vec![0, 0]].concat());
    let instance = [vec![1], leb128(count), names.collect::<Vec<_>>().concat()].concat();
    let resource = items(7, 1, |_| RESOURCE.to_vec());
    component(&[resource, items(8, 1, |_| vec![3, 0]), items(2, 1, |_| instance.clone())])
}

fn instances(count: usize) -> Vec<u8> {
    component(&[section(4, &COMPONENT), items(5, count, |_| vec![0, 0, 0])])
}

fn core_imports(count: usize) -> Vec<u8> {
    let import = |number| [vec![1, b'm'], name("i", number), vec![0, 0]].concat();
    of_module(&[items(1, 1, |_| FUNCTION.to_vec()), items(2, count, import)])
}

fn core_functions(count: usize) -> Vec<u8> {
    functions_of_one(&FUNCTION, count, &[0, 0x0b])
}

fn core_exports(count: usize) -> Vec<u8> {
    let export = |number| [name("e", number), vec![0, 0]].concat();
    let function = [items(1, 1, |_| FUNCTION.to_vec()), items(3, 1, |_| vec![0])];
    let [types, functions] = function;
    of_module(&[types, functions, items(7, count, export), items(10, 1, |_| vec![2, 0, 0x0b])])
}

/// A function with `count` instructions, in blocks.
fn instructions(count: usize) -> Vec<u8> {
    let body = [vec![0], [2, 0x40].repeat(count / 2), vec![0x0b; count / 2 + 1]].concat();
    functions_of_one(&FUNCTION, 1, &body)
}

/// A function that calls another one, with a thousand parameters and a thousand results, `count` times.
fn wide_calls(count: usize) -> Vec<u8> {
    let body = [vec![0, 0], [0x10, 0].repeat(count), vec![0, 0x0b]].concat();
    let wide = [vec![0x60], wide_list(), wide_list()].concat();
    functions(&[wide, FUNCTION.to_vec()], &[vec![0, 0, 0x0b], body])
}

/// A function with a thousand results, and a table of `count` jumps to its end.
fn wide_jumps(count: usize) -> Vec<u8> {
    let body = [vec![0, 0, 0x0e], leb128(count), vec![0; count + 1], vec![0x0b]].concat();
    functions(&[[vec![0x60, 0], wide_list()].concat()], &[body])
}

/// `count` functions of eight bytes with a thousand locals.
fn functions_of_locals(count: usize) -> Vec<u8> {
    let body = [vec![1], leb128(1_000), vec![0x7f, 0x0b]].concat();
    functions_of_one(&FUNCTION, count, &body)
}

/// `count` functions of four bytes with a thousand parameters.
fn functions_of_parameters(count: usize) -> Vec<u8> {
    let wide = [vec![0x60], wide_list(), vec![0]].concat();
    functions_of_one(&wide, count, &[0, 0x0b])
}

/// A component around a core module that repeats one function `count` times.
fn functions_of_one(ty: &[u8], count: usize, body: &[u8]) -> Vec<u8> {
    let body = [leb128(body.len()), body.to_vec()].concat();
    of_module(&[
        items(1, 1, |_| ty.to_vec()),
        items(3, count, |_| vec![0]),
        items(10, count, |_| body.clone()),
    ])
}

fn wide_list() -> Vec<u8> {
    [leb128(1_000), vec![0x7f; 1_000]].concat()
}

/// A component around a core module with these functions. Each has its own type.
fn functions(types: &[Vec<u8>], bodies: &[Vec<u8>]) -> Vec<u8> {
    of_module(&[
        items(1, types.len(), |number| types[number].clone()),
        items(3, types.len(), leb128),
        items(10, bodies.len(), |number| {
            [leb128(bodies[number].len()), bodies[number].clone()].concat()
        }),
    ])
}

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [COMPONENT.to_vec(), sections.concat()].concat()
}

/// A component around a core module with these sections.
fn of_module(sections: &[Vec<u8>]) -> Vec<u8> {
    component(&[section(1, &[MODULE.to_vec(), sections.concat()].concat())])
}

/// A section with `count` items.
fn items(id: u8, count: usize, item: impl Fn(usize) -> Vec<u8>) -> Vec<u8> {
    let mut content = leb128(count);
    (0..count).for_each(|number| content.extend(item(number)));
    section(id, &content)
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [vec![id], leb128(content.len()), content.to_vec()].concat()
}

/// A name, preceded by its length.
fn name(begin: &str, number: usize) -> Vec<u8> {
    let name = format!("{begin}{number}");
    [leb128(name.len()), name.into_bytes()].concat()
}

pub(crate) fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Encodes a number that is read as signed.
fn signed_leb128(number: usize) -> Vec<u8> {
    let mut bytes = leb128(number);
    // The sign is the second-highest bit of the last byte.
    if let Some(last) = bytes.last_mut().filter(|last| **last & 0x40 != 0) {
        *last |= 0x80;
        bytes.push(0);
    }
    bytes
}
