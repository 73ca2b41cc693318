//! The bounds on the parameters of a message.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{GenericArgument, PathArguments, Type, TypePath};

use super::cx::Cx;
use crate::message::model::{Body, Field};
use crate::names::{mentions, uses_param};
use crate::quoting;
use crate::spans::{Predicates, deferred, predicate, spanned};

/// For plain processes: everything moves to another task.
pub(super) fn at_home(cx: &Cx<'_>) -> Vec<TokenStream> {
    let private = &cx.private;
    let payload = quote!(#private::Payload);
    let mut predicates = Predicates::default();
    for param in encoded_types(cx) {
        predicates.push(param, &payload);
    }
    marked(cx, &mut predicates);
    let mut predicates = predicates.into_vec();
    predicates.push(moves(cx));
    predicates
}

/// For other nodes: the parameters implement `Wire`, and so do their associated types.
pub(super) fn on_the_wire(cx: &Cx<'_>) -> Vec<TokenStream> {
    let wire = &cx.wire;
    let wire = quote!(#wire::Wire);
    let params = encoded_types(cx);
    let mut predicates = Predicates::default();
    for param in &params {
        predicates.push(param, &wire);
    }
    marked(cx, &mut predicates);
    for field in fields(&cx.message.body) {
        projections(&field.ty, &params, &mut |ty| predicates.push(ty, &wire));
    }
    predicates.into_vec()
}

/// The bound that the type itself can move to other tasks. A field of a message for other nodes that is not `Send` does
/// not implement `Wire` either, and that error names the field; so for such messages this bound is checked where the
/// type is used.
pub(super) fn moves(cx: &Cx<'_>) -> TokenStream {
    let (private, itself) = (&cx.private, cx.itself());
    let payload = spanned(quote!(#private::Payload), &cx.message.ident);
    match cx.message.name {
        Some(_) => deferred(&itself, &payload),
        None => predicate(&itself, &payload),
    }
}

/// Returns the parameters whose values are sent. A parameter that only a `PhantomData` mentions distinguishes types,
/// but none of its values are sent.
pub(super) fn encoded_types<'a>(cx: &Cx<'a>) -> Vec<&'a Ident> {
    let mut mentioned = TokenStream::new();
    for field in fields(&cx.message.body) {
        without_marks(field.ty.to_token_stream(), &mut mentioned);
    }
    let params = cx.message.generics.type_params();
    let params = params.map(|param| &param.ident);
    params
        .filter(|&param| uses_param(mentioned.clone(), param))
        .collect()
}

/// Requires of the other parameters that they are `'static`, and of their `PhantomData` that it is `Send`.
fn marked(cx: &Cx<'_>, predicates: &mut Predicates) {
    let (core, encoded_types) = (&cx.core, encoded_types(cx));
    let params = cx.generics().type_params().map(|param| &param.ident);
    let marks: Vec<_> = params
        .filter(|param| !encoded_types.contains(param))
        .collect();
    for param in &marks {
        predicates.push(param, &quote!('static));
    }
    for field in fields(&cx.message.body) {
        phantoms(&field.ty, &marks, &mut |ty| {
            predicates.push(ty, &quote!(#core::marker::Send));
        });
    }
}

/// Finds each `PhantomData` that mentions one of these parameters.
fn phantoms<'t>(ty: &'t Type, marks: &[&Ident], found: &mut impl FnMut(&'t Type)) {
    match ty {
        Type::Array(array) => phantoms(&array.elem, marks, found),
        Type::Group(group) => phantoms(&group.elem, marks, found),
        Type::Paren(paren) => phantoms(&paren.elem, marks, found),
        Type::Tuple(tuple) => {
            for part in &tuple.elems {
                phantoms(part, marks, found);
            }
        }
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident == "PhantomData" => {
                let is_mark = |mark: &&Ident| mentions(ty.to_token_stream(), *mark);
                if marks.iter().any(is_mark) {
                    found(ty);
                }
            }
            Some(last) => {
                for ty in type_arguments(&last.arguments) {
                    phantoms(ty, marks, found);
                }
            }
            None => {}
        },
        _ => {}
    }
}

fn type_arguments(arguments: &PathArguments) -> impl Iterator<Item = &Type> {
    let arguments = match arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    };
    let arguments = arguments.into_iter().flatten();
    arguments.filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Returns a type without the arguments of its `PhantomData`.
fn without_marks(ty: TokenStream, found: &mut TokenStream) {
    let mut trees = ty.into_iter();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "PhantomData" => skip_arguments(&mut trees),
            TokenTree::Group(group) => without_marks(group.stream(), found),
            other => found.extend([other]),
        }
    }
}

/// Skips `<..>`, with or without `::` before it. The `>` of `->` closes nothing.
fn skip_arguments(trees: &mut impl Iterator<Item = TokenTree>) {
    let mut open = 0_usize;
    let mut is_arrow = false;
    for tree in trees {
        let mark = match &tree {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match mark {
            '<' => open += 1,
            '>' if !is_arrow => open = open.saturating_sub(1),
            _ => {}
        }
        is_arrow = mark == '-';
        if open == 0 && mark != ':' {
            return;
        }
    }
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

/// Finds associated types of a parameter: `T::Item`, `<T as Shop>::Item`.
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
                for ty in type_arguments(&segment.arguments) {
                    projections(ty, params, found);
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

impl Cx<'_> {
    /// Implements one of the traits for other nodes.
    pub(super) fn implements(
        &self,
        of_trait: &TokenStream,
        further: Option<TokenStream>,
        body: &TokenStream,
    ) -> TokenStream {
        let mut bounds = on_the_wire(self);
        bounds.extend(further);
        let clause = quoting::where_clause(self.generics(), &bounds);
        self.trait_impl(of_trait, &clause, body)
    }
}
