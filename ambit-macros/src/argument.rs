//! Attributes of arguments: the name on the wire, `#[message(rename = "ttl")]`, and lints.
//!
//! The compiler does not know `#[message]` on an argument, so the macro removes it after reading it.

use syn::{Attribute, FnArg, LitStr, PatType, Signature};

use crate::diag::Diag;
use crate::forwarded_attributes::ForwardedAttributes;
use crate::options::{OptionRule, OptionTable, Options, Shape};

const ARGUMENT: OptionTable = OptionTable {
    attribute: "#[message]",
    rules: &[
        OptionRule {
            name: "rename",
            shape: Shape::WireTag("ttl"),
        },
        OptionRule {
            name: "default",
            shape: Shape::Refused(
                "arguments cannot have a default value; remove `default`, and use `Option<..>` for an optional \
                 argument",
            ),
        },
    ],
};

/// Returns the attribute that sets the name of an argument on the wire.
pub(crate) fn marked(argument: &PatType) -> Option<&Attribute> {
    argument.attrs.iter().find(is_marked)
}

fn is_marked(attribute: &&Attribute) -> bool {
    attribute.path().is_ident("message")
}

/// Returns the name of an argument on the wire, if it differs from its own.
pub(crate) fn wire_name(argument: &PatType, diag: &Diag) -> Option<LitStr> {
    let options = Options::of(marked(argument)?, &ARGUMENT, diag);
    options.wire_name("rename").cloned()
}

/// Returns the lints that the user allows on an argument, for the fields and arguments generated from it.
pub(crate) fn lints(argument: &PatType) -> Vec<Attribute> {
    let mut lints = ForwardedAttributes::of(&argument.attrs).lints;
    lints.retain(|attribute| attribute.path().is_ident("allow"));
    lints
}

/// Removes the attributes that the compiler does not know.
pub(crate) fn strip(sig: &mut Signature) {
    for input in &mut sig.inputs {
        if let FnArg::Typed(argument) = input {
            argument.attrs.retain(|attribute| !is_marked(&attribute));
        }
    }
}
