//! Casts are `Clone` if all their arguments are, so that one cast can be sent to every member of a group.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::arguments::fields;
use super::cx::Cx;
use crate::gen_server::model::Handler;
use crate::names::variant;
use crate::spans::deferred;
use crate::types::{is_boxed_closure, is_surely_cloned_function};

/// Generates the `Clone` impl of the casts. Its bounds are deferred: they apply only where a cast is cloned.
///
/// A predicate cannot have a `cfg`, so the enum has no `Clone` if a cast with arguments is under a `cfg`, or if a cast
/// holds casts, since whether these are `Clone` could depend on the result. A boxed closure is never `Clone`.
pub(super) fn of_casts(cx: &Cx<'_>, unused_arm: &TokenStream) -> TokenStream {
    let (ambit, private, cast) = (&cx.ambit, &cx.private, &cx.names.cast);
    let casts: Vec<&Handler> = cx.server.casts.iter().filter(|cast| cast.runs()).collect();
    let mut conditional = casts.iter().filter(|cast| cast.attrs.has_cfg());
    let mut args = casts.iter().flat_map(|cast| &cast.args);
    if conditional.any(|cast| !cast.args.is_empty())
        || args.any(|arg| holds_casts(arg.ty.to_token_stream()) || is_boxed_closure(&arg.ty))
    {
        return TokenStream::new();
    }
    let variants = casts.iter().map(|cast| {
        let (cfgs, names, ident) = (&cast.attrs.cfgs, fields(cast), variant(&cast.ident));
        let arguments = (!names.is_empty()).then(|| quote!({ #(#names)* }));
        quote!([#(#cfgs)*] #ident #arguments)
    });
    let (generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    let mut bounds = bounds(private, &casts);
    if cx.sends_own_handle() {
        bounds.push(deferred(&cx.server.self_ty, &quote!(#ambit::Protocol)));
    }
    let clause = cx.where_clause(&bounds);
    quote! {
        #ambit::written::clone_messages! {
            [#generics] #cast #ty_generics, [#clause] { #(#variants)* } [#unused_arm]
        }
    }
}

/// Returns whether a type may mention `CounterCast`, of this server or of another, or `<Counter as Protocol>::Cast`. A
/// plain `Cast` without a path is none of them.
fn holds_casts(ty: TokenStream) -> bool {
    let mut is_in_path = false;
    ty.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => {
            let is_plain = !std::mem::take(&mut is_in_path) && ident == "Cast";
            !is_plain && ident.to_string().ends_with("Cast")
        }
        TokenTree::Group(group) => holds_casts(group.stream()),
        TokenTree::Punct(punct) => {
            is_in_path = punct.as_char() == ':';
            false
        }
        TokenTree::Literal(_) => false,
    })
}

/// Returns one predicate per type of argument.
fn bounds(private: &TokenStream, casts: &[&Handler]) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut predicates = Vec::new();
    for arg in casts.iter().flat_map(|cast| &cast.args) {
        let ty = &arg.ty;
        if is_surely_cloned_function(ty) {
            continue;
        }
        let predicate = deferred(ty, &quote!(#private::Clone));
        let key = predicate.to_string();
        if !seen.contains(&key) {
            seen.push(key);
            predicates.push(predicate);
        }
    }
    predicates
}
