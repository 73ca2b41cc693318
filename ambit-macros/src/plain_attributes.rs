//! The attributes that are not misspelt markers.

use syn::{Attribute, Path};

const PLAIN: [&str; 11] = [
    "doc",
    "allow",
    "expect",
    "warn",
    "deny",
    "inline",
    "must_use",
    "deprecated",
    "cfg",
    "cold",
    "track_caller",
];

/// Returns whether none of these attributes may be a misspelt marker, which the compiler reports. One with the path of
/// another crate is none.
pub(crate) fn are_plain(attributes: &[Attribute]) -> bool {
    let is_of_another_crate = |attribute: &Attribute| {
        let words = &attribute.path().segments;
        words.len() > 1 && words[0].ident != "ambit"
    };
    attributes
        .iter()
        .all(|attribute| is_plain(attribute) || is_of_another_crate(attribute))
}

/// Returns whether an attribute is one of these, or of a tool.
pub(crate) fn is_plain(attribute: &Attribute) -> bool {
    let path = attribute.path();
    PLAIN.iter().any(|name| path.is_ident(name)) || is_of_a_tool(path)
}

/// Returns whether this is the path of an attribute of a tool, such as `rustfmt::skip`. It expands to nothing.
fn is_of_a_tool(path: &Path) -> bool {
    let tools = ["rustfmt", "clippy", "diagnostic", "rust_analyzer", "miri"];
    let first = path.segments.first().filter(|_| path.segments.len() > 1);
    first.is_some_and(|first| tools.iter().any(|tool| first.ident == tool))
}
