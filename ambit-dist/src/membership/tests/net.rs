//! A network of cores: sessions between all pairs that are not cut, frames that take time, and a clock that jumps.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;

use crate::membership::core::{Action, Core, CoreSettings, MAX_MEMBERS};
use crate::membership::event::MemberLoss;
use crate::membership::member::MemberState;
use crate::membership::member_id::Profile;
use crate::membership::swim::SwimSettings;
use crate::node::id::{NodeId, NodeName, id};
use crate::rt::Rng;
use crate::wire::CloseCode;

pub(super) const PERIOD: Duration = Duration::from_millis(500);
/// How long a session outlives a cut or a crash.
const SILENCE: Duration = Duration::from_secs(3);
/// How long a frame takes. All take the same time, so that those of a pair stay in order.
const FRAME_TIME: Duration = Duration::from_millis(1);

/// A change that a core reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Up(NodeId),
    Down(NodeId, MemberLoss),
}

#[derive(Clone, Debug)]
enum Event {
    Frame {
        from: NodeId,
        to: NodeId,
        frame: Bytes,
    },
    Connect(NodeName, NodeName),
    Disconnect(NodeId, NodeId, bool),
    /// The first node learns that its session with the second one has ended.
    Ended(NodeId, NodeId, bool),
}

pub(super) struct Peer {
    pub(super) id: NodeId,
    pub(super) core: Core,
    pub(super) seen: Vec<(Duration, Seen)>,
    /// Everything but frames.
    pub(super) reports: Vec<(Duration, Action)>,
    pub(super) closed: Vec<(NodeName, CloseCode, String)>,
    /// A paused process handles nothing until then.
    paused_until: Duration,
}

pub(super) struct Net {
    pub(super) now: Duration,
    pub(super) peers: BTreeMap<NodeName, Peer>,
    events: BTreeMap<(Duration, u64), Event>,
    number: u64,
    rng: Rng,
    sessions: BTreeSet<(NodeId, NodeId)>,
    cuts: BTreeSet<(NodeName, NodeName)>,
    pub(super) bytes: u64,
    /// The limit of members of the nodes that start from now on.
    pub(super) max_members: usize,
}

fn both(a: &NodeName, b: &NodeName) -> (NodeName, NodeName) {
    (a.min(b).clone(), a.max(b).clone())
}

impl Net {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            now: Duration::ZERO,
            peers: BTreeMap::new(),
            events: BTreeMap::new(),
            number: 0,
            rng: Rng::with_seed(seed),
            sessions: BTreeSet::new(),
            cuts: BTreeSet::new(),
            bytes: 0,
            max_members: MAX_MEMBERS,
        }
    }

    pub(super) fn name(name: &str) -> NodeName {
        name.parse().unwrap()
    }

    /// Starts an incarnation of a node that knows no other.
    pub(super) fn start(&mut self, name: &str, incarnation: u64) {
        let settings = CoreSettings {
            swim: SwimSettings::every(PERIOD),
            max_members: self.max_members,
            seed: self.rng.u64(..),
        };
        let id = id(name, incarnation << 16);
        let profile = Profile {
            addresses: vec!["10.0.0.1:1".parse().unwrap()],
            ..Profile::default()
        };
        let peer = Peer {
            id: id.clone(),
            core: Core::new(profile, settings),
            seen: Vec::new(),
            reports: Vec::new(),
            closed: Vec::new(),
            paused_until: Duration::ZERO,
        };
        self.peers.insert(id.name, peer);
    }

    /// Starts `count` nodes `n0`, `n1`, .., and connects each with the first.
    pub(super) fn cluster(seed: u64, count: usize) -> Self {
        let mut net = Self::new(seed);
        for number in 0..count {
            net.start(&format!("n{number}"), 1);
        }
        for number in 1..count {
            net.connect("n0", &format!("n{number}"));
        }
        net
    }

    fn push(&mut self, after: Duration, event: Event) {
        self.number += 1;
        self.events.insert((self.now + after, self.number), event);
    }

    fn latency(&mut self) -> Duration {
        Duration::from_micros(self.rng.u64(200..2_000))
    }

    pub(super) fn connect(&mut self, a: &str, b: &str) {
        let after = self.latency();
        self.push(after, Event::Connect(Self::name(a), Self::name(b)));
    }

    /// Cuts the path between two nodes. Their session ends after a silence.
    pub(super) fn cut(&mut self, a: &str, b: &str) {
        let (a, b) = (Self::name(a), Self::name(b));
        self.cuts.insert(both(&a, &b));
        self.end_sessions(|x, y| both(&x.name, &y.name) == both(&a, &b), SILENCE);
    }

    pub(super) fn heal(&mut self) {
        self.cuts.clear();
        let names: Vec<NodeName> = self.peers.keys().cloned().collect();
        for (at, a) in names.iter().enumerate() {
            for b in &names[at + 1..] {
                self.connect(a.as_str(), b.as_str());
            }
        }
    }

    /// Ends a node without a word. Its sessions end after a silence.
    pub(super) fn crash(&mut self, name: &str) -> Peer {
        self.end(name, SILENCE)
    }

    /// Ends a node without a word. Its sessions end at once, as connections that are reset.
    pub(super) fn reset(&mut self, name: &str) -> Peer {
        self.end(name, Duration::ZERO)
    }

    fn end(&mut self, name: &str, after: Duration) -> Peer {
        let peer = self.peers.remove(&Self::name(name)).unwrap();
        let gone = peer.id.clone();
        self.end_sessions(|a, b| *a == gone || *b == gone, after);
        peer
    }

    pub(super) fn pause(&mut self, name: &str, time: Duration) {
        let until = self.now + time;
        self.peers.get_mut(&Self::name(name)).unwrap().paused_until = until;
        if time > SILENCE {
            let name = Self::name(name);
            self.end_sessions(|a, b| a.name == name || b.name == name, SILENCE);
        }
    }

    /// Lets a node leave. The others see only that its sessions end, so they know of the leave by its announcement.
    pub(super) fn leave(&mut self, name: &str) {
        let name = Self::name(name);
        let peer = self.peers.get_mut(&name).unwrap();
        peer.core.leave();
        self.act(&name);
        self.remove(&name, false);
    }

    /// Lets a node leave without an announcement. The others see that its sessions end because it leaves.
    pub(super) fn leave_unannounced(&mut self, name: &str) {
        self.remove(&Self::name(name), true);
    }

    /// Removes a node, and ends its sessions after the frames that it has sent.
    fn remove(&mut self, name: &NodeName, has_left: bool) {
        let id = self.peers.remove(name).unwrap().id;
        let is_own = |(a, b): &&(NodeId, NodeId)| *a == id || *b == id;
        let ended: Vec<_> = self.sessions.iter().filter(is_own).cloned().collect();
        for (a, b) in ended {
            self.sessions.remove(&(a.clone(), b.clone()));
            self.push(FRAME_TIME * 2, Event::Disconnect(a, b, has_left));
        }
    }

    /// Lets a node refuse another one, and keeps the two apart.
    pub(super) fn refuse(&mut self, at: &str, refused: &str) {
        let (at, refused) = (Self::name(at), Self::name(refused));
        let now = self.now;
        self.peers.get_mut(&at).unwrap().core.refuse(now, &refused);
        self.act(&at);
        let pair = both(&at, &refused);
        self.end_sessions(|a, b| both(&a.name, &b.name) == pair, Duration::ZERO);
        self.cuts.insert(pair);
    }

    fn end_sessions(&mut self, is: impl Fn(&NodeId, &NodeId) -> bool, after: Duration) {
        let ended: Vec<_> = self
            .sessions
            .iter()
            .filter(|(a, b)| is(a, b))
            .cloned()
            .collect();
        for (a, b) in ended {
            self.sessions.remove(&(a.clone(), b.clone()));
            self.push(after, Event::Disconnect(a, b, false));
        }
    }

    /// Hands a frame to a node as if its peer had sent it.
    pub(super) fn forge(&mut self, from: &str, to: &str, frame: Bytes) {
        let from = self.peers[&Self::name(from)].id.clone();
        let now = self.now;
        let peer = self.peers.get_mut(&Self::name(to)).unwrap();
        peer.core.received(now, &from, frame);
        self.act(&Self::name(to));
    }

    pub(super) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let event = self.events.keys().next().map(|(due, _)| *due);
            let timer = self.peers.values().filter_map(|peer| {
                let deadline = peer.core.deadline()?.max(peer.paused_until);
                Some((deadline, peer.id.name.clone()))
            });
            let timer = timer.min();
            let next = event
                .into_iter()
                .chain(timer.as_ref().map(|(due, _)| *due))
                .min();
            let Some(next) = next.filter(|next| *next <= end) else {
                break;
            };
            self.now = self.now.max(next);
            if event == Some(next) {
                let (_, event) = self.events.pop_first().unwrap();
                self.handle(event);
            } else if let Some((_, name)) = timer {
                let now = self.now;
                self.peers.get_mut(&name).unwrap().core.timer(now);
                self.act(&name);
            }
        }
        self.now = end;
    }

    fn handle(&mut self, event: Event) {
        let now = self.now;
        match event {
            Event::Frame { from, to, frame } => {
                let Some(peer) = self.peers.get_mut(&to.name).filter(|peer| peer.id == to) else {
                    return;
                };
                if peer.paused_until > now {
                    let after = peer.paused_until - now;
                    return self.push(after, Event::Frame { from, to, frame });
                }
                peer.core.received(now, &from, frame);
                self.act(&to.name);
            }
            Event::Connect(a, b) => self.establish(&a, &b),
            Event::Disconnect(a, b, has_left) => {
                self.handle(Event::Ended(a.clone(), b.clone(), has_left));
                self.handle(Event::Ended(b, a, has_left));
            }
            Event::Ended(here, there, has_left) => {
                let peer = self.peers.get_mut(&here.name);
                let Some(peer) = peer.filter(|peer| peer.id == here) else {
                    return;
                };
                if peer.paused_until > now {
                    // The timers of a process that continues run first.
                    let after = peer.paused_until - now + FRAME_TIME;
                    return self.push(after, Event::Ended(here, there, has_left));
                }
                peer.core.disconnected(now, &there, has_left);
                self.act(&here.name);
            }
        }
    }

    fn establish(&mut self, a: &NodeName, b: &NodeName) {
        let (Some(x), Some(y)) = (self.peers.get(a), self.peers.get(b)) else {
            return;
        };
        if x.paused_until > self.now || y.paused_until > self.now {
            return;
        }
        let (x, y) = (x.id.clone(), y.id.clone());
        let pair = (x.clone().min(y.clone()), x.clone().max(y.clone()));
        if self.cuts.contains(&both(a, b)) || !self.sessions.insert(pair) {
            return;
        }
        for (here, there) in [(&x, &y), (&y, &x)] {
            let (now, own) = (self.now, here.clone());
            let peer = self.peers.get_mut(&here.name).unwrap();
            peer.core.connected(now, &own, there);
            self.act(&here.name);
        }
    }

    fn act(&mut self, name: &NodeName) {
        let now = self.now;
        let peer = self.peers.get_mut(name).unwrap();
        let own = peer.id.clone();
        let mut pushed = Vec::new();
        for action in peer.core.take_actions() {
            if !matches!(action, Action::Send { .. }) {
                peer.reports.push((now, action.clone()));
            }
            match action {
                Action::Send { to, frame } => pushed.push(Err((to, frame))),
                Action::SendState { to, frames } => {
                    pushed.extend(frames.into_iter().map(|frame| Err((to.clone(), frame))));
                }
                Action::Want(member) => pushed.push(Ok(member.id.name)),
                Action::Close {
                    peer: closed,
                    code,
                    text,
                } => peer.closed.push((closed, code, text)),
                Action::Up(member) => peer.seen.push((now, Seen::Up(member.id))),
                Action::Down(node, loss) => peer.seen.push((now, Seen::Down(node.id, loss))),
                Action::Forget(_)
                | Action::Learned(_)
                | Action::Forgotten(_)
                | Action::Renewed(_) => {}
            }
        }
        for push in pushed {
            match push {
                Ok(wanted) => self.connect(own.name.clone().as_str(), wanted.as_str()),
                Err((to, frame)) => {
                    let session = self
                        .sessions
                        .iter()
                        .find(|(a, b)| (*a == own && b.name == to) || (*b == own && a.name == to));
                    let Some((a, b)) = session.cloned() else {
                        continue;
                    };
                    self.bytes += frame.len() as u64;
                    let to = if a == own { b } else { a };
                    let from = own.clone();
                    self.push(FRAME_TIME, Event::Frame { from, to, frame });
                }
            }
        }
    }

    /// Returns the names that a node counts as up, itself included.
    pub(super) fn up(&self, name: &str) -> Vec<String> {
        let peer = &self.peers[&Self::name(name)];
        let members = peer.core.members();
        let up = members.iter().filter(|member| member.is_up());
        let mut up: Vec<String> = up.map(|member| member.name().to_string()).collect();
        up.push(name.to_owned());
        up.sort();
        up
    }

    pub(super) fn state(&self, of: &str, at: &str) -> Option<MemberState> {
        let members = self.peers[&Self::name(at)].core.members();
        let found = members.iter().find(|member| member.name().as_str() == of);
        found.map(|member| member.state())
    }

    pub(super) fn seen(&self, at: &str) -> Vec<Seen> {
        let seen = &self.peers[&Self::name(at)].seen;
        seen.iter().map(|(_, seen)| seen.clone()).collect()
    }

    /// Checks that all nodes count exactly all nodes as up, and that the events of each alternate.
    pub(super) fn assert_complete(&self) {
        let all: Vec<String> = self.peers.keys().map(ToString::to_string).collect();
        for name in &all {
            let mut expected = all.clone();
            expected.sort();
            assert_eq!(
                self.up(name),
                expected,
                "as `{name}` sees it at {:?}",
                self.now
            );
        }
        self.assert_alternating();
    }

    pub(super) fn assert_alternating(&self) {
        for peer in self.peers.values() {
            let mut up = BTreeMap::new();
            for (at, seen) in &peer.seen {
                match seen {
                    Seen::Up(id) => {
                        let earlier = up.insert(id.name.clone(), id.clone());
                        assert_eq!(earlier, None, "{id} is up twice at {at:?}");
                    }
                    Seen::Down(id, _) => {
                        let earlier = up.remove(&id.name);
                        assert_eq!(earlier.as_ref(), Some(id), "{id} is down at {at:?}");
                    }
                }
            }
        }
    }
}
