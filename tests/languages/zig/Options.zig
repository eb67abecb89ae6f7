//! The options of this plugin, and how they are read.

const std = @import("std");
const Allocator = std.mem.Allocator;
const eql = std.mem.eql;
const stringToEnum = std.meta.stringToEnum;

const contract = @import("contract.zig");
const Tally = @import("Tally.zig");

const Options = @This();

counts: std.EnumSet(Tally.Count) = .full,
output: Output = .counts,

const Output = enum { counts, document };

pub const descriptions = [_]contract.Option{
    .{
        .key = .of("counts"),
        .default = .of("lines,words,characters,bytes"),
        .help = .of("what to count, separated by commas"),
    },
    .{
        .key = .of("output"),
        .default = .of("counts"),
        .help = .of("`counts` for a JSON document of the counts, `document` for the document as it is, " ++
            "with the counts as attributes"),
    },
};

/// Reads the options; the last setting of an option counts.
pub fn read(
    arena: Allocator,
    settings: []const contract.Pair,
    failure: *contract.Failure,
) error{ Failure, OutOfMemory }!Options {
    var options: Options = .{};
    for (settings) |setting| {
        const key = setting.key.slice();
        const value = setting.value.slice();
        if (eql(u8, key, "counts")) {
            options.counts = .empty;
            var names = std.mem.splitScalar(u8, value, ',');
            while (names.next()) |name| {
                options.counts.insert(stringToEnum(Tally.Count, name) orelse {
                    const message = "`{s}` is none of `lines`, `words`, `characters`, `bytes`";
                    failure.* = .of(.bad_option, .{
                        .key = setting.key,
                        .message = .of(try arena.print(message, .{name})),
                        // What stands before a name that is none is ASCII, a byte a character.
                        .at = .at(1, name.ptr - value.ptr + 1),
                    });
                    return error.Failure;
                });
            }
        } else if (eql(u8, key, "output")) {
            options.output = stringToEnum(Output, value) orelse {
                failure.* = .of(.bad_option, .{
                    .key = setting.key,
                    .message = .of(try arena.print("`{s}` is none of `counts`, `document`", .{value})),
                    .at = .none,
                });
                return error.Failure;
            };
        } else {
            failure.* = .of(.unknown_option, setting.key);
            return error.Failure;
        }
    }
    return options;
}
