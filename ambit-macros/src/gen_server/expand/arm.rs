//! One arm of the match over a message, and how it runs the user's method.

use proc_macro2::TokenStream;
use quote::quote;

use super::cx::Cx;
use crate::gen_server::model::{Call, Handler};

/// One arm of the match over a message.
pub(super) struct Arm<'a> {
    pub(super) handler: &'a Handler,
    /// `CounterCall::Add { by, reply }`
    pub(super) pattern: TokenStream,
    /// The same, binding nothing.
    pub(super) ignored: TokenStream,
    /// An expression of type `Flow`.
    pub(super) body: TokenStream,
}

/// Runs the user's method; each argument follows a comma.
pub(crate) fn run(handler: &Handler, args: &TokenStream) -> TokenStream {
    run_with(handler, &quote!(__ctx), args)
}

/// The same where a message is handled, now or later.
pub(super) fn run_here(cx: &Cx<'_>, handler: &Handler, args: &TokenStream) -> TokenStream {
    run_with(handler, &context(cx, handler), args)
}

/// The context where a message is handled: what is awaited holds it as [`held`] says.
pub(super) fn context(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    if handler.is_async {
        lent(cx)
    } else {
        quote!(__ctx)
    }
}

/// The same in a future.
pub(super) fn run_held(cx: &Cx<'_>, handler: &Handler, args: &TokenStream) -> TokenStream {
    run_with(handler, &lent(cx), args)
}

/// The context that a future holds.
pub(super) fn lent(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
    quote!(#private::Held::context(__ctx))
}

fn run_with(handler: &Handler, ctx: &TokenStream, args: &TokenStream) -> TokenStream {
    let name = &handler.ident;
    let ctx = handler.takes_context.then(|| quote!(, #ctx));
    let wait = handler.is_async.then(|| quote!(.await));
    quote!(Self::#name(self #ctx #args) #wait)
}

/// Turns what a cast, an info or a continuation returns into a `Flow`.
pub(super) fn flow(cx: &Cx<'_>, handler: &Handler, run: &TokenStream) -> TokenStream {
    let private = &cx.private;
    match handler.output {
        Some(_) => quote!(#private::IntoFlow::into_flow(#run)),
        None => quote!(#private::done(#run)),
    }
}

/// What a call does, unless it skips those whose callers have gone.
pub(super) fn skipping(cx: &Cx<'_>, call: &Call, body: TokenStream) -> TokenStream {
    let (ambit, private) = (&cx.ambit, &cx.private);
    if !call.skip_expired {
        return body;
    }
    let ctx = context(cx, &call.handler);
    quote! {
        if #private::skip_expired(&reply, #ctx) { #ambit::Flow::Continue } else { #body }
    }
}

/// What a handler gives that is awaited.
pub(super) fn future(cx: &Cx<'_>, output: &TokenStream) -> TokenStream {
    let private = &cx.private;
    quote!(impl #private::Future<Output = #output> + #private::Send)
}

/// Makes of the context what a future may hold: `Held` is known to be `Send`, of the context it is proved for each
/// server anew, and that cost more than all else in a server.
pub(super) fn held(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
    quote!(let __ctx: &mut dyn #private::Held<Self> = __ctx;)
}
