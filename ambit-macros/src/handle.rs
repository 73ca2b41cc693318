//! What every generated handle is, apart from its methods: a value around another handle.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Generics;

/// A handle: a newtype around what it refers to.
pub(crate) struct Handle<'a> {
    /// `::ambit`
    pub(crate) ambit: &'a TokenStream,
    pub(crate) name: &'a Ident,
    pub(crate) generics: &'a Generics,
    /// The where-clause of each impl.
    pub(crate) clause: TokenStream,
    /// A type parameter that is none of the user's.
    pub(crate) param: &'a Ident,
    /// What a new one is made of beside the inner handle.
    pub(crate) rest: TokenStream,
}

impl Handle<'_> {
    /// Writes the traits of a value, and the ways to the inner handle and to what it derefs to.
    pub(crate) fn traits(&self, inner: &TokenStream, target: &TokenStream) -> TokenStream {
        let Self {
            ambit,
            name,
            clause,
            param,
            rest,
            ..
        } = self;
        let (generics, ty_generics, _) = self.generics.split_for_impl();
        quote! {
            #ambit::written::handle! {
                [#generics] #name #ty_generics, [#clause] [#rest] #param: #inner => #target;
            }
        }
    }
}
