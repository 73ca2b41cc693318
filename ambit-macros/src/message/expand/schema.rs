//! The description of the type: `Schema` and `Named`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{GenericParam, Type};

use super::bounds;
use super::cx::{Cx, tag_of};
use crate::message::model::{Body, Field, Text, Variant};

pub(super) fn impls(cx: &Cx<'_>, name: &Text) -> TokenStream {
    let schema = schema(cx, name);
    let named = named(cx, name);
    quote!(#schema #named)
}

fn schema(cx: &Cx<'_>, name: &Text) -> TokenStream {
    let wire = &cx.wire;
    let version = cx.message.version();
    let name = full_name(cx, name, &quote!(__types));
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
        _ => quote!(__types),
    };
    cx.implements(
        &quote!(#wire::Schema),
        None,
        &quote! {
            fn shape(__types: &mut #wire::Types) -> #wire::Shape {
                let __name = #name;
                #wire::Types::define::<Self>(__types, __name, #version, |#types| #wire::Body::#body)
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
    let version = cx.message.version();
    let with_parameters = has_parameters(cx).then(|| {
        let name = full_name(cx, name, &quote!(&mut #core::default::Default::default()));
        quote! {
            fn message_tag() -> #core::primitive::u32 {
                #wire::glue::tag_of_type::<Self>(|| #name)
            }
        }
    });
    cx.implements(
        &quote!(#wire::Named),
        None,
        &quote! {
            const NAME: &'static #core::primitive::str = #text;
            const VERSION: #core::primitive::u32 = #version;
            const TAGS: &'static [(&'static #core::primitive::str, #core::primitive::u32)] =
                &[#((#texts, #tags)),*];
            #with_parameters
        },
    )
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
        quote!(<#ty as #wire::Wire>::field(__types, #name, #has_default))
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

/// Returns the name with its parameters, `shop.page<u64>`, as an expression.
pub(super) fn full_name(cx: &Cx<'_>, name: &Text, types: &TokenStream) -> TokenStream {
    let Cx {
        wire, core, std, ..
    } = cx;
    let name = &name.value;
    if !has_parameters(cx) {
        return quote!(#core::convert::From::from(#name));
    }
    let encoded_types = bounds::encoded_types(cx);
    let params: Vec<_> = cx
        .generics()
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => {
                if !encoded_types.contains(&&param.ident) {
                    return None;
                }
                let ident = &param.ident;
                Some(quote!(<#ident as #wire::Schema>::shape(#types)))
            }
            GenericParam::Const(param) => {
                let ident = &param.ident;
                // A letter could be one that separates names.
                let as_number = matches!(&param.ty, Type::Path(ty) if ty.path.is_ident("char"))
                    .then(|| quote!(as #core::primitive::u32));
                Some(quote!(#ident #as_number))
            }
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let format = format!("{name}<{}>", vec!["{}"; params.len()].join(", "));
    quote!(#std::format!(#format, #(#params),*))
}

fn has_parameters(cx: &Cx<'_>) -> bool {
    let mut params = cx.generics().params.iter();
    let is_const = |param: &GenericParam| matches!(param, GenericParam::Const(_));
    params.any(is_const) || !bounds::encoded_types(cx).is_empty()
}
