//! What a handle is, apart from its methods: a value, and a way to the process.

use proc_macro2::TokenStream;
use quote::quote;

use crate::gen_server::expand::Cx;

/// Writes the trait impls of the handle.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let values = value_traits(cx);
    let conversions = conversions(cx);
    quote!(#values #conversions)
}

/// `Clone`, `Debug`, `PartialEq`, `Eq`, `Hash`: written out, since deriving them would ask the same
/// of the server's type parameters.
fn value_traits(cx: &Cx<'_>) -> TokenStream {
    let core = &cx.core;
    let (name, param, generics) = (&cx.names.subject, &cx.names.param, cx.ty_generics());
    let subject = quote!(#name #generics);
    let clause = cx.protocol_where();
    let traits = [
        cx.trait_impl(
            &quote!(#core::clone::Clone),
            &subject,
            &clause,
            &quote! {
                fn clone(&self) -> Self { Self(#core::clone::Clone::clone(&self.0)) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::fmt::Debug),
            &subject,
            &clause,
            &quote! {
                fn fmt(&self, formatter: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                    #core::fmt::Debug::fmt(&self.0, formatter)
                }
            },
        ),
        cx.trait_impl(
            &quote!(#core::cmp::PartialEq),
            &subject,
            &clause,
            &quote! {
                fn eq(&self, other: &Self) -> bool { #core::cmp::PartialEq::eq(&self.0, &other.0) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::cmp::Eq),
            &subject,
            &clause,
            &TokenStream::new(),
        ),
        cx.trait_impl(
            &quote!(#core::hash::Hash),
            &subject,
            &clause,
            &quote! {
                fn hash<#param: #core::hash::Hasher>(&self, state: &mut #param) {
                    #core::hash::Hash::hash(&self.0, state);
                }
            },
        ),
    ];
    traits.into_iter().collect()
}

/// The ways between the handle, the subject and the untyped process.
fn conversions(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let (name, generics, server) = (&cx.names.subject, cx.ty_generics(), &cx.server.self_ty);
    let handle = quote!(#name #generics);
    let subject = quote!(#ambit::Subject<#server>);
    let clause = cx.protocol_where();
    let traits = [
        // Untyped, because an associated type of a public handle may not name a private server.
        cx.trait_impl(
            &quote!(#core::ops::Deref),
            &handle,
            &clause,
            &quote! {
                type Target = #ambit::Process;
                fn deref(&self) -> &Self::Target { #core::ops::Deref::deref(&self.0) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::convert::AsRef<#subject>),
            &handle,
            &clause,
            &quote! {
                fn as_ref(&self) -> &#subject { &self.0 }
            },
        ),
        cx.trait_impl(
            &quote!(#core::convert::From<#subject>),
            &handle,
            &clause,
            &quote! {
                fn from(subject: #subject) -> Self { Self(subject) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::convert::From<#handle>),
            &subject,
            &clause,
            &quote! {
                fn from(handle: #handle) -> Self { handle.0 }
            },
        ),
        cx.trait_impl(
            &quote!(#ambit::Target),
            &handle,
            &clause,
            &quote! {
                fn __resolve(&self) -> #private::Resolved { #private::resolve_target(&self.0) }
            },
        ),
    ];
    traits.into_iter().collect()
}
