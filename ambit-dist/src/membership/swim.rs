//! The membership protocol SWIM, as implemented by `foca`. The only file that calls it.
//!
//! `foca` decides and keeps no clock: `swim_timers` is the ordered queue of its timers.

use std::num::{NonZeroU8, NonZeroUsize};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use foca::{AccumulatingRuntime, Codec, Foca, Member, NoCustomBroadcast, OwnedNotification};
use foca::{PostcardCodec, State, Timer};

use crate::membership::member_id::MemberId;
use crate::membership::suspicions::Suspicions;
use crate::membership::swim_rng::SwimRng;
use crate::membership::swim_timers::SwimTimers;
use crate::node::id::{NodeId, NodeName};

/// The maximum length of a packet. All nodes of a cluster need the same.
const MAX_PACKET: usize = 16 * 1024;
/// How long a member that is gone is remembered.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);
/// The time after which all nodes know that a member is gone, so that none of them states that it is up.
const SPREAD: Duration = Duration::from_secs(60);
/// How much longer a suspicion lasts, and how much more often news is sent, while this node has no session with a member
/// that others reach. Packets to such a member are lost. One more than two hops away answers no probe, and its
/// refutation takes a round of gossip per hop.
const PARTIAL_FACTOR: u32 = 4;
/// How long after late timers the end of a session raises no suspicion, in probe intervals. Probes find a member that is
/// really gone.
const LATE_PERIODS: u32 = 4;

/// The intervals of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SwimSettings {
    /// The interval at which one member is probed.
    pub(crate) period: Duration,
    /// The time for a direct answer. Other members are asked to probe after it.
    pub(crate) rtt: Duration,
}

impl SwimSettings {
    /// Returns the settings of a probe interval.
    pub(crate) fn every(period: Duration) -> Self {
        Self {
            period,
            rtt: period * 2 / 5,
        }
    }

    /// Returns how long a member is suspected before it counts as down. Grows with the logarithm of the cluster.
    pub(crate) fn suspicion(&self, reach: Reach) -> Duration {
        let members = u32::try_from(reach.members).unwrap_or(u32::MAX);
        let periods = 4 * reach.factor();
        self.period
            .mul_f64(f64::from(periods) * f64::from(members.max(1)).log10().max(1.0))
    }

    fn config(&self, reach: Reach) -> foca::Config {
        let transmissions = 4 * reach.factor() * (reach.members.max(1).ilog2() + 1);
        let transmissions = NonZeroU8::new(u8::try_from(transmissions).unwrap_or(u8::MAX));
        foca::Config {
            probe_period: self.period,
            probe_rtt: self.rtt,
            max_transmissions: transmissions.unwrap_or(NonZeroU8::MIN),
            suspect_to_down_after: self.suspicion(reach),
            remove_down_after: Some(REMEMBERED),
            max_packet_size: NonZeroUsize::new(MAX_PACKET).unwrap_or(NonZeroUsize::MIN),
            notify_down_members: true,
            periodic_announce: None,
            periodic_announce_to_down_members: None,
            periodic_gossip: Some(foca::PeriodicParams {
                frequency: self.rtt,
                num_members: NonZeroUsize::new(3).unwrap_or(NonZeroUsize::MIN),
            }),
            ..foca::Config::simple()
        }
    }
}

/// The members of the cluster, as far as the settings depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The number of members that are up, this node included.
    pub(crate) members: usize,
    /// Whether this node has a session with each of them that is not suspected.
    pub(crate) is_full: bool,
}

impl Reach {
    fn factor(self) -> u32 {
        if self.is_full { 1 } else { PARTIAL_FACTOR }
    }
}

/// The effects of one call.
#[derive(Debug, Default)]
pub(crate) struct SwimEffects {
    /// Packets to send.
    pub(crate) sends: Vec<(MemberId, Bytes)>,
    /// The names whose state may have changed.
    pub(crate) touched: Vec<NodeName>,
    /// Whether this node was declared down by mistake and has renewed its identity.
    pub(crate) is_renewed: bool,
}

/// The members that this node knows, and the probes between them.
pub(crate) struct Swim {
    foca: Foca<MemberId, PostcardCodec, SwimRng, NoCustomBroadcast>,
    settings: SwimSettings,
    runtime: AccumulatingRuntime<MemberId>,
    timers: SwimTimers,
    suspicions: Suspicions,
    /// The members that the settings were computed for.
    reach: Reach,
    /// The number of times that timers ran late.
    pub(crate) late: u64,
    /// No member is suspected until then, because timers ran late: the ends of sessions that this node slept through are
    /// reported only after its timers.
    late_until: Duration,
    effects: SwimEffects,
}

impl Swim {
    pub(crate) fn new(own: MemberId, settings: SwimSettings, seed: u64) -> Self {
        let rng = SwimRng::with_seed(seed);
        let reach = Reach {
            members: 1,
            is_full: true,
        };
        Self {
            foca: Foca::new(own, settings.config(reach), rng, PostcardCodec),
            settings,
            runtime: AccumulatingRuntime::new(),
            timers: SwimTimers::default(),
            suspicions: Suspicions::default(),
            reach,
            late: 0,
            late_until: Duration::ZERO,
            effects: SwimEffects::default(),
        }
    }

    /// Returns the current identity of this node.
    pub(crate) fn own(&self) -> &MemberId {
        self.foca.identity()
    }

    /// Returns all known members but this node, gone ones included.
    pub(crate) fn members(&self) -> impl ExactSizeIterator<Item = &Member<MemberId>> {
        self.foca.iter_membership_state()
    }

    pub(crate) fn member(&self, name: &NodeName) -> Option<&Member<MemberId>> {
        self.members().find(|member| member.id().id.name == *name)
    }

    /// Returns the time of the next timer.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let timer = self.timers.deadline().into_iter();
        timer.chain(self.suspicions.deadline()).min()
    }

    /// Returns the effects since the last call.
    pub(crate) fn take_effects(&mut self) -> SwimEffects {
        std::mem::take(&mut self.effects)
    }

    /// Handles a packet of another member.
    ///
    /// # Errors
    /// Fails if the packet is invalid, without an effect.
    pub(crate) fn received(&mut self, now: Duration, packet: &[u8]) -> Result<(), foca::Error> {
        let result = self.foca.handle_data(packet, &mut self.runtime);
        self.collect(now);
        match result {
            Err(error @ (foca::Error::Decode(_) | foca::Error::MalformedPacket)) => Err(error),
            Err(error @ foca::Error::DataTooBig) => Err(error),
            _ => Ok(()),
        }
    }

    /// Applies what another node knows about members. `spreads` is true if this node passes it on.
    pub(crate) fn apply(
        &mut self,
        now: Duration,
        members: impl IntoIterator<Item = Member<MemberId>>,
        spreads: bool,
    ) {
        let members = members.into_iter();
        // The only error is that of the encoding, which cannot fail.
        self.foca
            .apply_many(members, spreads, &mut self.runtime)
            .ok();
        self.collect(now);
    }

    /// Suspects a member, unless the timers of this node run late: then the fault may be its own. If the member does not
    /// refute it in time, it is down.
    pub(crate) fn suspect(&mut self, now: Duration, node: &NodeId) {
        let is_overdue = |due| now.saturating_sub(due) > self.settings.period;
        let is_late = now < self.late_until || self.deadline().is_some_and(is_overdue);
        let member = self
            .member(&node.name)
            .filter(|member| member.id().id == *node && member.state() == State::Alive && !is_late);
        let Some(member) = member.cloned() else {
            return;
        };
        let due = now + self.settings.suspicion(self.reach);
        let suspect = self.suspicions.add(due, &member);
        self.apply(now, [suspect], true);
    }

    /// Ends the suspicions that are due. A member that has refuted one has a later incarnation.
    fn end_suspicions(&mut self, now: Duration) {
        while let Some(down) = self.suspicions.take_due(now) {
            let member = self.member(&down.id().id.name);
            let is_suspect = member.is_some_and(|member| {
                member.state() == State::Suspect
                    && (member.id(), member.incarnation()) == (down.id(), down.incarnation())
            });
            if is_suspect {
                self.apply(now, [down], true);
            }
        }
    }

    /// Runs the timers that are due. After a stall of more than one probe interval it postpones all of them by the
    /// stall instead: answers may still wait to be read, and a starved node must not suspect others.
    pub(crate) fn timer(&mut self, now: Duration) {
        let Some(first) = self.deadline() else {
            return;
        };
        let stall = now.saturating_sub(first);
        if stall > self.settings.period {
            self.late += 1;
            self.late_until = now + self.settings.period * LATE_PERIODS;
            self.timers.postpone(stall);
            self.suspicions.postpone(stall);
            return;
        }
        self.end_suspicions(now);
        for timer in self.timers.take_due(now) {
            if let Timer::RemoveDown(id) = &timer {
                // `foca` does not report that it has forgotten a member.
                self.effects.touched.push(id.id.name.clone());
            }
            // A stale timer is an error without an effect.
            self.foca.handle_timer(timer, &mut self.runtime).ok();
            self.collect(now);
        }
    }

    /// Forgets the member that has been gone longest, if possible one that is not dialled and that all nodes know to be
    /// gone, and returns its name; `None` if no member is down.
    pub(super) fn forget_longest_gone(
        &mut self,
        now: Duration,
        is_dialled: impl Fn(&NodeName) -> bool,
    ) -> Option<NodeName> {
        let settled = now + REMEMBERED.saturating_sub(SPREAD);
        let is_preferred = |due, name: &NodeName| due <= settled && !is_dialled(name);
        let id = self.timers.take_first_removal(is_preferred)?;
        let name = id.id.name.clone();
        self.foca
            .handle_timer(Timer::RemoveDown(id), &mut self.runtime)
            .ok();
        self.collect(now);
        Some(name)
    }

    fn collect(&mut self, now: Duration) {
        while let Some(send) = self.runtime.to_send() {
            self.effects.sends.push(send);
        }
        while let Some((after, timer)) = self.runtime.to_schedule() {
            self.timers.add(now + after, timer);
        }
        while let Some(notification) = self.runtime.to_notify() {
            match notification {
                OwnedNotification::MemberUp(id) | OwnedNotification::MemberDown(id) => {
                    self.effects.touched.push(id.id.name);
                }
                OwnedNotification::Rename(_, id) => self.effects.touched.push(id.id.name),
                OwnedNotification::Rejoin(_) => self.effects.is_renewed = true,
                OwnedNotification::Active
                | OwnedNotification::Idle
                | OwnedNotification::Defunct => {}
            }
        }
        self.fit(self.reach.is_full);
    }

    /// Fits the settings to the number of members, and to whether this node has a session with each.
    pub(crate) fn fit(&mut self, is_full: bool) {
        let members = self.foca.num_members() + 1;
        let reach = Reach { members, is_full };
        if reach != self.reach {
            self.reach = reach;
            // The probe interval does not change, so this cannot fail.
            self.foca.set_config(self.settings.config(reach)).ok();
        }
    }
}

/// A packet, split into the sender's header and its claims about members.
pub(crate) struct Packet {
    pub(crate) header: foca::Header<MemberId>,
    pub(crate) claims: Vec<Member<MemberId>>,
    has_claims: bool,
}

impl Packet {
    /// Splits a packet without an effect on any state.
    ///
    /// # Errors
    /// Fails if the packet is invalid.
    pub(crate) fn decode(mut bytes: &[u8]) -> Result<Self, postcard::Error> {
        let too_long = bytes.len() > MAX_PACKET;
        let header: foca::Header<MemberId> = PostcardCodec.decode_header(&mut bytes)?;
        let has_claims = bytes.len() >= 2 && header.message != foca::Message::Broadcast;
        let mut claims = Vec::new();
        if has_claims {
            for _ in 0..bytes.get_u16() {
                claims.push(PostcardCodec.decode_member(&mut bytes)?);
            }
        }
        if too_long || !bytes.is_empty() {
            return Err(postcard::Error::DeserializeBadEncoding);
        }
        Ok(Self {
            header,
            claims,
            has_claims,
        })
    }

    /// Encodes the packet again, after claims have been removed.
    pub(crate) fn encode(&self) -> Result<BytesMut, postcard::Error> {
        let mut bytes = BytesMut::new();
        PostcardCodec.encode_header(&self.header, &mut bytes)?;
        if self.has_claims {
            bytes.put_u16(u16::try_from(self.claims.len()).unwrap_or(u16::MAX));
            for claim in &self.claims {
                PostcardCodec.encode_member(claim, &mut bytes)?;
            }
        }
        Ok(bytes)
    }
}
