//! The bindings that wasmtime generates from the contract in `wit/`.

/// The worlds in all supported versions, the richest first.
pub(crate) const WORLDS: &[&[u8]] = &[
    prettify::COMPONENT_TYPE,
    prettify_0_1::COMPONENT_TYPE,
    streamer::COMPONENT_TYPE,
    streamer_0_1::COMPONENT_TYPE,
    transformer::COMPONENT_TYPE,
    transform_0_1::COMPONENT_TYPE,
];

/// The world `prettify`, and the interface `host` that all worlds import.
pub(crate) mod prettify {
    crate::wasmtime::component::bindgen!({
        wasmtime_crate: crate::wasmtime,
        path: "wit",
        world: "prettify",
        imports: { default: trappable },
        exports: { default: async },
        with: { "plugwright:plugin/host.map-resource": crate::map_resource::MapResource },
        include_component_type: true,
    });
}

/// The world `transformer`.
pub(crate) mod transformer {
    crate::wasmtime::component::bindgen!({
        wasmtime_crate: crate::wasmtime,
        path: "wit",
        world: "transformer",
        imports: { default: trappable },
        exports: { default: async },
        with: { "plugwright:plugin/host": super::prettify::plugwright::plugin::host },
        additional_derives: [PartialEq, Eq, serde::Serialize],
        include_component_type: true,
    });
}

/// The types of `transform` in version 0.1.0. Only types that have changed since are used.
pub(crate) mod transform_0_1 {
    crate::wasmtime::component::bindgen!({
        wasmtime_crate: crate::wasmtime,
        path: "wit/releases/0.1.0",
        world: "transformer",
        imports: { default: trappable },
        exports: { default: async },
        with: { "plugwright:plugin/host": super::prettify::plugwright::plugin::host },
        include_component_type: true,
    });
}

/// The interface `sessions` of the world `streamer`, with the types of `transformer`. For exported interfaces, `with`
/// shares only types, not functions, so `streamer.rs` assembles the world.
pub(crate) mod streamer {
    crate::wasmtime::component::bindgen!({
        wasmtime_crate: crate::wasmtime,
        path: "wit",
        world: "streamer",
        exports: { default: async },
        with: {
            "plugwright:plugin/host": super::prettify::plugwright::plugin::host,
            "plugwright:plugin/transform": super::transformer::exports::plugwright::plugin::transform,
        },
        additional_derives: [PartialEq, Eq, serde::Serialize],
        include_component_type: true,
    });
}

/// The world `prettify` of version 0.1.0. Like the world `streamer` below, only its component type is used.
pub(crate) mod prettify_0_1 {
    crate::wasmtime::component::bindgen!({
        wasmtime_crate: crate::wasmtime,
        path: "wit/releases/0.1.0",
        world: "prettify",
        with: { "plugwright:plugin/host": super::prettify::plugwright::plugin::host },
        include_component_type: true,
    });
}

pub(crate) mod streamer_0_1 {
    crate::wasmtime::component::bindgen!({
        wasmtime_crate: crate::wasmtime,
        path: "wit/releases/0.1.0",
        world: "streamer",
        with: {
            "plugwright:plugin/host": super::prettify::plugwright::plugin::host,
            "plugwright:plugin/transform": super::transform_0_1::exports::plugwright::plugin::transform,
        },
        include_component_type: true,
    });
}
