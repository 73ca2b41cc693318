//! From the model to tokens.
//!
//! All items are generated beside the user's block, in the user's module, and refer to the runtime by its absolute
//! path. Bounds on the user's types are in where-clauses that point at those types.

mod cx;
mod start;
mod subject;
mod tree;

use proc_macro2::TokenStream;
use quote::quote;

use self::cx::Cx;
use super::model::Supervisor;

/// Generates everything beside the block.
pub(super) fn supervisor(supervisor: &Supervisor, ambit: TokenStream) -> TokenStream {
    let cx = Cx::new(supervisor, ambit);
    let subject = subject::items(&cx);
    let start = start::items(&cx);
    let tree = tree::items(&cx);
    quote!(#subject #start #tree)
}
