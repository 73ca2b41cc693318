//! What is left when nothing can be generated: the user's item and one complaint.
//!
//! The item is emitted again, or every use of its type would be an error of its own; the markers are
//! taken out of it, or each of them would be. What of an impl block the compiler would refuse as well
//! is left out before: see `head`.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

use crate::diag::Diag;
use crate::head::Kind;
use crate::markers::Markers;

/// Answers an item that is no impl block, or one whose head cannot be read.
pub(crate) fn not_a_block(
    kind: Kind,
    item: &TokenStream,
    error: syn::Error,
    markers: &Markers,
    diag: Diag,
) -> TokenStream {
    match keyword(item) {
        Some(TokenTree::Ident(keyword)) if keyword == "impl" => diag.push(error),
        Some(other) => {
            let Kind {
                attribute, example, ..
            } = kind;
            let message = format!(
                "`#[{attribute}]` goes on an impl block: `#[{attribute}] impl {example} {{ .. }}`"
            );
            diag.error(other, message);
        }
        None => diag.push(error),
    }
    refused(item, markers, diag)
}

/// Emits the item without markers, and the complaints.
pub(crate) fn refused(item: &TokenStream, markers: &Markers, diag: Diag) -> TokenStream {
    let item = markers.strip(item.clone());
    let errors = diag.into_tokens();
    quote!(#item #errors)
}

/// Finds the keyword that says what kind of item this is.
pub(crate) fn keyword(item: &TokenStream) -> Option<TokenTree> {
    const ITEMS: [&str; 12] = [
        "impl", "struct", "enum", "union", "trait", "fn", "mod", "const", "static", "type", "use",
        "extern",
    ];
    let is_keyword = |tree: &TokenTree| matches!(tree, TokenTree::Ident(word) if ITEMS.iter().any(|keyword| word == keyword));
    let first = item.clone().into_iter().next();
    item.clone().into_iter().find(is_keyword).or(first)
}
