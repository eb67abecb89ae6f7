//! The functions of the contract's world `transformer`, by hand: no tool makes Zig of WIT.
//!
//! By the Canonical ABI, up to 16 numbers of a function's parameters are passed one by one ("flattened"),
//! which makes two of each list. A result of more than one number is passed as a pointer to it. The host
//! puts the arguments where `cabi_realloc` says, and calls `cabi_post_` and the function's name once it
//! has read the result.

const std = @import("std");
const contract = @import("contract.zig");
const Pair = contract.Pair;

/// The plugin: its `description` and its `transform`.
const plugin = @import("root");

/// All that belongs to one call: the arguments, and what the plugin makes of them.
var call: std.heap.ArenaAllocator = .init(std.heap.wasm_allocator);

export fn cabi_realloc(old: ?[*]u8, old_len: usize, alignment: usize, new_len: usize) [*]u8 {
    // An empty list has to be aligned, too.
    if (new_len == 0) return @ptrFromInt(alignment);
    const new = call.allocator().rawAlloc(new_len, .fromByteUnits(alignment), @returnAddress()) orelse
        @panic("out of memory");
    const kept = @min(old_len, new_len);
    if (old) |bytes| @memcpy(new[0..kept], bytes[0..kept]);
    return new;
}

// A constant: there is nothing to free, and so no `cabi_post_`.
export fn @"plugwright:plugin/transform@0.2.0#describe"() *const contract.Description {
    return &plugin.description;
}

export fn @"plugwright:plugin/transform@0.2.0#transform"(
    name: [*]const u8,
    name_len: usize,
    media_type: [*]const u8,
    media_type_len: usize,
    body: [*]const u8,
    body_len: usize,
    attributes: [*]const Pair,
    attributes_len: usize,
    settings: [*]const Pair,
    settings_len: usize,
) *const contract.Result {
    const input: contract.Document = .{
        .name = .of(name[0..name_len]),
        .media_type = .of(media_type[0..media_type_len]),
        .body = .of(body[0..body_len]),
        .attributes = .of(attributes[0..attributes_len]),
    };
    const arena = call.allocator();
    const result = arena.create(contract.Result) catch @panic("out of memory");
    var failure: contract.Failure = undefined;
    if (plugin.transform(arena, input, settings[0..settings_len], &failure)) |document| {
        result.* = .{ .case = .ok, .value = .{ .ok = document } };
    } else |err| switch (err) {
        error.Failure => result.* = .{ .case = .err, .value = .{ .err = failure } },
        error.OutOfMemory => @panic("out of memory"),
    }
    return result;
}

export fn @"cabi_post_plugwright:plugin/transform@0.2.0#transform"(_: *const contract.Result) void {
    _ = call.reset(.free_all);
}

const host = struct {
    extern "plugwright:plugin/host@0.2.0" fn @"[constructor]map-resource"(entries: [*]const Pair, len: usize) u32;
    extern "plugwright:plugin/host@0.2.0" fn @"log-structured"(message: [*]const u8, len: usize, properties: u32) void;
};

/// Writes a line to the host's log, with a map of the pairs. The map goes back to the host with the call:
/// a handle that is given away as `own` is not dropped here.
pub fn logStructured(message: []const u8, properties: []const Pair) void {
    const map = host.@"[constructor]map-resource"(properties.ptr, properties.len);
    host.@"log-structured"(message.ptr, message.len, map);
}
