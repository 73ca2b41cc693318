//! `#[supervisor]`: turns an impl block into a supervisor of the children that its methods describe.
//!
//! It works like `#[gen_server]`: `parse` reads the block into the `model`, `check` validates the model as a whole,
//! `expand` generates code beside the user's block.

mod check;
mod expand;
mod model;
mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::behaviour::{self, Behaviour};
use crate::block::Block;
use crate::diag::Diag;
use crate::fallback;
use crate::markers::{self, Markers};
use crate::options;
use crate::single_block;

/// Expands `#[supervisor(options)]` on `item`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let diag = Diag::default();
    let options = parse::supervisor_options(options, &diag);
    let markers = Markers::new(options.krate.as_ref());
    let mut block: Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            return fallback::not_a_block(Behaviour::SUPERVISOR, item, error, &markers, diag);
        }
    };
    let Some(name) = behaviour::type_name(Behaviour::SUPERVISOR, &mut block, &diag) else {
        return fallback::refused(&behaviour::remainder(block, &markers), &markers, diag);
    };
    let (mut supervisor, hover) = parse::supervisor(options, &mut block, name, &markers, &diag);
    check::supervisor(&mut supervisor, &diag);
    if diag.is_empty() {
        check::missing_children(&block, &supervisor, &diag);
    }
    let ambit = options::ambit(supervisor.options.krate.as_ref());
    let hover = markers::hover(&ambit, &hover);
    let generated = expand::supervisor(&supervisor, ambit.clone());
    let written = single_block::Block {
        ambit: &ambit,
        name: &supervisor.name,
        self_ty: &supervisor.self_ty,
        generics: &supervisor.generics,
    };
    let generated = single_block::only(&written, &generated);
    let errors = diag.into_tokens();
    quote!(#block #generated #hover #errors)
}
