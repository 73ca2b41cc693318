//! `#[gen_server]`: from an impl block to a server.
//!
//! `parse` reads the block into the `model`, `check` looks at the model as a whole, `expand` writes
//! what the model says. The user's block is always emitted again, without the markers, together
//! with everything that could be generated and every mistake that was found.

mod check;
mod expand;
pub(crate) mod model;
mod parse;
mod self_type;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{GenericParam, PathArguments, Type};

use crate::block::Block;
use crate::diag::{Diag, text};
use crate::fallback;
use crate::markers;

/// Expands `#[gen_server(options)]` on `item`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let mut block: Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return fallback::not_a_block(item, error),
    };
    let diag = Diag::default();
    let Some(name) = server_name(&block, &diag) else {
        return fallback::refused(&quote!(#block), diag);
    };
    let (mut server, hover) = parse::server(options, &mut block, name, &diag);
    let unmarked = check::unmarked(&block, &server);
    check::server(&mut server, &unmarked, &diag);
    let ambit = expand::ambit_path(server.options.krate.as_ref());
    let hover = markers::hover(&ambit, &hover);
    let generated = expand::server(&server, ambit);
    let errors = diag.into_tokens();
    quote!(#block #generated #hover #errors)
}

/// Gives the name of the server, or notes why this cannot be one.
///
/// Such a mistake stops the expansion: each generated item would repeat it in its own words.
fn server_name(block: &Block, diag: &Diag) -> Option<Ident> {
    if let Some((of_trait, _)) = &block.of_trait {
        let server = text(&block.self_ty);
        diag.error(of_trait, format!(
            "`#[gen_server]` writes the `GenServer` impl itself; put it on the inherent block, `impl {server}`"
        ));
        return None;
    }
    let lifetime = block.generics.params.iter().find_map(|param| match param {
        GenericParam::Lifetime(param) => Some(&param.lifetime),
        GenericParam::Type(_) | GenericParam::Const(_) => None,
    });
    if let Some(lifetime) = lifetime {
        diag.error(
            lifetime,
            "a server outlives its callers and cannot borrow; hold owned data or an `Arc`",
        );
        return None;
    }
    named(&block.self_ty, diag)
}

fn named(ty: &Type, diag: &Diag) -> Option<Ident> {
    match ty {
        Type::Group(group) => named(&group.elem, diag),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            let lifetime = match &last.arguments {
                PathArguments::AngleBracketed(arguments) => arguments.args.iter().find(|argument| {
                    matches!(argument, syn::GenericArgument::Lifetime(lifetime) if lifetime.ident != "static")
                }),
                PathArguments::None | PathArguments::Parenthesized(_) => None,
            };
            if let Some(lifetime) = lifetime {
                diag.error(
                    lifetime,
                    "a server outlives its callers and cannot borrow; hold owned data or an `Arc`",
                );
                return None;
            }
            Some(last.ident.clone())
        }
        other => {
            diag.error(
                other,
                "a server needs a type with a name; write `struct Counter` and `impl Counter`",
            );
            None
        }
    }
}
