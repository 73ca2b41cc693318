//! Bounds on the parameters of a generic server, for user methods that take the context.
//!
//! `Context<Self>` requires a server, and `Cache<K, V>` is one only if `K` and `V` are `Send`. The user's block need
//! not require this: the methods that mention the context get the bounds of the server, and the others stay unchanged.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Generics, WherePredicate};

use crate::block::{Block, BlockItem, Method};
use crate::names::mentions;
use crate::spans::unspanned;

/// Adds the bounds on parameters to the methods that mention the context.
pub(crate) fn bound_contexts(block: &mut Block, generics: &Generics, bounds: &[TokenStream]) {
    let on_params = |bound: &&TokenStream| {
        let mut params = generics.type_params();
        params.any(|param| mentions((*bound).clone(), &param.ident))
    };
    let predicates: Vec<WherePredicate> = bounds
        .iter()
        .filter(on_params)
        .filter_map(|bound| syn::parse2(unspanned(bound.clone())).ok())
        .collect();
    if predicates.is_empty() {
        return;
    }
    for item in &mut block.items {
        if let BlockItem::Method(method) = item
            && takes_context(method)
        {
            let clause = method.sig.generics.make_where_clause();
            clause.predicates.extend(predicates.iter().cloned());
        }
    }
}

fn takes_context(method: &Method) -> bool {
    method.has_context_mark || mentions(method.sig.inputs.to_token_stream(), "Context")
}
