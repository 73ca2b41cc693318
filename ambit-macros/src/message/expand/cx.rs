//! The context of the expansion.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Generics, LitInt};

use crate::message::model::Message;
use crate::names;
use crate::options;
use crate::quoting;
use crate::wire_name::tag;

/// The data that every part of the expansion needs.
pub(super) struct Cx<'a> {
    pub(super) message: &'a Message,
    /// `::ambit`
    pub(super) ambit: TokenStream,
    /// `::ambit::__private`
    pub(super) private: TokenStream,
    /// `::ambit::message`
    pub(super) wire: TokenStream,
    /// `::ambit::__private::core`
    pub(super) core: TokenStream,
    /// `::ambit::__private::std`
    pub(super) std: TokenStream,
    /// A type parameter that does not collide with the user's: the codec.
    pub(super) codec: Ident,
}

impl<'a> Cx<'a> {
    pub(super) fn new(message: &'a Message) -> Self {
        let ambit = options::ambit(message.krate.as_ref());
        Self {
            message,
            private: quote!(#ambit::__private),
            wire: quote!(#ambit::message),
            core: quote!(#ambit::__private::core),
            std: quote!(#ambit::__private::std),
            codec: names::fresh_param(&message.generics),
            ambit,
        }
    }

    pub(super) fn generics(&self) -> &Generics {
        &self.message.generics
    }

    /// `Page<T>`
    pub(super) fn itself(&self) -> TokenStream {
        let (_, params, _) = self.generics().split_for_impl();
        let ident = &self.message.ident;
        quote!(#ident #params)
    }

    pub(super) fn trait_impl(
        &self,
        of_trait: &TokenStream,
        clause: &TokenStream,
        body: &TokenStream,
    ) -> TokenStream {
        let item = quoting::trait_impl(self.generics(), of_trait, &self.itself(), clause, body);
        // The type and its parts may be deprecated.
        quote!(#[allow(deprecated)] #item)
    }
}

/// Returns the tag of a name, formatted as in error messages.
pub(super) fn tag_of(name: &str) -> LitInt {
    LitInt::new(&format!("{:#010x}", tag(name)), Span::call_site())
}
