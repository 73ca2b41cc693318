//! `Counter::start`, and what carries its arguments to the server's process.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{Cx, fields};
use crate::carried::Carried;
use crate::gen_server::model::{Handler, Init};
use crate::names::mentions;
use crate::quoting::{docs, lenient, phantom, where_none_is};

/// Writes the arguments and the function.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let args = cx.server.inits.iter().map(|init| args(cx, init));
    let function = function(cx);
    quote!(#(#args)* #function)
}

/// The struct that carries the arguments of `#[init]` to the server's process.
fn args(cx: &Cx<'_>, Init { handler }: &Init) -> TokenStream {
    let (vis, name, core) = (&cx.vis, &cx.names.args, &cx.core);
    let (generics, ty_generics, clause) = (cx.impl_generics(), cx.ty_generics(), cx.user_where());
    let (cfgs, names, types) = (
        &handler.attrs.cfgs,
        fields(handler),
        handler.args.iter().map(|arg| &arg.ty),
    );
    let fields = handler.runs().then(|| quote!(#(#names: #types,)*));
    let params = params_field(cx, handler).map(|phantom| quote!(__params: #phantom,));
    let server = &cx.server.name;
    let doc = docs(
        &[],
        &format!(" The arguments of `{server}::start`, on their way to the server."),
    );
    let lenient = lenient();
    let shown = name.to_string();
    let debug = cx.trait_impl(
        &quote!(#core::fmt::Debug),
        &quote!(#name #ty_generics),
        &clause,
        &quote! {
            fn fmt(&self, formatter: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                formatter.debug_struct(#shown).finish_non_exhaustive()
            }
        },
    );
    quote! {
        #(#cfgs)*
        #doc
        #lenient
        #vis struct #name #generics #clause { #fields #params }

        #(#cfgs)*
        #debug
    }
}

/// The type that mentions the parameters no argument mentions; a broken `#[init]` has no arguments.
pub(super) fn params_field(cx: &Cx<'_>, handler: &Handler) -> Option<TokenStream> {
    let args = handler.runs().then_some(&handler.args);
    let types: TokenStream = args
        .into_iter()
        .flatten()
        .map(|arg| arg.ty.to_token_stream())
        .collect();
    let params = cx.server.generics.type_params().map(|param| &param.ident);
    phantom(
        &cx.core,
        params.filter(|&param| !mentions(types.clone(), param)),
    )
}

/// `Counter::start(..)`, unless the user's block has one.
fn function(cx: &Cx<'_>) -> TokenStream {
    if cx.server.defines("start") {
        return TokenStream::new();
    }
    let (ambit, private, vis, server) = (&cx.ambit, &cx.private, &cx.vis, &cx.server.self_ty);
    let (generics, clause, lenient) = (cx.impl_generics(), cx.user_where(), lenient());
    let with_init = cx.server.inits.iter().map(|init| with_init(cx, init));
    let without_init = without_init(cx).map(|cfg| {
        let itself = startable(cx, &quote!(Self));
        quote! {
            #cfg
            /// Starts a server with this value as its state.
            #vis fn start(self) -> #ambit::Start<Self> where #itself { #private::start(self) }
        }
    });
    quote!(#lenient impl #generics #server #clause { #(#with_init)* #without_init })
}

/// The predicate of `start`; see `Cx::protocol_where` for why it is deferred.
fn startable(cx: &Cx<'_>, args: &TokenStream) -> TokenStream {
    let ambit = &cx.ambit;
    quote!(for<'__used> Self: #ambit::GenServer<Args = #args>)
}

fn with_init(cx: &Cx<'_>, Init { handler }: &Init) -> TokenStream {
    let (ambit, private, core, args) = (&cx.ambit, &cx.private, &cx.core, &cx.names.args);
    let Handler {
        vis,
        attrs:
            Carried {
                cfgs,
                docs: written,
                lints,
                ..
            },
        ..
    } = handler;
    let (names, types) = (fields(handler), handler.args.iter().map(|arg| &arg.ty));
    let doc = docs(written, " Starts a server.");
    let ty_generics = cx.ty_generics();
    let startable = startable(cx, &quote!(#args #ty_generics));
    let generics = handler.poisoned.as_ref().map(|poison| &poison.generics);
    let clause = generics.and_then(|generics| generics.where_clause.as_ref());
    let predicates = clause.into_iter().flat_map(|clause| &clause.predicates);
    let body = if handler.runs() {
        let phantom = quote!(#core::marker::PhantomData);
        let params = params_field(cx, handler).map(|_| quote!(__params: #phantom,));
        quote!(#private::start(#args { #(#names,)* #params }))
    } else {
        quote!(#core::panic!("`#[init]` does not compile"))
    };
    quote! {
        #(#cfgs)* #doc #(#lints)*
        #vis fn start #generics (#(#names: #types),*) -> #ambit::Start<Self>
        where
            #(#predicates,)*
            #startable,
        { #body }
    }
}

/// Where the value itself is the argument.
pub(super) fn without_init(cx: &Cx<'_>) -> Option<TokenStream> {
    let inits = cx.server.inits.iter().map(|init| &init.handler.attrs);
    where_none_is(&inits.collect::<Vec<_>>())
}
