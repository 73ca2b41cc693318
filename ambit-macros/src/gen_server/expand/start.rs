//! `Counter::start` and `Counter::child_spec`, and the struct that carries the arguments to the server's process.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::arguments::{declared, fields};
use super::bounds;
use super::cx::Cx;
use crate::forwarded_attributes::ForwardedAttributes;
use crate::gen_server::model::{Handler, Init};
use crate::names::uses_param;
use crate::quoting::{docs, lenient, made_child_spec, phantom, where_none_is};
use crate::spans::deferred;
use crate::types::is_surely_cloned_function;

/// Generates the struct of arguments, and the functions that the user's block does not define.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let inits = &cx.server.inits;
    let args = inits.iter().map(|init| args(cx, init));
    let starts = cx.server.own("start").is_empty().then(|| {
        let with_init = inits.iter().map(|init| start(cx, init));
        let without_init = start_itself(cx);
        quote!(#(#with_init)* #without_init)
    });
    let specs = where_none_is(&cx.server.own("child_spec")).map(|cfg| {
        let with_init = inits.iter().map(|init| child_spec(cx, init));
        let each = with_init.chain(child_spec_of_itself(cx));
        quote!(#(#cfg #each)*)
    });
    let (generics, server) = (cx.impl_generics(), &cx.server.self_ty);
    let (clause, lenient) = (cx.user_where(), lenient());
    quote! {
        #(#args)*

        #lenient
        impl #generics #server #clause { #starts #specs }
    }
}

/// The struct that carries the arguments of `#[init]` to the server's process.
fn args(cx: &Cx<'_>, Init { handler }: &Init) -> TokenStream {
    let (vis, name, ambit) = (&cx.vis, &cx.names.args, &cx.ambit);
    let (generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    let clause = cx.definition_where();
    let cfgs = &handler.attrs.cfgs;
    let fields = handler.runs().then(|| declared(handler));
    let params = params_field(cx, handler).map(|phantom| quote!(__params: #phantom,));
    let server = &cx.server.name;
    let doc = docs(
        &[],
        &format!(" The arguments of `{server}::start`, which move to the server."),
    );
    let lenient = lenient();
    let shown = name.to_string();
    quote! {
        #(#cfgs)*
        #doc
        #lenient
        #vis struct #name #generics #clause { #fields #params }

        #(#cfgs)*
        #ambit::written::show_args! { [#generics] #name #ty_generics, [#clause] #shown }
    }
}

/// Returns the type that mentions the parameters no argument mentions; a broken `#[init]` has no arguments.
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
        params.filter(|&param| !uses_param(types.clone(), param)),
    )
}

/// `Counter::start(..)`
fn start(cx: &Cx<'_>, Init { handler }: &Init) -> TokenStream {
    let (ambit, private) = (&cx.ambit, &cx.private);
    let args = made_args(cx, handler);
    InitFunction {
        name: quote!(start),
        docs: match handler.attrs.docs.is_empty() {
            true => docs(&[], " Starts a server."),
            false => crate::docs::beside(&handler.attrs.docs),
        },
        output: quote!(#ambit::Start<Self>),
        predicates: Vec::new(),
        body: quote!(#private::start(#args)),
    }
    .written(cx, handler)
}

/// `Counter::child_spec(..)`; its arguments must be `Clone` only where it is called.
fn child_spec(cx: &Cx<'_>, Init { handler }: &Init) -> TokenStream {
    let (ambit, private) = (&cx.ambit, &cx.private);
    let (args, names) = (made_args(cx, handler), fields(handler));
    let types = handler.args.iter().map(|arg| &arg.ty);
    let types = types.filter(|ty| !is_surely_cloned_function(ty));
    InitFunction {
        name: quote!(child_spec),
        docs: docs(
            &[],
            " Returns a child specification for a supervisor; each start clones these arguments.",
        ),
        output: quote!(#ambit::ChildSpec<Self>),
        predicates: types
            .map(|ty| deferred(ty, &quote!(#private::RestartArgs)))
            .chain(bounds::of_args(cx.server, ambit, handler))
            .collect(),
        body: quote! {
            #private::child_spec_of((#(#names,)*), |(#(#names,)*)| #private::start(#args))
        },
    }
    .written(cx, handler)
}

/// A function with the arguments of `#[init]`.
struct InitFunction {
    name: TokenStream,
    docs: TokenStream,
    output: TokenStream,
    predicates: Vec<TokenStream>,
    body: TokenStream,
}

impl InitFunction {
    /// For a broken `#[init]` the function exists only so that callers compile.
    fn written(&self, cx: &Cx<'_>, handler: &Handler) -> TokenStream {
        let Self {
            name,
            docs,
            output,
            predicates,
            body,
        } = self;
        let Handler {
            vis,
            attrs: ForwardedAttributes { cfgs, lints, .. },
            ..
        } = handler;
        let (core, args, ty_generics) = (&cx.core, &cx.names.args, cx.ty_generics());
        let declared = declared(handler);
        let startable = startable(cx, &quote!(#args #ty_generics));
        let generics = handler.poisoned.as_ref().map(|invalid| &invalid.generics);
        let clause = generics.and_then(|generics| generics.where_clause.as_ref());
        let own = clause.into_iter().flat_map(|clause| &clause.predicates);
        let predicates = handler.runs().then_some(predicates).into_iter().flatten();
        let broken = quote!(#core::panic!("`#[init]` does not compile"));
        let body = if handler.runs() { body } else { &broken };
        quote! {
            #(#cfgs)* #docs #(#lints)*
            #vis fn #name #generics (#declared) -> #output
            where
                #(#own,)*
                #(#predicates,)*
                #startable
            { #body }
        }
    }
}

/// `CounterArgs { value, limit }`
pub(super) fn made_args(cx: &Cx<'_>, handler: &Handler) -> TokenStream {
    let (core, args, names) = (&cx.core, &cx.names.args, fields(handler));
    let phantom = quote!(#core::marker::PhantomData);
    let params = params_field(cx, handler).map(|_| quote!(__params: #phantom,));
    quote!(#args { #(#names,)* #params })
}

fn start_itself(cx: &Cx<'_>) -> Option<TokenStream> {
    let (ambit, private, vis) = (&cx.ambit, &cx.private, &cx.vis);
    let (cfg, startable) = (without_init(cx)?, startable(cx, &quote!(Self)));
    Some(quote! {
        #cfg
        /// Starts a server with this value as its state.
        #vis fn start(self) -> #ambit::Start<Self> where #startable { #private::start(self) }
    })
}

fn child_spec_of_itself(cx: &Cx<'_>) -> Option<TokenStream> {
    let (cfg, startable) = (without_init(cx)?, startable(cx, &quote!(Self)));
    let function = made_child_spec(&cx.ambit, &cx.private, &cx.vis, &startable);
    Some(quote!(#cfg #function))
}

/// Returns the predicate of each argument; see `Cx::protocol_where` for why it is deferred.
fn startable(cx: &Cx<'_>, args: &TokenStream) -> TokenStream {
    let ambit = &cx.ambit;
    let own = cx.sends_own_handle().then(|| {
        let protocol = deferred(&quote!(Self), &quote!(#ambit::Protocol));
        quote!(, #protocol)
    });
    if cx.has_all_impls() {
        return TokenStream::new();
    }
    let server = deferred(&quote!(Self), &quote!(#ambit::GenServer<Args = #args>));
    quote!(#server #own,)
}

/// The functions of a server whose value itself is the argument.
pub(super) fn without_init(cx: &Cx<'_>) -> Option<TokenStream> {
    let inits = cx.server.inits.iter().map(|init| &init.handler.attrs);
    where_none_is(&inits.collect::<Vec<_>>())
}
