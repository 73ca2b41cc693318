//! Tests of the derive and `#[wire]`, without a compiler.

use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Fields, Item, Macro, Path as SynPath, Token, parse_quote};

use super::expand;
use crate::tests::{count, fixture, truncated};
use crate::wire_name::WORDS;

/// Expands `#[derive(Message)]` or `#[wire]` on a type; other items pass through.
pub(crate) fn expand_type(item: &Item) -> TokenStream {
    let mut bare = item.clone();
    let attrs = match &mut bare {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return item.to_token_stream(),
    };
    let is_wire = |attribute: &Attribute| attribute.path().is_ident("wire");
    if let Some(position) = attrs.iter().position(is_wire) {
        let options = attrs.remove(position);
        let options = options.meta.require_list().unwrap().tokens.clone();
        return crate::wire::expand(options, &bare.to_token_stream());
    }
    let is_derived = without_derive(attrs);
    let impls = is_derived.then(|| expand(item.to_token_stream()));
    without_options(&mut bare);
    quote!(#bare #impls)
}

/// Removes `Message` from the derives, and returns whether it was there.
fn without_derive(attrs: &mut Vec<Attribute>) -> bool {
    let Some(derive) = attrs
        .iter_mut()
        .find(|attribute| attribute.path().is_ident("derive"))
    else {
        return false;
    };
    let list = Punctuated::<SynPath, Token![,]>::parse_terminated;
    let derived = derive.parse_args_with(list).unwrap();
    let (ours, others): (Vec<_>, Vec<_>) = derived
        .into_iter()
        .partition(|path| path.is_ident("Message"));
    *derive = parse_quote!(#[derive(#(#others),*)]);
    if others.is_empty() {
        attrs.retain(|attribute| !attribute.path().is_ident("derive"));
    }
    !ours.is_empty()
}

/// Removes `#[message(..)]` from everything.
fn without_options(item: &mut Item) {
    let strip = |attrs: &mut Vec<Attribute>| {
        attrs.retain(|attribute| !attribute.path().is_ident("message"))
    };
    let strip_fields = |fields: &mut Fields| {
        for field in fields {
            strip(&mut field.attrs);
        }
    };
    match item {
        Item::Struct(item) => {
            strip(&mut item.attrs);
            strip_fields(&mut item.fields);
        }
        Item::Enum(item) => {
            strip(&mut item.attrs);
            for variant in &mut item.variants {
                strip(&mut variant.attrs);
                strip_fields(&mut variant.fields);
            }
        }
        _ => {}
    }
}

/// Every type, cut after every token: no panic, and an impl as long as it is a type.
#[test]
fn unfinished_types_are_messages_as_soon_as_they_are_types() {
    for item in fixture("message").items {
        let tokens = item.to_token_stream();
        for cut in 0..=count(&tokens) {
            let cut = truncated(&tokens, cut);
            let expanded = expand(cut.clone()).to_string();
            let is_type = matches!(syn::parse2(cut), Ok(Item::Struct(_) | Item::Enum(_)));
            assert_eq!(expanded.contains("Message for"), is_type, "{expanded}");
        }
    }
}

#[test]
fn unfinished_wrappers_are_kept() {
    let item = quote!(
        struct Id(uuid::Uuid);
    );
    for options in [quote!(name = "uuid.Uuid", version = 1), quote!(name = uuid)] {
        for cut in 0..=count(&options) {
            let expanded = crate::wire::expand(truncated(&options, cut), &item);
            assert!(expanded.to_string().starts_with(&item.to_string()));
            assert!(expanded.to_string().contains("Message for Id"));
        }
        for cut in 0..=count(&item) {
            let cut = truncated(&item, cut);
            let expanded = crate::wire::expand(options.clone(), &cut);
            assert!(expanded.to_string().starts_with(&cut.to_string()));
        }
    }
}

/// Without the feature `remote` the traits of these impls do not exist; the macro reports that once.
#[test]
fn feature_gated_code_is_emitted_in_one_macro() {
    let message = expand(quote! {
        #[message(name = "shop.event")]
        enum Event { Paid(u64) }
    });
    let wrapped = quote!(
        struct Id(u64);
    );
    let wrapper = crate::wire::expand(quote!(name = "shop.id"), &wrapped);
    for expanded in [message, wrapper] {
        let (inside, outside) = parted(expanded);
        assert_eq!(inside.len(), 1);
        assert_eq!(
            inside[0].path.to_token_stream().to_string(),
            quote!(::ambit::__private::remote).to_string()
        );
        for of_trait in ["Schema for", "Named for", "Wire for"] {
            assert!(inside[0].tokens.to_string().contains(of_trait));
        }
        assert!(!mentions_wire(outside));
    }
}

#[test]
fn without_a_name_nothing_is_written_for_other_nodes() {
    let (inside, outside) = parted(expand(quote!(
        struct Paid(u64);
    )));
    assert!(inside.is_empty());
    assert!(!mentions_wire(outside));
}

/// Returns the macros and the other items.
fn parted(expanded: TokenStream) -> (Vec<Macro>, TokenStream) {
    let file: syn::File = syn::parse2(expanded).unwrap();
    let (mut macros, mut others) = (Vec::new(), TokenStream::new());
    for item in file.items {
        match item {
            Item::Macro(item) => macros.push(item.mac),
            other => other.to_tokens(&mut others),
        }
    }
    (macros, others)
}

/// Returns whether anything of `ambit::message` is mentioned.
fn mentions_wire(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Group(group) => mentions_wire(group.stream()),
        TokenTree::Ident(ident) => ident == "message" || ident == "Foreign",
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The words of contracts are listed where they are defined; none of them may be a name.
#[test]
fn no_word_of_a_contract_is_a_name() {
    let shapes = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ambit/src/message/shape.rs");
    let shapes = std::fs::read_to_string(shapes).unwrap();
    let (_, leaves) = shapes.split_once("\nleaves! {").unwrap();
    let (leaves, _) = leaves.split_once("\n}").unwrap();
    let words: Vec<_> = leaves.split('"').skip(1).step_by(2).collect();
    assert!(words.len() > 20, "{words:?}");
    for word in words {
        assert!(WORDS.contains(&word), "{word}");
    }
}
