//! The start of a supervisor, and its children.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;

use super::cx::Cx;
use crate::names::mentions_param;
use crate::supervisor::model::{Child, Shutdown, SupervisorOptions};

/// Generates the impls of `Startable` and of the trait that the runtime uses.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let startable = startable(cx);
    let registered = registered(cx);
    let tree = tree(cx);
    quote! {
        #startable
        #registered

        #[allow(deprecated)]
        #tree
    }
}

fn startable(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let (subject, generics) = (&cx.subject, cx.ty_generics());
    cx.implements(
        &quote!(#ambit::Startable),
        &quote! {
            type Handle = #subject #generics;
            type Args = Self;
            const __KIND: #ambit::ChildKind = #ambit::ChildKind::Supervisor;
            const __OPEN: #core::primitive::bool = true;
            fn __launch(
                __args: Self,
                __settings: #private::Settings<Self>,
                _: #core::option::Option<&mut #core::task::Context<'_>>,
            ) -> #private::Launch<Self> {
                #private::launch_tree(__args, __settings)
            }
            fn __follow(__child: #private::ChildRef) -> #subject #generics {
                #core::convert::From::from(#private::follow_supervisor(__child))
            }
        },
    )
}

/// Generates the impl that allows looking it up by name.
fn registered(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let (subject, generics) = (&cx.subject, cx.ty_generics());
    cx.implements(
        &quote!(#ambit::Registered),
        &quote! {
            type Handle = #subject #generics;
            fn __found(__holder: &#private::Found) -> #core::option::Option<#subject #generics> {
                #core::option::Option::map(
                    #private::found_as::<Self>(__holder),
                    #core::convert::From::from,
                )
            }
        },
    )
}

fn tree(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
    let (subject, generics) = (&cx.subject, cx.ty_generics());
    let options = tree_options(cx);
    let children = cx.supervisor.children.iter();
    let children = children
        .filter(|child| !child.broken)
        .map(|child| push(cx, child));
    cx.implements(
        &quote!(#private::Tree),
        &quote! {
            fn __options() -> #private::TreeOptions { #options }
            fn __children(
                __tree: &#private::Shared<Self>,
                __app: &#subject #generics,
            ) -> #private::std::vec::Vec<#private::TreeChild> {
                let mut __children = #private::std::vec::Vec::new();
                #(#children)*
                __children
            }
        },
    )
}

fn tree_options(cx: &Cx<'_>) -> TokenStream {
    let (ambit, private) = (&cx.ambit, &cx.private);
    let SupervisorOptions {
        strategy,
        restarts,
        within,
        auto_shutdown,
        ..
    } = &cx.supervisor.options;
    let fields = [
        strategy
            .as_ref()
            .map(|word| quote!(strategy: #ambit::Strategy::#word)),
        restarts.as_ref().map(|value| quote!(restarts: #value)),
        within.as_ref().map(|value| quote!(within: #value)),
        auto_shutdown
            .as_ref()
            .map(|word| quote!(auto_shutdown: #ambit::AutoShutdown::#word)),
    ];
    with_defaults(cx, &quote!(#private::TreeOptions), &fields)
}

/// Generates a struct with some fields set.
fn with_defaults(cx: &Cx<'_>, ty: &TokenStream, fields: &[Option<TokenStream>]) -> TokenStream {
    let core = &cx.core;
    let given: Vec<_> = fields.iter().flatten().collect();
    let default = quote!(#core::default::Default::default());
    if given.is_empty() {
        return quote!(<#ty as #core::default::Default>::default());
    }
    let rest = (given.len() < fields.len()).then(|| quote!(..#default));
    quote!(#ty { #(#given,)* #rest })
}

/// Adds one child to the list.
fn push(cx: &Cx<'_>, child: &Child) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let (ident, cfgs) = (&child.ident, &child.attrs.cfgs);
    let id = ident.unraw().to_string();
    let options = child_options(cx, child);
    let clone = |name: TokenStream| quote!(#core::clone::Clone::clone(#name));
    let tree = clone(quote!(__tree));
    let (app, argument) = if child.takes_subject() {
        let app = clone(quote!(__app));
        (Some(quote!(let __app = #app;)), Some(quote!(, &__app)))
    } else {
        (None, None)
    };
    let output = child.output.to_token_stream();
    // A type that mentions a parameter has a bound instead.
    let check = (!mentions_param(&cx.supervisor.generics, &output))
        .then(|| quote!(let () = <#output as #ambit::Child>::__CHECK;));
    quote! {
        #(#cfgs)*
        #private::std::vec::Vec::push(&mut __children, {
            #check
            let __tree = #tree;
            #app
            #private::tree_child::<#output>(
                #id,
                #options,
                move || #private::Shared::with(&__tree, |__tree| Self::#ident(__tree #argument)),
            )
        });
    }
}

fn child_options(cx: &Cx<'_>, child: &Child) -> TokenStream {
    let (ambit, private, core) = (&cx.ambit, &cx.private, &cx.core);
    let some = |value: TokenStream| quote!(#core::option::Option::Some(#value));
    let restart = |word: &Ident| {
        let restart = some(quote!(#ambit::Restart::#word));
        quote!(restart: #restart)
    };
    let shutdown = |shutdown: &Shutdown| {
        let shutdown = some(match shutdown {
            Shutdown::Word(word) => quote!(#ambit::Shutdown::#word),
            Shutdown::Expr(value) => {
                quote!(#core::convert::Into::<#ambit::Shutdown>::into(#value))
            }
        });
        quote!(shutdown: #shutdown)
    };
    let significant = |flag: &Ident| {
        let significant = some(quote!(#flag));
        quote!(significant: #significant)
    };
    let fields = [
        child.options.restart.as_ref().map(restart),
        child.options.shutdown.as_ref().map(shutdown),
        child.options.significant.as_ref().map(significant),
    ];
    with_defaults(cx, &quote!(#private::ChildOptions), &fields)
}
