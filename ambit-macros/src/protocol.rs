//! `#[protocol]`: turns a trait into a handle that is independent of its servers.
//!
//! A protocol is the interface of a server, without the server; so it is read into the same model, and the same
//! expansion generates its messages and its handle. In addition it generates the requirements on its servers, and a
//! mock.

mod check;
mod expand;
pub(crate) mod item;
mod parse;

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use self::item::Trait;
use crate::diag::Diag;
use crate::fallback;
use crate::gen_server;
use crate::markers::{self, Markers};
use crate::options;

/// Expands `#[protocol(options)]` on `item`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let diag = Diag::default();
    let options = parse::options(options, &diag);
    let ambit = options.ambit();
    let markers = Markers::new(options.path(options::CRATE.name));
    let mut item: Trait = match syn::parse2(item.clone()) {
        Ok(item) => item,
        Err(error) => return not_a_trait(item, error, &markers, diag),
    };
    if !check::head(&item, &diag) {
        let errors = diag.into_tokens();
        return quote!(#item #errors);
    }
    let (mut protocol, hover) = parse::protocol(&options, &mut item, &markers, &diag);
    check::distinct_names(&mut protocol, &diag);
    gen_server::check::server(&mut protocol, &diag);
    let hover = markers::hover(&ambit, &hover);
    let cx = gen_server::expand::Cx::of_protocol(&protocol, ambit);
    let calls = protocol.calls.iter().map(|call| &call.handler);
    let messages = calls.chain(&protocol.casts);
    item.documents(&protocol.name, &|name| {
        messages.clone().any(|message| message.ident == name)
    });
    item.demands = expand::demanded(&cx);
    let generated = expand::items(&cx);
    let errors = diag.into_tokens();
    quote!(#item #generated #hover #errors)
}

/// Reports an item that is not a trait, or one whose head cannot be parsed.
fn not_a_trait(
    item: &TokenStream,
    error: syn::Error,
    markers: &Markers,
    diag: Diag,
) -> TokenStream {
    match fallback::keyword(item) {
        Some(TokenTree::Ident(keyword)) if keyword == "trait" => diag.push(error),
        Some(other) => diag.error(
            other,
            "`#[protocol]` can only be applied to a trait; write `#[protocol] trait Kv { .. }`",
        ),
        None => diag.push(error),
    }
    fallback::refused(item, markers, diag)
}
