//! What the methods are called on the wire.

use super::Seen;
use crate::diag::{Diag, text};
use crate::gen_server::model::{Handler, Server};
use crate::wire_name::tag;

/// Two methods of one protocol have different names on the wire, and different tags.
pub(super) fn names(server: &Server, diag: &Diag) {
    if let Some(protocol) = &server.options.protocol {
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
    let mut seen = Seen::default();
    for method in methods {
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

fn without_effect(method: &Handler, diag: &Diag) {
    if let Some(tag) = &method.tag {
        diag.error(
            tag,
            "`tag` names a method on the wire, and this one is not on it; remove `tag`, or write `remote = \"..\"` above",
        );
    }
}
