//! The options of a block and of its methods.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Expr};

use super::rules::state_name;
use crate::diag::{Diag, text};
use crate::gen_server::model::Role;
use crate::gen_server::parse::{
    CALL_TIMEOUT, DEFERRED, INIT, LOCAL_TAG, NO_CAST_TIMEOUT, SKIP_EXPIRED, TAG, server_options_of,
};
use crate::options::{CRATE, OptionRule, OptionTable, Options, Shape};
use crate::state_machine::model::MachineOptions;

const STATE_MACHINE: OptionTable = OptionTable {
    attribute: "#[state_machine]",
    rules: &[
        OptionRule {
            name: "states",
            shape: Shape::Expr("[Locked, Open]"),
        },
        OptionRule {
            name: "mailbox",
            shape: Shape::Expr("1024 | unbounded"),
        },
        OptionRule {
            name: "overflow",
            shape: Shape::Word(&["wait", "reject", "drop_newest", "drop_oldest"]),
        },
        OptionRule {
            name: "in_place",
            shape: Shape::Word(&["auto", "never", "always"]),
        },
        OptionRule {
            name: "remote",
            shape: Shape::WireName("house.door"),
        },
        OptionRule {
            name: "vis",
            shape: Shape::Vis,
        },
        CRATE,
    ],
};

const EVENT: OptionRule = OptionRule {
    name: "event",
    shape: Shape::Expr("press"),
};

/// `in = Open`, which is not how a rule is written.
const IN: OptionRule = OptionRule {
    name: "in",
    shape: Shape::Refused(
        "states are not an option; write them as a rule, `#[cast(Locked => Open)]`, or `#[cast(Open)]` for a method \
         that does not change the state",
    ),
};

const fn of_events(attribute: &'static str) -> OptionTable {
    OptionTable {
        attribute,
        rules: &[EVENT, IN],
    }
}

const fn bare(attribute: &'static str) -> OptionTable {
    OptionTable {
        attribute,
        rules: &[],
    }
}

const CAST: OptionTable = OptionTable {
    attribute: "#[cast]",
    rules: &[EVENT, IN, NO_CAST_TIMEOUT, TAG],
};
/// The same for a machine that other nodes cannot reach.
const LOCAL_CAST: OptionTable = OptionTable {
    attribute: "#[cast]",
    rules: &[EVENT, IN, NO_CAST_TIMEOUT, LOCAL_TAG],
};
const INFO: OptionTable = of_events("#[info]");
const INTERNAL: OptionTable = of_events("#[internal]");
const TIMEOUT: OptionTable = OptionTable {
    attribute: "#[timeout]",
    rules: &[
        EVENT,
        OptionRule {
            name: "after",
            shape: Shape::Refused(
                "this timeout has no fixed duration; remove `after`, and set it with `ctx.timeout(..)`",
            ),
        },
    ],
};
const EVENT_TIMEOUT: OptionTable = OptionTable {
    attribute: "#[event_timeout]",
    rules: &[OptionRule {
        name: "after",
        shape: Shape::Refused(
            "an event timeout has no fixed duration; remove `after`, and set it with `ctx.event_timeout(..)`",
        ),
    }],
};
const ENTER: OptionTable = bare("#[enter]");
const EXIT: OptionTable = bare("#[exit]");
const STATE_TIMEOUT: OptionTable = OptionTable {
    attribute: "#[state_timeout]",
    rules: &[OptionRule {
        name: "after",
        shape: Shape::Expr("Duration::from_secs(10)"),
    }],
};
const CALL: OptionTable = OptionTable {
    attribute: "#[call]",
    rules: &[EVENT, IN, CALL_TIMEOUT, DEFERRED, SKIP_EXPIRED, TAG],
};
/// The same for a machine that other nodes cannot reach.
const LOCAL_CALL: OptionTable = OptionTable {
    attribute: "#[call]",
    rules: &[EVENT, IN, CALL_TIMEOUT, DEFERRED, SKIP_EXPIRED, LOCAL_TAG],
};
const TERMINATE: OptionTable = OptionTable {
    attribute: "#[terminate]",
    rules: &[OptionRule {
        name: "not_after_panic",
        shape: Shape::Flag,
    }],
};

/// Returns the options of a role; `is_remote` if other nodes can reach the machine.
pub(super) fn role_table(role: Role, is_remote: bool) -> &'static OptionTable {
    match role {
        Role::Call if !is_remote => &LOCAL_CALL,
        Role::Cast if !is_remote => &LOCAL_CAST,
        Role::Call => &CALL,
        Role::Cast => &CAST,
        Role::Info => &INFO,
        Role::Internal => &INTERNAL,
        Role::StateTimeout => &STATE_TIMEOUT,
        Role::EventTimeout => &EVENT_TIMEOUT,
        Role::Timeout => &TIMEOUT,
        Role::Enter => &ENTER,
        Role::Exit => &EXIT,
        Role::Terminate => &TERMINATE,
        Role::Init | Role::ContinueWith => &INIT,
    }
}

/// Returns the options without a value.
pub(super) fn flags(role: Role) -> &'static [&'static str] {
    match role {
        Role::Call => &["deferred", "skip_expired"],
        Role::Terminate => &["not_after_panic"],
        _ => &[],
    }
}

/// Returns an expression without the invisible group around one that a `macro_rules!` passes on.
pub(in crate::state_machine) fn ungrouped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungrouped(&group.expr),
        expr => expr,
    }
}

/// Reads `#[state_machine(..)]`.
pub(in crate::state_machine) fn options(tokens: TokenStream, diag: &Diag) -> MachineOptions {
    let options = Options::read(tokens, &STATE_MACHINE, diag);
    let list = options.expr("states");
    let (states, state_docs) = list
        .map(|list| states(ungrouped(list), diag))
        .unwrap_or_default()
        .into_iter()
        .unzip();
    MachineOptions {
        lacks_states: list.is_none() && !options.is_unread("states"),
        states,
        state_docs,
        server: server_options_of(&options, diag),
    }
}

/// Returns the states in `states = [Locked, Open]`, with their documentation.
fn states(expr: &Expr, diag: &Diag) -> Vec<(Ident, Vec<Attribute>)> {
    let Expr::Array(array) = expr else {
        diag.error(
            expr,
            "option `states` requires a list of names; write `states = [Locked, Open]`",
        );
        return Vec::new();
    };
    if array.elems.is_empty() {
        diag.error(
            expr,
            "a state machine needs at least one state; write `states = [Locked, Open]`",
        );
    }
    let mut states: Vec<(Ident, Vec<Attribute>)> = Vec::new();
    for element in &array.elems {
        let element = ungrouped(element);
        let Some(state) = named_by(element).cloned().map(state_name) else {
            diag.error(element, "expected the name of a state, such as `Locked`");
            continue;
        };
        let docs = match element {
            Expr::Path(path) => documentation(&path.attrs, diag),
            // The rules refer to its name.
            _ => {
                let message = format!(
                    "a state has no data; write `{state}`, and keep the data in a field of the machine"
                );
                diag.error(element, message);
                Vec::new()
            }
        };
        if states.iter().any(|(known, _)| *known == state) {
            let message = format!("duplicate state `{state}`; remove one of them");
            diag.error(&state, message);
        } else {
            states.push((state, docs));
        }
    }
    states
}

/// Returns the word that an element of the list begins with: `Locked`, `Locked(u32)` or `Locked { by: User }`.
fn named_by(element: &Expr) -> Option<&Ident> {
    match element {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Struct(with_data) => with_data.path.get_ident(),
        Expr::Call(with_data) => named_by(&with_data.func),
        _ => None,
    }
}

/// Returns the documentation of a state, and reports its other attributes.
fn documentation(attrs: &[Attribute], diag: &Diag) -> Vec<Attribute> {
    let attrs = attrs.iter().cloned();
    let (docs, others): (Vec<_>, Vec<_>) = attrs.partition(|attr| attr.path().is_ident("doc"));
    if let Some(attr) = others.first() {
        let message = format!(
            "a state can only have documentation; remove `{}`",
            text(attr)
        );
        diag.error(attr, message);
    }
    docs
}
