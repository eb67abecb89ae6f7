//! Counts the lines, words, characters and bytes of a text.

const std = @import("std");
const Allocator = std.mem.Allocator;

const abi = @import("abi.zig");
const contract = @import("contract.zig");
const Options = @import("Options.zig");
const Tally = @import("Tally.zig");

comptime {
    // What `abi.zig` exports is in the program because the file is named here.
    _ = abi;
}

pub const description: contract.Description = .{
    .name = .of("count"),
    .version = .of("0.1.0"),
    .summary = .of("counts the lines, words, characters and bytes of a text"),
    .takes = .of(&.{.of("*/*")}),
    .gives = .of(&.{ .of("application/json"), .of("*/*") }),
    .options = .of(&Options.descriptions),
};

/// Gives a document, or `error.Failure` and the reason in `failure`, since a Zig error carries nothing.
/// What `arena` allocates is freed once the host has read the result.
pub fn transform(
    arena: Allocator,
    input: contract.Document,
    settings: []const contract.Pair,
    failure: *contract.Failure,
) error{ Failure, OutOfMemory }!contract.Document {
    const options: Options = try .read(arena, settings, failure);
    const tally: Tally = try .of(arena, input.body.slice(), failure);

    var attributes: std.ArrayList(contract.Pair) = .empty;
    for (input.attributes.slice()) |attribute| {
        const count = std.meta.stringToEnum(Tally.Count, attribute.key.slice());
        const is_replaced = count != null and options.counts.contains(count.?);
        if (!is_replaced) try attributes.append(arena, attribute);
    }
    const kept = attributes.items.len;
    var chosen = options.counts.iterator();
    while (chosen.next()) |count| {
        const number = try arena.print("{d}", .{tally.get(count)});
        try attributes.append(arena, .{ .key = .of(@tagName(count)), .value = .of(number) });
    }
    const counts = attributes.items[kept..];
    abi.logStructured("counted", counts);

    var document = input;
    document.attributes = .of(attributes.items);
    if (options.output == .counts) {
        const name = input.name.slice();
        const stem = if (std.mem.cutScalarLast(u8, name, '.')) |parts| parts[0] else name;
        document.name = .of(try arena.print("{s}.json", .{stem}));
        document.media_type = .of("application/json");
        document.body = .of(try json(arena, counts));
    }
    return document;
}

/// An object on a line of its own: the names are plain words, and the values numbers.
fn json(arena: Allocator, counts: []const contract.Pair) Allocator.Error![]const u8 {
    var text: std.ArrayList(u8) = .empty;
    for (counts, 0..) |count, index| {
        const before: u8 = if (index == 0) '{' else ',';
        try text.print(arena, "{c}\"{s}\":{s}", .{ before, count.key.slice(), count.value.slice() });
    }
    try text.appendSlice(arena, "}\n");
    return text.items;
}
