//! What wasmtime generates from the contract in `wit/`, and nothing else.

/// The world `prettify`, and the interface `host` that all worlds import.
pub(crate) mod prettify {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "prettify",
        imports: { default: trappable },
        exports: { default: async },
        with: { "plugwright:plugin/host.map-resource": crate::map_resource::MapResource },
    });
}

/// The world `transformer`.
pub(crate) mod transformer {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "transformer",
        imports: { default: trappable },
        exports: { default: async },
        with: { "plugwright:plugin/host": super::prettify::plugwright::plugin::host },
        additional_derives: [PartialEq, Eq, serde::Serialize],
    });
}

/// The types of `transform` in version 0.1.0, for those of them that are others today.
pub(crate) mod transform_0_1 {
    wasmtime::component::bindgen!({
        path: "../../wit/releases/0.1.0",
        world: "transformer",
        imports: { default: trappable },
        exports: { default: async },
        with: { "plugwright:plugin/host": super::prettify::plugwright::plugin::host },
    });
}

/// The interface `sessions` of the world `streamer`, with the types of `transformer`. The world
/// itself is put together in `streamer.rs`: for the interfaces that a plugin exports, `with` shares
/// the types and not the functions.
pub(crate) mod streamer {
    wasmtime::component::bindgen!({
        path: "../../wit",
        world: "streamer",
        exports: { default: async },
        with: {
            "plugwright:plugin/host": super::prettify::plugwright::plugin::host,
            "plugwright:plugin/transform": super::transformer::exports::plugwright::plugin::transform,
        },
        additional_derives: [PartialEq, Eq, serde::Serialize],
    });
}
