//! The output when nothing can be generated: the user's item and one error.
//!
//! The item is emitted again, because otherwise every use of its type would be another error; without its markers,
//! because each of them would be one too. `head` has already removed the parts of an impl block that the compiler would
//! reject as well.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::behaviour::Behaviour;
use crate::diag::Diag;
use crate::markers::Markers;

/// Reports an item that is not an impl block, or one whose head cannot be parsed.
pub(crate) fn not_a_block(
    behaviour: Behaviour,
    item: &TokenStream,
    error: syn::Error,
    markers: &Markers,
    diag: Diag,
) -> TokenStream {
    match keyword(item) {
        Some(TokenTree::Ident(keyword)) if keyword == "impl" => diag.push(error),
        Some(other) => {
            let Behaviour {
                attribute, example, ..
            } = behaviour;
            let message = format!(
                "`#[{attribute}]` can only be applied to an impl block; write `#[{attribute}] impl {example} {{ \
                 .. }}`"
            );
            diag.error(other, message);
        }
        None => diag.push(error),
    }
    refused(item, markers, diag)
}

/// Reports an item that is not a function with `message`, or one whose head cannot be parsed.
pub(crate) fn not_a_function(item: &TokenStream, error: syn::Error, message: &str, diag: &Diag) {
    let is_fn = |tree: TokenTree| matches!(tree, TokenTree::Ident(word) if word == "fn");
    match keyword(item) {
        Some(other) if !item.clone().into_iter().any(is_fn) => diag.error(other, message),
        _ => diag.push(error),
    }
}

/// Emits the item without markers, and the errors.
pub(crate) fn refused(item: &TokenStream, markers: &Markers, diag: Diag) -> TokenStream {
    let item = markers.strip(item.clone());
    let errors = diag.into_tokens();
    quote!(#item #errors)
}

/// Finds the keyword that determines the kind of the item.
pub(crate) fn keyword(item: &TokenStream) -> Option<TokenTree> {
    const ITEMS: [&str; 12] = [
        "impl", "struct", "enum", "union", "trait", "fn", "mod", "const", "static", "type", "use",
        "extern",
    ];
    let is_keyword = |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if ITEMS.iter().any(|keyword| word == keyword));
    let first = item.clone().into_iter().next();
    item.clone().into_iter().find(is_keyword).or(first)
}
