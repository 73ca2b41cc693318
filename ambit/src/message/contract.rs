//! What protocols offer, with every type behind them: what two nodes, or a program and its past, compare.

use std::collections::BTreeMap;

use crate::message::shape::{Definition, Interface};

/// What protocols offer, with the definitions of all types that they mention.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contract {
    /// By the names of the protocols on the wire.
    pub protocols: BTreeMap<String, Interface>,
    /// By the names of the types on the wire.
    pub types: BTreeMap<String, Definition>,
}

impl Contract {
    /// The version in which it has a type.
    #[must_use]
    pub fn version_of(&self, name: &str) -> Option<u32> {
        self.types.get(name).map(|definition| definition.version)
    }
}
