//! The names that count against the limit of members.

use std::collections::BTreeSet;

use crate::membership::swim::Swim;
use crate::node::id::NodeName;

/// The names that the protocol knows or is about to learn, collected when a claim about another node arrives.
#[derive(Default)]
pub(super) struct KnownNames(Option<BTreeSet<NodeName>>);

impl KnownNames {
    /// Returns whether the name is known or fits within the limit, which includes members that were never up. A name
    /// that fits counts as known from then on.
    pub(super) fn admits(&mut self, swim: &Swim, name: &NodeName, max_members: usize) -> bool {
        let names = swim.members().map(|member| &member.id().id.name);
        let known = self.0.get_or_insert_with(|| names.cloned().collect());
        if known.contains(name) {
            return true;
        }
        let fits = known.len() < max_members;
        if fits {
            known.insert(name.clone());
        }
        fits
    }
}
