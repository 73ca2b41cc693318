//! From the model to tokens.
//!
//! Every use of a field's type is written `<Type as Wire>::..`, with the user's tokens, and not as a where-clause: a
//! type may mention itself, through others even, and a where-clause that needs what it is on cannot be proven.

mod bounds;
mod schema;
mod travel;

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::Generics;

use super::model::{Message, Text};
use crate::attrs;
use crate::names;
use crate::quoting;
use crate::spans::spanned;

/// Writes the impls.
pub(super) fn message(message: &Message) -> TokenStream {
    let cx = Cx::new(message);
    let local = local(&cx);
    let Some(name) = &message.name else {
        return local;
    };
    let (schema, travel) = (schema::impls(&cx, name), travel::impls(&cx, name));
    let remote = remote(&cx.ambit, name, quote!(#schema #travel));
    quote!(#local #remote)
}

/// Wraps what needs the feature `remote`, and says so at the name.
pub(crate) fn remote(ambit: &TokenStream, name: &Text, items: TokenStream) -> TokenStream {
    let path = spanned(quote!(#ambit::__private::remote!), &name.at);
    let mut items = Group::new(Delimiter::Brace, items);
    if let Some(at) = name.at.clone().into_iter().next() {
        items.set_span(at.span().resolved_at(proc_macro2::Span::call_site()));
    }
    let items = TokenTree::from(items);
    quote!(#path #items)
}

/// What every part of the expansion needs.
struct Cx<'a> {
    message: &'a Message,
    /// `::ambit`
    ambit: TokenStream,
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
    fn implements(&self, of_trait: &TokenStream, body: &TokenStream) -> TokenStream {
        let clause = quoting::where_clause(self.generics(), &bounds::on_the_wire(self));
        let item = quoting::trait_impl(self.generics(), of_trait, &self.itself(), &clause, body);
        // The user's own fields and variants may be deprecated.
        quote!(#[allow(deprecated)] #item)
    }
}

/// Makes it a message of plain processes.
fn local(cx: &Cx<'_>) -> TokenStream {
    let Cx { ambit, .. } = cx;
    let clause = quoting::where_clause(cx.generics(), &bounds::at_home(cx));
    let of_trait = quote!(#ambit::Message);
    quoting::trait_impl(
        cx.generics(),
        &of_trait,
        &cx.itself(),
        &clause,
        &TokenStream::new(),
    )
}
