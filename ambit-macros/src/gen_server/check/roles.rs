//! A block without roles: a server that cannot receive any message.

use crate::block::{Block, BlockItem, OtherKind};
use crate::diag::Diag;
use crate::gen_server::model::Server;

/// Reports a block that has methods but no role. An empty block is a server that is only started and stopped; a method
/// that cannot be parsed, or whose attribute may be a misspelt role, has been reported already.
pub(crate) fn missing(block: &Block, server: &Server, diag: &Diag) {
    /// Attributes that are not misspelt roles.
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
    let is_plain = |item: &BlockItem| match item {
        BlockItem::Method(method) => method.attrs.iter().all(|attribute| {
            let path = attribute.path();
            PLAIN.iter().any(|name| path.is_ident(name))
        }),
        BlockItem::Other(other) => matches!(other.kind, OtherKind::Assoc),
    };
    let has_no_role = server.unmarked.len() == server.methods.len();
    // Functions without `self` are not handlers that lack a role.
    let mut methods = block.items.iter().filter_map(|item| match item {
        BlockItem::Method(method) => method.sig.receiver().map(|_| &method.sig.ident),
        BlockItem::Other(_) => None,
    });
    let Some(first) = methods.next().filter(|_| has_no_role) else {
        return;
    };
    if server.options.protocol.is_none() && block.items.iter().all(is_plain) {
        let server = &server.name;
        let message = format!(
            "no method in this block has a role, so `{server}` cannot receive messages; mark message handlers \
             with `#[call]`, `#[cast]` or `#[info]`, and the constructor with `#[init]`"
        );
        diag.error(first, message);
    }
}
