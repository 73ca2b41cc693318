//! Rules that concern more than one method of a block.
//!
//! What breaks a rule is noted, and taken out of the model where the compiler would otherwise
//! repeat the complaint for each generated item.

use proc_macro2::Ident;
use quote::ToTokens;

use super::model::{Handler, Server};
use crate::block::{Block, Item};
use crate::diag::Diag;
use crate::names;

/// Checks a block as a whole.
pub(crate) fn server(server: &mut Server, unmarked: &[Ident], diag: &Diag) {
    only_one(
        &mut server.inits,
        "init",
        "take an enum or a struct that says what differs",
        |init| &init.handler,
        diag,
    );
    only_one(
        &mut server.terminates,
        "terminate",
        "do both in one method",
        |last| &last.handler,
        diag,
    );
    distinct_variants(server, diag);
    distinct_infos(server, diag);
    reserved_names(server, unmarked, diag);
}

/// A server has one `#[init]` and one `#[terminate]`, unless `cfg` chooses between several.
fn only_one<T>(
    methods: &mut Vec<T>,
    role: &str,
    instead: &str,
    handler: fn(&T) -> &Handler,
    diag: &Diag,
) {
    let Some(first) = methods.first() else { return };
    let chosen_by_cfg = methods.iter().all(|method| handler(method).attrs.has_cfg());
    if chosen_by_cfg {
        return;
    }
    let first = handler(first).ident.to_string();
    for second in methods.iter().skip(1) {
        let message =
            format!("`{first}` is the `#[{role}]` already, and there can be one; {instead}");
        diag.error(&handler(second).ident, message);
    }
    methods.truncate(1);
}

/// Two methods of one kind cannot share a variant.
fn distinct_variants(server: &mut Server, diag: &Diag) {
    let mut calls = Seen::default();
    server
        .calls
        .retain(|call| calls.is_new(&call.handler, diag));
    let mut casts = Seen::default();
    server.casts.retain(|cast| casts.is_new(cast, diag));
    let mut infos = Seen::default();
    server
        .infos
        .retain(|info| infos.is_new(&info.handler, diag));
    let mut continues = Seen::default();
    server.continues.retain(|next| continues.is_new(next, diag));
}

/// The methods of one kind so far.
#[derive(Default)]
struct Seen {
    methods: Vec<(Ident, Ident, bool)>,
}

impl Seen {
    /// Notes a method; `false` if an earlier one has the same variant.
    ///
    /// Two methods with the same name are the compiler's to complain of, and under `cfg` they are
    /// no mistake.
    fn is_new(&mut self, handler: &Handler, diag: &Diag) -> bool {
        let variant = names::variant(&handler.ident);
        let has_cfg = handler.attrs.has_cfg();
        let earlier = self
            .methods
            .iter()
            .find(|(_, other, other_cfg)| *other == variant && !(has_cfg && *other_cfg));
        if let Some((method, ..)) = earlier {
            if *method != handler.ident {
                let message =
                    format!("this method and `{method}` would both be `{variant}`; rename one");
                diag.error(&handler.ident, message);
            }
            return false;
        }
        self.methods.push((handler.ident.clone(), variant, has_cfg));
        true
    }
}

/// Two infos cannot take the same type; equal tokens are caught before the compiler sees them.
fn distinct_infos(server: &mut Server, diag: &Diag) {
    let mut seen: Vec<(String, Ident, bool)> = Vec::new();
    server.infos.retain(|info| {
        let message = info.message.to_token_stream().to_string();
        let has_cfg = info.handler.attrs.has_cfg();
        let earlier = seen
            .iter()
            .find(|(other, _, other_cfg)| *other == message && !(has_cfg && *other_cfg));
        if let Some((_, method, _)) = earlier {
            let message = format!("`{method}` handles this type already; one `#[info]` per type");
            diag.error(&info.message, message);
            return false;
        }
        seen.push((message, info.handler.ident.clone(), has_cfg));
        true
    });
}

/// Names that generated functions have, where a user's function cannot take their place.
fn reserved_names(server: &mut Server, unmarked: &[Ident], diag: &Diag) {
    for method in &server.taken {
        if method == "start" {
            let message =
                "`#[gen_server]` writes `start`, which starts the server; choose another name";
            diag.error(method, message);
        }
    }
    for method in unmarked {
        let name = method.to_string();
        if let "handle_now" | "handle_call" | "handle_cast" | "handle_info" | "handle_continue" =
            name.as_str()
        {
            let message = format!(
                "`#[gen_server]` writes `{name}` itself; mark the methods it shall run with `#[call]`, \
                 `#[cast]`, `#[info]` or `#[continue_with]`"
            );
            diag.error(method, message);
        }
    }
    let subject = format!("{}Subject", server.name);
    server
        .calls
        .retain(|call| is_free(&call.handler, &subject, diag));
    server.casts.retain(|cast| is_free(cast, &subject, diag));
}

fn is_free(handler: &Handler, subject: &str, diag: &Diag) -> bool {
    if handler.ident == "clone" {
        let message =
            format!("`clone` would hide how a `{subject}` is copied; choose another name");
        diag.error(&handler.ident, message);
        return false;
    }
    if handler.ident == "via" {
        let message =
            format!("`{subject}::via` looks a server up in a registry; choose another name");
        diag.error(&handler.ident, message);
        return false;
    }
    true
}

/// The methods of a block, before markers are taken off, that have no role.
pub(crate) fn unmarked(block: &Block, server: &Server) -> Vec<Ident> {
    let methods = block.items.iter().filter_map(|item| match item {
        Item::Method(method) => Some(&method.sig.ident),
        Item::Other(_) => None,
    });
    methods
        .filter(|name| !server.handlers().any(|handler| handler.ident == **name))
        .cloned()
        .collect()
}
