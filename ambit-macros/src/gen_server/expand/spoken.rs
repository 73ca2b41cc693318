//! What ties a server to a protocol from elsewhere.
//!
//! The protocol cannot be seen from here. So the server says which methods it has, each by a number that is made of its
//! name; and the trait of the protocol demands those it knows, each with a text of its own.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Path;

use super::Cx;
use crate::gen_server::model::Handler;
use crate::names::number;

/// Says which messages the server handles, and that these are all of the protocol.
pub(super) fn items(cx: &Cx<'_>, protocol: &Path) -> TokenStream {
    let (private, server) = (&cx.private, &cx.server.self_ty);
    let implements = |of_trait: &TokenStream| {
        let (ty, clause) = (server.to_token_stream(), cx.user_where());
        cx.trait_impl(of_trait, &ty, &clause, &TokenStream::new())
    };
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    let mut seen: Vec<&Handler> = Vec::new();
    let handled = calls.chain(&cx.server.casts).filter_map(|handler| {
        let again = seen.iter().any(|earlier| earlier.ident == handler.ident);
        // A second one under a `cfg` is another one.
        if again && !handler.attrs.has_cfg() {
            return None;
        }
        seen.push(handler);
        let (cfgs, number) = (&handler.attrs.cfgs, number(&handler.ident));
        let handled = implements(&quote!(#private::Handled<#number>));
        Some(quote!(#(#cfgs)* #handled))
    });
    let handled: TokenStream = handled.collect();
    let speaks = implements(&protocol.to_token_stream());
    quote!(#handled #speaks)
}
