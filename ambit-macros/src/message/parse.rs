//! Parses the user's type into the model.

mod attributes;

use proc_macro2::{Ident, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Fields, GenericParam, Generics, Index, Item, Member};

pub(crate) use self::attributes::type_name;
use self::attributes::{field_options, type_options, variant_options};
use super::model::{Body, Field, Message, Text, Variant};
use crate::diag::Diag;

/// Reads the type; returns `None` if it cannot be a message.
pub(super) fn message(item: Item, diag: &Diag) -> Option<Message> {
    match item {
        Item::Struct(item) => {
            let body = || Body::Struct(fields(&item.fields, diag));
            read(&item.attrs, item.ident, item.generics, body, diag)
        }
        Item::Enum(item) => {
            let variants = item.variants.iter();
            let body = || Body::Enum(variants.map(|found| variant(found, diag)).collect());
            read(&item.attrs, item.ident, item.generics, body, diag)
        }
        Item::Union(item) => {
            let message = "a union cannot be a message; write a `struct` or an `enum`";
            diag.error(item.union_token, message);
            None
        }
        other => {
            diag.error(
                other,
                "`Message` can only be derived for a struct or an enum",
            );
            None
        }
    }
}

/// Finds `packed` in a `#[repr(..)]`.
fn packed(attrs: &[Attribute]) -> Option<Ident> {
    let reprs = attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("repr"));
    let words = reprs.filter_map(|repr| repr.meta.require_list().ok());
    let mut words = words.flat_map(|list| list.tokens.clone());
    words.find_map(|tree| match tree {
        TokenTree::Ident(word) if word == "packed" => Some(word),
        _ => None,
    })
}

/// Reads the attributes of a type, and then its body: errors come in the order of the source.
fn read(
    attrs: &[Attribute],
    ident: Ident,
    generics: Generics,
    body: impl FnOnce() -> Body,
    diag: &Diag,
) -> Option<Message> {
    let options = type_options(attrs, &ident, diag);
    if let (Some(packed), Some(_)) = (packed(attrs), &options.name) {
        let message = "a message with a wire name cannot be packed, because encoding borrows its fields; remove `packed`";
        diag.error(packed, message);
        return None;
    }
    has_no_lifetime(&generics, diag).then(|| Message {
        ident,
        generics,
        krate: options.krate,
        name: options.name,
        version: options.version,
        body: body(),
    })
}

fn has_no_lifetime(generics: &Generics, diag: &Diag) -> bool {
    let mut params = generics.params.iter();
    let lifetime = params.find(|param| matches!(param, GenericParam::Lifetime(_)));
    if let Some(lifetime) = lifetime {
        diag.error(
            lifetime,
            "a message cannot borrow data, because it moves to another process; use owned data or an `Arc`",
        );
    }
    lifetime.is_none()
}

fn variant(found: &syn::Variant, diag: &Diag) -> Variant {
    let options = variant_options(&found.attrs, diag);
    Variant {
        tag: options.tag.unwrap_or_else(|| named_as(&found.ident)),
        since: options.since,
        fields: fields(&found.fields, diag),
        option: options.first,
        ident: found.ident.clone(),
    }
}

fn fields(found: &Fields, diag: &Diag) -> Vec<Field> {
    let each = found.iter().zip(0..).map(|(field, index)| {
        let options = field_options(&field.attrs, diag);
        let own = || match &field.ident {
            Some(ident) => named_as(ident),
            None => Text {
                value: index.to_string(),
                at: field.ty.to_token_stream(),
            },
        };
        Field {
            tag: options.tag.unwrap_or_else(own),
            default: options.default,
            option: options.first,
            ty: field.ty.clone(),
            member: match &field.ident {
                Some(ident) => Member::Named(ident.clone()),
                None => Member::Unnamed(Index::from(index)),
            },
        }
    });
    each.collect()
}

fn named_as(ident: &Ident) -> Text {
    Text {
        value: ident.unraw().to_string(),
        at: ident.to_token_stream(),
    }
}
