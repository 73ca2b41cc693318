//! The names that count against the limit of members.

use std::collections::BTreeSet;

use foca::{Member, State};

use crate::membership::member_id::MemberId;
use crate::membership::swim::Swim;
use crate::node::id::NodeName;

/// The names that the protocol knows or is about to learn, collected when a claim about another node arrives.
#[derive(Default)]
pub(super) struct KnownNames(Option<Counted>);

struct Counted {
    /// The names of all members, gone ones included.
    names: BTreeSet<NodeName>,
    /// The number of those that are not gone.
    members: usize,
}

/// Whether a name counts as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is known or fits within the limit.
    Admitted,
    /// Members that are gone take up the space. They are forgotten after some time.
    Full,
    /// There are as many members as the limit allows.
    TooManyMembers,
}

impl KnownNames {
    /// Checks the name of a claim against the limit, which includes members that were never up. A name that fits counts
    /// as known from then on.
    pub(super) fn admit(
        &mut self,
        swim: &Swim,
        claim: &Member<MemberId>,
        max_members: usize,
    ) -> Admission {
        let is_member = |member: &Member<MemberId>| member.state() != State::Down;
        let known = self.0.get_or_insert_with(|| Counted {
            names: swim
                .members()
                .map(|member| member.id().id.name.clone())
                .collect(),
            members: swim.members().filter(|member| is_member(member)).count(),
        });
        let name = &claim.id().id.name;
        if known.names.contains(name) {
            return Admission::Admitted;
        }
        if known.names.len() < max_members {
            known.names.insert(name.clone());
            known.members += usize::from(is_member(claim));
            return Admission::Admitted;
        }
        if known.members < max_members {
            Admission::Full
        } else {
            Admission::TooManyMembers
        }
    }
}
