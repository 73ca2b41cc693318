//! The spans of generated tokens.
//!
//! The compiler reports a failed bound or a conflict at the tokens of the bound or impl. These tokens are generated, so
//! they get the span of the user's tokens that cause the error.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// Makes tokens point at all of `at`.
pub(crate) fn spanned(tokens: TokenStream, at: &impl ToTokens) -> TokenStream {
    let mut spans = at.to_token_stream().into_iter().map(|tree| tree.span());
    let Some(first) = spans.next() else {
        return tokens;
    };
    let last = spans.last().unwrap_or(first);
    let here = |span: Span| span.resolved_at(Span::call_site());
    let respanned = tokens
        .into_iter()
        .enumerate()
        .map(|(position, tree)| moved(tree, here(if position == 0 { first } else { last })));
    respanned.collect()
}

/// Makes tokens point nowhere but at the attribute, which keeps lints on the user's writing away from them.
pub(crate) fn unspanned(tokens: TokenStream) -> TokenStream {
    let anew = tokens.into_iter().map(|mut tree| {
        if let TokenTree::Group(group) = &tree {
            tree = Group::new(group.delimiter(), unspanned(group.stream())).into();
        }
        moved(tree, Span::call_site())
    });
    anew.collect()
}

/// Gives a token another span, and with it the edition of this crate. `gen` of a block in edition 2021 is a keyword
/// there, so it becomes `r#gen`, which is the same name.
fn moved(mut tree: TokenTree, span: Span) -> TokenTree {
    match &tree {
        TokenTree::Ident(word) if word == "gen" => Ident::new_raw("gen", span).into(),
        _ => {
            tree.set_span(span);
            tree
        }
    }
}

/// Returns `Type: Bound`: the only function that writes a predicate. A type such as `for<'a> fn(&'a str)` begins like a
/// predicate with `for`, so it is parenthesised.
pub(crate) fn predicate(ty: &impl ToTokens, bound: &TokenStream) -> TokenStream {
    let ty = of_predicate(ty);
    quote!(#ty: #bound)
}

/// The same, checked where it is used: otherwise each item with the predicate would report a failed bound.
pub(crate) fn deferred(ty: &impl ToTokens, bound: &TokenStream) -> TokenStream {
    let ty = of_predicate(ty);
    quote!(for<'__used> #ty: #bound)
}

fn of_predicate(ty: &impl ToTokens) -> TokenStream {
    let ty = ty.to_token_stream();
    let begins_with_for = |tree: TokenTree| match tree {
        TokenTree::Ident(word) => word == "for",
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            let first = group.stream().into_iter().next();
            matches!(first, Some(TokenTree::Ident(word)) if word == "for")
        }
        _ => false,
    };
    match ty.clone().into_iter().next().is_some_and(begins_with_for) {
        true => quote!((#ty)),
        false => ty,
    }
}

/// Bounds on the user's types, without duplicates, each pointing at its cause: mostly the type it is on.
#[derive(Default)]
pub(crate) struct Predicates {
    seen: Vec<String>,
    predicates: Vec<TokenStream>,
}

impl Predicates {
    /// Requires `bound` of `ty`.
    pub(crate) fn push(&mut self, ty: &impl ToTokens, bound: &TokenStream) {
        self.push_at(ty, bound, ty);
    }

    /// The same, caused by `at`.
    pub(crate) fn push_at(&mut self, ty: &impl ToTokens, bound: &TokenStream, at: &impl ToTokens) {
        if self.is_new(ty, bound) {
            let bound = spanned(bound.clone(), at);
            self.predicates.push(predicate(ty, &bound));
        }
    }

    /// Requires `bound` of `ty` where it is used; see [`deferred`].
    pub(crate) fn push_deferred(&mut self, ty: &impl ToTokens, bound: &TokenStream) {
        if self.is_new(ty, bound) {
            self.predicates.push(deferred(ty, bound));
        }
    }

    /// The same as [`push`](Self::push) with a bound that `with` completes by tokens of the user, which keep their spans.
    pub(crate) fn push_with(
        &mut self,
        ty: &impl ToTokens,
        bound: &TokenStream,
        with: impl FnOnce(TokenStream) -> TokenStream,
    ) {
        if self.is_new(ty, bound) {
            let bound = with(spanned(bound.clone(), ty));
            self.predicates.push(predicate(ty, &bound));
        }
    }

    fn is_new(&mut self, ty: &impl ToTokens, bound: &TokenStream) -> bool {
        let key = quote!(#ty: #bound).to_string();
        let is_new = !self.seen.contains(&key);
        if is_new {
            self.seen.push(key);
        }
        is_new
    }

    pub(crate) fn into_vec(self) -> Vec<TokenStream> {
        self.predicates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_a_keyword_in_the_edition_of_this_crate_becomes_raw() {
        let run = spanned(quote!(Self::gen(gen)), &quote!(Flow));
        assert_eq!(run.to_string(), quote!(Self::r#gen(gen)).to_string());
        let ty = unspanned(quote!(Vec<(gen::Page, genus::Page)>));
        let expected = quote!(Vec<(r#gen::Page, genus::Page)>);
        assert_eq!(ty.to_string(), expected.to_string());
    }
}
