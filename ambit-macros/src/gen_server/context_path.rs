//! Resolves the word `Context` in the handlers of a block to the context of ambit.
//!
//! A glob import such as the prelude is shadowed by `use anyhow::Context`, and the compiler would report a trait where
//! it expects a type. In a handler `&mut Context<Self>` can only mean one type, so its path is written in full.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{FnArg, GenericArgument, Path, PathArguments, Type, parse_quote};

use crate::block::{Block, BlockItem};
use crate::forwarded_attributes::ForwardedAttributes;

/// Writes the path of each context in full. Returns an item that uses the imported name, which would otherwise be
/// reported as an unused import. It is compiled where one of the handlers is: the import may be under the same `cfg`.
pub(crate) fn resolve_contexts(block: &mut Block, ambit: &TokenStream) -> TokenStream {
    let mut found: Option<(Ident, ForwardedAttributes)> = None;
    for item in &mut block.items {
        let BlockItem::Method(method) = item else {
            continue;
        };
        if method.takes_context {
            for input in &mut method.sig.inputs {
                if let FnArg::Typed(argument) = input
                    && let Some(name) = in_full(&mut argument.ty, ambit)
                {
                    let mut attributes = ForwardedAttributes::of(&method.attrs);
                    if let Some((_, others)) = &found {
                        attributes.or(others);
                    }
                    found = Some((name, attributes));
                }
            }
        }
    }
    found.map_or_else(TokenStream::new, |(name, attributes)| {
        let (used, cfgs) = (quote_spanned!(name.span()=> #name as _), &attributes.cfgs);
        quote!(#(#cfgs)* const _: () = { use #used; };)
    })
}

/// Writes `&mut Context` and `&mut Context<Other>` as `&mut Context<Self>`: both have been reported, and the compiler
/// does not report them again.
pub(crate) fn complete_contexts(block: &mut Block) {
    for item in &mut block.items {
        let BlockItem::Method(method) = item else {
            continue;
        };
        if method.takes_context {
            for input in &mut method.sig.inputs {
                if let FnArg::Typed(argument) = input {
                    complete(&mut argument.ty, &block.self_ty);
                }
            }
        }
    }
}

fn complete(ty: &mut Type, own: &Type) {
    if let Type::Reference(reference) = ty
        && let Type::Path(path) = &mut *reference.elem
        && may_be_a_servers(&path.path)
        && !is_of_server(&path.path, own)
        && let Some(last) = path.path.segments.last_mut()
        && last.ident == "Context"
    {
        last.arguments = PathArguments::AngleBracketed(parse_quote!(<Self>));
    }
}

/// Returns whether a path that ends with `Context` is written with `Self` or the name of the server.
pub(super) fn is_of_server(path: &Path, server: &Type) -> bool {
    let last = path.segments.last().map(|last| &last.arguments);
    let Some(PathArguments::AngleBracketed(arguments)) = last else {
        return false;
    };
    let mut arguments = arguments.args.iter();
    match (arguments.next(), arguments.next()) {
        (Some(GenericArgument::Type(ty)), None) => {
            let word = last_ident(ty);
            word.is_some_and(|word| word == "Self")
                || (word.is_some() && word == last_ident(server))
        }
        _ => false,
    }
}

fn last_ident(ty: &Type) -> Option<&Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| &last.ident),
        Type::Group(group) => last_ident(&group.elem),
        Type::Paren(paren) => last_ident(&paren.elem),
        _ => None,
    }
}

/// Returns whether a path that ends with `Context` may be meant as the context of a server. Other crates have types of
/// that name without parameters, and the one of std has only a lifetime.
pub(super) fn may_be_a_servers(path: &Path) -> bool {
    let is_type = |argument: &GenericArgument| matches!(argument, GenericArgument::Type(_));
    match path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => arguments.args.iter().any(is_type),
        _ => path.segments.len() == 1 || path.segments.iter().any(|word| word.ident == "ambit"),
    }
}

/// Writes the path of `&mut Context<Self>` in full, and returns its name.
fn in_full(ty: &mut Type, ambit: &TokenStream) -> Option<Ident> {
    let Type::Reference(reference) = ty else {
        return None;
    };
    let Type::Path(path) = &mut *reference.elem else {
        return None;
    };
    let written = &mut path.path;
    let last = written
        .segments
        .last()
        .filter(|last| last.ident == "Context")?;
    if written.leading_colon.is_some() || written.segments.len() > 1 {
        return None;
    }
    let mut name = last.ident.clone();
    name.set_span(name.span().resolved_at(Span::call_site()));
    let full = quote!(#ambit::Context).into_iter().map(|mut tree| {
        tree.set_span(name.span());
        tree
    });
    let mut full: Path = syn::parse2(full.collect()).ok()?;
    full.segments.last_mut()?.arguments = last.arguments.clone();
    *written = full;
    Some(name)
}
