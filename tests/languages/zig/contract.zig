//! The types of the contract's interface `transform`, laid out as the component model's Canonical ABI says
//! (https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md):
//! - A `list` or `string` is a pointer and a length.
//! - A `record` has its fields in order, each aligned to its own size: an `extern struct`.
//! - A `variant`, `option` or `result` is the number of its case in a byte, then what the case carries,
//!   aligned to what the most demanding case needs: an `extern struct` around an `extern union`.
//! What the types mean is said in the contract.

const std = @import("std");

/// `list<T>`
pub fn List(comptime T: type) type {
    return extern struct {
        ptr: [*]const T,
        len: usize,

        pub fn of(items: []const T) @This() {
            return .{ .ptr = items.ptr, .len = items.len };
        }

        pub fn slice(list: @This()) []const T {
            return list.ptr[0..list.len];
        }
    };
}

pub const String = List(u8);

/// A record of two strings: `attribute`, `setting` and `tuple<string, string>`.
pub const Pair = extern struct { key: String, value: String };

pub const Document = extern struct {
    name: String,
    media_type: String,
    body: List(u8),
    attributes: List(Pair),
};

/// `option<location>`
pub const Place = extern struct {
    case: enum(u8) { none, some },
    location: extern struct { line: u32, column: u32 },

    pub const none: Place = .{ .case = .none, .location = undefined };

    pub fn at(line: u32, column: u32) Place {
        return .{ .case = .some, .location = .{ .line = line, .column = column } };
    }
};

pub const Failure = extern struct {
    case: Case,
    value: Value,

    const Case = enum(u8) { invalid_input, unknown_option, bad_option, internal };
    const Value = extern union {
        invalid_input: extern struct { message: String, at: Place },
        unknown_option: String,
        bad_option: extern struct { key: String, message: String, at: Place },
        internal: String,
    };

    pub fn of(comptime case: Case, value: @FieldType(Value, @tagName(case))) Failure {
        return .{ .case = case, .value = @unionInit(Value, @tagName(case), value) };
    }
};

/// `result<document, failure>`
pub const Result = extern struct {
    case: enum(u8) { ok, err },
    value: extern union { ok: Document, err: Failure },
};

pub const Option = extern struct { key: String, default: String, help: String };

pub const Description = extern struct {
    name: String,
    version: String,
    summary: String,
    takes: List(String),
    gives: List(String),
    options: List(Option),
};

comptime {
    std.debug.assert(@sizeOf(Document) == 32);
    std.debug.assert(@sizeOf(Place) == 12 and @offsetOf(Place, "location") == 4);
    std.debug.assert(@sizeOf(Failure) == 32 and @offsetOf(Failure, "value") == 4);
    std.debug.assert(@sizeOf(Result) == 36 and @offsetOf(Result, "value") == 4);
    std.debug.assert(@sizeOf(Description) == 48 and @sizeOf(Option) == 24);
}
