//! The typed handle: a newtype, so that its methods need no import and can be the user's own.

use proc_macro2::TokenStream;
use quote::quote;

use super::protocol::core;
use super::{Cx, docs, fields, lenient, method_docs};
use crate::gen_server::model::{Call, Handler, Poison, Reply};
use crate::names::variant;

/// Writes the handle, its methods and its traits.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let definition = definition(cx);
    let messages = messages(cx);
    let common = common(cx);
    let value_traits = value_traits(cx);
    let conversions = conversions(cx);
    quote!(#definition #messages #common #value_traits #conversions)
}

fn definition(cx: &Cx<'_>) -> TokenStream {
    let (ambit, vis, name) = (&cx.ambit, &cx.vis, &cx.names.subject);
    let (server, params, clause) = (
        &cx.server.self_ty,
        &cx.server.generics.params,
        cx.full_where(),
    );
    let generics = if params.is_empty() {
        TokenStream::new()
    } else {
        quote!(<#params>)
    };
    let doc = docs(
        &[],
        &format!(" The handle of a running `{}`.", cx.server.name),
    );
    let lenient = lenient();
    quote! {
        #doc
        #lenient
        #vis struct #name #generics (#ambit::Subject<#server>) #clause;
    }
}

/// One method per call and per cast.
fn messages(cx: &Cx<'_>) -> TokenStream {
    let calls = cx.server.calls.iter().map(|method| call(cx, method));
    let casts = cx.server.casts.iter().map(|method| cast(cx, method));
    let methods: TokenStream = calls.chain(casts).collect();
    if methods.is_empty() {
        methods
    } else {
        inherent_impl(cx, &methods)
    }
}

fn inherent_impl(cx: &Cx<'_>, methods: &TokenStream) -> TokenStream {
    let (name, clause) = (&cx.names.subject, cx.full_where());
    let (impl_generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    let lenient = lenient();
    quote!(#lenient impl #impl_generics #name #ty_generics #clause { #methods })
}

fn call(cx: &Cx<'_>, call: &Call) -> TokenStream {
    let (ambit, private, server) = (&cx.ambit, &cx.private, &cx.server.self_ty);
    let Call {
        handler,
        reply,
        timeout,
        ..
    } = call;
    let reply = match reply {
        Reply::Returned(ty) => quote!(#ty),
        Reply::Deferred(port) => quote!(<#port as #private::ReplyPort>::Value),
    };
    let (names, message, variant) = (fields(handler), &cx.names.call, variant(&handler.ident));
    let mut body =
        quote!(#ambit::Subject::call(&self.0, |reply| #message::#variant { #(#names,)* reply }));
    if let Some(timeout) = timeout {
        body = quote!(#private::call_with_timeout(#body, #timeout));
    }
    method(
        cx,
        handler,
        &quote!(#ambit::Call<'_, #server, #reply>),
        body,
    )
}

fn cast(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    let (ambit, server) = (&cx.ambit, &cx.server.self_ty);
    let (names, message, variant) = (fields(handler), &cx.names.cast, variant(&handler.ident));
    let fields = (!names.is_empty()).then(|| quote!({ #(#names),* }));
    let body = quote!(#ambit::Subject::send(&self.0, #message::#variant #fields));
    method(cx, handler, &quote!(#ambit::Cast<'_, #server>), body)
}

/// A method of the handle: the user's signature with another return type.
///
/// After a mistake only the body is missing, so that callers hear nothing of it.
fn method(cx: &Cx<'_>, handler: &Handler, output: &TokenStream, body: TokenStream) -> TokenStream {
    let Handler {
        ident,
        vis,
        attrs,
        args,
        poisoned,
        ..
    } = handler;
    let (cfgs, lints, docs) = (&attrs.cfgs, &attrs.lints, method_docs(cx, handler));
    let (names, types) = (fields(handler), args.iter().map(|arg| &arg.ty));
    let (generics, clause, body) =
        poisoned
            .as_ref()
            .map_or((None, None, body), |Poison { generics }| {
                let core = core(cx);
                let body = quote!(#core::panic!("this method does not compile"));
                (Some(generics), generics.where_clause.as_ref(), body)
            });
    let unused = poisoned
        .is_some()
        .then(|| quote!(#[allow(unused_variables)]));
    quote! {
        #(#cfgs)* #docs #(#lints)* #unused
        #vis fn #ident #generics (&self, #(#names: #types),*) -> #output #clause { #body }
    }
}

/// What every handle can do. A message of the same name takes the place of one of these, and
/// `Subject`'s own function stays reachable through `AsRef`.
fn common(cx: &Cx<'_>) -> TokenStream {
    let (ambit, std) = (&cx.ambit, core(cx));
    let (server, message, param) = (&cx.server.self_ty, &cx.names.cast, &cx.names.param);
    let (vis, generics) = (&cx.vis, cx.ty_generics());
    let functions = [
        (
            "send",
            quote! {
                /// Sends a cast that is at hand as a value.
                #vis fn send(&self, cast: #message #generics) -> #ambit::Cast<'_, #server> {
                    #ambit::Subject::send(&self.0, cast)
                }
            },
        ),
        (
            "reserve",
            quote! {
                /// Waits for room in the mailbox, and keeps it for one message.
                #vis fn reserve(&self) -> #ambit::Reserve<'_, #server> {
                    #ambit::Subject::reserve(&self.0)
                }
            },
        ),
        (
            "recipient",
            quote! {
                /// Narrows the handle to one type of info.
                #vis fn recipient<#param>(&self) -> #ambit::Recipient<#param>
                where
                    for<'__used> #server: #ambit::Handles<#param>,
                {
                    #ambit::Subject::recipient(&self.0)
                }
            },
        ),
        (
            "named",
            quote! {
                /// Refers to whoever holds the name when a message is sent.
                #vis fn named(name: &str) -> Self {
                    #ambit::Subject::<#server>::named(name)
                }
            },
        ),
        (
            "via",
            quote! {
                /// Refers to whoever the registry holds under the key when a message is sent.
                #vis fn via<#param: #ambit::Resolve<#server>>(
                    registry: &#param,
                    key: impl #std::convert::Into<#param::Key>,
                ) -> Self {
                    #ambit::Subject::<#server>::via(registry, key)
                }
            },
        ),
        (
            "with_timeout",
            quote! {
                /// Gives a handle whose calls and casts wait as long as this.
                #vis fn with_timeout(&self, timeout: #std::time::Duration) -> Self {
                    #ambit::Subject::with_timeout(&self.0, timeout)
                }
            },
        ),
        (
            "patiently",
            quote! {
                /// Gives a handle whose calls and casts wait for as long as it takes.
                #vis fn patiently(&self) -> Self {
                    #ambit::Subject::patiently(&self.0)
                }
            },
        ),
    ];
    let free = functions
        .iter()
        .filter(|(name, _)| !takes(cx, name))
        .map(|(_, function)| function);
    inherent_impl(cx, &free.cloned().collect())
}

/// Tells whether the user's messages have this name.
fn takes(cx: &Cx<'_>, name: &str) -> bool {
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    calls
        .chain(&cx.server.casts)
        .any(|handler| handler.ident == name)
}

/// `Clone`, `Debug`, `PartialEq`, `Eq`, `Hash`: written out, since deriving them would ask the same
/// of the server's type parameters.
fn value_traits(cx: &Cx<'_>) -> TokenStream {
    let core = core(cx);
    let (name, generics) = (&cx.names.subject, cx.ty_generics());
    let subject = quote!(#name #generics);
    let traits = [
        cx.trait_impl(
            &quote!(#core::clone::Clone),
            &subject,
            &quote! {
                fn clone(&self) -> Self { Self(#core::clone::Clone::clone(&self.0)) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::fmt::Debug),
            &subject,
            &quote! {
                fn fmt(&self, formatter: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                    #core::fmt::Debug::fmt(&self.0, formatter)
                }
            },
        ),
        cx.trait_impl(
            &quote!(#core::cmp::PartialEq),
            &subject,
            &quote! {
                fn eq(&self, other: &Self) -> bool { #core::cmp::PartialEq::eq(&self.0, &other.0) }
            },
        ),
        cx.trait_impl(&quote!(#core::cmp::Eq), &subject, &TokenStream::new()),
        cx.trait_impl(
            &quote!(#core::hash::Hash),
            &subject,
            &quote! {
                fn hash<__H: #core::hash::Hasher>(&self, state: &mut __H) {
                    #core::hash::Hash::hash(&self.0, state);
                }
            },
        ),
    ];
    traits.into_iter().collect()
}

/// The ways between the handle, the subject and the untyped process.
fn conversions(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, core(cx));
    let (name, generics, server) = (&cx.names.subject, cx.ty_generics(), &cx.server.self_ty);
    let handle = quote!(#name #generics);
    let subject = quote!(#ambit::Subject<#server>);
    let traits = [
        // Untyped, because an associated type of a public handle may not name a private server.
        cx.trait_impl(
            &quote!(#core::ops::Deref),
            &handle,
            &quote! {
                type Target = #ambit::Process;
                fn deref(&self) -> &Self::Target { #core::ops::Deref::deref(&self.0) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::convert::AsRef<#subject>),
            &handle,
            &quote! {
                fn as_ref(&self) -> &#subject { &self.0 }
            },
        ),
        cx.trait_impl(
            &quote!(#core::convert::From<#subject>),
            &handle,
            &quote! {
                fn from(subject: #subject) -> Self { Self(subject) }
            },
        ),
        cx.trait_impl(
            &quote!(#core::convert::From<#handle>),
            &subject,
            &quote! {
                fn from(handle: #handle) -> Self { handle.0 }
            },
        ),
        cx.trait_impl(
            &quote!(#ambit::Target),
            &handle,
            &quote! {
                fn __resolve(&self) -> #private::Resolved { #private::resolve_target(&self.0) }
            },
        ),
    ];
    traits.into_iter().collect()
}
