//! The choice of a member, and the table of placed servers, without a network.

mod strategy;
mod table;

use std::sync::Arc;

use crate::membership::member::{Member, MemberState};
use crate::membership::member_id::Profile;
use crate::node::id::{Incarnation, NodeId, NodeName};

fn name(name: &str) -> NodeName {
    name.parse().unwrap()
}

/// Returns a connected member with this role and these tags.
fn member(named: &str, role: &str, tags: &[(&str, &str)]) -> Member {
    let tags = tags.iter();
    Member {
        id: NodeId {
            name: name(named),
            incarnation: Incarnation::new(1, 0),
        },
        state: MemberState::Alive,
        is_connected: true,
        profile: Arc::new(Profile {
            role: role.into(),
            tags: tags
                .map(|(key, value)| ((*key).into(), (*value).into()))
                .collect(),
            ..Profile::default()
        }),
    }
}

/// Returns members `n0`, `n1`, ..
fn members(count: usize) -> Vec<Member> {
    (0..count)
        .map(|number| member(&format!("n{number}"), "", &[]))
        .collect()
}
