//! The common part of every generated handle: a newtype around another handle.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Generics;

/// A handle: a newtype around its target.
pub(crate) struct Handle<'a> {
    /// `::ambit`
    pub(crate) ambit: &'a TokenStream,
    pub(crate) name: &'a Ident,
    pub(crate) generics: &'a Generics,
    /// The where-clause of each impl.
    pub(crate) clause: TokenStream,
    /// A type parameter that does not collide with the user's.
    pub(crate) param: &'a Ident,
    /// The fields of a new handle beside the inner one.
    pub(crate) rest: TokenStream,
}

impl Handle<'_> {
    /// Generates the traits of a value, and the conversions to the inner handle and to its deref target.
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
