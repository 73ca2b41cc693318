//! The code that runs after a state is entered.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::arm::{Arm, moved};
use super::cx::Cx;
use crate::gen_server::expand::match_arm::run;
use crate::gen_server::model::Role;
use crate::state_machine::model::{Machine, Reaction};

/// Returns the code that runs after a state is entered: it sets the timeout of the state, then runs its method, unless
/// a `cfg` removes it. Under different `cfg`s there may be several of both.
pub(super) fn entered<'a>(cx: &Cx<'a>, state: &Ident) -> Vec<Arm<'a>> {
    let (lib, module, name) = (&cx.base.ambit, &cx.module, &cx.types.state);
    let states = &cx.machine.states;
    let Some(index) = states.iter().position(|known| known == state) else {
        return Vec::new();
    };
    let set: TokenStream = reactions_of(cx.machine, Role::StateTimeout, index)
        .filter_map(|reaction| Some((&reaction.handler.attrs.cfgs, reaction.after.as_ref()?)))
        .map(|(cfgs, after)| quote!(#(#cfgs)* #lib::Context::state_timeout(__ctx, #after);))
        .collect();
    let methods = reactions_of(cx.machine, Role::Enter, index);
    let methods: Vec<&Reaction> = methods.filter(|method| method.handler.runs()).collect();
    let pattern = quote!((#name::#state, #module::StateEvent::Enter { .. }));
    let waits = |method: &&'a Reaction| {
        let handler = &method.handler;
        handler.is_async.then_some(&handler.ident)
    };
    let with_method = methods.iter().map(|method| {
        let rest = moved(cx, method, &run(&method.handler, &TokenStream::new()), &[]);
        Arm {
            cfgs: &method.handler.attrs.cfgs,
            pattern: pattern.clone(),
            body: quote!({ #set #rest }),
            waits: waits(method),
        }
    });
    let is_sure = methods.iter().any(|method| !method.handler.attrs.has_cfg());
    let alone = (!set.is_empty() && !is_sure).then(|| Arm {
        cfgs: &[],
        pattern: pattern.clone(),
        body: quote!({ #set #module::Next::Stay }),
        waits: methods.iter().find_map(waits),
    });
    with_method.chain(alone).collect()
}

/// Returns the methods of this role for a state: several only under different `cfg`s.
fn reactions_of(machine: &Machine, role: Role, state: usize) -> impl Iterator<Item = &Reaction> {
    let events = machine
        .events
        .iter()
        .filter(move |event| event.role == role);
    let rules = events.filter_map(move |event| event.table.get(state));
    let rules = rules.flatten();
    rules.filter_map(|rule_index| machine.rule(*rule_index).map(|(reaction, _)| reaction))
}
