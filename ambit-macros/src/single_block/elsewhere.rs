//! Makes a second block for a type in another module one error.
//!
//! An attribute cannot resolve the name of a type, so it only remembers the names it has expanded. A later block for a
//! type of the same name compares the types in a constant. If they are the same type, the constant fails with an error
//! that names the first block, and the impls of the later block have a bound that does not hold: the compiler then
//! reports no conflict between them and the first ones. If they are different types, all bounds hold.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;

use super::block::{Block, place_of};
use super::position::Position;
use crate::spans::spanned;

/// The number of blocks per name that are remembered. An editor keeps the process alive for hours.
const REMEMBERED: usize = 8;

/// The positions of blocks, by the name of their type.
static BLOCKS: Mutex<BTreeMap<String, Vec<Position>>> = Mutex::new(BTreeMap::new());

/// Declares the block, and adds the bounds to the impls for its type if an earlier block may be for the same type.
pub(super) fn declared(block: &Block<'_>, position: &Position, items: &TokenStream) -> TokenStream {
    let Block {
        ambit,
        name,
        self_ty,
        generics,
    } = block;
    // The constants in bounds cannot use type parameters.
    if !generics.params.is_empty() {
        return items.clone();
    }
    let private = quote!(#ambit::__private);
    let number = position.number();
    let of_trait = quote!(#ambit::written::OneBlock<#number>);
    let earlier = remember(name, position);
    if earlier.is_empty() {
        return quote!(#items #[allow(deprecated)] impl #of_trait for #self_ty {});
    }
    let others = earlier.iter().map(|other| {
        let number = other.number();
        quote!(#private::HasBlock::<#self_ty, #number>::BLOCK)
    });
    let others: Vec<_> = others.collect();
    let failures = earlier.iter().zip(&others).map(|(other, has_block)| {
        let message = format!(
            "`{name}` already has a block, at {}:{}; a type takes one block, so move these methods there",
            other.file, other.line
        );
        let fails = spanned(quote!(#private::second_block), self_ty);
        let message = quote_spanned!(place_of(self_ty)=> (#message));
        quote!(if #has_block { #fails #message })
    });
    let first = quote!(#private::Only<{ <#self_ty as #of_trait>::FIRST }>);
    let allowed = quote!(#private::Only<{ <#self_ty as #of_trait>::ALLOWED }>);
    let bounds = quote!(for<'__used> #self_ty: #first, for<'__used> #self_ty: #allowed,);
    let words = self_ty.to_token_stream().into_iter();
    let words: Vec<String> = words.map(|tree| tree.to_string()).collect();
    let items = bounded(items.clone(), &words, &bounds);
    quote! {
        #items
        #[allow(deprecated)]
        impl #private::Only<true> for #self_ty {}
        #[allow(deprecated)]
        impl #of_trait for #self_ty {
            const FIRST: #private::core::primitive::bool = {
                use #private::NoBlock as _;
                !(#(#others)||*)
            };
            const ALLOWED: #private::core::primitive::bool = {
                use #private::NoBlock as _;
                #(#failures)*
                true
            };
        }
    }
}

/// Remembers a block, and returns the other ones for a type of its name.
fn remember(name: &Ident, position: &Position) -> Vec<Position> {
    if !proc_macro::is_available() {
        return Vec::new();
    }
    let mut blocks = BLOCKS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = blocks.entry(name.unraw().to_string()).or_default();
    // A block with the same number would be found at this one.
    let number = position.number();
    let others = known.iter().filter(|other| other.number() != number);
    let others = others.cloned().collect();
    if !known.contains(position) {
        known.push(position.clone());
        let forgotten = known.len().saturating_sub(REMEMBERED);
        known.drain(..forgotten);
    }
    others
}

/// Adds bounds to the impls for this type, among items and in the braces of other items.
fn bounded(items: TokenStream, self_ty: &[String], bounds: &TokenStream) -> TokenStream {
    let mut done = TokenStream::new();
    let mut head: Option<Vec<TokenTree>> = None;
    for tree in items {
        match (tree, &mut head) {
            (TokenTree::Ident(word), None) if word == "impl" => head = Some(vec![word.into()]),
            (TokenTree::Group(body), Some(begun)) if body.delimiter() == Delimiter::Brace => {
                done.extend(with_bounds(begun, self_ty, bounds));
                done.extend([TokenTree::Group(body)]);
                head = None;
            }
            (tree, Some(begun)) => begun.push(tree),
            (TokenTree::Group(group), None) if group.delimiter() == Delimiter::Brace => {
                let inner = bounded(group.stream(), self_ty, bounds);
                let mut with_inner = Group::new(Delimiter::Brace, inner);
                with_inner.set_span(group.span());
                done.extend([TokenTree::Group(with_inner)]);
            }
            (tree, None) => done.extend([tree]),
        }
    }
    done.extend(head.into_iter().flatten());
    done
}

/// Adds bounds to the head of an impl if it is for this type.
fn with_bounds(head: &[TokenTree], self_ty: &[String], bounds: &TokenStream) -> TokenStream {
    let is_where = |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if word == "where");
    let clause = head.iter().position(is_where).unwrap_or(head.len());
    let (target, clause) = head.split_at(clause);
    let words: Vec<String> = target.iter().map(ToString::to_string).collect();
    let before = words.strip_suffix(self_ty).unwrap_or_default();
    let is_for_type = match before {
        [first, .., last] if first == "impl" && last == "for" => true,
        _ => before.concat() == "impl" || before.concat() == "impl<>",
    };
    if !is_for_type {
        return head.iter().cloned().collect();
    }
    let rest = clause.iter().skip(1);
    quote!(#(#target)* where #bounds #(#rest)*)
}
