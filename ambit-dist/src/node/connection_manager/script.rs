//! Two or three connection managers against each other, with any order of deliveries, losses and restarts.

mod any_events;
mod clock_set_back;

use std::collections::{BTreeMap, VecDeque};

use super::DialFailure;
use super::*;
use crate::handshake::Refusal;
use crate::node::down_reason::DownReason;
use crate::node::id::Incarnation;

/// A message on a connection.
#[derive(Clone, Debug)]
enum Sent {
    Hello(NodeId),
    Answer(NodeId),
    Confirm,
    Close(CloseCode, String),
}

/// A connection between two nodes: the dialler first, its numbers at both ends, and the messages on the way to each
/// end.
#[derive(Debug)]
struct Wire {
    ends: [usize; 2],
    numbers: [ConnectionId; 2],
    on_the_way: [VecDeque<Sent>; 2],
    /// Marks the ends that have closed it or seen its close.
    is_over: [bool; 2],
}

struct Host {
    peers: Peers,
    /// The subscribers' view: the connected incarnation, by name.
    seen: BTreeMap<NodeName, (NodeId, ConnectionId)>,
    /// The connections whose session runs.
    running: BTreeSet<ConnectionId>,
    /// Those of them that were closed, and whose session ends later.
    closing: Vec<ConnectionId>,
    ups: usize,
    downs: usize,
    answers: Vec<Result<NodeId, ConnectError>>,
    warnings: usize,
    renewed: Vec<Incarnation>,
}

struct Net {
    hosts: Vec<Host>,
    wires: Vec<Wire>,
    now: Duration,
    incarnation: u64,
}

fn address(host: usize) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], u16::try_from(host).unwrap() + 1))
}

impl Host {
    fn new(host: usize, incarnation: u64) -> Self {
        let own = NodeId {
            name: ["a", "b", "c"][host].parse().unwrap(),
            incarnation: Incarnation(incarnation),
        };
        let rules = PeerSettings {
            reconnect: Reconnect::Always,
            peers: 8,
        };
        Self {
            peers: Peers::new(own, rules, incarnation),
            seen: BTreeMap::new(),
            running: BTreeSet::new(),
            closing: Vec::new(),
            ups: 0,
            downs: 0,
            answers: Vec::new(),
            warnings: 0,
            renewed: Vec::new(),
        }
    }
}

impl Net {
    fn new(hosts: usize) -> Self {
        Self {
            hosts: (0..hosts)
                .map(|host| Host::new(host, host as u64 + 1))
                .collect(),
            wires: Vec::new(),
            now: Duration::ZERO,
            incarnation: 10,
        }
    }

    fn end_of(&self, host: usize, conn: ConnectionId) -> Option<(usize, usize)> {
        self.wires.iter().enumerate().find_map(|(index, wire)| {
            let end = (0..2).find(|end| wire.ends[*end] == host && wire.numbers[*end] == conn)?;
            Some((index, end))
        })
    }

    fn close(&mut self, host: usize, conn: ConnectionId, code: CloseCode, text: String) {
        let Some((wire, end)) = self.end_of(host, conn) else {
            return;
        };
        let wire = &mut self.wires[wire];
        if !std::mem::replace(&mut wire.is_over[end], true) {
            wire.on_the_way[1 - end].push_back(Sent::Close(code, text));
        }
    }

    /// Performs the actions of a node, and checks its subscribers' view.
    fn act(&mut self, host: usize) {
        for action in self.hosts[host].peers.take_actions() {
            match action {
                Action::Dial { conn, address } => {
                    let to = usize::from(address.port()) - 1;
                    let theirs = self.hosts[to].peers.arriving();
                    let hello = Sent::Hello(self.hosts[host].peers.own.clone());
                    self.wires.push(Wire {
                        ends: [host, to],
                        numbers: [conn, theirs],
                        on_the_way: [VecDeque::new(), VecDeque::from([hello])],
                        is_over: [false, false],
                    });
                }
                Action::Close { conn, code, text } => {
                    self.close(host, conn, code, text);
                    let host = &mut self.hosts[host];
                    if host.running.contains(&conn) && !host.closing.contains(&conn) {
                        host.closing.push(conn);
                    }
                }
                Action::GoAway { conn } => {
                    self.close(host, conn, CloseCode::GoAway, String::new());
                    if self.hosts[host].running.contains(&conn) {
                        self.hosts[host].closing.push(conn);
                        continue;
                    }
                    self.hosts[host]
                        .peers
                        .lost(self.now, conn, DownReason::Left);
                    self.act(host);
                }
                Action::Up { id, conn } => {
                    let host = &mut self.hosts[host];
                    host.ups += 1;
                    let before = host.seen.insert(id.name.clone(), (id.clone(), conn));
                    assert_eq!(before, None, "up twice");
                    host.running.insert(conn);
                }
                Action::Down { id, conn, .. } => {
                    let host = &mut self.hosts[host];
                    assert!(!host.running.contains(&conn), "down before the end");
                    host.downs += 1;
                    let (seen, _) = host.seen.remove(&id.name).expect("down without up");
                    assert_eq!(seen, id, "another incarnation goes down");
                }
                Action::Answer { result, .. } => self.hosts[host].answers.push(result),
                Action::Renew(id) => self.hosts[host].renewed.push(id.incarnation),
                Action::Warn(_) => self.hosts[host].warnings += 1,
            }
        }
        let is_alike = |(name, (id, _)): (&NodeName, &(NodeId, ConnectionId))| {
            let peers = &self.hosts[host].peers;
            peers.is_ending(name) || peers.up(name).as_ref() == Some(id)
        };
        assert!(self.hosts[host].seen.iter().all(is_alike));
    }

    /// Ends a session that was closed before.
    fn end_session(&mut self, host: usize, index: usize) {
        let Host {
            peers,
            running,
            closing,
            ..
        } = &mut self.hosts[host];
        if !closing.is_empty() {
            let conn = closing.remove(index % closing.len());
            running.remove(&conn);
            peers.lost(self.now, conn, DownReason::Left);
            self.act(host);
        }
    }

    /// Delivers the next message to one end. Returns false if there is none.
    fn deliver(&mut self, wire: usize, end: usize) -> bool {
        let now = self.now;
        let Some(sent) = self.wires[wire].on_the_way[end].pop_front() else {
            return false;
        };
        if self.wires[wire].is_over[end] {
            return true;
        }
        let (host, conn) = (self.wires[wire].ends[end], self.wires[wire].numbers[end]);
        let from = self.wires[wire].ends[1 - end];
        let other = self.hosts[from].peers.own.name.clone();
        let peers = &mut self.hosts[host].peers;
        let own = peers.own.clone();
        let reply = match sent {
            Sent::Hello(id) => Some((
                peers.hello(now, conn, &id, address(from)),
                Sent::Answer(own),
            )),
            Sent::Answer(id) => Some((peers.received_answer(now, conn, &id), Sent::Confirm)),
            Sent::Confirm => {
                peers.confirmed(conn);
                None
            }
            Sent::Close(code, text) => {
                let later = Refusal::later(code, &text);
                self.wires[wire].is_over[end] = true;
                let known = peers.names().any(|name| *name == other);
                let failure = match (code, later) {
                    (_, Some(later)) => {
                        DialFailure::Outdated(later, ConnectError::Stale { reason: text })
                    }
                    (CloseCode::Duplicate, _) => DialFailure::Duplicate(known.then_some(other)),
                    (code, _) => DialFailure::Failed(ConnectError::Refused {
                        address: address(from),
                        code,
                        reason: String::new(),
                    }),
                };
                peers.dial_failed(now, conn, failure);
                self.hosts[host].running.remove(&conn);
                let peers = &mut self.hosts[host].peers;
                peers.lost(now, conn, DownReason::Closed);
                if let Some(later) = later {
                    peers.outdated(now, later);
                }
                None
            }
        };
        self.act(host);
        match reply {
            Some((Verdict::Accept, reply)) => self.wires[wire].on_the_way[1 - end].push_back(reply),
            Some((Verdict::Refuse { code, text }, _)) => self.close(host, conn, code, text),
            None => {}
        }
        true
    }

    fn timers(&mut self, by: Duration) {
        self.now += by;
        for host in 0..self.hosts.len() {
            self.hosts[host].peers.timer(self.now);
            self.act(host);
        }
    }

    /// Kills and restarts a program. The other nodes see their connections break on delivery.
    fn restart(&mut self, host: usize) {
        self.incarnation += 1;
        self.begins(host, self.incarnation);
    }

    /// Restarts a program with an earlier incarnation.
    fn begins(&mut self, host: usize, incarnation: u64) {
        self.hosts[host] = Host::new(host, incarnation);
        for wire in &mut self.wires {
            for end in 0..2 {
                if wire.ends[end] != host {
                    continue;
                }
                // The new program numbers its connections from one again.
                wire.numbers[end] = ConnectionId(0);
                if !std::mem::replace(&mut wire.is_over[end], true) {
                    wire.on_the_way[1 - end]
                        .push_back(Sent::Close(CloseCode::Internal, String::new()));
                }
            }
        }
    }

    /// Drops one connection. Each end observes it on delivery.
    fn cut(&mut self, wire: usize) {
        let wire = &mut self.wires[wire];
        for end in 0..2 {
            wire.on_the_way[end].clear();
            wire.on_the_way[end].push_back(Sent::Close(CloseCode::Internal, String::new()));
        }
    }

    /// Delivers all messages, for a minute of virtual time.
    fn settle(&mut self) {
        let end = self.now + Duration::from_secs(60);
        loop {
            // A delivery may open new connections.
            let mut route = 0;
            while route < self.wires.len() * 2 {
                let delivered = self.deliver(route / 2, route % 2);
                route = if delivered { 0 } else { route + 1 };
            }
            if let Some(host) = self.hosts.iter().position(|host| !host.closing.is_empty()) {
                self.end_session(host, 0);
                continue;
            }
            self.wires.retain(|wire| wire.is_over != [true, true]);
            let due = self
                .hosts
                .iter()
                .filter_map(|host| host.peers.deadline())
                .min();
            match due {
                Some(due) if due < end => self.timers(due.saturating_sub(self.now)),
                _ => return,
            }
        }
    }

    /// Checks that both ends of each pair have the same connection, and that each node sees the current incarnation.
    fn check_agreement(&self) {
        for (one, host) in self.hosts.iter().enumerate() {
            for (id, conn) in host.seen.values() {
                let (wire, end) = self.end_of(one, *conn).expect("a connection");
                let wire = &self.wires[wire];
                assert_eq!(
                    wire.is_over,
                    [false, false],
                    "{id} is up on a closed connection"
                );
                let other = &self.hosts[wire.ends[1 - end]];
                assert_eq!(other.peers.own, *id, "another incarnation is there");
                let back = other.seen.get(&host.peers.own.name);
                assert_eq!(back, Some(&(host.peers.own.clone(), wire.numbers[1 - end])));
            }
        }
    }
}
