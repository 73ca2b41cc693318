//! One arm of the match over a message, which runs the user's method.

use proc_macro2::TokenStream;
use quote::quote;

use super::cx::Cx;
use crate::gen_server::model::{Call, Handler};
use crate::spans::spanned;

/// One arm of the match over a message.
pub(super) struct MatchArm<'a> {
    pub(super) handler: &'a Handler,
    /// `CounterCall::Add { by, reply }`
    pub(super) pattern: TokenStream,
    /// The same pattern without bindings.
    pub(super) ignored: TokenStream,
    /// An expression of type `Flow`.
    pub(super) body: TokenStream,
}

/// Returns the call of the user's method; each argument follows a comma.
pub(crate) fn run(handler: &Handler, args: &TokenStream) -> TokenStream {
    run_with(handler, &quote!(__ctx), args)
}

/// The same where a message is handled, at once or in a future.
pub(super) fn run_inline(cx: &Cx<'_>, handler: &Handler, args: &TokenStream) -> TokenStream {
    run_with(handler, &context(cx, handler), args)
}

/// Returns the context where a message is handled: an async handler holds it as described at [`held`].
pub(super) fn context(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    if handler.is_async {
        borrowed(cx)
    } else {
        quote!(__ctx)
    }
}

/// The same in a future.
pub(super) fn run_borrowed(cx: &Cx<'_>, handler: &Handler, args: &TokenStream) -> TokenStream {
    run_with(handler, &borrowed(cx), args)
}

/// Returns the context that a future holds.
pub(super) fn borrowed(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
    quote!(#private::Held::context(__ctx))
}

fn run_with(handler: &Handler, ctx: &TokenStream, args: &TokenStream) -> TokenStream {
    let name = &handler.ident;
    let ctx = handler.takes_context.then(|| quote!(, #ctx));
    let wait = handler.is_async.then(|| quote!(.await));
    quote!(Self::#name(self #ctx #args) #wait)
}

/// Converts the return value of a cast, an info or a continuation into a `Flow`.
pub(super) fn flow(cx: &Cx<'_>, handler: &Handler, run: &TokenStream) -> TokenStream {
    let private = &cx.private;
    match &handler.output {
        Some(output) => {
            // The compiler reports another type at the method's return type.
            let into_flow = spanned(quote!(#private::IntoFlow::into_flow), output);
            let run = spanned(run.clone(), output);
            quote!(#into_flow(#run))
        }
        None => quote!(#private::done(#run)),
    }
}

/// Returns the body of a call, which skips requests of callers that are gone if the option is set.
pub(super) fn skipping(cx: &Cx<'_>, call: &Call, body: TokenStream) -> TokenStream {
    let (ambit, private) = (&cx.ambit, &cx.private);
    if !call.skip_expired {
        return body;
    }
    let ctx = context(cx, &call.handler);
    quote! {
        if #private::skip_expired(&__reply, #ctx) { #ambit::Flow::Continue } else { #body }
    }
}

/// Returns the type of the future of an async handler.
pub(crate) fn future(cx: &Cx<'_>, output: &TokenStream) -> TokenStream {
    let private = &cx.private;
    quote!(impl #private::Future<Output = #output> + #private::Send)
}

/// Converts the context for use in a future: `Held` is known to be `Send`, whereas for the context this is proved for
/// each server anew, which cost more compile time than everything else in a server.
pub(super) fn held(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
    quote!(let __ctx: &mut dyn #private::Held<Self> = __ctx;)
}
