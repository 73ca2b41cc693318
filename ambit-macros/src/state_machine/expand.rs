//! From the model to tokens: the server that the machine is, written by the server's expansion, and beside it the
//! states, the choices of methods, and what each state does with each event.

mod cx;
mod dispatch;
mod reports;
mod types;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use self::cx::{Cx, Types, choice};
use super::model::Machine;
use crate::block::Block;
use crate::gen_server::expand::{self as server, AsMachine};
use crate::gen_server::lend;
use crate::gen_server::model::Role;
use crate::names::suffixed;
use crate::spans::Predicates;

/// Writes everything that stands beside the block, and the bounds in it.
pub(super) fn machine(machine: &Machine, block: &mut Block, ambit: TokenStream) -> TokenStream {
    let mut base = server::Cx::named(&machine.server, ambit, "Internal");
    let lib = &base.ambit;
    let module = quote!(#lib::machine);
    let name = &machine.server.name;
    let types = Types {
        state: suffixed(name, "State"),
        timeout: suffixed(name, "Timeout"),
    };
    let state = &types.state;
    // Without states there is nothing to be in: the mistake has been noted, and callers keep the handle.
    let first = machine.states.first();
    base.machine = Some(AsMachine {
        info: quote!(#module::StateInfo<Self>),
        wrap: quote!(#module::StateInfo::Message),
        next: quote!(#module::StateStep<Self>),
        begin: first.map_or_else(
            TokenStream::new,
            |first| quote!(#lib::Context::start_in(__ctx, #state::#first);),
        ),
    });
    let outputs = outputs(machine, &base);
    base.bounds.extend(outputs);
    lend::bound_contexts(block, &machine.server.generics, &base.bounds);
    let cx = Cx {
        machine,
        module,
        types,
        base: &base,
    };
    let types = types::items(&cx);
    let handlers = dispatch::items(&cx);
    let server = server::items(&base, &reports::methods(&cx));
    quote!(#types #server #handlers)
}

/// What the methods may return, as predicates that point at the types.
fn outputs(machine: &Machine, base: &server::Cx<'_>) -> Vec<TokenStream> {
    let (private, lib) = (&base.private, &base.ambit);
    let mut predicates = Predicates::default();
    for reaction in &machine.reactions {
        let handler = &reaction.handler;
        if let (Some(receiver), true, false) =
            (&handler.borrows, handler.runs(), handler.attrs.has_cfg())
        {
            let machine = &machine.server.self_ty;
            predicates.push_at(machine, &quote!(#private::SharedState), receiver);
        }
        let Some(output) = &handler.output else {
            continue;
        };
        if reaction.role == Role::Call || !handler.runs() || handler.attrs.has_cfg() {
            continue;
        }
        match choice(machine, reaction) {
            Some(choice) => {
                predicates.push(output, &quote!(#lib::machine::IntoNext<#choice>));
            }
            None => predicates.push(&output.to_token_stream(), &quote!(#private::IntoFlow)),
        }
    }
    predicates.into_vec()
}
