//! The counts of a text. What a line, a word and a character are is said in the contract, above the
//! interface `transform`.

const std = @import("std");
const unicode = std.unicode;

const contract = @import("contract.zig");

const Tally = @This();

lines: usize = 0,
words: usize = 0,
characters: usize = 0,
bytes: usize = 0,

/// What there is to count, in the order in which it is told.
pub const Count = std.meta.FieldEnum(Tally);

pub fn get(tally: Tally, count: Count) usize {
    return switch (count) {
        inline else => |field| @field(tally, @tagName(field)),
    };
}

/// Counts what is in the text, or says in `failure` where it is not UTF-8.
pub fn of(arena: std.mem.Allocator, text: []const u8, failure: *contract.Failure) error{ Failure, OutOfMemory }!Tally {
    var tally: Tally = .{};
    var line_feeds: usize = 0;
    var column: usize = 1;
    var in_word = false;
    while (tally.bytes < text.len) {
        const character, const length = decode(text[tally.bytes..]) catch {
            const message = "the byte 0x{x:0>2} is not UTF-8 here";
            failure.* = .of(.invalid_input, .{
                .message = .of(try arena.print(message, .{text[tally.bytes]})),
                .at = .at(line_feeds + 1, column),
            });
            return error.Failure;
        };
        tally.bytes += length;
        tally.characters += 1;
        column += 1;
        if (character == '\n') {
            line_feeds += 1;
            column = 1;
        }
        const is_in_word = !isWhiteSpace(character);
        if (is_in_word and !in_word) tally.words += 1;
        in_word = is_in_word;
    }
    // Something stands after the last line feed.
    tally.lines = line_feeds + @intFromBool(column > 1);
    return tally;
}

/// The first character of a text that is not empty, and its length in bytes. The functions of
/// `std.unicode` refuse overlong forms, surrogates, and what is beyond Unicode.
fn decode(text: []const u8) !struct { u21, usize } {
    const length = try unicode.utf8ByteSequenceLength(text[0]);
    if (length > text.len) return error.TruncatedInput;
    const character = switch (length) {
        1 => text[0],
        2 => try unicode.utf8Decode2(text[0..2].*),
        3 => try unicode.utf8Decode3(text[0..3].*),
        4 => try unicode.utf8Decode4(text[0..4].*),
        else => unreachable,
    };
    return .{ character, length };
}

/// Unicode's White_Space, for which the standard library has no function: that of `std.ascii` knows six.
fn isWhiteSpace(character: u21) bool {
    return switch (character) {
        '\t'...'\r', ' ', 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000 => true,
        else => false,
    };
}
