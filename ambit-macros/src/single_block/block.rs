//! A block of a type, and the place in the sources that its generated items point at.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Generics, Type};

/// A block that generates items for a type.
pub(crate) struct Block<'a> {
    /// `::ambit`
    pub(crate) ambit: &'a TokenStream,
    pub(crate) name: &'a Ident,
    pub(crate) self_ty: &'a Type,
    pub(crate) generics: &'a Generics,
}

/// Returns the span of generated tokens that point at a type.
pub(super) fn place_of(ty: &Type) -> Span {
    let first = ty.to_token_stream().into_iter().next();
    let here = first.map_or_else(Span::call_site, |tree| tree.span());
    here.resolved_at(Span::call_site())
}
