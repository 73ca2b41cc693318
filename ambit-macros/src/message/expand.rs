//! From the model to tokens.
//!
//! Every use of a field's type is written `<Type as Wire>::..`, with the user's tokens, and not as a where-clause: a
//! type may mention itself, even through other types, and a where-clause that depends on its own type cannot be proven.

mod bounds;
mod cx;
mod encoding;
mod schema;

use proc_macro2::TokenStream;
use quote::quote;

use self::cx::Cx;
use super::model::Message;
use crate::quoting;

/// Generates the impls.
pub(super) fn message(message: &Message) -> TokenStream {
    let cx = Cx::new(message);
    let local = local(&cx);
    let Some(name) = &message.name else {
        return local;
    };
    let (schema, travel) = (schema::impls(&cx, name), encoding::impls(&cx, name));
    let remote = quoting::for_nodes(&cx.private, &name.at, &quote!(#schema #travel));
    quote!(#local #remote)
}

/// Generates the impl for plain processes.
fn local(cx: &Cx<'_>) -> TokenStream {
    let Cx { ambit, .. } = cx;
    let clause = quoting::where_clause(cx.generics(), &bounds::at_home(cx));
    cx.trait_impl(&quote!(#ambit::Message), &clause, &TokenStream::new())
}
