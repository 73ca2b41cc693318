//! The names of methods on the wire.

use syn::LitStr;

use super::duplicates::DuplicateKeys;
use crate::diag::{Diag, text};
use crate::gen_server::model::{Arg, Handler, Server};
use crate::wire_name::tag;

/// Checks that the methods of one protocol have different names on the wire, and different tags.
pub(super) fn names(server: &Server, diag: &Diag) {
    if let Some(protocol) = &server.options.protocol {
        let calls = server.calls.iter().map(|call| &call.handler);
        for renamed in calls.chain(&server.casts).flat_map(renamed) {
            let message = format!(
                "what an argument is called on the wire is said in the protocol; move `rename` to `{}`",
                text(protocol)
            );
            diag.error(renamed, message);
        }
        if let Some(remote) = &server.options.remote {
            let message = format!(
                "what a server is called on the wire is said in its protocol; move `remote` to `{}`",
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
        arguments(method, diag);
        let name = method.wire_name();
        let Some(earlier) = seen.earlier(tag(&name), method) else {
            continue;
        };
        if earlier != method.ident {
            let message = format!(
                "`{earlier}` and `{}` have the same tag on the wire; give one of them another name there, `tag = \"..\"`",
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

/// Checks that the arguments of one method have different names on the wire.
fn arguments(method: &Handler, diag: &Diag) {
    for arg in &method.args {
        let same = |other: &&Arg| other.ident != arg.ident && other.wire_name() == arg.wire_name();
        if let Some(renamed) = &arg.renamed
            && let Some(other) = method.args.iter().find(same)
        {
            let message = format!(
                "`{}` and `{}` have the same name on the wire; choose another one, `rename = \"..\"`",
                other.ident, arg.ident
            );
            diag.error(renamed, message);
        }
    }
}

fn without_effect(method: &Handler, diag: &Diag) {
    for renamed in renamed(method) {
        diag.error(
            renamed,
            "`rename` names an argument on the wire, and this method is not on it; remove `rename`, or write `remote = \"..\"` above",
        );
    }
    if let Some(tag) = &method.tag {
        diag.error(
            tag,
            "`tag` names a method on the wire, and this one is not on it; remove `tag`, or write `remote = \"..\"` above",
        );
    }
}
