//! The typed handle: a newtype, so that its methods need no import and can be the user's own.

mod traits;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Cx, bounds, fields, method_docs};
use crate::carried::Carried;
use crate::gen_server::model::{Call, Handler, Poison, Reply};
use crate::names::variant;
use crate::quoting::{docs, lenient, where_none_is};

/// Writes the handle, its methods and its traits.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let definition = definition(cx);
    let (name, clause, lenient) = (&cx.names.subject, cx.messages_where(), lenient());
    let (impl_generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    let calls = cx.server.calls.iter().map(|method| call(cx, method));
    let casts = cx.server.casts.iter().map(|method| cast(cx, method));
    let common = common(cx);
    let traits = traits::items(cx);
    quote! {
        #definition

        #lenient
        impl #impl_generics #name #ty_generics #clause { #(#calls)* #(#casts)* #common }

        #traits
    }
}

fn definition(cx: &Cx<'_>) -> TokenStream {
    let (ambit, vis, name, server) = (&cx.ambit, &cx.vis, &cx.names.subject, &cx.server.self_ty);
    let (generics, clause, lenient) = (cx.impl_generics(), cx.protocol_where(), lenient());
    let whose = if cx.is_protocol {
        "a process that speaks"
    } else {
        "a running"
    };
    let doc = docs(
        &[],
        &format!(" The handle of {whose} `{}`.", cx.server.name),
    );
    quote! {
        #doc
        #lenient
        #vis struct #name #generics (#ambit::Subject<#server>) #clause;
    }
}

fn call(cx: &Cx<'_>, call: &Call) -> TokenStream {
    let (ambit, private, server) = (&cx.ambit, &cx.private, &cx.server.self_ty);
    let Call {
        handler, timeout, ..
    } = call;
    let (reply, port) = match &call.reply {
        Reply::Returned(ty) => (quote!(#ty), quote!(reply)),
        Reply::Deferred(port) => {
            let port = quote!(<#port as #private::ReplyPort>);
            (
                quote!(#port::Value),
                quote!(reply: #port::from_reply(reply)),
            )
        }
    };
    let (names, message, variant) = (fields(handler), &cx.names.call, variant(&handler.ident));
    let mut body =
        quote!(#ambit::Subject::call(&self.0, |reply| #message::#variant { #(#names,)* #port }));
    if let Some(timeout) = timeout {
        body = quote!(#private::call_with_timeout(#body, #timeout));
    }
    // A predicate of the impl cannot have a `cfg`.
    let bounds = if handler.attrs.has_cfg() {
        bounds::of_reply(&call.reply, private)
    } else {
        Vec::new()
    };
    method(
        cx,
        handler,
        &quote!(#ambit::Call<'_, #server, #reply>),
        &bounds,
        &body,
    )
}

fn cast(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    let (ambit, server) = (&cx.ambit, &cx.server.self_ty);
    let (names, message, variant) = (fields(handler), &cx.names.cast, variant(&handler.ident));
    let fields = (!names.is_empty()).then(|| quote!({ #(#names),* }));
    let body = quote!(#ambit::Subject::send(&self.0, #message::#variant #fields));
    method(cx, handler, &quote!(#ambit::Cast<'_, #server>), &[], &body)
}

/// A method of the handle: the user's signature with another return type.
fn method(
    cx: &Cx<'_>,
    handler: &Handler,
    output: &TokenStream,
    bounds: &[TokenStream],
    body: &TokenStream,
) -> TokenStream {
    let Handler {
        ident,
        vis,
        attrs: Carried { cfgs, lints, .. },
        args,
        ..
    } = handler;
    let (docs, names, types) = (
        method_docs(cx, handler),
        fields(handler),
        args.iter().map(|arg| &arg.ty),
    );
    if let Some(Poison { generics }) = &handler.poisoned {
        let (core, clause) = (&cx.core, &generics.where_clause);
        // Callers shall hear nothing of the mistake: only the body is missing.
        return quote! {
            #(#cfgs)* #docs #(#lints)*
            #[allow(unused_variables)]
            #vis fn #ident #generics (&self, #(#names: #types),*) -> #output #clause {
                #core::panic!("this method does not compile")
            }
        };
    }
    let clause = (!bounds.is_empty()).then(|| quote!(where #(#bounds),*));
    quote! {
        #(#cfgs)* #docs #(#lints)*
        #vis fn #ident(&self, #(#names: #types),*) -> #output #clause { #body }
    }
}

/// What every handle can do. A message of the same name takes the place of one of these, and
/// `Subject`'s own function stays reachable through `AsRef`.
fn common(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, std) = (&cx.ambit, &cx.private, &cx.core);
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
                    for<'__used> #server: #ambit::GenServer,
                    #param: #ambit::InfoOf<#server> + #private::Payload,
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
                /// Gives a handle whose calls and casts wait, inside their deadline, for a holder of
                /// its name, instead of failing with `NoProcess`.
                #vis fn patiently(&self) -> Self {
                    #ambit::Subject::patiently(&self.0)
                }
            },
        ),
    ];
    let free = functions.iter().filter_map(|(name, function)| {
        // Behind a protocol nobody knows which infos there are.
        if cx.is_protocol && *name == "recipient" {
            return None;
        }
        let cfg = where_none_is(&messages(cx, name))?;
        Some(quote!(#cfg #function))
    });
    free.collect()
}

/// The user's messages of this name.
fn messages<'a>(cx: &Cx<'a>, name: &str) -> Vec<&'a Carried> {
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    calls
        .chain(&cx.server.casts)
        .filter(|handler| handler.ident == name)
        .map(|handler| &handler.attrs)
        .collect()
}
