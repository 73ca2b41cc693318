//! `#[wire]`: a wrapper that implements `Wire` for a foreign type.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Field, Generics, Index, ItemStruct, Member, Type};

use crate::diag::{Diag, text};
use crate::fallback;
use crate::message::{self, Text};
use crate::names;
use crate::options::{self, CRATE, OptionRule, OptionTable, Options, Shape};
use crate::quoting;
use crate::spans::spanned;

const WIRE: OptionTable = OptionTable {
    attribute: "#[wire]",
    rules: &[
        OptionRule {
            name: "name",
            shape: Shape::WireName("uuid.Uuid"),
        },
        OptionRule {
            name: "version",
            shape: Shape::Expr("1"),
        },
        CRATE,
    ],
};

/// A struct around one value of a foreign type.
struct Wrapper {
    ident: Ident,
    member: Member,
    inner: Type,
    name: Text,
    version: u32,
}

/// Expands `#[wire(options)]` on `item`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let diag = Diag::default();
    let options = Options::read(options, &WIRE, &diag);
    let wrapper = match syn::parse2::<ItemStruct>(item.clone()) {
        Ok(found) => wrapper(&found, &options, &diag),
        Err(error) => {
            not_a_struct(item, error, &diag);
            None
        }
    };
    let ambit = options::ambit(options.path("crate"));
    let impls = wrapper.map(|wrapper| impls(&wrapper, &ambit));
    let errors = diag.into_tokens();
    quote!(#item #impls #errors)
}

fn not_a_struct(item: &TokenStream, error: syn::Error, diag: &Diag) {
    match fallback::keyword(item) {
        Some(TokenTree::Ident(keyword)) if keyword != "struct" => {
            let message = "`#[wire]` can only be applied to a struct around one foreign type; write \
                           `#[wire(name = \"uuid.Uuid\")] struct Id(Uuid);`";
            diag.error(keyword, message);
        }
        _ => diag.push(error),
    }
}

/// Reads the struct; returns `None` if it wraps no value, or more than one.
fn wrapper(found: &ItemStruct, options: &Options, diag: &Diag) -> Option<Wrapper> {
    let is_generic = refuse_parameters(&found.generics, diag);
    let field = only_field(found, diag)?;
    let name = message::type_name(options, &found.ident).unwrap_or_else(|| {
        let message = format!(
            "a wrapper requires a wire name; write `#[wire(name = \"{}\", version = 1)]`",
            example(&field.ty)
        );
        diag.error(&found.ident, message);
        Text {
            value: found.ident.to_string(),
            at: found.ident.to_token_stream(),
        }
    });
    let version = message::number(options, "version", diag);
    let member = field.ident.clone().map(Member::Named);
    (!is_generic).then(|| Wrapper {
        ident: found.ident.clone(),
        member: member.unwrap_or_else(|| Member::Unnamed(Index::from(0))),
        inner: field.ty.clone(),
        name,
        version: version.map_or(1, |version| version.value),
    })
}

fn refuse_parameters(generics: &Generics, diag: &Diag) -> bool {
    let message =
        "a wrapper cannot be generic; write one wrapper for each wrapped type, `struct Id(Uuid);`";
    if let Some(first) = generics.params.first() {
        diag.error(first, message);
    }
    !generics.params.is_empty()
}

fn only_field<'f>(found: &'f ItemStruct, diag: &Diag) -> Option<&'f Field> {
    let mut fields = found.fields.iter();
    let first = fields.next();
    match (first, fields.next()) {
        (Some(_), None) => return first,
        (Some(_), Some(second)) => diag.error(
            &second.ty,
            "a wrapper must have exactly one field; for several fields, write `#[derive(Message)]` with a name, \
             and wrap each foreign type",
        ),
        (None, _) => diag.error(
            &found.ident,
            "a wrapper must have exactly one field; without fields, write `#[derive(Message)]` with a name",
        ),
    }
    None
}

/// Returns a suggested name for the inner value: that of its type with its crate, if that name is not reserved.
fn example(inner: &Type) -> String {
    let path = text(inner);
    let plain = path.split('<').next().unwrap_or_default();
    let words: Vec<_> = plain.split("::").filter(|word| !word.is_empty()).collect();
    match words.as_slice() {
        [] | [_] => format!("shop.{}", words.concat()),
        ["std" | "core" | "alloc" | "ambit", .., last] => format!("shop.{last}"),
        [first, .., last] => format!("{first}.{last}"),
    }
}

fn impls(wrapper: &Wrapper, ambit: &TokenStream) -> TokenStream {
    let Wrapper {
        ident,
        member,
        inner,
        ..
    } = wrapper;
    let core = quote!(#ambit::__private::core);
    let payload = spanned(quote!(#ambit::__private::Payload), ident);
    let wire_impl = wire_impl(wrapper, ambit, &core);
    let remote = quoting::for_nodes(&quote!(#ambit::__private), &wrapper.name.at, &wire_impl);
    quote! {
        #[allow(deprecated)]
        #[automatically_derived]
        impl #ambit::Message for #ident where #ident: #payload {}

        #[allow(deprecated)]
        #[automatically_derived]
        impl #core::convert::From<#inner> for #ident {
            fn from(__inner: #inner) -> Self {
                Self { #member: __inner }
            }
        }

        #[allow(deprecated)]
        #[automatically_derived]
        impl #core::convert::From<#ident> for #inner {
            fn from(__wrapper: #ident) -> Self {
                __wrapper.#member
            }
        }

        #remote
    }
}

/// Returns the impls that need the feature `remote`.
fn wire_impl(wrapper: &Wrapper, ambit: &TokenStream, core: &TokenStream) -> TokenStream {
    let Wrapper {
        ident,
        member,
        inner,
        name: Text { value: name, .. },
        version,
    } = wrapper;
    let wire = quote!(#ambit::message);
    let result = quote!(#core::result::Result);
    let codec = names::fresh_param(&Generics::default());
    let foreign = quote!(#ambit::__private::Foreign);
    quote! {
        #[allow(deprecated)]
        #[automatically_derived]
        impl #wire::Schema for #ident {
            fn shape(__types: &mut #wire::Types) -> #wire::Shape {
                let __name = #core::convert::From::from(#name);
                #wire::Types::define_wrapper::<Self, #inner>(__types, __name, #version)
            }
        }

        #[allow(deprecated)]
        #[automatically_derived]
        impl #wire::Named for #ident {
            const NAME: &'static #core::primitive::str = #name;
            const VERSION: #core::primitive::u32 = #version;
            const TAGS: &'static [(&'static #core::primitive::str, #core::primitive::u32)] = &[];
        }

        #[allow(deprecated)]
        #[automatically_derived]
        impl #wire::Wire for #ident
        where
            for<'only_if_used> #ident: #ambit::__private::Payload,
        {
            fn put<#codec: #wire::Codec>(&self, __out: &mut #wire::Out<'_, #codec>) -> #result<(), #wire::EncodeError> {
                <#inner as #foreign>::put(&self.#member, __out)
            }

            fn take<#codec: #wire::Codec>(__input: &mut #wire::In<'_, #codec>) -> #result<Self, #wire::DecodeError> {
                #result::map(<#inner as #foreign>::take(__input), |__inner| Self { #member: __inner })
            }
        }

        #ambit::written::message_encoding! {
            [] #ident, [where for<'only_if_used> #ident: #ambit::__private::Payload,] #codec = #name;
        }
    }
}
