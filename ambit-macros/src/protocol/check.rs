//! Checks of the head of a protocol, and of several of its methods together.

use proc_macro2::Ident;
use syn::GenericParam;

use super::item::Trait;
use crate::diag::{Diag, text};
use crate::gen_server::model::{Handler, Server};

/// Returns whether this trait can be a protocol; if not, each generated item would report it.
pub(super) fn head(item: &Trait, diag: &Diag) -> bool {
    if let Some(token) = item.qualifiers.clone().into_iter().next() {
        let message = format!("a protocol cannot be `{token}`; remove `{token}`");
        diag.error(token, message);
    }
    if !item.supertraits.is_empty() {
        let message = format!(
            "a protocol cannot have supertraits; remove `{}`, and declare the required methods here",
            text(&item.supertraits)
        );
        diag.error(&item.supertraits, message);
    }
    let lifetimes = item.generics.params.iter().filter_map(|param| match param {
        GenericParam::Lifetime(param) => Some(&param.lifetime),
        GenericParam::Type(_) | GenericParam::Const(_) => None,
    });
    let mut is_possible = true;
    for lifetime in lifetimes {
        is_possible = false;
        let message = format!(
            "a protocol cannot have a lifetime parameter, because its messages move to the server; remove \
             `{lifetime}`, and take owned data or an `Arc`"
        );
        diag.error(lifetime, message);
    }
    is_possible
}

/// Reports two methods with one name: the compiler does not see the methods, only the items generated from them.
pub(super) fn distinct_names(protocol: &mut Server, diag: &Diag) {
    let mut seen: Vec<(Ident, bool)> = Vec::new();
    let mut is_first = |handler: &Handler| {
        let has_cfg = handler.attrs.has_cfg();
        let mut earlier = seen.iter();
        if earlier.any(|(name, other)| *name == handler.ident && !(has_cfg && *other)) {
            let message = format!(
                "the method `{}` is defined multiple times; choose another name",
                handler.ident
            );
            diag.error(&handler.ident, message);
            return false;
        }
        seen.push((handler.ident.clone(), has_cfg));
        true
    };
    protocol.calls.retain(|call| is_first(&call.handler));
    protocol.casts.retain(|cast| is_first(cast));
}
