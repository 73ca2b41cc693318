//! The options of a protocol's attribute and of its methods.

use proc_macro2::TokenStream;

use crate::diag::Diag;
use crate::gen_server::model::Role;
use crate::gen_server::parse::{CALL_TIMEOUT, DEFERRED, LOCAL_TAG, NO_CAST_TIMEOUT, TAG};
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

const NO_SKIP_EXPIRED: OptionRule = OptionRule {
    name: "skip_expired",
    shape: Shape::Refused(
        "`skip_expired` cannot be set in a protocol; move it to the `#[gen_server]` block of each server",
    ),
};

const CALL: OptionTable = OptionTable {
    attribute: "#[call]",
    rules: &[CALL_TIMEOUT, DEFERRED, NO_SKIP_EXPIRED, TAG],
};

/// The same for a protocol that other nodes cannot use.
const LOCAL_CALL: OptionTable = OptionTable {
    attribute: "#[call]",
    rules: &[CALL_TIMEOUT, DEFERRED, NO_SKIP_EXPIRED, LOCAL_TAG],
};

const CAST: OptionTable = OptionTable {
    attribute: "#[cast]",
    rules: &[NO_CAST_TIMEOUT, TAG],
};

/// The same for a protocol that other nodes cannot use.
const LOCAL_CAST: OptionTable = OptionTable {
    attribute: "#[cast]",
    rules: &[NO_CAST_TIMEOUT, LOCAL_TAG],
};

/// Reads `#[protocol(..)]`.
pub(in crate::protocol) fn options(tokens: TokenStream, diag: &Diag) -> Options {
    Options::read(tokens, &PROTOCOL, diag)
}

/// Returns the options of a role in a protocol.
pub(super) fn role_table(role: Role, is_remote: bool) -> &'static OptionTable {
    match (role, is_remote) {
        (Role::Call, true) => &CALL,
        (Role::Call, false) => &LOCAL_CALL,
        (_, true) => &CAST,
        (_, false) => &LOCAL_CAST,
    }
}
