//! From the model to tokens: the interface, generated like that of a server; the requirements on servers; the mock.

mod mock;
mod supertraits;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::gen_server::expand::{Cx, interface};
use crate::gen_server::model::Handler;
use crate::names::{plain_name, variant};

pub(super) use self::supertraits::demanded;

/// Generates everything beside the trait.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let (checks, interface) = (&cx.checks, interface(cx));
    let names = method_names(cx);
    let demands = supertraits::items(cx);
    let mock = mock::items(cx);
    quote!(#checks #interface #names #demands #mock)
}

/// Generates the function that names the method of a message, for reports.
fn method_names(cx: &Cx<'_>) -> TokenStream {
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    let calls = names_of(cx, &cx.names.call, calls.filter(|call| call.runs()));
    let casts = cx.server.casts.iter().filter(|cast| cast.runs());
    let casts = names_of(cx, &cx.names.cast, casts);
    quote!(#calls #casts)
}

fn names_of<'a>(
    cx: &Cx<'_>,
    message: &Ident,
    methods: impl Iterator<Item = &'a Handler>,
) -> TokenStream {
    let (private, generics) = (&cx.private, cx.ty_generics());
    let arms = methods.map(|handler| {
        let (cfgs, variant, name) = (
            &handler.attrs.cfgs,
            variant(&handler.ident),
            plain_name(&handler.ident),
        );
        quote!(#(#cfgs)* Self::#variant { .. } => #name,)
    });
    let named = cx.trait_impl(
        &quote!(#private::MethodName),
        &quote!(#message #generics),
        &cx.user_where(),
        &quote! {
            fn method_name(&self) -> &'static #private::core::primitive::str {
                match *self { #(#arms)* _ => "" }
            }
        },
    );
    quote!(#[allow(unreachable_patterns)] #named)
}
