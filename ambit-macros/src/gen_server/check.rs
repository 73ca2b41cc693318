//! Rules that concern more than one method of a block.
//!
//! Violations are reported. Callers keep the method where possible; otherwise it is removed from the model, because the
//! compiler would repeat the error for each generated item.

pub(crate) mod duplicates;
pub(crate) mod roles;
mod wire;

use proc_macro2::Ident;
use quote::ToTokens;

use self::duplicates::DuplicateKeys;
use super::model::{Handler, InvalidMethod, Method, Server};
use crate::diag::Diag;
use crate::names;

/// Checks a block as a whole.
pub(crate) fn server(server: &mut Server, diag: &Diag) {
    only_one(
        &mut server.inits,
        "init",
        "take an enum or a struct to distinguish the cases",
        |init| &init.handler,
        diag,
    );
    only_one(
        &mut server.terminates,
        "terminate",
        "merge the two methods",
        |last| &last.handler,
        diag,
    );
    distinct_variants(server, diag);
    distinct_infos(server, diag);
    reserved_names(server, diag);
    wire::names(server, diag);
}

/// Checks that a server has one `#[init]` and one `#[terminate]`, unless `cfg` chooses between several.
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
        let message = format!(
            "`{first}` is already the `#[{role}]` method, and only one is allowed; {instead}"
        );
        diag.error(&handler(second).ident, message);
    }
    methods.truncate(1);
}

/// Removes the methods with the name of an earlier one. The compiler reports them, and would report the items generated
/// for them as well.
pub(super) fn distinct_methods(server: &mut Server) {
    let mut seen = DuplicateKeys::default();
    let mut is_new = |handler: &Handler| seen.earlier(handler.ident.clone(), handler).is_none();
    server.calls.retain(|call| is_new(&call.handler));
    server.casts.retain(&mut is_new);
    server.infos.retain(|info| is_new(&info.handler));
    server.continues.retain(&mut is_new);
}

/// Checks that two methods of one kind do not share a variant.
fn distinct_variants(server: &mut Server, diag: &Diag) {
    let mut calls = DuplicateKeys::default();
    server
        .calls
        .retain_mut(|call| stays(&mut calls, &mut call.handler, diag));
    let mut casts = DuplicateKeys::default();
    server
        .casts
        .retain_mut(|cast| stays(&mut casts, cast, diag));
    let mut infos = DuplicateKeys::default();
    server
        .infos
        .retain(|info| same_variant(&mut infos, &info.handler, diag).is_none());
    let mut continues = DuplicateKeys::default();
    server
        .continues
        .retain(|next| same_variant(&mut continues, next, diag).is_none());
}

/// Returns whether callers keep a method; it loses its body if an earlier one has its variant.
fn stays(seen: &mut DuplicateKeys<Ident>, handler: &mut Handler, diag: &Diag) -> bool {
    let Some(earlier) = same_variant(seen, handler, diag) else {
        return true;
    };
    handler.poisoned.get_or_insert_with(InvalidMethod::default);
    earlier != handler.ident
}

/// Reports that an earlier method has the same variant, and returns its name.
///
/// The compiler reports two methods with the same name.
fn same_variant(seen: &mut DuplicateKeys<Ident>, handler: &Handler, diag: &Diag) -> Option<Ident> {
    let variant = names::variant(&handler.ident);
    let method = seen.earlier(variant.clone(), handler)?;
    if method != handler.ident {
        let generated = format!("variant `{variant}`");
        diag.error(&handler.ident, both_generate(&method, &generated));
    }
    Some(method)
}

/// Returns the error of a method for which an item is generated that an earlier method has already.
pub(crate) fn both_generate(earlier: &Ident, generated: &str) -> String {
    format!("this method and `{earlier}` both generate the {generated}; rename one of them")
}

/// Checks that two infos do not take the same type; equal tokens are reported before the compiler sees them. The
/// events of a state machine have been checked already.
fn distinct_infos(server: &mut Server, diag: &Diag) {
    let is_machine = server.attribute == "state_machine";
    let mut seen = DuplicateKeys::default();
    server.infos.retain(|info| {
        let key = info.message.to_token_stream().to_string();
        let earlier = seen.earlier(key, &info.handler);
        if let Some(method) = earlier.as_ref().filter(|_| !is_machine) {
            let message =
                format!("`{method}` already handles this type; keep one `#[info]` method per type");
            diag.error(&info.message, message);
        }
        earlier.is_none()
    });
}

/// The names of generated functions that a user's function cannot replace.
fn reserved_names(server: &mut Server, diag: &Diag) {
    let (attribute, next) = match server.attribute {
        machine @ "state_machine" => (machine, "internal"),
        attribute => (attribute, "continue_with"),
    };
    for Method { ident, .. } in &server.methods {
        // A protocol method `start` keeps its name, so the server is started by `ambit::start`.
        let messages = server.calls.iter().map(|call| &call.handler);
        let is_bound = server.options.protocol.is_some()
            && messages
                .chain(&server.casts)
                .any(|message| message.ident == *ident);
        if ident == "start" && !is_bound {
            let message = format!(
                "`#[{attribute}]` generates `start`, which starts the server; choose another name"
            );
            diag.error(ident, message);
        }
    }
    for method in &server.unmarked {
        let name = method.to_string();
        if let "handle_now" | "handle_call" | "handle_cast" | "handle_info" | "handle_continue" =
            name.as_str()
        {
            let message = format!(
                "`#[{attribute}]` generates `{name}`; mark the handlers with `#[call]`, `#[cast]`, `#[info]` or \
                 `#[{next}]`"
            );
            diag.error(method, message);
        }
    }
    let subject = names::subject(&server.name).to_string();
    server
        .calls
        .retain(|call| is_free(&call.handler, &subject, diag));
    server.casts.retain(|cast| is_free(cast, &subject, diag));
}

fn is_free(handler: &Handler, subject: &str, diag: &Diag) -> bool {
    if handler.ident == "clone" {
        let message =
            format!("`clone` would shadow `Clone::clone` of `{subject}`; choose another name");
        diag.error(&handler.ident, message);
        return false;
    }
    if handler.ident == "via" {
        let message = format!(
            "`via` conflicts with `{subject}::via`, which looks up a server in a registry; choose \
                     another name"
        );
        diag.error(&handler.ident, message);
        return false;
    }
    true
}
