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
use crate::membership::gossip_budget::{MAX_BYTES, MAX_FRAMES, Spent};
use crate::membership::known_names::{Admission, KnownNames};
use crate::membership::member_id::MemberId;
use crate::membership::peer_claims::{MAX_RENEWALS, PeerClaims};
use crate::membership::swim::Swim;
use crate::node::id::{CLOCK_SET, NodeId, NodeName};
use crate::wire::CloseCode;

/// The maximum lead of an incarnation over this node's own, or over `CLOCK_SET`, in milliseconds: 30 years.
const MAX_LEAD: u64 = 30 * 365 * 24 * 60 * 60 * 1000;

/// The verdict on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClaimVerdict {
    Accept,
    /// It waits for the end of the session with its subject.
    Hold,
    /// It is out of date.
    Ignore,
    /// It makes this node renew itself.
    Renew,
    /// There are as many members as the limit allows. Its sender may know other ones.
    BeyondLimit,
    /// It is about a later incarnation of a connected node, which may have restarted.
    Successor,
    /// It contradicts what this node knows.
    Wrong(&'static str),
}

impl Core {
    /// Returns whether a frame belongs to the open session with its sender, which has not sent too much.
    pub(super) fn may_send(&mut self, now: Duration, from: &NodeId, bytes: usize) -> bool {
        let session = self.sessions.get_mut(&from.name);
        let Some(session) = session.filter(|session| session.id == *from) else {
            return false;
        };
        let (spent, window) = (session.budget.spend(now, bytes), session.budget.window());
        if spent == Spent::Exceeds {
            let text = format!(
                "more gossip than {MAX_FRAMES} frames or {MAX_BYTES} bytes in {window:?}: \
                 use the same `Timeouts::probe` on all nodes"
            );
            self.violation(from, text);
        }
        spent == Spent::Within
    }

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
                ClaimVerdict::Renew => {
                    if self.may_renew(now, from) {
                        accepted.push(claim);
                    }
                }
                ClaimVerdict::BeyondLimit => self.beyond_limit(from, claim.id()),
                ClaimVerdict::Successor => self.successor(now, from, &claim.id().id.name),
                ClaimVerdict::Wrong(why) => self.wrong(now, from, why),
            }
        }
        accepted
    }

    fn wrong(&mut self, now: Duration, from: &NodeId, why: &str) {
        let session = self.sessions.get_mut(&from.name);
        if session.is_some_and(|session| session.is_excessive(now)) {
            let text = format!("too many wrong claims about members, the last one: {why}");
            self.violation(from, text);
        }
    }

    /// Handles a claim about a later incarnation of a connected node. If that node has restarted, the old session soon
    /// ends; a claim that it outlives is wrong.
    fn successor(&mut self, now: Duration, from: &NodeId, subject: &NodeName) {
        let session = self.sessions.get_mut(subject);
        if session.is_some_and(|session| session.outlives_successor(now)) {
            self.wrong(now, from, "another incarnation of a connected node");
        }
    }

    /// Counts a member that exceeds the limit. A node that passes on what others have invented knows no more members than
    /// the limit itself.
    fn beyond_limit(&mut self, from: &NodeId, member: &MemberId) {
        let most = self.settings.max_members;
        let session = self.sessions.get_mut(&from.name);
        if session.is_some_and(|session| session.has_too_many(&member.id.name, most)) {
            let text = format!("more members than the limit: a cluster has at most {most} others");
            self.violation(from, text);
        }
    }

    /// Returns whether a node may make this one renew itself once more. Each renewal is sent to all sessions.
    pub(super) fn may_renew(&mut self, now: Duration, from: &NodeId) -> bool {
        let session = self.sessions.get_mut(&from.name);
        let renewals = session.map_or(0, |session| session.count_renewal(now));
        if renewals == MAX_RENEWALS + 1 {
            let text = "too many claims that this node is down";
            self.violation(from, text.to_owned());
        }
        renewals <= MAX_RENEWALS
    }

    /// Remembers an incarnation that another node has reported.
    fn learn(&mut self, node: &NodeId) {
        let is_own = self.own().is_some_and(|own| own.id.name == node.name);
        let is_news = match self.learned.get(&node.name) {
            Some(known) => *known < node.incarnation,
            // More than the limit, because gone members are forgotten only after this.
            None => self.learned.len() < 2 * self.settings.max_members,
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
            // Sent once, so it must not be dropped.
            let (to, frames) = (to.clone(), frame::state(std::iter::once(&down)));
            self.actions.push(Action::SendState { to, frames });
        }
        session.held = Some(GoneMember { id, has_left });
    }

    /// Closes the session with a node that violates the protocol.
    pub(super) fn violation(&mut self, peer: &NodeId, text: String) {
        let peer = peer.name.clone();
        let code = CloseCode::Malformed;
        self.actions.push(Action::Close { peer, code, text });
    }

    /// Returns what the protocol knows, and the limit of members, to check claims.
    pub(super) fn limits(&self) -> (Option<&Swim>, usize) {
        (self.swim.as_ref(), self.settings.max_members)
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
        let today = own.id.incarnation.millis().max(CLOCK_SET);
        let is_far = about.id.incarnation.millis() > today.saturating_add(MAX_LEAD);
        match self.sessions.get(name) {
            Some(session) if session.id == about.id || !is_far => {
                return about_a_peer(swim, session, from, claim);
            }
            _ if is_far => return ClaimVerdict::Wrong("an incarnation in the far future"),
            _ => {}
        }
        // It counts already. The protocol also knows nodes that were never up.
        if self.records.get(name).is_some_and(|record| record.is_up) {
            return ClaimVerdict::Accept;
        }
        match known.admit(swim, claim, max_members) {
            Admission::Admitted => ClaimVerdict::Accept,
            // Many members have come and gone: no node is to blame.
            Admission::Surplus => ClaimVerdict::Ignore,
            Admission::TooManyMembers => ClaimVerdict::BeyondLimit,
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
    } else if *about == *own && !is_refutable(claim) {
        ClaimVerdict::Renew
    } else {
        ClaimVerdict::Accept
    }
}

/// Returns whether the subject of a claim can contradict it by a higher counter. If not, it has to renew itself, which
/// resets the counter.
fn is_refutable(claim: &Member<MemberId>) -> bool {
    match claim.state() {
        State::Down => false,
        State::Suspect => claim.incarnation() < u16::MAX,
        State::Alive => true,
    }
}

fn about_a_peer(
    swim: &Swim,
    session: &PeerClaims,
    from: &NodeId,
    claim: &Member<MemberId>,
) -> ClaimVerdict {
    let about = claim.id();
    if about.id != session.id {
        // An earlier incarnation may be declared down; a later one will dial.
        let is_earlier = about.id.incarnation < session.id.incarnation;
        return match is_earlier {
            true => ClaimVerdict::Ignore,
            false => ClaimVerdict::Successor,
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
        State::Alive | State::Suspect if claim.incarnation() < u16::MAX => ClaimVerdict::Accept,
        // Only the node itself raises its counter so far.
        State::Alive | State::Suspect => match swim.member(&session.id.name) {
            Some(member) if member.incarnation() == u16::MAX => ClaimVerdict::Accept,
            _ => ClaimVerdict::Wrong("the last possible counter of a connected node"),
        },
    }
}
