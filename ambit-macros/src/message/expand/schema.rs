//! What the type looks like: `Schema` and `Named`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Type};

use super::{Cx, tag_of};
use crate::message::model::{Body, Field, Text, Variant};

pub(super) fn impls(cx: &Cx<'_>, name: &Text) -> TokenStream {
    let schema = schema(cx, name);
    let named = named(cx, name);
    quote!(#schema #named)
}

fn schema(cx: &Cx<'_>, name: &Text) -> TokenStream {
    let wire = &cx.wire;
    let version = cx.message.version();
    let name = full_name(cx, name, &quote!(types));
    let body = match &cx.message.body {
        Body::Struct(found) => {
            let fields = fields(cx, found);
            quote!(Struct(#fields))
        }
        Body::Enum(variants) => {
            let mut sorted: Vec<_> = variants.iter().collect();
            sorted.sort_by_key(|variant| &variant.tag.value);
            let variants = list(cx, sorted.into_iter().map(|found| variant(cx, found)));
            quote!(Enum(#variants))
        }
    };
    let types = match &cx.message.body {
        Body::Struct(fields) if fields.is_empty() => quote!(_),
        Body::Enum(variants) if variants.iter().all(|variant| variant.fields.is_empty()) => {
            quote!(_)
        }
        _ => quote!(types),
    };
    cx.implements(
        &quote!(#wire::Schema),
        None,
        &quote! {
            fn shape(types: &mut #wire::Types) -> #wire::Shape {
                let name = #name;
                #wire::Types::define::<Self>(types, name, #version, |#types| #wire::Body::#body)
            }
        },
    )
}

fn named(cx: &Cx<'_>, name: &Text) -> TokenStream {
    let Cx { wire, core, .. } = cx;
    let texts: Vec<_> = match &cx.message.body {
        Body::Struct(fields) => fields.iter().map(|field| &field.tag.value).collect(),
        Body::Enum(variants) => variants.iter().map(|variant| &variant.tag.value).collect(),
    };
    let tags: Vec<_> = texts.iter().map(|text| tag_of(text)).collect();
    let text = &name.value;
    let constants = constants(cx, &quote!(#text), &quote!(&[#((#texts, #tags)),*]));
    let with_parameters = has_parameters(cx).then(|| {
        let name = full_name(cx, name, &quote!(&mut #core::default::Default::default()));
        quote!(fn message_tag() -> u32 { #wire::tag(&#name) })
    });
    let named = cx.implements(
        &quote!(#wire::Named),
        None,
        &quote! {
            const NAME: &'static str = Self::NAME;
            const VERSION: u32 = Self::VERSION;
            const TAGS: &'static [(&'static str, u32)] = Self::TAGS;
            #with_parameters
        },
    );
    quote!(#constants #named)
}

/// The same as constants of the type itself: a protocol has a `NAME` as well, and which is meant would have to be said.
fn constants(cx: &Cx<'_>, name: &TokenStream, tags: &TokenStream) -> TokenStream {
    let (generics, _, clause) = cx.generics().split_for_impl();
    let (itself, version) = (cx.itself(), cx.message.version());
    quote! {
        #[allow(dead_code, deprecated, unreachable_pub)]
        impl #generics #itself #clause {
            /// Its name on the wire.
            pub const NAME: &'static str = #name;
            /// Its version on the wire.
            pub const VERSION: u32 = #version;
            /// The names of its parts on the wire, and their tags, in the order of the source.
            pub const TAGS: &'static [(&'static str, u32)] = #tags;
        }
    }
}

fn variant(cx: &Cx<'_>, variant: &Variant) -> TokenStream {
    let Cx { wire, core, .. } = cx;
    let (name, since) = (&variant.tag.value, variant.since());
    let fields = fields(cx, &variant.fields);
    quote! {
        #wire::Variant { name: #core::convert::From::from(#name), since: #since, fields: #fields }
    }
}

fn fields(cx: &Cx<'_>, fields: &[Field]) -> TokenStream {
    let Cx { wire, .. } = cx;
    let each = fields.iter().map(|field| {
        let (ty, name, has_default) = (&field.ty, &field.tag.value, field.default.is_some());
        quote!(<#ty as #wire::Wire>::field(types, #name, #has_default))
    });
    list(cx, each)
}

fn list(cx: &Cx<'_>, items: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    let Cx { core, std, .. } = cx;
    match items.len() {
        0 => quote!(#std::vec::Vec::new()),
        _ => quote!(#core::convert::From::from([#(#items),*])),
    }
}

/// The name with its parameters, `shop.page<u64>`, as an expression.
pub(super) fn full_name(cx: &Cx<'_>, name: &Text, types: &TokenStream) -> TokenStream {
    let Cx {
        wire, core, std, ..
    } = cx;
    let name = &name.value;
    if !has_parameters(cx) {
        return quote!(#core::convert::From::from(#name));
    }
    let params: Vec<_> = cx
        .generics()
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => {
                let ident = &param.ident;
                Some(quote!(<#ident as #wire::Schema>::shape(#types)))
            }
            GenericParam::Const(param) => {
                let ident = &param.ident;
                // A letter could be one that divides names.
                let as_number = matches!(&param.ty, Type::Path(ty) if ty.path.is_ident("char"))
                    .then(|| quote!(as u32));
                Some(quote!(#ident #as_number))
            }
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let format = format!("{name}<{}>", vec!["{}"; params.len()].join(", "));
    quote!(#std::format!(#format, #(#params),*))
}

fn has_parameters(cx: &Cx<'_>) -> bool {
    !cx.generics().params.is_empty()
}
