//! The attributes that are not misspelt markers.

use syn::Attribute;

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

/// Returns whether none of these attributes may be a misspelt marker, which the compiler reports.
pub(crate) fn are_plain(attributes: &[Attribute]) -> bool {
    attributes.iter().all(is_plain)
}

/// Returns whether an attribute is one of these.
pub(crate) fn is_plain(attribute: &Attribute) -> bool {
    let path = attribute.path();
    PLAIN.iter().any(|name| path.is_ident(name))
}
