//! From the model to tokens.
//!
//! All items are generated beside the user's block, in the user's module, and refer to the runtime by its absolute
//! path. Each item requires of the user's types what it needs; a violation is one error, at the type that causes it (see
//! `checks`).

mod arguments;
pub(crate) mod bounds;
mod checks;
mod clone;
mod cx;
mod dispatch;
mod lifecycle;
pub(crate) mod match_arm;
mod protocol;
mod protocol_binding;
mod remote;
mod start;
mod start_args;
mod subject;

use proc_macro2::TokenStream;
use quote::quote;

pub(crate) use self::arguments::{bindings, locals};
pub(crate) use self::cx::{Cx, MachineParts};

/// Generates everything beside the block.
pub(crate) fn server(cx: &Cx<'_>) -> TokenStream {
    items(cx, &dispatch::methods(cx))
}

/// The same with these functions of `GenServer`, which handle its messages.
pub(crate) fn items(cx: &Cx<'_>, dispatch: &TokenStream) -> TokenStream {
    let messages = protocol::of_the_server_itself(cx);
    let start = start::items(cx);
    let lifecycle = lifecycle::items(cx, dispatch);
    let checks = &cx.checks;
    if let Some(bound_protocol) = &cx.bound_protocol {
        let lifecycle = protocol_binding::around(cx, bound_protocol, &lifecycle);
        return quote!(#checks #messages #start #lifecycle);
    }
    let interface = interface(cx);
    quote!(#checks #interface #messages #start #lifecycle)
}

/// Generates the public interface: the messages, and the handle that sends them.
pub(crate) fn interface(cx: &Cx<'_>) -> TokenStream {
    let protocol = protocol::of_others(cx);
    let subject = subject::items(cx);
    let remote = remote::items(cx);
    quote!(#protocol #subject #remote)
}
