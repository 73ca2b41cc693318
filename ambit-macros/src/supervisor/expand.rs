//! From the model to tokens.
//!
//! Everything is written beside the user's block, in the user's module, and names the runtime by
//! its absolute path. What the user's types must fulfil stands in where-clauses that point at those
//! types.

mod start;
mod subject;
mod tree;

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::model::Supervisor;
use crate::names;
use crate::quoting;
use crate::spans::Predicates;

/// Writes everything that stands beside the block.
pub(super) fn supervisor(supervisor: &Supervisor, ambit: TokenStream) -> TokenStream {
    let cx = Cx::new(supervisor, ambit);
    let subject = subject::items(&cx);
    let start = start::items(&cx);
    let tree = tree::items(&cx);
    quote!(#subject #start #tree)
}

/// What every part of the expansion needs.
struct Cx<'a> {
    supervisor: &'a Supervisor,
    /// `AppSubject`
    subject: Ident,
    /// A type parameter that is none of the user's.
    param: Ident,
    /// `::ambit`
    ambit: TokenStream,
    /// `::ambit::__private`
    private: TokenStream,
    /// `::ambit::__private::core`
    core: TokenStream,
    /// The visibility of generated items.
    vis: TokenStream,
    /// Predicates beyond the user's own.
    bounds: Vec<TokenStream>,
}

impl<'a> Cx<'a> {
    fn new(supervisor: &'a Supervisor, ambit: TokenStream) -> Self {
        let private = quote!(#ambit::__private);
        let vis = supervisor.options.vis.as_ref();
        Self {
            subject: names::subject(&supervisor.name),
            param: names::fresh_param(&supervisor.generics),
            vis: vis.map_or_else(|| quote!(pub), |vis| quote!(#vis)),
            bounds: bounds(supervisor, &ambit, &private),
            supervisor,
            ambit,
            core: quote!(#private::core),
            private,
        }
    }

    /// `<K: Hash, V>`, on an impl or a definition.
    fn impl_generics(&self) -> TokenStream {
        let (generics, ..) = self.supervisor.generics.split_for_impl();
        quote!(#generics)
    }

    /// `<K, V>`
    fn ty_generics(&self) -> TokenStream {
        let (_, generics, _) = self.supervisor.generics.split_for_impl();
        quote!(#generics)
    }

    /// The user's where-clause.
    fn user_where(&self) -> TokenStream {
        let (.., clause) = self.supervisor.generics.split_for_impl();
        quote!(#clause)
    }

    /// Implements a trait for the user's type.
    fn implements(&self, of_trait: &TokenStream, body: &TokenStream) -> TokenStream {
        let (generics, ty) = (&self.supervisor.generics, &self.supervisor.self_ty);
        let clause = quoting::where_clause(generics, &self.bounds);
        quoting::trait_impl(generics, of_trait, &quote!(#ty), &clause, body)
    }
}

/// What the user's types must fulfil. A child under `cfg` is left out, since a predicate cannot have
/// a `cfg`.
fn bounds(supervisor: &Supervisor, ambit: &TokenStream, private: &TokenStream) -> Vec<TokenStream> {
    let mut predicates = Predicates::default();
    for param in supervisor.generics.type_params() {
        predicates.push(&param.ident, &quote!(#private::Payload));
    }
    predicates.push(&supervisor.self_ty, &quote!(#private::State));
    for child in &supervisor.children {
        if let (Some(output), false, false) = (&child.output, child.broken, child.attrs.has_cfg()) {
            predicates.push(output, &quote!(#ambit::Child));
        }
    }
    predicates.into_vec()
}
