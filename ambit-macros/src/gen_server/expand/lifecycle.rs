//! The `GenServer` impl: start, options and end of a server.

use proc_macro2::TokenStream;
use quote::quote;

use super::arguments::{bindings, locals};
use super::cx::Cx;
use super::match_arm;
use super::start::{params_field, without_init};
use crate::gen_server::model::{Handler, InPlace, Init, Mailbox, Overflow};
use crate::quoting::where_none_is;
use crate::spans::spanned;

/// Generates the impl.
pub(super) fn items(cx: &Cx<'_>, dispatch: &TokenStream) -> TokenStream {
    let ambit = &cx.ambit;
    let (protocol, info, next) = (cx.protocol(), cx.info(), cx.next());
    let server = &cx.server.self_ty;
    let (options, init, terminate) = (options(cx), init(cx), terminate(cx));
    let gen_server = cx.trait_impl(
        &quote!(#ambit::GenServer),
        &quote!(#server),
        &cx.bounds_where(),
        &quote! {
            type Protocol = #protocol;
            type Info = #info;
            type Continue = #next;
            #options
            #init
            #dispatch
            #terminate
        },
    );
    quote! {
        #[allow(deprecated, unreachable_code, unreachable_patterns)]
        #gen_server
    }
}

/// `type Args` and `fn init`.
fn init(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let result = quote!(#private::Initial<Self>);
    let with_init = cx
        .server
        .inits
        .iter()
        .map(|init| init_with(cx, init, &result));
    let params = cx.params();
    let begin = cx.machine.as_ref().map(|machine| &machine.begin);
    // No async block: it would hold the context, and proving that `Send` is the largest part of the compile time of a
    // small server.
    let without = without_init(cx).map(|cfg| {
        quote! {
            #cfg
            type Args = Self;
            #cfg
            fn init(
                __args: Self,
                __ctx: &mut #ambit::Context<Self>,
            ) -> impl #core::future::Future<Output = #result> + #core::marker::Send + use<#params> {
                #begin
                #private::ready(#private::Ok(__args))
            }
        }
    });
    quote!(#(#with_init)* #without)
}

fn init_with(cx: &Cx<'_>, Init { handler }: &Init, result: &TokenStream) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let (args, generics) = (&cx.names.args, cx.ty_generics());
    let (name, cfgs, names) = (&handler.ident, &handler.attrs.cfgs, locals(handler));
    let bound = bindings(handler);
    if handler.runs() {
        let held = handler.takes_context.then(|| match_arm::held(cx));
        let ctx = handler.takes_context.then(|| {
            let borrowed = match_arm::borrowed(cx);
            quote!(#borrowed,)
        });
        let wait = handler.is_async.then(|| quote!(.await));
        let rest = params_field(cx, handler).map(|_| quote!(..));
        let begin = cx.machine.as_ref().map(|machine| &machine.begin);
        let future = match_arm::future(cx, result);
        // The compiler reports another type at the method's return type.
        let into_init = spanned(
            quote!(#private::IntoInit::<Self>::into_init),
            &handler.output,
        );
        let run = spanned(quote!(Self::#name(#ctx #(#names),*) #wait), &handler.output);
        let run = quote! {
            let #args { #bound #rest } = __args;
            #into_init(#run)
        };
        // A closure costs the compiler half as much as an async block.
        let run = match handler.is_async {
            true => quote!(async move { #run }),
            false => quote!(#private::lazy(move || { #run })),
        };
        return quote! {
            #(#cfgs)*
            type Args = #args #generics;
            #(#cfgs)*
            fn init(__args: #args #generics, __ctx: &mut #ambit::Context<Self>) -> #future {
                #begin
                #held
                #run
            }
        };
    }
    quote! {
        #(#cfgs)*
        type Args = #args #generics;
        #(#cfgs)*
        async fn init(__args: #args #generics, __ctx: &mut #ambit::Context<Self>) -> #result {
            #core::panic!("`#[init]` does not compile")
        }
    }
}

/// `const OPTIONS`, if the block sets any.
fn options(cx: &Cx<'_>) -> TokenStream {
    let ambit = &cx.ambit;
    let options = &cx.server.options;
    let mailbox = options.mailbox.as_ref().map(|mailbox| match mailbox {
        Mailbox::Bounded(size) => quote!(.mailbox(#size)),
        Mailbox::Unbounded => quote!(.unbounded()),
    });
    let overflow = options.overflow.map(|overflow| {
        let policy = match overflow {
            Overflow::Wait => quote!(Wait),
            Overflow::Reject => quote!(Reject),
            Overflow::DropNewest => quote!(DropNewest),
            Overflow::DropOldest => quote!(DropOldest),
        };
        quote!(.overflow(#ambit::Overflow::#policy))
    });
    let in_place = options.in_place.map(|in_place| {
        let policy = match in_place {
            InPlace::Auto => quote!(Auto),
            InPlace::Never => quote!(Never),
            InPlace::Always => quote!(Always),
        };
        quote!(.in_place(#ambit::InPlace::#policy))
    });
    let set = quote!(#mailbox #overflow #in_place);
    if set.is_empty() {
        return set;
    }
    quote!(const OPTIONS: #ambit::ServerOptions = #ambit::ServerOptions::DEFAULT #set;)
}

/// `fn terminate` and its constants.
fn terminate(cx: &Cx<'_>) -> TokenStream {
    let (ambit, core) = (&cx.ambit, &cx.core);
    let terminates = &cx.server.terminates;
    let methods = terminates.iter().filter(|terminate| terminate.handler.runs()).map(|terminate| {
        let Handler { attrs, takes_context, .. } = &terminate.handler;
        let (cfgs, run) = (&attrs.cfgs, match_arm::run_borrowed(cx, &terminate.handler, &quote!(, __reason)));
        let held = takes_context.then(|| match_arm::held(cx));
        let future = match_arm::future(cx, &quote!(()));
        let not_after_panic =
            (!terminate.after_panic).then(|| quote!(#(#cfgs)* const TERMINATES_AFTER_PANIC: #core::primitive::bool = false;));
        quote! {
            #not_after_panic
            #(#cfgs)*
            fn terminate(&mut self, __reason: &#ambit::ExitReason, __ctx: &mut #ambit::Context<Self>) -> #future {
                #held
                async move { #run; }
            }
        }
    });
    let handlers = terminates.iter().map(|terminate| &terminate.handler.attrs);
    let never = where_none_is(&handlers.collect::<Vec<_>>());
    let never = never.map(|cfg| quote!(#cfg const TERMINATES: #core::primitive::bool = false;));
    quote!(#never #(#methods)*)
}
