//! `#[derive(Message)]`: a type that processes send each other.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, GenericParam, Generics, Item};

use crate::attrs::{CRATE, Options, Rule, Shape, Table, ambit};
use crate::diag::Diag;
use crate::spans::spanned;

const NOT_YET: &str = "names, versions and tags come with remote messages, which this version does not \
                       have yet; write `#[derive(Message)]` alone";

const MESSAGE: Table = Table {
    attribute: "#[message]",
    rules: &[
        CRATE,
        Rule {
            name: "name",
            shape: Shape::Refused(NOT_YET),
        },
        Rule {
            name: "version",
            shape: Shape::Refused(NOT_YET),
        },
        Rule {
            name: "tag",
            shape: Shape::Refused(NOT_YET),
        },
        Rule {
            name: "since",
            shape: Shape::Refused(NOT_YET),
        },
    ],
};

/// Expands the derive on `item`.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let item: Item = match syn::parse2(item) {
        Ok(item) => item,
        Err(error) => return error.to_compile_error(),
    };
    let diag = Diag::default();
    let (attrs, name, generics) = match &item {
        Item::Struct(item) => (&item.attrs, &item.ident, &item.generics),
        Item::Enum(item) => {
            let in_variants = item.variants.iter().flat_map(|variant| &variant.attrs);
            let _ = options(in_variants, &diag);
            (&item.attrs, &item.ident, &item.generics)
        }
        Item::Union(item) => {
            diag.error(
                item.union_token,
                "a union cannot be a message; write a `struct` or an `enum`",
            );
            return diag.into_tokens();
        }
        other => {
            diag.error(other, "`Message` is derived for a struct or an enum");
            return diag.into_tokens();
        }
    };
    let ambit = options(attrs.iter(), &diag);
    let message = has_no_lifetime(generics, &diag).then(|| message_impl(&ambit, name, generics));
    let errors = diag.into_tokens();
    quote!(#message #errors)
}

/// Reads `#[message(..)]`, and gives the path of the runtime crate.
fn options<'a>(attrs: impl Iterator<Item = &'a Attribute>, diag: &Diag) -> TokenStream {
    let paths = attrs
        .filter(|attribute| attribute.path().is_ident("message"))
        .filter_map(|attribute| {
            Options::of(attribute, &MESSAGE, diag)
                .path("crate")
                .cloned()
        });
    ambit(paths.last().as_ref())
}

fn has_no_lifetime(generics: &Generics, diag: &Diag) -> bool {
    let mut params = generics.params.iter();
    let lifetime = params.find(|param| matches!(param, GenericParam::Lifetime(_)));
    if let Some(lifetime) = lifetime {
        diag.error(
            lifetime,
            "a message moves to another process and cannot borrow; hold owned data or an `Arc`",
        );
    }
    lifetime.is_none()
}

fn message_impl(ambit: &TokenStream, name: &Ident, generics: &Generics) -> TokenStream {
    let (impl_generics, ty_generics, clause) = generics.split_for_impl();
    let user = clause.into_iter().flat_map(|clause| &clause.predicates);
    let params = generics.type_params().map(|param| &param.ident);
    let payload = quote!(#ambit::__private::Payload);
    let itself = spanned(payload.clone(), name);
    quote! {
        #[automatically_derived]
        impl #impl_generics #ambit::Message for #name #ty_generics
        where
            #(#user,)*
            #(#params: #payload,)*
            #name #ty_generics: #itself,
        {}
    }
}
