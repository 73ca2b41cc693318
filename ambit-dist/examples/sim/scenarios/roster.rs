//! Clusters that form by their seeds, and a roster that checks what each node sees of the membership.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ambit_dist::sim::{Host, Sim, always, note};
use ambit_dist::{Incarnation, MemberEvent, MemberLoss, Membership, Node, NodeId};

use super::board::{PORT, SECOND};

/// The time after the last fault in which all members see each other again: the longest pause between dials, a dial,
/// and the time to declare a member down.
pub(crate) const CALM: Duration = Duration::from_secs(30);

/// What one node of the run sees.
struct MemberView {
    membership: Membership,
    /// The members that its events have left up.
    up: BTreeMap<String, NodeId>,
    losses: Vec<(String, MemberLoss)>,
}

impl MemberView {
    /// Returns the identity of the node itself. Its incarnation may change until its first connection.
    fn id(&self) -> NodeId {
        self.membership.local().id().clone()
    }
}

/// All running nodes of a run, by name. Each node adds itself at its start; a scenario that stops a node removes it.
#[derive(Clone, Default)]
pub(crate) struct Roster(Rc<RefCell<BTreeMap<String, MemberView>>>);

impl Roster {
    fn enter(&self, node: &Node) {
        let view = MemberView {
            membership: node.membership(),
            up: BTreeMap::new(),
            losses: Vec::new(),
        };
        self.0.borrow_mut().insert(node.name().to_string(), view);
    }

    /// Removes a node that is stopped.
    pub(crate) fn remove(&self, name: &str) {
        self.0.borrow_mut().remove(name);
    }

    fn takes(&self, host: &str, event: MemberEvent) {
        let mut views = self.0.borrow_mut();
        let Some(view) = views.get_mut(host) else {
            return;
        };
        match event {
            MemberEvent::Up { node } => {
                let earlier = view.up.insert(node.name.to_string(), node.clone());
                always!(
                    earlier.is_none(),
                    "member events alternate",
                    "{host}: {node} is up twice"
                );
            }
            MemberEvent::Down { node, reason } => {
                let earlier = view.up.remove(node.name.as_str());
                always!(
                    earlier.as_ref() == Some(&node),
                    "member events alternate",
                    "{host}: {node} is down, {earlier:?} was up"
                );
                view.losses.push((node.name.to_string(), reason));
            }
            other => always!(false, "no event is missed", "{host}: {other:?}"),
        }
    }

    /// Returns how often a node has lost another.
    pub(crate) fn losses(&self, host: &str, member: &str) -> Vec<MemberLoss> {
        let views = self.0.borrow();
        let losses = views.get(host).map(|view| view.losses.clone());
        let losses = losses.unwrap_or_default().into_iter();
        losses
            .filter(|(name, _)| name == member)
            .map(|(_, loss)| loss)
            .collect()
    }

    /// Returns all ordered pairs of different nodes.
    pub(crate) fn pairs(&self) -> Vec<(String, String)> {
        let views = self.0.borrow();
        let all = views
            .keys()
            .flat_map(|by| views.keys().map(move |of| (by, of)));
        all.filter(|(by, of)| by != of)
            .map(|(by, of)| (by.clone(), of.clone()))
            .collect()
    }

    /// Returns the incarnation of a node that runs.
    pub(crate) fn incarnation(&self, host: &str) -> Incarnation {
        self.0.borrow()[host].id().incarnation
    }

    /// Returns whether a node has a connection with another one.
    pub(crate) fn is_connected(&self, host: &str, member: &str) -> bool {
        let views = self.0.borrow();
        let member = views[host].membership.member(member);
        member.is_some_and(|member| member.is_connected())
    }

    /// Returns what keeps the nodes from seeing exactly each other.
    fn difference(&self) -> Option<String> {
        let views = self.0.borrow();
        let own = |(name, view): (&String, &MemberView)| (name.clone(), view.id());
        let all: BTreeMap<String, NodeId> = views.iter().map(own).collect();
        views.iter().find_map(|(name, view)| {
            let members = view.membership.up();
            let seen: BTreeMap<String, NodeId> = members
                .iter()
                .map(|member| (member.name().to_string(), member.id().clone()))
                .collect();
            let is_same = seen == all;
            let unconnected = members.iter().find(|member| !member.is_connected());
            match (is_same, unconnected) {
                (false, _) => Some(format!("`{name}` sees {seen:?} of {all:?}")),
                (true, Some(member)) => Some(format!(
                    "`{name}` is not connected with `{}`",
                    member.name()
                )),
                (true, None) => None,
            }
        })
    }

    /// Waits until all nodes see exactly each other.
    pub(crate) async fn converges(&self, count: usize, within: Duration) {
        for _ in 0..within.as_millis() / 50 {
            if self.0.borrow().len() == count && self.difference().is_none() {
                return;
            }
            tokio::time::sleep(SECOND / 20).await;
        }
        let difference = self.difference();
        always!(
            false,
            "the members see each other",
            "{count} nodes after {within:?}: {difference:?}"
        );
    }

    /// Waits until no node but the named ones counts a member as up.
    pub(crate) async fn loses(&self, member: &str, within: Duration) {
        for _ in 0..within.as_millis() / 50 {
            if !self.has(member) {
                return;
            }
            tokio::time::sleep(SECOND / 20).await;
        }
        always!(
            !self.has(member),
            "all members see a loss",
            "`{member}` after {within:?}"
        );
    }

    fn has(&self, member: &str) -> bool {
        let views = self.0.borrow();
        let counts = |view: &MemberView| {
            view.membership
                .member(member)
                .is_some_and(|member| member.is_up())
        };
        views.values().any(counts)
    }
}

/// Starts a node with these seeds, and reports its events to the roster.
pub(crate) async fn join(host: &Host, roster: &Roster, seeds: &[&str]) -> Node {
    let seeds = seeds.iter().map(|seed| host.address_of(seed, PORT));
    let node = host.node(PORT).seeds(seeds).start().await.unwrap();
    let mut events = node.membership().events();
    roster.enter(&node);
    let (name, roster) = (host.name().to_owned(), roster.clone());
    tokio::task::spawn_local(async move {
        while let Some(event) = events.next().await {
            note!("{name}: {event:?}");
            roster.takes(&name, event);
        }
    });
    node
}

/// Adds hosts `n1`, `n2`, .. that join by these seeds, the k-th after `delay(k)`.
pub(crate) fn nodes(
    sim: &mut Sim,
    count: usize,
    seeds: &'static [&'static str],
    delay: fn(&Host) -> Duration,
) -> Roster {
    let roster = Roster::default();
    let views = roster.clone();
    sim.hosts(count, move |host| {
        let roster = views.clone();
        async move {
            tokio::time::sleep(delay(&host)).await;
            let node = join(&host, &roster, seeds).await;
            // The node runs until its last handle is dropped.
            std::future::pending::<()>().await;
            drop(node);
        }
    });
    roster
}

/// Crashes a host. The others have to find out.
pub(crate) fn crash(host: &Host, roster: &Roster, name: &str) {
    host.faults().crash(name);
    roster.remove(name);
}
