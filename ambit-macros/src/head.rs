//! What stands before the braces of a block: whether it can be a server at all.
//!
//! A mistake here stops the expansion, because each generated item would repeat it in its own
//! words: a lifetime on the block gave fifteen errors.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{GenericParam, Type};

use crate::block::{Block, Item};
use crate::diag::{Diag, text};
use crate::markers::Markers;
use crate::types::{Obstacle, obstacle};

const BORROWS: &str =
    "a server outlives its callers and cannot borrow; hold owned data or an `Arc`";

/// Gives the name of the server, or notes why this cannot be one.
pub(crate) fn server_name(block: &Block, diag: &Diag) -> Option<Ident> {
    if let Some((of_trait, _)) = &block.of_trait {
        let message = format!(
            "`#[gen_server]` writes the `GenServer` impl itself; put it on the inherent block, `impl {}`",
            text(&block.self_ty)
        );
        diag.error(of_trait, message);
        return None;
    }
    let lifetime = block.generics.params.iter().find_map(|param| match param {
        GenericParam::Lifetime(param) => Some(&param.lifetime),
        GenericParam::Type(_) | GenericParam::Const(_) => None,
    });
    if let Some(lifetime) = lifetime {
        diag.error(lifetime, BORROWS);
        return None;
    }
    type_name(&block.self_ty, diag)
}

fn type_name(ty: &Type, diag: &Diag) -> Option<Ident> {
    match ty {
        Type::Group(group) => type_name(&group.elem, diag),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last()?;
            owns_its_data(ty, diag).then(|| last.ident.clone())
        }
        other => {
            let message =
                "a server needs a type with a name; write `struct Counter` and `impl Counter`";
            diag.error(other, message);
            None
        }
    }
}

fn owns_its_data(ty: &Type, diag: &Diag) -> bool {
    match obstacle(ty) {
        None => return true,
        Some(Obstacle::Reference(reference)) => diag.error(reference, BORROWS),
        Some(Obstacle::Lifetime(lifetime)) => diag.error(lifetime, BORROWS),
        // The compiler complains of these itself.
        Some(Obstacle::ImplTrait(_) | Obstacle::Infer) => {}
    }
    false
}

/// Gives what is left of a block that cannot be a server, such that the compiler does not add
/// complaints of its own.
pub(crate) fn remainder(mut block: Block, markers: &Markers) -> TokenStream {
    if matches!(
        block.self_ty,
        Type::Slice(_) | Type::Tuple(_) | Type::Array(_) | Type::Reference(_)
    ) {
        return TokenStream::new();
    }
    let has_role = |item: &Item| match item {
        Item::Method(method) => method
            .attrs
            .iter()
            .any(|attribute| markers.role(&attribute.meta).is_some()),
        Item::Other(_) => false,
    };
    // With roles in it, the block was meant to be an inherent one.
    if block.of_trait.is_some() && block.items.iter().any(has_role) {
        block.of_trait = None;
        block.items.retain(|item| matches!(item, Item::Method(_)));
    }
    block.into_token_stream()
}
