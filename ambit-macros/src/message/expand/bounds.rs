//! What the parameters of a message must fulfil.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{GenericArgument, PathArguments, Type, TypePath};

use super::Cx;
use crate::message::model::{Body, Field};
use crate::spans::{Predicates, spanned};

/// For plain processes: everything moves to another task.
pub(super) fn at_home(cx: &Cx<'_>) -> Vec<TokenStream> {
    let private = &cx.private;
    let payload = quote!(#private::Payload);
    let mut predicates = Predicates::default();
    for param in cx.generics().type_params() {
        predicates.push(&param.ident, &payload);
    }
    let mut predicates = predicates.into_vec();
    predicates.push(moves(cx));
    predicates
}

/// For other nodes: the parameters travel, and what is taken from them.
pub(super) fn on_the_wire(cx: &Cx<'_>) -> Vec<TokenStream> {
    let wire = &cx.wire;
    let wire = quote!(#wire::Wire);
    let params: Vec<_> = cx
        .generics()
        .type_params()
        .map(|param| &param.ident)
        .collect();
    let mut predicates = Predicates::default();
    for param in &params {
        predicates.push(param, &wire);
    }
    for field in fields(&cx.message.body) {
        projections(&field.ty, &params, &mut |ty| predicates.push(ty, &wire));
    }
    predicates.into_vec()
}

/// That the type itself moves to other tasks. A field of another node's message that is not `Send` cannot travel either, which is the error
/// that names the field; so there the bound is one that is looked at where the type is used.
pub(super) fn moves(cx: &Cx<'_>) -> TokenStream {
    let (private, itself) = (&cx.private, cx.itself());
    let payload = spanned(quote!(#private::Payload), &cx.message.ident);
    let later = cx
        .message
        .name
        .is_some()
        .then(|| quote!(for<'only_if_used>));
    quote!(#later #itself: #payload)
}

fn fields(body: &Body) -> Vec<&Field> {
    match body {
        Body::Struct(fields) => fields.iter().collect(),
        Body::Enum(variants) => variants
            .iter()
            .flat_map(|variant| &variant.fields)
            .collect(),
    }
}

/// Finds types that are taken from a parameter: `T::Item`, `<T as Shop>::Item`.
fn projections<'t>(ty: &'t Type, params: &[&Ident], found: &mut impl FnMut(&'t Type)) {
    match ty {
        Type::Array(array) => projections(&array.elem, params, found),
        Type::Slice(slice) => projections(&slice.elem, params, found),
        Type::Group(group) => projections(&group.elem, params, found),
        Type::Paren(paren) => projections(&paren.elem, params, found),
        Type::Tuple(tuple) => {
            for part in &tuple.elems {
                projections(part, params, found);
            }
        }
        Type::Path(path) if is_projection(path, params) => found(ty),
        Type::Path(path) => {
            for segment in &path.path.segments {
                let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
                    continue;
                };
                for argument in &arguments.args {
                    if let GenericArgument::Type(ty) = argument {
                        projections(ty, params, found);
                    }
                }
            }
        }
        _ => {}
    }
}

fn is_projection(path: &TypePath, params: &[&Ident]) -> bool {
    let is_param = |path: &syn::Path| {
        let first = path.segments.first().map(|segment| &segment.ident);
        first.is_some_and(|first| params.contains(&first))
    };
    match &path.qself {
        Some(of) => matches!(&*of.ty, Type::Path(of) if is_param(&of.path)),
        None => path.path.segments.len() > 1 && is_param(&path.path),
    }
}
