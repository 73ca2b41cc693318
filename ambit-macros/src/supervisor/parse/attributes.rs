//! The options of a block and of its methods.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Expr, ExprCall, Path};

use crate::diag::{Diag, text};
use crate::markers::{self, Marker};
use crate::options::{CRATE, OptionRule, OptionTable, Options, Shape, meant};
use crate::supervisor::model::{ChildOptions, Shutdown, SupervisorOptions};

const SUPERVISOR: OptionTable = OptionTable {
    attribute: "#[supervisor]",
    rules: &[
        OptionRule {
            name: "strategy",
            shape: Shape::Word(&["OneForOne", "OneForAll", "RestForOne"]),
        },
        OptionRule {
            name: "restarts",
            shape: Shape::Expr("3"),
        },
        OptionRule {
            name: "within",
            shape: Shape::Expr("Duration::from_secs(5)"),
        },
        OptionRule {
            name: "auto_shutdown",
            shape: Shape::Word(&["Never", "Any", "All"]),
        },
        OptionRule {
            name: "vis",
            shape: Shape::Vis,
        },
        CRATE,
    ],
};

const CHILD: OptionTable = OptionTable {
    attribute: "#[child]",
    rules: &[
        OptionRule {
            name: "restart",
            shape: Shape::Word(&["Permanent", "Transient", "Temporary"]),
        },
        OptionRule {
            name: "shutdown",
            shape: Shape::Expr("Brutal | Infinity | Duration::from_secs(5)"),
        },
        OptionRule {
            name: "significant",
            shape: Shape::Word(&["true", "false"]),
        },
        OptionRule {
            name: "id",
            shape: Shape::Refused(
                "the id of a child is the name of its method; remove `id`, and rename the method",
            ),
        },
    ],
};

/// Reads `#[supervisor(..)]`.
pub(in crate::supervisor) fn supervisor_options(
    tokens: TokenStream,
    diag: &Diag,
) -> SupervisorOptions {
    let options = Options::read(tokens, &SUPERVISOR, diag);
    let auto_shutdown = options.ident("auto_shutdown");
    // An invalid value must not make the significant children report another error.
    let any = || Ident::new("Any", Span::call_site());
    SupervisorOptions {
        krate: options.path("crate").cloned(),
        vis: options.vis("vis").cloned(),
        strategy: options.ident("strategy"),
        restarts: options.expr("restarts").cloned(),
        within: options.expr("within").cloned(),
        auto_shutdown: auto_shutdown.or_else(|| options.is_unread("auto_shutdown").then(any)),
    }
}

/// Reads `#[child(..)]`.
pub(super) fn child_options(marker: &Marker<markers::Child>, diag: &Diag) -> ChildOptions {
    let options = if marker.hidden {
        Options::default()
    } else {
        Options::of(&marker.attribute, &CHILD, diag)
    };
    ChildOptions {
        restart: options.ident("restart"),
        shutdown: options
            .expr("shutdown")
            .and_then(|value| shutdown(value, diag)),
        significant: options.ident("significant"),
    }
}

/// Distinguishes a word from an expression.
fn shutdown(value: &Expr, diag: &Diag) -> Option<Shutdown> {
    const WORDS: [&str; 2] = ["Brutal", "Infinity"];
    const USAGE: &str = "write `shutdown = Brutal | Infinity | Duration::from_secs(5)`";
    match value {
        Expr::Group(group) => shutdown(&group.expr, diag),
        Expr::Path(path) if is_word(&path.path) => {
            let word = path.path.get_ident()?;
            let written = word.to_string();
            if WORDS.contains(&written.as_str()) {
                return Some(Shutdown::Word(word.clone()));
            }
            let meant = meant(&written, WORDS);
            diag.error(word, format!("unknown value `{written}`{meant} {USAGE}"));
            None
        }
        Expr::Call(ExprCall { func, args, .. }) if text(func) == "After" => {
            let message = format!(
                "option `shutdown` takes the duration itself; write `shutdown = {}`",
                text(args)
            );
            diag.error(value, message);
            None
        }
        value => Some(Shutdown::Expr(Box::new(value.clone()))),
    }
}

/// Returns whether a path is one word written like a variant, and not like a constant.
fn is_word(path: &Path) -> bool {
    let Some(word) = path.get_ident() else {
        return false;
    };
    let word = word.to_string();
    word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}
