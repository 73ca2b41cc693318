//! The binding of a server to an external protocol.
//!
//! The protocol is not visible here. So the server declares its methods, each by a number derived from its name, and
//! the trait of the protocol requires the methods that it knows, each with a separate error message.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use super::arguments::{bindings, locals};
use super::cx::{BoundProtocol, Cx};
use super::match_arm::{MatchArm, context, flow, run_inline, skipping};
use super::start_args;
use crate::gen_server::model::{Call, Handler, Reply};
use crate::names::{number, suffixed, variant};
use crate::spans::spanned;

/// Generates the declarations of the handled methods, and imports the items of the protocol, all in one `use`, so that
/// a name that does not exist is one error.
pub(super) fn around(
    cx: &Cx<'_>,
    bound_protocol: &BoundProtocol,
    lifecycle: &TokenStream,
) -> TokenStream {
    let BoundProtocol {
        module,
        name,
        alias,
        calls,
        casts,
        arguments,
    } = bound_protocol;
    let (call, cast) = (suffixed(name, "Call"), suffixed(name, "Cast"));
    let handled = handled(cx);
    let speaks = implement(cx, &quote!(#alias #arguments));
    let started = start_args::of_bound_server(cx);
    quote! {
        #[allow(unused_imports)]
        const _: () = {
            use #module {#name as #alias, #call as #calls, #cast as #casts};
            #handled
            #speaks
            #lifecycle
            #started
        };
    }
}

/// Declares the methods of the server, each with every number of arguments up to its own. An argument that the protocol
/// does not have is detected by its name.
fn handled(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
    let calls = cx.server.calls.iter().map(|call| &call.handler);
    let mut seen: Vec<&Handler> = Vec::new();
    let handled = calls.chain(&cx.server.casts).filter_map(|handler| {
        let again = seen.iter().any(|earlier| earlier.ident == handler.ident);
        // A second method of the same name under a `cfg` is a different one.
        if again && !handler.attrs.has_cfg() {
            return None;
        }
        seen.push(handler);
        let (cfgs, number) = (&handler.attrs.cfgs, number(&handler.ident));
        let each = (0..=handler.args.len()).map(|args| {
            let handled = implement(cx, &quote!(#private::Handled<#number, #args>));
            quote!(#(#cfgs)* #handled)
        });
        Some(each.collect::<TokenStream>())
    });
    handled.collect()
}

/// Implements a marker trait for the server.
fn implement(cx: &Cx<'_>, of_trait: &TokenStream) -> TokenStream {
    let (ty, clause) = (cx.server.self_ty.to_token_stream(), cx.user_where());
    cx.trait_impl(of_trait, &ty, &clause, &TokenStream::new())
}

/// Returns the type of its messages of this kind, if its protocol is external.
pub(super) fn messages(cx: &Cx<'_>, kind: &str) -> Option<TokenStream> {
    let ambit = &cx.ambit;
    let protocol = cx.bound_protocol.as_ref()?.protocol();
    match kind {
        "Call" => Some(quote!(<#protocol as #ambit::Protocol>::Call)),
        "Cast" => Some(quote!(<#protocol as #ambit::Protocol>::Cast)),
        _ => None,
    }
}

pub(super) fn call_arm<'a>(cx: &Cx<'_>, call: &'a Call) -> Option<MatchArm<'a>> {
    let (private, handler) = (&cx.private, &call.handler);
    let args = arguments(cx, handler);
    let body = match &call.reply {
        Reply::Returned(ty) => {
            let (run, ctx) = (run_inline(cx, handler, &args), context(cx, handler));
            let answer = answer(cx, &handler.ident, ty);
            quote! {
                let __value = #run;
                let __value = #answer;
                #private::answer(__value, __reply, #ctx)
            }
        }
        Reply::Deferred(ty) => {
            let port = spanned(quote!(__reply), ty);
            let port = argument(cx, &syn::parse_quote!(#port), ty);
            let run = run_inline(cx, handler, &quote!(#args, #port));
            quote!(#private::done(#run))
        }
    };
    let body = skipping(cx, call, body);
    let pattern = pattern(
        &cx.bound_protocol.as_ref()?.calls,
        handler,
        &quote!(reply: __reply,),
    );
    Some(MatchArm {
        handler,
        pattern,
        ignored: TokenStream::new(),
        body: quote!({ #body }),
    })
}

pub(super) fn cast_arm<'a>(cx: &Cx<'_>, handler: &'a Handler) -> Option<MatchArm<'a>> {
    let pattern = pattern(
        &cx.bound_protocol.as_ref()?.casts,
        handler,
        &TokenStream::new(),
    );
    let run = run_inline(cx, handler, &arguments(cx, handler));
    Some(MatchArm {
        handler,
        pattern,
        ignored: TokenStream::new(),
        body: flow(cx, handler, &run),
    })
}

/// `__Call::Add { by, reply, .. }`: fields that the method does not take have been reported.
fn pattern(messages: &Ident, handler: &Handler, port: &TokenStream) -> TokenStream {
    let (bound, variant) = (bindings(handler), variant(&handler.ident));
    quote!(#messages::#variant { #bound #port .. })
}

/// Returns the arguments of the method, each after a comma.
fn arguments(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    let named = handler.args.iter().zip(locals(handler));
    let args = named.map(|(arg, local)| argument(cx, &local, &arg.ty));
    quote!(#(, #args)*)
}

/// Returns an argument as the method takes it, checked against the type in the protocol.
fn argument(cx: &Cx<'_>, name: &Ident, ty: &Type) -> TokenStream {
    let ambit = &cx.ambit;
    at(
        ty,
        &quote!(#ambit::Carried),
        ty,
        &quote!(carried),
        &quote!(#name),
    )
}

/// Returns the conversion from the method's return value to the reply, checked against the type in the protocol.
fn answer(cx: &Cx<'_>, method: &Ident, ty: &Type) -> TokenStream {
    let ambit = &cx.ambit;
    let taken = quote!(&__reply, __value);
    let (of_trait, function) = (quote!(#ambit::AnswerOf), quote!(answer_of));
    let is_written = !matches!(ty, Type::Tuple(tuple) if tuple.elems.is_empty());
    if is_written {
        let taken = spanned(taken, ty);
        at(ty, &of_trait, ty, &function, &taken)
    } else {
        let taken = spanned(taken, method);
        at(method, &of_trait, ty, &function, &taken)
    }
}

/// `Trait::<Type>::function(taken)`, with all tokens pointing at the user's tokens.
fn at(
    place: &impl ToTokens,
    of_trait: &TokenStream,
    ty: &Type,
    function: &TokenStream,
    taken: &TokenStream,
) -> TokenStream {
    let head = spanned(quote!(#of_trait::<), place);
    let tail = spanned(quote!(>::#function), place);
    let mut parens = Group::new(Delimiter::Parenthesis, taken.clone());
    let last = tail.clone().into_iter().last();
    parens.set_span(last.map_or_else(Span::call_site, |last| last.span()));
    quote!(#head #ty #tail #parens)
}
