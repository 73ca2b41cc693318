//! The typed handle: a newtype, so that its methods need no import and can be the user's methods.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Expr;
use syn::ext::IdentExt;

use super::arguments::{declared, fields};
use super::bounds;
use super::cx::{Cx, stands_for};
use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::{Call, Handler, InvalidMethod, Reply};
use crate::handle::Handle;
use crate::names::{mentions, variant};
use crate::quoting::{docs, lenient, where_none_is};
use crate::spans::deferred;

/// The functions of every handle that are not messages, and have no bounds.
const FUNCTIONS: [&str; 5] = ["send", "reserve", "named", "with_timeout", "when_available"];

/// Returns whether every handle has a function of this name.
pub(super) fn has(name: &str) -> bool {
    FUNCTIONS.contains(&name) || ["recipient", "via"].contains(&name)
}

/// Generates the handle, its methods and its traits.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let definition = definition(cx);
    let (name, clause, lenient) = (&cx.names.subject, cx.messages_where(), lenient());
    let (impl_generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    let calls = cx.server.calls.iter().map(|method| call(cx, method));
    let casts = cx.server.casts.iter().map(|method| cast(cx, method));
    let common = common(cx);
    let traits = traits(cx);
    quote! {
        #definition

        #lenient
        #[allow(clippy::impl_trait_in_params, clippy::same_name_method)]
        impl #impl_generics #name #ty_generics #clause { #(#calls)* #(#casts)* #common }

        #traits
    }
}

fn definition(cx: &Cx<'_>) -> TokenStream {
    let (ambit, vis, name, server) = (&cx.ambit, &cx.vis, &cx.names.subject, &cx.server.self_ty);
    let (generics, clause, lenient) = (cx.definition_generics(), cx.protocol_where(), lenient());
    let whose = if cx.is_protocol {
        "a process of the protocol"
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

/// The handle without its methods: a value that gives access to the process. Its target is untyped, because an
/// associated type of a public handle may not name a private server.
fn traits(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, server) = (&cx.ambit, &cx.private, &cx.server.self_ty);
    let handle = Handle {
        ambit,
        name: &cx.names.subject,
        generics: &cx.server.generics,
        clause: cx.protocol_where(),
        param: &cx.names.param,
        rest: TokenStream::new(),
    };
    let value = handle.traits(&quote!(#ambit::Subject<#server>), &quote!(#ambit::Process));
    let (name, codec, clause) = (&cx.names.subject, &cx.names.param, cx.protocol_where());
    let (impl_generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    quote! {
        #value

        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #ambit::Message for #name #ty_generics
        #clause for<'__used> #name #ty_generics: #private::Payload {}

        #ambit::written::handle_encoding! {
            [#impl_generics] #name #ty_generics, [#clause] #codec: #server;
        }
    }
}

fn call(cx: &Cx<'_>, call: &Call) -> TokenStream {
    let (ambit, private, server) = (&cx.ambit, &cx.private, &cx.server.self_ty);
    let Call {
        handler, timeout, ..
    } = call;
    // The arguments may have any name.
    let local = |name: &str| Ident::new(name, Span::mixed_site());
    let (asked, port) = (local("__asked"), local("__reply"));
    let (reply, sent) = match &call.reply {
        Reply::Returned(ty) => (quote!(#ty), quote!(reply: #port)),
        Reply::Deferred(ty) => {
            let ty = quote!(<#ty as #private::ReplyPort>);
            (quote!(#ty::Value), quote!(reply: #ty::from_reply(#port)))
        }
    };
    let (names, message, variant) = (fields(handler), &cx.names.call, variant(&handler.ident));
    let message = quote!(#message::#variant { #(#names,)* #sent });
    let mut body = quote!(#private::ask(&self.0, #message, #asked));
    let hidden = timeout
        .as_ref()
        .and_then(|timeout| hidden_timeout(cx, handler, timeout));
    if let Some(timeout) = timeout {
        let timeout = match &hidden {
            Some((name, _)) => quote!(Self::#name()),
            None => quote!(#timeout),
        };
        body = quote!(#private::call_with_timeout(#body, #timeout));
    }
    let body = quote! {
        let (#port, #asked) = #private::question();
        #body
    };
    // A predicate of the impl cannot have a `cfg`.
    let bounds = if handler.attrs.has_cfg() {
        bounds::of_reply(cx.server, ambit, call)
    } else {
        Vec::new()
    };
    let method = method(
        cx,
        handler,
        &quote!(#ambit::Call<'_, #server, #reply>),
        &bounds,
        &body,
    );
    let hidden = hidden.map(|(_, function)| function);
    quote!(#hidden #method)
}

/// Returns a function with the timeout of a call and its name, if an argument would hide a name in the expression.
fn hidden_timeout(cx: &Cx<'_>, handler: &Handler, timeout: &Expr) -> Option<(Ident, TokenStream)> {
    let hides = |arg: &Ident| mentions(timeout.to_token_stream(), arg);
    if !fields(handler).into_iter().any(hides) {
        return None;
    }
    let (private, cfgs) = (&cx.private, &handler.attrs.cfgs);
    let name = format_ident!("__timeout_of_{}", handler.ident.unraw());
    let function = quote!(#(#cfgs)* fn #name() -> #private::Duration { #timeout });
    Some((name, function))
}

fn cast(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    let (ambit, server) = (&cx.ambit, &cx.server.self_ty);
    let (names, message, variant) = (fields(handler), &cx.names.cast, variant(&handler.ident));
    let fields = (!names.is_empty()).then(|| quote!({ #(#names),* }));
    let body = quote!(#ambit::Subject::send(&self.0, #message::#variant #fields));
    method(cx, handler, &quote!(#ambit::Cast<'_, #server>), &[], &body)
}

/// Generates a method of the handle: the user's signature with another return type.
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
        attrs: ForwardedAttributes { cfgs, lints, .. },
        ..
    } = handler;
    let (docs, declared) = (method_docs(cx, handler), declared(handler));
    if let Some(InvalidMethod { generics }) = &handler.poisoned {
        let (core, clause) = (&cx.core, &generics.where_clause);
        // Callers must not get errors from a broken method: only its body is missing.
        return quote! {
            #(#cfgs)* #docs #(#lints)*
            #[allow(unused_variables)]
            #vis fn #ident #generics (&self, #declared) -> #output #clause {
                #core::panic!("this method does not compile")
            }
        };
    }
    let clause = (!bounds.is_empty()).then(|| quote!(where #(#bounds),*));
    quote! {
        #(#cfgs)* #docs #(#lints)*
        #vis fn #ident(&self, #declared) -> #output #clause { #body }
    }
}

/// Generates the functions of every handle. A message of the same name replaces the function, and `Subject`'s own
/// function stays reachable through `AsRef`.
fn common(cx: &Cx<'_>) -> TokenStream {
    let (ambit, vis) = (&cx.ambit, &cx.vis);
    let (server, cast, generics) = (&cx.server.self_ty, &cx.names.cast, cx.ty_generics());
    let functions = FUNCTIONS.iter().filter_map(|name| {
        let cfg = where_none_is(&messages(cx, name))?;
        let name = Ident::new(name, Span::call_site());
        Some(quote!([#cfg] #name))
    });
    let asking = asking(cx);
    quote! {
        #ambit::written::handle_functions! { [#(#functions)*] [#vis] #server, #cast #generics }
        #asking
    }
}

/// Generates the functions with bounds: an error in a macro of the library would name that macro.
fn asking(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, vis) = (&cx.ambit, &cx.private, &cx.vis);
    let (server, param) = (&cx.server.self_ty, &cx.names.param);
    let is_server = deferred(server, &quote!(#ambit::GenServer));
    let is_server = (!cx.has_all_impls()).then(|| quote!(#is_server,));
    let recipient = where_none_is(&messages(cx, "recipient")).map(|cfg| {
        quote! {
            #cfg
            /// Narrows the handle to one type of info.
            #vis fn recipient<#param>(&self) -> #ambit::Recipient<#param>
            where
                #is_server
                #param: #ambit::InfoOf<#server> + #private::Payload,
            {
                #ambit::Subject::recipient(&self.0)
            }
        }
    });
    // The infos of the server behind a protocol are unknown.
    let recipient = recipient.filter(|_| !cx.is_protocol);
    let via = where_none_is(&messages(cx, "via")).map(|cfg| {
        quote! {
            #cfg
            /// Refers to the process that the registry holds under the key when a message is sent.
            #vis fn via<#param: #ambit::Resolve<#server>>(
                __registry: &#param,
                __key: impl #private::Into<#param::Key>,
            ) -> Self {
                #ambit::Subject::<#server>::via(__registry, __key)
            }
        }
    });
    quote!(#recipient #via)
}

/// Returns the user's messages of this name.
fn messages<'a>(cx: &Cx<'a>, name: &str) -> Vec<&'a ForwardedAttributes> {
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    calls
        .chain(&cx.server.casts)
        .filter(|handler| handler.ident == name)
        .map(|handler| &handler.attrs)
        .collect()
}

/// Returns the docs of a handle's method: the user's, or the name of the method that it calls.
fn method_docs(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    if handler.attrs.docs.is_empty() {
        return docs(&[], &stands_for(cx, handler));
    }
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    let messages: Vec<_> = calls.chain(&cx.server.casts).collect();
    let handle_has = |name: &str| {
        let is_message = messages.iter().any(|message| message.ident == name);
        is_message || has(name)
    };
    if cx.is_protocol {
        let (protocol, handle) = (cx.server.name.to_string(), cx.names.subject.to_string());
        return crate::docs::moved(&handler.attrs.docs, &protocol, &handle, &handle_has);
    }
    crate::docs::on_handle(&handler.attrs.docs, &cx.server.self_ty, &handle_has)
}
