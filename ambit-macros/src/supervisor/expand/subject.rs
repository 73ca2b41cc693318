//! The handle to the supervisor, with one method per child.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;
use syn::ext::IdentExt;

use super::cx::Cx;
use crate::forwarded_attributes::ForwardedAttributes;
use crate::handle::Handle;
use crate::quoting::{docs, lenient, phantom, where_clause, where_none_is};
use crate::spans::deferred;
use crate::supervisor::model::Child;

/// Generates the handle, its methods and its traits.
pub(super) fn items(cx: &Cx<'_>) -> TokenStream {
    let definition = definition(cx);
    let (name, clause, lenient) = (&cx.subject, accessors_where(cx), lenient());
    let (impl_generics, ty_generics) = (cx.impl_generics(), cx.ty_generics());
    let children = &cx.supervisor.children;
    let accessors = children.iter().filter_map(|child| accessor(cx, child));
    let named = named(cx);
    let traits = traits(cx);
    quote! {
        #definition

        #lenient
        impl #impl_generics #name #ty_generics #clause { #(#accessors)* #named }

        #traits
    }
}

/// The where-clause of the methods: a child that mentions the user's type parameters is valid only if those are `Send`.
/// Deferred, because otherwise each method would repeat the error of the user's own.
fn accessors_where(cx: &Cx<'_>) -> TokenStream {
    let (generics, private) = (&cx.supervisor.generics, &cx.private);
    let params = generics.type_params().map(|param| &param.ident);
    let sent = params.map(|param| deferred(param, &quote!(#private::Payload)));
    where_clause(generics, &sent.collect::<Vec<_>>())
}

/// The type that mentions the parameters of the supervisor, which nothing else in the handle does.
fn params(cx: &Cx<'_>) -> Option<TokenStream> {
    let params = cx.supervisor.generics.type_params();
    phantom(&cx.core, params.map(|param| &param.ident))
}

/// The fields of a handle beside the inner one.
fn rest(cx: &Cx<'_>) -> TokenStream {
    let core = &cx.core;
    params(cx).map_or_else(TokenStream::new, |_| quote!(, #core::marker::PhantomData))
}

fn definition(cx: &Cx<'_>) -> TokenStream {
    let (ambit, vis, name) = (&cx.ambit, &cx.vis, &cx.subject);
    let (generics, clause, lenient) = (cx.impl_generics(), cx.user_where(), lenient());
    let doc = docs(
        &[],
        &format!(" The handle of a running `{}`.", cx.supervisor.name),
    );
    let params = params(cx).map(|params| quote!(, #params));
    quote! {
        #doc
        #lenient
        #vis struct #name #generics (#ambit::Supervisor #params) #clause;
    }
}

/// Generates the method for the handle to one child; a broken child has it as well.
fn accessor(cx: &Cx<'_>, child: &Child) -> Option<TokenStream> {
    let (ambit, private) = (&cx.ambit, &cx.private);
    let Child {
        ident,
        vis,
        attrs:
            ForwardedAttributes {
                cfgs,
                docs: written,
                lints,
                ..
            },
        generics,
        ..
    } = child;
    let output: &Type = child.output.as_ref()?;
    let id = ident.unraw().to_string();
    let docs = match written.is_empty() {
        true => docs(&[], &format!(" The child `{id}`, also after a restart.")),
        false => {
            let children = &cx.supervisor.children;
            let handle_has =
                |name: &str| name == "named" || children.iter().any(|child| child.ident == name);
            crate::docs::on_handle(written, &cx.supervisor.self_ty, &handle_has)
        }
    };
    let is_child = deferred(output, &quote!(#ambit::Child));
    let clause = generics.where_clause.iter();
    let clause = clause.flat_map(|clause| &clause.predicates);
    Some(quote! {
        #(#cfgs)* #docs #(#lints)*
        #vis fn #ident #generics (&self) -> <#output as #ambit::Child>::Handle
        where
            #(#clause,)*
            #is_child,
        {
            #private::child::<#output>(&self.0, #id)
        }
    })
}

/// `AppSubject::named`; a child of that name replaces it.
fn named(cx: &Cx<'_>) -> Option<TokenStream> {
    let (ambit, core, vis, rest) = (&cx.ambit, &cx.core, &cx.vis, rest(cx));
    let children = cx.supervisor.children.iter();
    let children: Vec<&ForwardedAttributes> = children
        .filter(|child| child.ident == "named" && child.output.is_some())
        .map(|child| &child.attrs)
        .collect();
    let cfg = where_none_is(&children)?;
    Some(quote! {
        #cfg
        /// Refers to the supervisor registered under the name when a request is sent.
        #vis fn named(__name: &#core::primitive::str) -> Self {
            Self(#ambit::Supervisor::named(__name) #rest)
        }
    })
}

/// Generates the traits of a value, and access to the supervisor and its process.
fn traits(cx: &Cx<'_>) -> TokenStream {
    let handle = Handle {
        ambit: &cx.ambit,
        name: &cx.subject,
        generics: &cx.supervisor.generics,
        clause: cx.user_where(),
        param: &cx.param,
        rest: rest(cx),
    };
    let ambit = &cx.ambit;
    let supervisor = quote!(#ambit::Supervisor);
    handle.traits(&supervisor, &supervisor)
}
