//! The names of methods on the wire.

use syn::LitStr;

use super::duplicates::DuplicateKeys;
use crate::argument;
use crate::diag::{Diag, text};
use crate::gen_server::model::{Handler, Server};
use crate::wire_name::tag;

/// Checks that the methods of one protocol have different names on the wire, and different tags.
pub(super) fn names(server: &Server, diag: &Diag) {
    for init in &server.inits {
        match &server.options.remote {
            Some(_) => argument::different_names(&init.handler.args, diag),
            None => without_effect(&init.handler, diag),
        }
    }
    if let Some(protocol) = &server.options.protocol {
        let calls = server.calls.iter().map(|call| &call.handler);
        for renamed in calls.chain(&server.casts).flat_map(renamed) {
            let message = format!(
                "the protocol defines the wire names of arguments; move `rename` to `{}`",
                text(protocol)
            );
            diag.error(renamed, message);
        }
        if let (Some(remote), []) = (&server.options.remote, server.inits.as_slice()) {
            let message = format!(
                "`{}` defines the wire name of the messages, and `remote` the name under which other nodes start this \
                 server; give it an `#[init]`, whose arguments are sent, or remove `remote`",
                text(protocol)
            );
            diag.error(remote, message);
        }
        return;
    }
    let calls = server.calls.iter().map(|call| &call.handler);
    let methods = calls.chain(&server.casts).filter(|method| method.runs());
    if server.options.remote.is_none() {
        methods.for_each(|method| without_effect(method, diag));
        return;
    }
    let mut seen = DuplicateKeys::default();
    for method in methods {
        argument::different_names(&method.args, diag);
        let name = method.wire_name();
        let Some(earlier) = seen.earlier(tag(&name), method) else {
            continue;
        };
        if earlier != method.ident {
            let message = format!(
                "`{earlier}` and `{}` have the same wire tag; set another tag for one of them, `tag = \"..\"`",
                method.ident
            );
            match &method.tag {
                Some(tag) => diag.error(tag, message),
                None => diag.error(&method.ident, message),
            }
        }
    }
}

/// The names that arguments have on the wire in addition to their own.
fn renamed(method: &Handler) -> impl Iterator<Item = &LitStr> {
    method.args.iter().filter_map(|arg| arg.renamed.as_ref())
}

fn without_effect(method: &Handler, diag: &Diag) {
    for renamed in renamed(method) {
        diag.error(
            renamed,
            "`rename` has no effect without `remote = \"..\"`; remove `rename`, or add `remote` to the \
             attribute of the enclosing block",
        );
    }
    if let Some(tag) = &method.tag {
        diag.error(
            tag,
            "`tag` has no effect without `remote = \"..\"`; remove `tag`, or add `remote` to the attribute of \
             the enclosing block",
        );
    }
}
