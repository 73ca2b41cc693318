//! Names on the wire, and their numbers.

use std::env;

/// The reserved words of contracts.
pub(crate) const WORDS: [&str; 48] = [
    "unit",
    "bool",
    "char",
    "string",
    "bytes",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "f32",
    "f64",
    "duration",
    "time",
    "ip",
    "ipv4",
    "ipv6",
    "socket",
    "socket_v4",
    "socket_v6",
    "option",
    "list",
    "set",
    "array",
    "map",
    "result",
    "nonzero_u8",
    "nonzero_u16",
    "nonzero_u32",
    "nonzero_u64",
    "nonzero_u128",
    "nonzero_i8",
    "nonzero_i16",
    "nonzero_i32",
    "nonzero_i64",
    "nonzero_i128",
    "protocol",
    "type",
    "call",
    "cast",
    "struct",
    "enum",
    "opaque",
];

/// Returns the tag of a name, equal to `ambit::message::tag`.
pub(crate) fn tag(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

/// Returns the tag of an argument, or of a field without a name.
pub(crate) fn tag_at(position: usize) -> u32 {
    tag(&position.to_string())
}

/// The beginnings of the names that ambit gives to its own types and protocols, and to types of std and other crates.
const RESERVED: [&str; 2] = ["ambit.", "std."];

/// Returns the error in the name of a protocol or a type on the wire.
pub(crate) fn mistake_in(name: &str) -> Option<&'static str> {
    let is_word = WORDS.contains(&name);
    mistake_in_tag(name)
        .or_else(|| is_word.then_some("this wire name is reserved in contracts"))
        .or_else(|| mistake_in_prefix(name))
}

/// Returns the error in the beginning of a name that only ambit may use. Otherwise, a type of the user and one of ambit
/// could have the same name and different bytes.
pub(crate) fn mistake_in_prefix(name: &str) -> Option<&'static str> {
    let is_ambit = env::var("CARGO_PKG_NAME").is_ok_and(|package| package == "ambit-dist");
    let is_reserved = RESERVED.iter().any(|prefix| name.starts_with(prefix));
    (is_reserved && !is_ambit)
        .then_some("wire names that begin with `ambit.` or `std.` are reserved for ambit")
}

/// Returns the error in the name of a part: a method, a variant, a field.
pub(crate) fn mistake_in_tag(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if name.is_empty() {
        Some("a wire name cannot be empty")
    } else if !name.chars().all(allowed) {
        Some("a wire name can contain only ASCII letters, digits, `_`, `.` and `-`")
    } else {
        None
    }
}
