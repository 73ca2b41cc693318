//! From the model to tokens.
//!
//! Every use of a field's type is written `<Type as Wire>::..`, with the user's tokens, and not as a where-clause: a
//! type may mention itself, through others even, and a where-clause that needs what it is on cannot be proven.

mod bounds;
mod schema;
mod travel;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::{Generics, LitInt};

use super::model::Message;
use crate::attrs;
use crate::names;
use crate::quoting;
use crate::wire_name::tag;

/// Writes the impls.
pub(super) fn message(message: &Message) -> TokenStream {
    let cx = Cx::new(message);
    let local = local(&cx);
    let Some(name) = &message.name else {
        return local;
    };
    let (schema, travel) = (schema::impls(&cx, name), travel::impls(&cx, name));
    let remote = quoting::for_nodes(&cx.private, &name.at, &quote!(#schema #travel));
    quote!(#local #remote)
}

/// The tag of a name, written as errors show it.
fn tag_of(name: &str) -> LitInt {
    LitInt::new(&format!("{:#010x}", tag(name)), Span::call_site())
}

/// What every part of the expansion needs.
struct Cx<'a> {
    message: &'a Message,
    /// `::ambit`
    ambit: TokenStream,
    /// `::ambit::__private`
    private: TokenStream,
    /// `::ambit::message`
    wire: TokenStream,
    /// `::ambit::__private::core`
    core: TokenStream,
    /// `::ambit::__private::std`
    std: TokenStream,
    /// A type parameter that is none of the user's: the codec.
    codec: Ident,
}

impl<'a> Cx<'a> {
    fn new(message: &'a Message) -> Self {
        let ambit = attrs::ambit(message.krate.as_ref());
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

    fn generics(&self) -> &Generics {
        &self.message.generics
    }

    /// `Page<T>`
    fn itself(&self) -> TokenStream {
        let (_, params, _) = self.generics().split_for_impl();
        let ident = &self.message.ident;
        quote!(#ident #params)
    }

    /// Implements one of the traits of what travels.
    fn implements(
        &self,
        of_trait: &TokenStream,
        further: Option<TokenStream>,
        body: &TokenStream,
    ) -> TokenStream {
        let mut bounds = bounds::on_the_wire(self);
        bounds.extend(further);
        let clause = quoting::where_clause(self.generics(), &bounds);
        self.trait_impl(of_trait, &clause, body)
    }

    fn trait_impl(
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

/// Makes it a message of plain processes.
fn local(cx: &Cx<'_>) -> TokenStream {
    let Cx { ambit, .. } = cx;
    let clause = quoting::where_clause(cx.generics(), &bounds::at_home(cx));
    cx.trait_impl(&quote!(#ambit::Message), &clause, &TokenStream::new())
}
