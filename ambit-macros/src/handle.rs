//! What every generated handle is, apart from its methods: a value around another handle.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::Generics;

use crate::quoting::trait_impl;

/// A handle: a newtype around what it refers to.
pub(crate) struct Handle<'a> {
    /// `::ambit::__private::core`
    pub(crate) core: &'a TokenStream,
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
    /// `CounterSubject<K, V>`
    pub(crate) fn ty(&self) -> TokenStream {
        let (name, (_, generics, _)) = (self.name, self.generics.split_for_impl());
        quote!(#name #generics)
    }

    /// Implements a trait for the handle.
    pub(crate) fn implements(&self, of_trait: &TokenStream, body: &TokenStream) -> TokenStream {
        trait_impl(self.generics, of_trait, &self.ty(), &self.clause, body)
    }

    /// Writes `Clone`, `Debug`, `PartialEq`, `Eq`, `Hash`: written out, since deriving them would ask
    /// the same of the user's type parameters.
    pub(crate) fn value_traits(&self) -> TokenStream {
        let Self {
            core, param, rest, ..
        } = self;
        let traits = [
            self.implements(
                &quote!(#core::clone::Clone),
                &quote! {
                    fn clone(&self) -> Self { Self(#core::clone::Clone::clone(&self.0) #rest) }
                },
            ),
            self.implements(
                &quote!(#core::fmt::Debug),
                &quote! {
                    fn fmt(&self, formatter: &mut #core::fmt::Formatter<'_>) -> #core::fmt::Result {
                        #core::fmt::Debug::fmt(&self.0, formatter)
                    }
                },
            ),
            self.implements(
                &quote!(#core::cmp::PartialEq),
                &quote! {
                    fn eq(&self, other: &Self) -> bool { #core::cmp::PartialEq::eq(&self.0, &other.0) }
                },
            ),
            self.implements(&quote!(#core::cmp::Eq), &TokenStream::new()),
            self.implements(
                &quote!(#core::hash::Hash),
                &quote! {
                    fn hash<#param: #core::hash::Hasher>(&self, state: &mut #param) {
                        #core::hash::Hash::hash(&self.0, state);
                    }
                },
            ),
        ];
        traits.into_iter().collect()
    }
}
