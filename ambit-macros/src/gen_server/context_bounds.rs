//! Bounds on the parameters of a generic server, for user methods that take the context or a handle to the server.
//!
//! `Context<Self>` requires a server, and `Cache<K, V>` is one only if `K` and `V` are `Send`. The user's block need
//! not require this: the methods that mention the context or the handle get the bounds of the server, and the others
//! stay unchanged.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::WherePredicate;

use crate::block::{Block, BlockItem, Method};
use crate::gen_server::expand::Cx;
use crate::names::mentions;
use crate::spans::unspanned;

/// Adds the bounds on parameters to the methods that mention the context or the server's own handle. That a reply port
/// is one needs no bound, which would hide the type of the reply; nor does a type that has been checked once.
pub(crate) fn bound_contexts(block: &mut Block, cx: &Cx<'_>) {
    let generics = &cx.server.generics;
    let on_params = |bound: &&TokenStream| {
        let mut params = generics.type_params();
        params.any(|param| mentions((*bound).clone(), &param.ident))
    };
    let predicates: Vec<WherePredicate> = cx
        .bounds
        .iter()
        .filter(on_params)
        .filter(|bound| !mentions((*bound).clone(), "ReplyPort"))
        .filter(|bound| !mentions((*bound).clone(), "__used"))
        .filter_map(|bound| syn::parse2(unspanned(bound.clone())).ok())
        .collect();
    if predicates.is_empty() {
        return;
    }
    for item in &mut block.items {
        if let BlockItem::Method(method) = item
            && (takes_context(method) || takes_handle(method, cx))
        {
            let clause = method.sig.generics.make_where_clause();
            clause.predicates.extend(predicates.iter().cloned());
        }
    }
}

fn takes_context(method: &Method) -> bool {
    method.has_context_mark || mentions_context(method.sig.inputs.to_token_stream())
}

/// Returns whether the context of a server is mentioned, and not the `Context<'_>` of std, which has only a lifetime.
fn mentions_context(tokens: TokenStream) -> bool {
    let is = |tree: Option<&TokenTree>, mark: char| matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == mark);
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Ident(word) if word == "Context" => {
                while trees.next_if(|tree| is(Some(tree), ':')).is_some() {}
                let has_arguments = trees.next_if(|tree| is(Some(tree), '<')).is_some();
                if has_arguments && !is(trees.peek(), '\'') {
                    return true;
                }
            }
            TokenTree::Group(group) if mentions_context(group.stream()) => return true,
            _ => {}
        }
    }
    false
}

fn takes_handle(method: &Method, cx: &Cx<'_>) -> bool {
    let (inputs, output) = (&method.sig.inputs, &method.sig.output);
    let types = quote!(#inputs #output);
    cx.is_own_handle(types.clone())
        || (mentions(types.clone(), "Subject") && mentions(types, "Self"))
}
