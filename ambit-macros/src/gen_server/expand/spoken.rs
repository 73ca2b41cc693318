//! What ties a server to a protocol from elsewhere.
//!
//! The protocol cannot be seen from here. So the server says which methods it has, each by a number that is made of its
//! name; and the trait of the protocol demands those it knows, each with a text of its own.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Type;

use super::arguments::{bindings, locals};
use super::arm::{Arm, context, flow, run_here, skipping};
use super::cx::{Cx, Spoken};
use crate::gen_server::model::{Call, Handler, Reply};
use crate::names::{number, suffixed, variant};
use crate::spans::spanned;

/// Adds what the server handles of the protocol, and brings the items of the protocol into reach: all in one `use`, so
/// that a name which is not there is one error.
pub(super) fn around(cx: &Cx<'_>, spoken: &Spoken, lifecycle: &TokenStream) -> TokenStream {
    let Spoken {
        module,
        name,
        alias,
        calls,
        casts,
        arguments,
    } = spoken;
    let (call, cast) = (suffixed(name, "Call"), suffixed(name, "Cast"));
    let handled = handled(cx);
    let speaks = implement(cx, &quote!(#alias #arguments));
    quote! {
        #[allow(unused_imports)]
        const _: () = {
            use #module {#name as #alias, #call as #calls, #cast as #casts};
            #handled
            #speaks
            #lifecycle
        };
    }
}

/// Says which methods the server has: up to how many arguments of theirs it takes. Those it takes in vain are noticed
/// by their names.
fn handled(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
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
        let each = (0..=handler.args.len()).map(|args| {
            let handled = implement(cx, &quote!(#private::Handled<#number, #args>));
            quote!(#(#cfgs)* #handled)
        });
        Some(each.collect::<TokenStream>())
    });
    handled.collect()
}

/// Implements a trait without items for the server.
fn implement(cx: &Cx<'_>, of_trait: &TokenStream) -> TokenStream {
    let (ty, clause) = (cx.server.self_ty.to_token_stream(), cx.user_where());
    cx.trait_impl(of_trait, &ty, &clause, &TokenStream::new())
}

/// The type of its messages of this kind, if its protocol is from elsewhere.
pub(super) fn messages(cx: &Cx<'_>, kind: &str) -> Option<TokenStream> {
    let ambit = &cx.ambit;
    let protocol = cx.spoken.as_ref()?.protocol();
    match kind {
        "Call" => Some(quote!(<#protocol as #ambit::Protocol>::Call)),
        "Cast" => Some(quote!(<#protocol as #ambit::Protocol>::Cast)),
        _ => None,
    }
}

pub(super) fn call_arm<'a>(cx: &Cx<'_>, call: &'a Call) -> Option<Arm<'a>> {
    let (private, handler) = (&cx.private, &call.handler);
    let args = arguments(cx, handler);
    let body = match &call.reply {
        Reply::Returned(ty) => {
            let (run, ctx) = (run_here(cx, handler, &args), context(cx, handler));
            let answer = answer(cx, &handler.ident, ty);
            quote! {
                let __value = #run;
                let __value = #answer;
                #private::answer(__value, reply, #ctx)
            }
        }
        Reply::Deferred(ty) => {
            let port = spanned(quote!(reply), ty);
            let port = argument(cx, &syn::parse_quote!(#port), ty);
            let run = run_here(cx, handler, &quote!(#args, #port));
            quote!(#private::done(#run))
        }
    };
    let body = skipping(cx, call, body);
    let pattern = pattern(&cx.spoken.as_ref()?.calls, handler, &quote!(reply,));
    Some(Arm {
        handler,
        pattern,
        ignored: TokenStream::new(),
        body: quote!({ #body }),
    })
}

pub(super) fn cast_arm<'a>(cx: &Cx<'_>, handler: &'a Handler) -> Option<Arm<'a>> {
    let pattern = pattern(&cx.spoken.as_ref()?.casts, handler, &TokenStream::new());
    let run = run_here(cx, handler, &arguments(cx, handler));
    Some(Arm {
        handler,
        pattern,
        ignored: TokenStream::new(),
        body: flow(cx, handler, &run),
    })
}

/// `__Call::Add { by, reply, .. }`: what is not taken has been complained of.
fn pattern(messages: &Ident, handler: &Handler, port: &TokenStream) -> TokenStream {
    let (bound, variant) = (bindings(handler), variant(&handler.ident));
    quote!(#messages::#variant { #bound #port .. })
}

/// The arguments of the method, each behind a comma.
fn arguments(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    let named = handler.args.iter().zip(locals(handler));
    let args = named.map(|(arg, local)| argument(cx, &local, &arg.ty));
    quote!(#(, #args)*)
}

/// An argument as the method takes it, which has to be as the protocol carries it.
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

/// What makes an answer of what the method returns, which has to be what the protocol says.
fn answer(cx: &Cx<'_>, method: &Ident, ty: &Type) -> TokenStream {
    let ambit = &cx.ambit;
    let taken = quote!(&reply, __value);
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

/// `Trait::<Type>::function(taken)`, all of it pointing at the user's tokens.
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
