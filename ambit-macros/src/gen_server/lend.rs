//! What the user's methods that are lent the context have to know of the parameters of a generic server.
//!
//! `&mut Context<Self>` stands for a server only, and `Cache<K, V>` is one where `K` and `V` are `Send`. The user's
//! block need not say so: the methods that mention the context get the bounds that the server has, and the others
//! stay as free as they are written.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Generics, WherePredicate};

use crate::block::{Block, Item, Method};
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
        if let Item::Method(method) = item
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
