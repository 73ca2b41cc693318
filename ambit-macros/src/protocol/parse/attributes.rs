//! The options of a protocol's attribute and of its methods.

use proc_macro2::TokenStream;

use crate::diag::Diag;
use crate::gen_server::model::Role;
use crate::gen_server::parse::{CALL_TIMEOUT, DEFERRED, TAG};
use crate::options::{CRATE, OptionRule, OptionTable, Options, Shape};

const PROTOCOL: OptionTable = OptionTable {
    attribute: "#[protocol]",
    rules: &[
        CRATE,
        OptionRule {
            name: "remote",
            shape: Shape::WireName("shop.kv"),
        },
    ],
};

const CALL: OptionTable = OptionTable {
    attribute: "#[call]",
    rules: &[
        CALL_TIMEOUT,
        DEFERRED,
        OptionRule {
            name: "skip_expired",
            shape: Shape::Refused(
                "`skip_expired` cannot be set in a protocol; move it to the `#[gen_server]` block of each server",
            ),
        },
        TAG,
    ],
};

const CAST: OptionTable = OptionTable {
    attribute: "#[cast]",
    rules: &[TAG],
};

/// Reads `#[protocol(..)]`.
pub(in crate::protocol) fn options(tokens: TokenStream, diag: &Diag) -> Options {
    Options::read(tokens, &PROTOCOL, diag)
}

/// Returns the options of a role in a protocol.
pub(super) fn role_table(role: Role) -> &'static OptionTable {
    match role {
        Role::Call => &CALL,
        _ => &CAST,
    }
}
