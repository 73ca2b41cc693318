//! The context of the expansion.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::names;
use crate::quoting;
use crate::spans::Predicates;
use crate::supervisor::model::Supervisor;

/// The data that every part of the expansion needs.
pub(super) struct Cx<'a> {
    pub(super) supervisor: &'a Supervisor,
    /// `AppSubject`
    pub(super) subject: Ident,
    /// A type parameter that does not collide with the user's.
    pub(super) param: Ident,
    /// `::ambit`
    pub(super) ambit: TokenStream,
    /// `::ambit::__private`
    pub(super) private: TokenStream,
    /// `::ambit::__private::core`
    pub(super) core: TokenStream,
    /// The visibility of generated items.
    pub(super) vis: TokenStream,
    /// Predicates beyond the user's own.
    pub(super) bounds: Vec<TokenStream>,
}

impl<'a> Cx<'a> {
    pub(super) fn new(supervisor: &'a Supervisor, ambit: TokenStream) -> Self {
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
    pub(super) fn impl_generics(&self) -> TokenStream {
        let (generics, ..) = self.supervisor.generics.split_for_impl();
        quote!(#generics)
    }

    /// `<K, V>`
    pub(super) fn ty_generics(&self) -> TokenStream {
        let (_, generics, _) = self.supervisor.generics.split_for_impl();
        quote!(#generics)
    }

    /// The user's where-clause.
    pub(super) fn user_where(&self) -> TokenStream {
        let (.., clause) = self.supervisor.generics.split_for_impl();
        quote!(#clause)
    }

    /// Implements a trait for the user's type.
    pub(super) fn implements(&self, of_trait: &TokenStream, body: &TokenStream) -> TokenStream {
        let (generics, ty) = (&self.supervisor.generics, &self.supervisor.self_ty);
        let clause = quoting::where_clause(generics, &self.bounds);
        quoting::trait_impl(generics, of_trait, &quote!(#ty), &clause, body)
    }
}

/// Returns the bounds on the user's types. A child under `cfg` is left out, since a predicate cannot have a `cfg`, and
/// so is a child whose type mentions no parameter, which the list of children checks.
fn bounds(supervisor: &Supervisor, ambit: &TokenStream, private: &TokenStream) -> Vec<TokenStream> {
    let mut predicates = Predicates::default();
    for param in supervisor.generics.type_params() {
        predicates.push(&param.ident, &quote!(#private::Payload));
    }
    predicates.push(&supervisor.self_ty, &quote!(#private::State));
    for child in &supervisor.children {
        if let (Some(output), false, false) = (&child.output, child.broken, child.attrs.has_cfg())
            && names::mentions_param(&supervisor.generics, output)
        {
            predicates.push(output, &quote!(#ambit::Child));
        }
    }
    predicates.into_vec()
}
