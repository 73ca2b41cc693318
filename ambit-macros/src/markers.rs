//! The role markers: what they are called, how they are recognised, and what they say elsewhere.
//!
//! Inside a `#[gen_server]` block the markers are removed before the compiler resolves their
//! names. They exist as real attributes all the same: a misspelt `#[calls]` then gets the
//! compiler's "similar name" help, editors complete and explain them, and a marker outside a block
//! says where it belongs.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{Attribute, Meta, Path};

use crate::gen_server::model::Role;

/// Gives the role an attribute stands for: `#[call]`, `#[ambit::call(..)]`.
pub(crate) fn role(attribute: &Attribute) -> Option<Role> {
    let name = marker(attribute.path())?;
    Role::ALL.into_iter().find(|role| name == role.name())
}

/// Tells whether an attribute is `#[ctx]`.
pub(crate) fn is_ctx(attribute: &Attribute) -> bool {
    marker(attribute.path()).is_some_and(|name| name == "ctx")
}

/// Gives the role that hides in `#[cfg_attr(.., call)]`.
pub(crate) fn hidden_role(attribute: &Attribute) -> Option<Role> {
    let Meta::List(list) = &attribute.meta else {
        return None;
    };
    if !list.path.is_ident("cfg_attr") {
        return None;
    }
    let mut after_comma = false;
    for tree in list.tokens.clone() {
        match &tree {
            TokenTree::Ident(ident) if after_comma => {
                let role = Role::ALL.into_iter().find(|role| ident == role.name());
                if role.is_some() {
                    return role;
                }
                after_comma = false;
            }
            TokenTree::Punct(punct) => after_comma = punct.as_char() == ',',
            _ => after_comma = false,
        }
    }
    None
}

/// The name of a marker, if the path can be one: a single word, or a word in a crate.
fn marker(path: &Path) -> Option<&Ident> {
    if path.segments.len() > 2 {
        return None;
    }
    let last = path.segments.last()?;
    if path.segments.len() == 2 && !path.segments.first()?.ident.to_string().contains("ambit") {
        return None;
    }
    last.arguments.is_none().then_some(&last.ident)
}

/// Removes the markers from tokens that could not be read as an impl block.
///
/// Otherwise each of them would complain beside the one mistake that matters.
pub(crate) fn strip(tokens: TokenStream) -> TokenStream {
    let mut out = TokenStream::new();
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        let pound = matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '#');
        if pound && trees.peek().is_some_and(is_marker_group) {
            trees.next();
            continue;
        }
        out.extend([match tree {
            TokenTree::Group(group) => {
                let mut stripped = Group::new(group.delimiter(), strip(group.stream()));
                stripped.set_span(group.span());
                TokenTree::Group(stripped)
            }
            other => other,
        }]);
    }
    out
}

fn is_marker_group(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else {
        return false;
    };
    let Some(TokenTree::Ident(name)) = group.stream().into_iter().next() else {
        return false;
    };
    group.delimiter() == Delimiter::Bracket
        && (name == "ctx" || Role::ALL.iter().any(|role| name == role.name()))
}

/// Answers a marker that stands outside a block: the item as it was, and one complaint.
pub(crate) fn outside(name: &str, item: &TokenStream) -> TokenStream {
    let message = if name == "ctx" {
        "`#[ctx]` marks an argument of a method in a `#[gen_server]` block; put `#[gen_server]` on \
         the impl block"
            .to_owned()
    } else {
        format!(
            "`#[{name}]` has a meaning only inside a `#[gen_server]` block; put `#[gen_server]` on \
             the impl block around this method"
        )
    };
    let error = syn::Error::new(Span::call_site(), message).to_compile_error();
    quote!(#item #error)
}

/// Lets editors explain the markers of a block, which are gone from its expansion.
pub(crate) fn hover(ambit: &TokenStream, markers: &[Ident]) -> TokenStream {
    if markers.is_empty() {
        return TokenStream::new();
    }
    let uses = markers
        .iter()
        .map(|marker| quote_spanned!(marker.span()=> use #ambit::#marker as _;));
    quote! {
        #[allow(unexpected_cfgs)]
        const _: () = { #(#[cfg(rust_analyzer)] #uses)* };
    }
}
