//! The names that count against the limit of members.

use std::collections::BTreeMap;

use foca::{Member, State};

use crate::membership::member_id::MemberId;
use crate::membership::swim::Swim;
use crate::node::id::NodeName;

/// The names that the protocol knows or is about to learn, collected when a claim about another node arrives.
#[derive(Default)]
pub(super) struct KnownNames(Option<Counted>);

struct Counted {
    /// The names of all members, gone ones included, and whether each may be up.
    names: BTreeMap<NodeName, bool>,
    /// The number of those that may be up.
    members: usize,
}

/// Whether a name counts as known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// It is known or fits within the limit.
    Admitted,
    /// The member is gone, and it is one more than the limit with the other gone ones.
    Surplus,
    /// There are as many members as the limit allows.
    TooManyMembers,
}

impl KnownNames {
    /// Checks the name of a claim against the limit, which includes members that were never up. A name that is admitted
    /// counts as known from then on. A member that is not gone is admitted although gone ones take up the space: they are
    /// forgotten for it.
    pub(super) fn admit(
        &mut self,
        swim: &Swim,
        claim: &Member<MemberId>,
        max_members: usize,
    ) -> Admission {
        let is_up = |member: &Member<MemberId>| member.state() != State::Down;
        let known = self.0.get_or_insert_with(|| Counted {
            names: swim
                .members()
                .map(|member| (member.id().id.name.clone(), is_up(member)))
                .collect(),
            members: swim.members().filter(|member| is_up(member)).count(),
        });
        let (name, is_up) = (&claim.id().id.name, is_up(claim));
        let was_up = known.names.get(name).copied();
        if was_up == Some(true) || (was_up == Some(false) && !is_up) {
            return Admission::Admitted;
        }
        // A member that returns counts as a new one.
        if known.members >= max_members {
            return Admission::TooManyMembers;
        }
        if !is_up && known.names.len() >= max_members {
            return Admission::Surplus;
        }
        known.names.insert(name.clone(), is_up);
        known.members += usize::from(is_up);
        Admission::Admitted
    }
}
