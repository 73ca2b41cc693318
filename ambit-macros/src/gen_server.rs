//! `#[gen_server]`: turns an impl block into a server.
//!
//! `parse` reads the block into the `model`, `check` validates the model as a whole, `expand` generates code from the
//! model. The user's block is always emitted again, without the markers, together with everything that could be
//! generated and all errors.

pub(crate) mod check;
pub(crate) mod context_bounds;
pub(crate) mod context_path;
pub(crate) mod expand;
pub(crate) mod model;
pub(crate) mod parse;

use proc_macro2::TokenStream;
use quote::quote;

use crate::behaviour::{self, Behaviour};
use crate::block::Block;
use crate::diag::Diag;
use crate::fallback;
use crate::markers::{self, Markers};
use crate::options;
use crate::single_block;

/// Expands `#[gen_server(options)]` on `item`.
pub(crate) fn expand(options: TokenStream, item: &TokenStream) -> TokenStream {
    let diag = Diag::default();
    let options = parse::server_options(options, &diag);
    let markers = Markers::new(options.krate.as_ref());
    let mut block: Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return fallback::not_a_block(Behaviour::SERVER, item, error, &markers, diag),
    };
    let Some(name) = behaviour::type_name(Behaviour::SERVER, &mut block, &diag) else {
        return fallback::refused(&behaviour::remainder(block, &markers), &markers, diag);
    };
    let (mut server, hover) = parse::server(options, &mut block, name, &markers, &diag);
    check::distinct_methods(&mut server);
    check::server(&mut server, &diag);
    if diag.is_empty() {
        check::roles::missing(&block, &server, &diag);
    }
    context_path::complete_contexts(&mut block);
    let ambit = options::ambit(server.options.krate.as_ref());
    let hover = markers::hover(&ambit, &hover);
    let cx = expand::Cx::new(&server, ambit.clone());
    context_bounds::bound_contexts(&mut block, &cx);
    let contexts = context_path::resolve_contexts(&mut block, &ambit);
    let generated = expand::server(&cx);
    let written = single_block::Block {
        ambit: &ambit,
        name: &server.name,
        self_ty: &server.self_ty,
        generics: &server.generics,
    };
    let generated = single_block::only(&written, &generated);
    let errors = diag.into_tokens();
    quote!(#block #generated #contexts #hover #errors)
}
