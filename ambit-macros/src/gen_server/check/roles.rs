//! A block without roles: a server that cannot receive any message.

use crate::block::{Block, BlockItem, OtherKind};
use crate::diag::Diag;
use crate::gen_server::model::Server;
use crate::plain_attributes;

/// Reports a block that has methods but no role. An empty block is a server that is only started and stopped; a method
/// that cannot be parsed, or whose attribute may be a misspelt role, has been reported already.
pub(crate) fn missing(block: &Block, server: &Server, diag: &Diag) {
    let is_plain = |item: &BlockItem| match item {
        BlockItem::Method(method) => plain_attributes::are_plain(&method.attrs),
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
