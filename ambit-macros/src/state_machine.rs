//! `#[state_machine]`: turns an impl block into a server that is always in one of a few states.
//!
//! It works like `#[gen_server]`: `parse` reads the block into the `model`, `check` validates the model as a whole,
//! `expand` generates code from the model. The server's own expansion generates the parts that every server has.

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
use crate::gen_server::context_path;
use crate::markers::{self, Markers};
use crate::options;
use crate::single_block;

/// Expands `#[state_machine(options)]` on `item`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let diag = Diag::default();
    let options = parse::options(options, &diag);
    let markers = Markers::of_machine(options.server.krate.as_ref());
    let mut block: Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => {
            return fallback::not_a_block(Behaviour::MACHINE, item, error, &markers, diag);
        }
    };
    let Some(name) = behaviour::type_name(Behaviour::MACHINE, &mut block, &diag) else {
        return fallback::refused(&behaviour::remainder(block, &markers), &markers, diag);
    };
    let (mut machine, hover) = parse::machine(options, &mut block, name, &markers, &diag);
    check::machine(&mut machine, &diag);
    context_path::complete_contexts(&mut block);
    let ambit = options::ambit(machine.server.options.krate.as_ref());
    let hover = markers::hover(&ambit, &hover);
    let generated = expand::machine(&machine, &mut block, ambit.clone());
    let contexts = context_path::resolve_contexts(&mut block, &ambit);
    let written = single_block::Block {
        ambit: &ambit,
        name: &machine.server.name,
        self_ty: &machine.server.self_ty,
        generics: &machine.server.generics,
    };
    let generated = single_block::only(&written, &generated);
    let errors = diag.into_tokens();
    quote!(#block #generated #contexts #hover #errors)
}
