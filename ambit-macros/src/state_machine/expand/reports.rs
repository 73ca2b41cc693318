//! The functions of `GenServer` that delegate to the machine, and those that reports use.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::cx::Cx;
use crate::gen_server::expand::match_arm;
use crate::gen_server::model::{Handler, Role};
use crate::names::{plain_name, variant};

/// Generates `handle_now`, `handle_continue`, `method_of` and `arguments_of`.
pub(super) fn methods(cx: &Cx<'_>) -> TokenStream {
    let (lib, module, core) = (&cx.base.ambit, &cx.module, &cx.base.core);
    // An `async fn` would hold the context, which the compiler cannot prove to be `Send` for a `Machine<'static>`.
    let future = match_arm::future(cx.base, &quote!(#lib::Flow));
    let reports = [method_of(cx), arguments_of(cx)];
    quote! {
        fn handle_now(
            &mut self,
            __message: #lib::Incoming<Self>,
            __ctx: &mut #lib::Context<Self>,
        ) -> #core::result::Result<#lib::Flow, #lib::Incoming<Self>> {
            #module::handle_now(self, __message, __ctx)
        }
        fn handle_continue(
            &mut self,
            __step: #module::StateStep<Self>,
            __ctx: &mut #lib::Context<Self>,
        ) -> #future {
            #module::handle_later(self, __step, __ctx)
        }
        #(#reports)*
    }
}

/// Generates the function that names the event of a message.
fn method_of(cx: &Cx<'_>) -> TokenStream {
    let (lib, module, core) = (&cx.base.ambit, &cx.module, &cx.base.core);
    let server = &cx.machine.server;
    let calls: Vec<_> = server.calls.iter().map(|call| &call.handler).collect();
    let infos: Vec<_> = server.infos.iter().map(|info| &info.handler).collect();
    let casts: Vec<_> = server.casts.iter().collect();
    let own: Vec<_> = server.continues.iter().collect();
    let call = named(cx, Role::Call, &calls);
    let cast = named(cx, Role::Cast, &casts);
    let info = named(cx, Role::Info, &infos);
    let own = named(cx, Role::Internal, &own);
    let timeouts = cx
        .machine
        .events
        .iter()
        .filter(|event| event.role == Role::Timeout);
    let timeouts = timeouts.map(|event| {
        let (timeout, variant, name) = (
            &cx.types.timeout,
            variant(&event.ident),
            plain_name(&event.ident),
        );
        quote!(#module::StateEvent::Timeout(#timeout::#variant) => #name)
    });
    quote! {
        fn method_of(__message: &#lib::Incoming<Self>) -> &'static #core::primitive::str {
            let __call = #call;
            let __cast = #cast;
            let __info = #info;
            let __own = #own;
            match __message {
                #lib::Incoming::Call(__message) => __call(__message),
                #lib::Incoming::Cast(__message) => __cast(__message),
                #lib::Incoming::Info(#module::StateInfo::Message(__message)) => __info(__message),
                #lib::Incoming::Info(_) => "timeout",
                #lib::Incoming::Continue(__step) => match #module::StateStep::event(__step) {
                    #core::option::Option::Some(__event) => match __event {
                        #module::StateEvent::Call(__message) => __call(__message),
                        #module::StateEvent::Cast(__message) => __cast(__message),
                        #module::StateEvent::Info(__message) => __info(__message),
                        #module::StateEvent::Internal(__message) => __own(__message),
                        #(#timeouts,)*
                        #module::StateEvent::StateTimeout => "state_timeout",
                        #module::StateEvent::EventTimeout => "event_timeout",
                        #module::StateEvent::Enter { .. } => "enter",
                        #module::StateEvent::Exit { .. } => "exit",
                        _ => "",
                    },
                    #core::option::Option::None => "",
                },
            }
        }
    }
}

/// Returns a closure that names the messages of one kind.
fn named(cx: &Cx<'_>, role: Role, handlers: &[&Handler]) -> TokenStream {
    let (generics, core) = (cx.base.ty_generics(), &cx.base.core);
    let message: Option<&Ident> = cx.message(role).map(|(_, message)| message);
    let arms = handlers
        .iter()
        .filter(|handler| handler.runs())
        .map(|handler| {
            let (cfgs, name, variant) = (
                &handler.attrs.cfgs,
                plain_name(&handler.ident),
                variant(&handler.ident),
            );
            let inner = if role == Role::Info {
                quote!((..))
            } else {
                quote!({ .. })
            };
            quote!(#(#cfgs)* #message::#variant #inner => #name)
        });
    quote!(|__message: &#message #generics| -> &'static #core::primitive::str { match *__message { #(#arms,)* _ => "" } })
}

/// Generates the function that formats the message itself.
fn arguments_of(cx: &Cx<'_>) -> TokenStream {
    let (lib, module, private, core) =
        (&cx.base.ambit, &cx.module, &cx.base.private, &cx.base.core);
    quote! {
        fn arguments_of(__message: &#lib::Incoming<Self>) -> #private::Text {
            #private::text_of(match __message {
                #lib::Incoming::Call(__message) => __message,
                #lib::Incoming::Cast(__message) => __message,
                #lib::Incoming::Info(#module::StateInfo::Message(__message)) => __message,
                #lib::Incoming::Info(__timeout) => __timeout,
                #lib::Incoming::Continue(__step) => match #module::StateStep::event(__step) {
                    #core::option::Option::Some(#module::StateEvent::Call(__message)) => __message,
                    #core::option::Option::Some(#module::StateEvent::Cast(__message)) => __message,
                    #core::option::Option::Some(#module::StateEvent::Info(__message)) => __message,
                    #core::option::Option::Some(#module::StateEvent::Internal(__message)) => __message,
                    _ => __step,
                },
            })
        }
    }
}
