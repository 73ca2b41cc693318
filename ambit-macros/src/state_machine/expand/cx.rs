//! The context of the expansion.

use proc_macro2::{Ident, TokenStream};

use crate::gen_server::expand as server;
use crate::gen_server::model::Role;
use crate::state_machine::check::choice_of;
use crate::state_machine::model::{Machine, Reaction};

/// The data that every part of the expansion needs.
pub(super) struct Cx<'a> {
    pub(super) machine: &'a Machine,
    /// The same machine as a server.
    pub(super) base: &'a server::Cx<'a>,
    /// `::ambit::machine`
    pub(super) module: TokenStream,
    pub(super) types: Types,
}

/// The names of the types that only a machine has.
pub(super) struct Types {
    pub(super) state: Ident,
    pub(super) timeout: Ident,
}

impl Cx<'_> {
    /// Returns the type of a method's targets, if it has several.
    pub(super) fn choice(&self, reaction: &Reaction) -> Option<Ident> {
        choice(self.machine, reaction)
    }

    /// Returns the enum of the messages of this role, and the variant of `StateEvent` that holds it.
    pub(super) fn message(&self, role: Role) -> Option<(&'static str, &Ident)> {
        let names = &self.base.names;
        match role {
            Role::Call => Some(("Call", &names.call)),
            Role::Cast => Some(("Cast", &names.cast)),
            Role::Info => Some(("Info", &names.info)),
            Role::Internal => Some(("Internal", &names.next)),
            Role::Timeout => Some(("Timeout", &self.types.timeout)),
            _ => None,
        }
    }

    /// Returns whether any method has this role.
    pub(super) fn has(&self, role: Role) -> bool {
        self.machine.events.iter().any(|event| event.role == role)
    }
}

pub(super) fn choice(machine: &Machine, reaction: &Reaction) -> Option<Ident> {
    let method = &reaction.handler.ident;
    let choices = reaction.choices();
    choices.map(|_| choice_of(&machine.server.name, method))
}
