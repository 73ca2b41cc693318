//! Dispatch from a message to the user's method.
//!
//! `handle_now` runs plain methods, without a future; the async handlers handle the messages it returned, and forward
//! all others to it when they are called directly.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Attribute;

use super::arguments::{bindings, locals};
use super::cx::Cx;
use super::match_arm::{MatchArm, borrowed, context, flow, future, held, run_inline, skipping};
use super::protocol_binding;
use crate::gen_server::model::{Call, Handler, Reply};
use crate::names::{plain_name, variant};
use crate::spans::spanned;

/// The messages of one kind.
struct MessageKind<'a> {
    /// The variant of `Incoming`.
    incoming: Ident,
    /// The async handler.
    method: Ident,
    message: TokenStream,
    /// True if an external protocol defines the messages, and not this server.
    is_bound: bool,
    arms: Vec<MatchArm<'a>>,
}

/// Generates the handlers of `GenServer`.
pub(super) fn methods(cx: &Cx<'_>) -> TokenStream {
    let kinds = kinds(cx);
    let now = handle_now(cx, &kinds);
    let later = kinds.iter().map(|kind| handle_later(cx, kind));
    let method_of = method_of(cx, &kinds);
    let arguments_of = arguments_of(cx, &kinds);
    quote!(#now #(#later)* #method_of #arguments_of)
}

fn kinds<'a>(cx: &Cx<'a>) -> [MessageKind<'a>; 4] {
    let generics = cx.ty_generics();
    let server = cx.server;
    let names = &cx.names;
    let kind = |incoming: &str, method: &str, message: &Ident, arms| {
        let theirs = protocol_binding::messages(cx, incoming);
        MessageKind {
            incoming: Ident::new(incoming, Span::call_site()),
            method: Ident::new(method, Span::call_site()),
            is_bound: theirs.is_some(),
            message: theirs.unwrap_or_else(|| quote!(#message #generics)),
            arms,
        }
    };
    let calls = server
        .calls
        .iter()
        .filter(|call| call.handler.runs())
        .map(|call| protocol_binding::call_arm(cx, call).unwrap_or_else(|| call_arm(cx, call)));
    let casts = server.casts.iter().filter(|cast| cast.runs()).map(|cast| {
        protocol_binding::cast_arm(cx, cast).unwrap_or_else(|| arm(cx, &names.cast, cast))
    });
    let infos = server.infos.iter().filter(|info| info.handler.runs());
    let infos = infos.map(|info| info_arm(cx, &info.handler));
    let continues = server.continues.iter().filter(|next| next.runs());
    let continues = continues.map(|next| arm(cx, &names.next, next));
    [
        kind("Call", "handle_call", &names.call, calls.collect()),
        kind("Cast", "handle_cast", &names.cast, casts.collect()),
        kind("Info", "handle_info", &names.info, infos.collect()),
        kind(
            "Continue",
            "handle_continue",
            &names.next,
            continues.collect(),
        ),
    ]
}

fn call_arm<'a>(cx: &Cx<'_>, call: &'a Call) -> MatchArm<'a> {
    let (private, handler) = (&cx.private, &call.handler);
    let (names, message, variant) = (locals(handler), &cx.names.call, variant(&handler.ident));
    let bound = bindings(handler);
    let mut body = match &call.reply {
        Reply::Returned(_) => {
            let run = run_inline(cx, handler, &quote!(#(, #names)*));
            let ctx = context(cx, handler);
            quote!(#private::answer(#run, __reply, #ctx))
        }
        Reply::Deferred(_) => {
            let run = run_inline(cx, handler, &quote!(#(, #names)*, __reply));
            quote!(#private::done(#run))
        }
    };
    body = skipping(cx, call, body);
    MatchArm {
        handler,
        pattern: quote!(#message::#variant { #bound reply: __reply }),
        ignored: quote!(#message::#variant { .. }),
        body,
    }
}

fn arm<'a>(cx: &Cx<'_>, message: &Ident, handler: &'a Handler) -> MatchArm<'a> {
    let (names, variant) = (locals(handler), variant(&handler.ident));
    let run = run_inline(cx, handler, &quote!(#(, #names)*));
    let fields = bindings(handler);
    let bound = (!names.is_empty()).then(|| quote!({ #fields }));
    let ignored = bound.is_some().then(|| quote!({ .. }));
    MatchArm {
        handler,
        pattern: quote!(#message::#variant #bound),
        ignored: quote!(#message::#variant #ignored),
        body: flow(cx, handler, &run),
    }
}

fn info_arm<'a>(cx: &Cx<'_>, handler: &'a Handler) -> MatchArm<'a> {
    let (message, variant) = (&cx.names.info, variant(&handler.ident));
    let run = run_inline(cx, handler, &quote!(, __info));
    MatchArm {
        handler,
        pattern: quote!(#message::#variant(__info)),
        ignored: quote!(#message::#variant(..)),
        body: flow(cx, handler, &run),
    }
}

fn handle_now(cx: &Cx<'_>, kinds: &[MessageKind<'_>]) -> TokenStream {
    let (ambit, private) = (&cx.ambit, &cx.private);
    let arms: Vec<_> = kinds
        .iter()
        .flat_map(|kind| {
            let incoming = &kind.incoming;
            kind.plain().map(
                move |MatchArm {
                          handler,
                          pattern,
                          body,
                          ..
                      }| {
                    let cfgs = &handler.attrs.cfgs;
                    quote!(#(#cfgs)* #ambit::Incoming::#incoming(#pattern) => #body)
                },
            )
        })
        .collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn handle_now(
            &mut self,
            __message: #ambit::Incoming<Self>,
            __ctx: &mut #ambit::Context<Self>,
        ) -> #private::HandledNow<Self> {
            #private::Ok(match __message {
                #(#arms,)*
                __message => return #private::Err(__message),
            })
        }
    }
}

/// Generates the async handler of one kind, if a method needs it.
fn handle_later(cx: &Cx<'_>, kind: &MessageKind<'_>) -> TokenStream {
    let (ambit, private) = (&cx.ambit, &cx.private);
    let MessageKind {
        incoming,
        method,
        message,
        is_bound,
        arms,
    } = kind;
    let later: Vec<_> = arms.iter().filter(|arm| arm.handler.is_async).collect();
    if later.is_empty() {
        return TokenStream::new();
    }
    let arms = later.iter().map(
        |MatchArm {
             handler,
             pattern,
             body,
             ..
         }| {
            let cfgs: &[Attribute] = &handler.attrs.cfgs;
            quote!(#(#cfgs)* #pattern => #body,)
        },
    );
    let has_more = *is_bound || kind.plain().next().is_some();
    let rest = has_more.then(|| {
        let borrowed = borrowed(cx);
        quote! {
            __message => #private::handled_now(
                self,
                #ambit::Incoming::#incoming(__message),
                #borrowed,
            ),
        }
    });
    let future = future(cx, &quote!(#ambit::Flow));
    let head = quote! {
        fn #method(&mut self, __message: #message, __ctx: &mut #ambit::Context<Self>) -> #future
    };
    // The compiler reports a future that is not `Send` at the head of the function: the head points at the user's
    // method, or at the server if several methods are possible.
    let head = match later.as_slice() {
        [only] => spanned(head, &only.handler.ident),
        _ => spanned(head, &cx.server.self_ty),
    };
    let held = held(cx);
    quote! {
        #head {
            #held
            async move { match __message { #(#arms)* #rest } }
        }
    }
}

/// Generates the function that names the method of a message, for crash reports.
fn method_of(cx: &Cx<'_>, kinds: &[MessageKind<'_>]) -> TokenStream {
    let (ambit, core) = (&cx.ambit, &cx.core);
    let arms: Vec<_> = kinds.iter().flat_map(|kind| kind.names(cx)).collect();
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn method_of(__message: &#ambit::Incoming<Self>) -> &'static #core::primitive::str {
            match __message { #(#arms,)* _ => "" }
        }
    }
}

/// Generates the function that formats the message itself, for crash reports.
fn arguments_of(cx: &Cx<'_>, kinds: &[MessageKind<'_>]) -> Option<TokenStream> {
    let (ambit, private) = (&cx.ambit, &cx.private);
    kinds
        .iter()
        .any(|kind| kind.is_bound || !kind.arms.is_empty())
        .then(|| {
            quote! {
                fn arguments_of(__message: &#ambit::Incoming<Self>) -> #private::Text {
                    #private::shown_as(__message)
                }
            }
        })
}

impl<'a> MessageKind<'a> {
    /// Returns the arms from each message to the name of its method.
    fn names(&self, cx: &Cx<'_>) -> Vec<TokenStream> {
        let (ambit, private, incoming) = (&cx.ambit, &cx.private, &self.incoming);
        if self.is_bound {
            let name = quote!(#private::MethodName::method_name(__message));
            return vec![quote!(#ambit::Incoming::#incoming(__message) => #name)];
        }
        let each = |arm: &MatchArm<'_>| {
            let (cfgs, name) = (&arm.handler.attrs.cfgs, plain_name(&arm.handler.ident));
            let ignored = &arm.ignored;
            quote!(#(#cfgs)* #ambit::Incoming::#incoming(#ignored) => #name)
        };
        self.arms.iter().map(each).collect()
    }

    /// Returns the arms that need no future.
    fn plain(&self) -> impl Iterator<Item = &MatchArm<'a>> {
        self.arms.iter().filter(|arm| !arm.handler.is_async)
    }
}
