//! Checks what other nodes claim about members.
//!
//! Any member can claim anything about any other, and claims are passed on, so a wrong claim does not prove which node
//! invented it. But a node has its own knowledge of three subjects: itself, the nodes it has a session with, and the
//! limit of members. Claims against that knowledge have no effect, are counted, and are not passed on. A node that
//! sends many of them is disconnected.

use std::time::Duration;

use foca::{Member, State};

use crate::membership::core::{Action, Core};
use crate::membership::frame::{self, GoneMember};
use crate::membership::known_names::{Admission, KnownNames};
use crate::membership::member_id::MemberId;
use crate::membership::peer_claims::PeerClaims;
use crate::node::id::NodeId;

/// The maximum lead of an incarnation over this node's own, in milliseconds: 30 years.
const MAX_LEAD: u64 = 30 * 365 * 24 * 60 * 60 * 1000;

/// The verdict on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClaimVerdict {
    Accept,
    /// It waits for the end of the session with its subject.
    Hold,
    /// It is out of date.
    Ignore,
    /// It contradicts what this node knows.
    Wrong(&'static str),
}

impl Core {
    /// Returns the claims of a node that may take effect.
    pub(super) fn checked(
        &mut self,
        now: Duration,
        from: &NodeId,
        claims: Vec<Member<MemberId>>,
    ) -> Vec<Member<MemberId>> {
        self.checked_among(&mut KnownNames::default(), now, from, claims)
    }

    /// Works like [`checked`](Self::checked), for one of several lists that arrived together.
    pub(super) fn checked_among(
        &mut self,
        known: &mut KnownNames,
        now: Duration,
        from: &NodeId,
        claims: Vec<Member<MemberId>>,
    ) -> Vec<Member<MemberId>> {
        let mut accepted = Vec::with_capacity(claims.len());
        for claim in claims {
            match self.verdict(known, from, &claim) {
                ClaimVerdict::Accept => {
                    self.learn(&claim.id().id);
                    accepted.push(claim);
                }
                ClaimVerdict::Hold => self.hold(claim.id().clone(), false),
                ClaimVerdict::Ignore => {}
                ClaimVerdict::Wrong(why) => {
                    let session = self.sessions.get_mut(&from.name);
                    if session.is_some_and(|session| session.is_excessive(now)) {
                        let text =
                            format!("too many wrong claims about members, the last one: {why}");
                        self.violation(from, text);
                    }
                }
            }
        }
        accepted
    }

    /// Remembers an incarnation that another node has reported.
    fn learn(&mut self, node: &NodeId) {
        let is_own = self.own().is_some_and(|own| own.id.name == node.name);
        let is_news = match self.learned.get(&node.name) {
            Some(known) => *known < node.incarnation,
            None => self.learned.len() < self.limits().1,
        };
        if is_news && !is_own {
            self.learned.insert(node.name.clone(), node.incarnation);
            self.actions.push(Action::Learned(node.clone()));
        }
    }

    /// Keeps a claim that a node with a session is gone. The node learns of it, because it has to renew itself before
    /// those that count it as down accept it again; they may have no session with it.
    pub(super) fn hold(&mut self, id: MemberId, has_left: bool) {
        let to = id.id.name.clone();
        let Some(session) = self.sessions.get_mut(&to) else {
            return;
        };
        if session.disputes(&id) {
            let down = Member::down(id.clone());
            for frame in frame::state(std::iter::once(&down)) {
                let to = to.clone();
                self.actions.push(Action::Send { to, frame });
            }
        }
        session.held = Some(GoneMember { id, has_left });
    }

    fn verdict(
        &self,
        known: &mut KnownNames,
        from: &NodeId,
        claim: &Member<MemberId>,
    ) -> ClaimVerdict {
        let (Some(swim), max_members) = self.limits() else {
            return ClaimVerdict::Ignore;
        };
        let own = swim.own();
        let (about, name) = (claim.id(), &claim.id().id.name);
        if self.refused.contains(name) {
            return ClaimVerdict::Ignore;
        }
        if *name == own.id.name {
            return about_this_node(own, claim);
        }
        if let Some(session) = self.sessions.get(name) {
            return about_a_peer(session, from, claim);
        }
        let latest = own.id.incarnation.millis().saturating_add(MAX_LEAD);
        if about.id.incarnation.millis() > latest {
            return ClaimVerdict::Wrong("an incarnation in the far future");
        }
        // Records are known to the protocol. It also knows nodes that were never up.
        if self.records.contains_key(name) {
            return ClaimVerdict::Accept;
        }
        match known.admit(swim, claim, max_members) {
            Admission::Admitted => ClaimVerdict::Accept,
            // Many members have come and gone: no node is to blame.
            Admission::Full => ClaimVerdict::Ignore,
            Admission::TooManyMembers => ClaimVerdict::Wrong("more members than the limit"),
        }
    }
}

fn about_this_node(own: &MemberId, claim: &Member<MemberId>) -> ClaimVerdict {
    let about = claim.id();
    if about.id.incarnation > own.id.incarnation {
        // Two nodes with one name are resolved by their connections, not by claims.
        ClaimVerdict::Wrong("a later incarnation of this node")
    } else if about.id == own.id && about.renewal > own.renewal {
        ClaimVerdict::Wrong("a later renewal of this node")
    } else if claim.incarnation() == u16::MAX {
        ClaimVerdict::Wrong("the last possible counter of this node")
    } else {
        ClaimVerdict::Accept
    }
}

fn about_a_peer(session: &PeerClaims, from: &NodeId, claim: &Member<MemberId>) -> ClaimVerdict {
    let about = claim.id();
    if about.id != session.id {
        // An earlier incarnation may be declared down; a later one will dial.
        let is_earlier = about.id.incarnation < session.id.incarnation;
        return match is_earlier {
            true => ClaimVerdict::Ignore,
            false => ClaimVerdict::Wrong("another incarnation of a connected node"),
        };
    }
    if *from == session.id {
        return ClaimVerdict::Accept;
    }
    // The node states its renewals itself, at first with its state at the start of the session.
    if session
        .renewal
        .is_none_or(|renewal| about.renewal > renewal)
    {
        return ClaimVerdict::Ignore;
    }
    match claim.state() {
        State::Down => ClaimVerdict::Hold,
        State::Alive | State::Suspect if claim.incarnation() == u16::MAX => {
            ClaimVerdict::Wrong("the last possible counter of a connected node")
        }
        State::Alive | State::Suspect => ClaimVerdict::Accept,
    }
}
