//! How a server starts and ends, and the `GenServer` impl that holds it all.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Meta};

use super::protocol::{core, phantom};
use super::{Cx, dispatch, docs, fields, lenient};
use crate::gen_server::model::{Handler, InPlace, Init, Mailbox, Overflow};
use crate::names::mentions;

/// Writes the arguments, `start` and `GenServer`.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let (ambit, generics) = (&cx.ambit, cx.ty_generics());
    let (info, next) = (&cx.names.info, &cx.names.next);
    let server = &cx.server.self_ty;
    let args = cx.server.inits.iter().map(|init| args(cx, init));
    let start = start(cx);
    let (options, init, terminate) = (options(cx), init(cx), terminate(cx));
    let dispatch = dispatch::methods(cx);
    let gen_server = cx.trait_impl(
        &quote!(#ambit::GenServer),
        &quote!(#server),
        &quote! {
            type Protocol = Self;
            type Info = #info #generics;
            type Continue = #next #generics;
            #options
            #init
            #dispatch
            #terminate
        },
    );
    quote! {
        #(#args)*
        #start
        #[allow(deprecated, unreachable_patterns, unused_variables, clippy::all, clippy::pedantic)]
        #gen_server
    }
}

/// The struct that carries the arguments of `#[init]` to the server's process.
fn args(cx: &Cx<'_>, Init { handler }: &Init) -> TokenStream {
    let (vis, name, core) = (&cx.vis, &cx.names.args, core(cx));
    let params = &cx.server.generics.params;
    let generics = if params.is_empty() {
        TokenStream::new()
    } else {
        quote!(<#params>)
    };
    let (impl_generics, ty_generics, clause) =
        (cx.impl_generics(), cx.ty_generics(), cx.user_where());
    let (cfgs, names, types) = (
        &handler.attrs.cfgs,
        fields(handler),
        handler.args.iter().map(|arg| &arg.ty),
    );
    let definition = if !handler.runs() {
        quote!(#clause { __poisoned: (), })
    } else {
        let params = params_field(cx, handler).map(|phantom| quote!(__params: #phantom,));
        quote!(#clause { #(#names: #types,)* #params })
    };
    let server = &cx.server.name;
    let doc = docs(
        &[],
        &format!(" The arguments of `{server}::start`, on their way to the server."),
    );
    let lenient = lenient();
    let shown = name.to_string();
    quote! {
        #(#cfgs)*
        #doc
        #lenient
        #vis struct #name #generics #definition

        #(#cfgs)*
        #[automatically_derived]
        impl #impl_generics #core::fmt::Debug for #name #ty_generics #clause {
            fn fmt(&self, formatter: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                formatter.debug_struct(#shown).finish_non_exhaustive()
            }
        }
    }
}

/// The type that mentions the parameters no argument mentions.
fn params_field(cx: &Cx<'_>, handler: &Handler) -> Option<TokenStream> {
    let types: TokenStream = handler
        .args
        .iter()
        .map(|arg| arg.ty.to_token_stream())
        .collect();
    let params = cx.server.generics.type_params().map(|param| &param.ident);
    phantom(cx, params.filter(|param| !mentions(types.clone(), param)))
}

/// `Counter::start(..)`, unless the user's block has one.
fn start(cx: &Cx<'_>) -> TokenStream {
    if cx.server.takes("start") {
        return TokenStream::new();
    }
    let (server, clause, generics) = (&cx.server.self_ty, cx.full_where(), cx.impl_generics());
    let with_init = cx.server.inits.iter().map(|init| start_with_init(cx, init));
    let (ambit, private, vis, without) = (&cx.ambit, &cx.private, &cx.vis, without_init(cx));
    let without_init = without.map(|cfg| {
        quote! {
            #cfg
            /// Starts a server with this value as its state.
            #vis fn start(self) -> #ambit::Start<Self> { #private::start(self) }
        }
    });
    let lenient = lenient();
    quote!(#lenient impl #generics #server #clause { #(#with_init)* #without_init })
}

fn start_with_init(cx: &Cx<'_>, Init { handler }: &Init) -> TokenStream {
    let (ambit, private, core, args) = (&cx.ambit, &cx.private, core(cx), &cx.names.args);
    let Handler { vis, attrs, .. } = handler;
    let (cfgs, lints) = (&attrs.cfgs, &attrs.lints);
    let (names, types) = (fields(handler), handler.args.iter().map(|arg| &arg.ty));
    let doc = docs(&attrs.docs, " Starts a server.");
    let (generics, clause, body) = match &handler.poisoned {
        None => {
            let params =
                params_field(cx, handler).map(|_| quote!(__params: #core::marker::PhantomData,));
            (
                None,
                None,
                quote!(#private::start(#args { #(#names,)* #params })),
            )
        }
        Some(poison) => {
            let body = quote!(#core::panic!("`#[init]` does not compile"));
            (
                Some(&poison.generics),
                poison.generics.where_clause.as_ref(),
                body,
            )
        }
    };
    quote! {
        #(#cfgs)* #doc #(#lints)*
        #vis fn start #generics (#(#names: #types),*) -> #ambit::Start<Self> #clause { #body }
    }
}

/// Where the value itself is the argument: everywhere, nowhere (`None`), or where `cfg` leaves no
/// `#[init]`.
fn without_init(cx: &Cx<'_>) -> Option<TokenStream> {
    let inits = &cx.server.inits;
    if inits.is_empty() {
        return Some(TokenStream::new());
    }
    if inits.iter().any(|init| !init.handler.attrs.has_cfg()) {
        return None;
    }
    let each = inits.iter().map(|init| all_of(&init.handler.attrs.cfgs));
    Some(quote!(#[cfg(not(any(#(#each),*)))]))
}

/// The predicate of several `#[cfg(..)]` together.
fn all_of(cfgs: &[Attribute]) -> TokenStream {
    let predicates = cfgs.iter().filter_map(|cfg| match &cfg.meta {
        Meta::List(list) => Some(&list.tokens),
        Meta::Path(_) | Meta::NameValue(_) => None,
    });
    quote!(all(#(#predicates),*))
}

/// `type Args` and `fn init`.
fn init(cx: &Cx<'_>) -> TokenStream {
    let (ambit, core) = (&cx.ambit, core(cx));
    let result = quote!(#core::result::Result<Self, #ambit::ExitReason>);
    let with_init = cx
        .server
        .inits
        .iter()
        .map(|init| init_with(cx, init, &result));
    let without = without_init(cx).map(|cfg| {
        quote! {
            #cfg
            type Args = Self;
            #cfg
            async fn init(__args: Self, __ctx: &mut #ambit::Context<Self>) -> #result {
                #core::result::Result::Ok(__args)
            }
        }
    });
    quote!(#(#with_init)* #without)
}

fn init_with(cx: &Cx<'_>, Init { handler }: &Init, result: &TokenStream) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, core(cx));
    let (args, generics) = (&cx.names.args, cx.ty_generics());
    let (name, cfgs, names) = (&handler.ident, &handler.attrs.cfgs, fields(handler));
    let body = if handler.runs() {
        let ctx = handler.takes_context.then(|| quote!(__ctx,));
        let wait = handler.is_async.then(|| quote!(.await));
        let rest = params_field(cx, handler).map(|_| quote!(..));
        quote! {
            let #args { #(#names,)* #rest } = __args;
            #private::IntoInit::<Self>::into_init(Self::#name(#ctx #(#names),*) #wait)
        }
    } else {
        quote!(#core::panic!("`#[init]` does not compile"))
    };
    quote! {
        #(#cfgs)*
        type Args = #args #generics;
        #(#cfgs)*
        async fn init(__args: Self::Args, __ctx: &mut #ambit::Context<Self>) -> #result { #body }
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

/// `fn terminate` and what the server says of it.
fn terminate(cx: &Cx<'_>) -> TokenStream {
    let ambit = &cx.ambit;
    let terminates = &cx.server.terminates;
    let methods = terminates.iter().filter(|terminate| terminate.handler.runs()).map(|terminate| {
        let (cfgs, run) = (&terminate.handler.attrs.cfgs, dispatch::run(&terminate.handler, &quote!(, __reason)));
        let not_after_panic =
            (!terminate.after_panic).then(|| quote!(#(#cfgs)* const TERMINATES_AFTER_PANIC: bool = false;));
        quote! {
            #not_after_panic
            #(#cfgs)*
            async fn terminate(&mut self, __reason: &#ambit::ExitReason, __ctx: &mut #ambit::Context<Self>) {
                #run;
            }
        }
    });
    let never = if terminates.is_empty() {
        Some(TokenStream::new())
    } else if terminates
        .iter()
        .all(|terminate| terminate.handler.attrs.has_cfg())
    {
        let each = terminates
            .iter()
            .map(|terminate| all_of(&terminate.handler.attrs.cfgs));
        Some(quote!(#[cfg(not(any(#(#each),*)))]))
    } else {
        None
    };
    let never = never.map(|cfg| quote!(#cfg const TERMINATES: bool = false;));
    quote!(#never #(#methods)*)
}
