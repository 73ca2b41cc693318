//! The options of a block and of its methods.

use proc_macro2::TokenStream;
use syn::{Expr, ExprLit, Lit, LitInt};

use crate::diag::{Diag, text};
use crate::gen_server::model::{InPlace, Mailbox, Overflow, Role, ServerOptions};
use crate::options::{CRATE, OptionRule, OptionTable, Options, Shape};

const GEN_SERVER: OptionTable = OptionTable {
    attribute: "#[gen_server]",
    rules: &[
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
            name: "vis",
            shape: Shape::Vis,
        },
        CRATE,
        OptionRule {
            name: "remote",
            shape: Shape::WireName("shop.counter"),
        },
        OptionRule {
            name: "protocol",
            shape: Shape::Trait("Kv"),
        },
    ],
};

/// `timeout = ..`: the default timeout of callers.
pub(crate) const CALL_TIMEOUT: OptionRule = OptionRule {
    name: "timeout",
    shape: Shape::Expr("Duration::from_secs(1)"),
};

/// `deferred`: a call is replied to through its port.
pub(crate) const DEFERRED: OptionRule = OptionRule {
    name: "deferred",
    shape: Shape::Flag,
};

/// `skip_expired`: a request whose caller is gone is dropped.
pub(crate) const SKIP_EXPIRED: OptionRule = OptionRule {
    name: "skip_expired",
    shape: Shape::Flag,
};

/// `tag = ".."`: the name of a method on the wire.
pub(crate) const TAG: OptionRule = OptionRule {
    name: "tag",
    shape: Shape::WireTag("add"),
};

/// The same where it has no effect: it is read so that the error can explain why, and never suggested.
pub(crate) const LOCAL_TAG: OptionRule = OptionRule {
    name: "tag",
    shape: Shape::UnofferedTag,
};

pub(crate) const NO_CAST_TIMEOUT: OptionRule = OptionRule {
    name: "timeout",
    shape: Shape::Refused(
        "a cast has no reply to time out; write `#[cast]` alone, and limit the wait for mailbox capacity where \
         the cast is sent: `handle.reset().timeout(..)`",
    ),
};

const NO_SERVERS_ROLE: OptionTable = OptionTable {
    attribute: "",
    rules: &[],
};
pub(crate) const INIT: OptionTable = OptionTable {
    attribute: "#[init]",
    rules: &[OptionRule {
        name: "timeout",
        shape: Shape::Refused(
            "`#[init]` does not set the start timeout; write `#[init]` alone, and set the timeout where the \
             server is started: `Counter::start(..).timeout(..)`",
        ),
    }],
};
const CAST: OptionTable = OptionTable {
    attribute: "#[cast]",
    rules: &[NO_CAST_TIMEOUT, TAG],
};
/// The same for a server that other nodes cannot reach.
const LOCAL_CAST: OptionTable = OptionTable {
    attribute: "#[cast]",
    rules: &[NO_CAST_TIMEOUT, LOCAL_TAG],
};
const INFO: OptionTable = OptionTable {
    attribute: "#[info]",
    rules: &[],
};
const CONTINUE_WITH: OptionTable = OptionTable {
    attribute: "#[continue_with]",
    rules: &[],
};
const CALL: OptionTable = OptionTable {
    attribute: "#[call]",
    rules: &[CALL_TIMEOUT, DEFERRED, SKIP_EXPIRED, TAG],
};
/// The same for a server that other nodes cannot reach.
const LOCAL_CALL: OptionTable = OptionTable {
    attribute: "#[call]",
    rules: &[CALL_TIMEOUT, DEFERRED, SKIP_EXPIRED, LOCAL_TAG],
};
const TERMINATE: OptionTable = OptionTable {
    attribute: "#[terminate]",
    rules: &[OptionRule {
        name: "not_after_panic",
        shape: Shape::Flag,
    }],
};

/// Returns the options of a role; `is_remote` if other nodes can reach the server.
pub(super) fn role_table(role: Role, is_remote: bool) -> &'static OptionTable {
    match role {
        Role::Call if !is_remote => &LOCAL_CALL,
        Role::Cast if !is_remote => &LOCAL_CAST,
        Role::Init => &INIT,
        Role::Call => &CALL,
        Role::Cast => &CAST,
        Role::Info => &INFO,
        Role::ContinueWith => &CONTINUE_WITH,
        Role::Terminate => &TERMINATE,
        Role::Internal
        | Role::StateTimeout
        | Role::EventTimeout
        | Role::Timeout
        | Role::Enter
        | Role::Exit => &NO_SERVERS_ROLE,
    }
}

/// Reads `#[gen_server(..)]`.
pub(crate) fn server_options(tokens: TokenStream, diag: &Diag) -> ServerOptions {
    server_options_of(&Options::read(tokens, &GEN_SERVER, diag), diag)
}

/// Reads the options that every server has.
pub(crate) fn server_options_of(options: &Options, diag: &Diag) -> ServerOptions {
    check_mailbox(options, diag);
    ServerOptions {
        krate: options.path("crate").cloned(),
        protocol: options.path("protocol").cloned(),
        vis: options.vis("vis").cloned(),
        remote: options.wire_name("remote").cloned(),
        mailbox: options.expr("mailbox").map(mailbox),
        overflow: options.word("overflow").map(|word| match word {
            "reject" => Overflow::Reject,
            "drop_newest" => Overflow::DropNewest,
            "drop_oldest" => Overflow::DropOldest,
            _ => Overflow::Wait,
        }),
        in_place: options.word("in_place").map(|word| match word {
            "never" => InPlace::Never,
            "always" => InPlace::Always,
            _ => InPlace::Auto,
        }),
    }
}

/// Refuses a mailbox without capacity, and a policy that never applies.
fn check_mailbox(options: &Options, diag: &Diag) {
    let Some(size) = options.expr("mailbox") else {
        return;
    };
    let is_zero = |int: &LitInt| int.base10_parse().is_ok_and(|capacity: u64| capacity == 0);
    if let Expr::Lit(ExprLit {
        lit: Lit::Int(int), ..
    }) = size
        && is_zero(int)
    {
        let message = "a mailbox with capacity 0 accepts no message; write `mailbox = 1` or more";
        diag.error(size, message);
    }
    if text(size) == "unbounded"
        && let Some(overflow) = options.given("overflow")
    {
        let message = "`overflow` never applies, because an unbounded mailbox is never full; remove it, or set a \
                       capacity as in `mailbox = 1024`";
        diag.error(overflow, message);
    }
}

fn mailbox(size: &Expr) -> Mailbox {
    if text(size) == "unbounded" {
        Mailbox::Unbounded
    } else {
        Mailbox::Bounded(Box::new(size.clone()))
    }
}
