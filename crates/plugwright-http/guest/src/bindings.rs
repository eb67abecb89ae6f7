//! The bindings of the adapters' world `transformer`, which the world `streamer` includes.

plugwright_guest::generate!({
    path: "../wit",
    world: "transformer",
    generate_all,
    with: { "plugwright:plugin/host@0.2.0": plugwright_guest::host },
    pub_export_macro: true,
    default_bindings_module: "adapter_http::bindings",
});
