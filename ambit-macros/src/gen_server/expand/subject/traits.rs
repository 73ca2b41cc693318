//! What a handle is, apart from its methods: a value, and a way to the process.

use proc_macro2::TokenStream;
use quote::quote;

use crate::gen_server::expand::Cx;
use crate::handle::Handle;

/// Writes the trait impls of the handle.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let handle = Handle {
        core: &cx.core,
        name: &cx.names.subject,
        generics: &cx.server.generics,
        clause: cx.protocol_where(),
        param: &cx.names.param,
        rest: TokenStream::new(),
    };
    let values = handle.value_traits();
    let conversions = conversions(cx, &handle);
    quote!(#values #conversions)
}

/// The ways between the handle, the subject and the untyped process.
fn conversions(cx: &Cx<'_>, handle: &Handle<'_>) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let (server, ty) = (&cx.server.self_ty, handle.ty());
    let subject = quote!(#ambit::Subject<#server>);
    let traits = [
        // Untyped, because an associated type of a public handle may not name a private server.
        handle.implements(
            &quote!(#core::ops::Deref),
            &quote! {
                type Target = #ambit::Process;
                fn deref(&self) -> &Self::Target { #core::ops::Deref::deref(&self.0) }
            },
        ),
        handle.implements(
            &quote!(#core::convert::AsRef<#subject>),
            &quote! {
                fn as_ref(&self) -> &#subject { &self.0 }
            },
        ),
        handle.implements(
            &quote!(#core::convert::From<#subject>),
            &quote! {
                fn from(subject: #subject) -> Self { Self(subject) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::convert::From<#ty>),
            &subject,
            &handle.clause,
            &quote! {
                fn from(handle: #ty) -> Self { handle.0 }
            },
        ),
        handle.implements(
            &quote!(#ambit::Target),
            &quote! {
                fn __resolve(&self) -> #private::Resolved { #private::resolve_target(&self.0) }
            },
        ),
    ];
    traits.into_iter().collect()
}
