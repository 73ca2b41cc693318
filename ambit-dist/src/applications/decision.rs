//! Decides whether a node starts or stops a distributed application, without a connection or a clock.

use std::collections::BTreeSet;

use crate::applications::node_order::NodeOrder;
use crate::applications::start_type::StartType;
use crate::node::id::NodeName;

/// The nodes of an application, as one of them sees the cluster.
#[derive(Clone, Debug, Default)]
pub(super) struct ClusterView {
    /// The nodes that run a controller of the application.
    pub(super) candidates: BTreeSet<NodeName>,
    /// The node that runs the application, or is starting it.
    pub(super) holder: Option<NodeName>,
    /// The node that started the application last, while its controller runs.
    pub(super) last: Option<NodeName>,
    /// The nodes that controllers wait for after a loss: they ran the application, and no node has held it since.
    pub(super) awaited: BTreeSet<NodeName>,
}

impl ClusterView {
    /// Returns the node that ran the application last, as the other controllers say. A controller that has restarted
    /// learns so that it ran the application itself.
    fn last_for(&self, own: &NodeName) -> Option<&NodeName> {
        let awaited = self.awaited.get(own).or_else(|| self.awaited.first());
        self.last.as_ref().or(awaited)
    }
}

/// What a controller does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    Nothing,
    /// Start the application here.
    Start(StartType),
    /// Stop it here.
    Stop,
    /// Report the end of this wait after the failover time.
    WaitForFailover(u64),
}

/// The time after the loss of the node that ran the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failover {
    /// There was no loss.
    None,
    /// This wait has begun.
    Waiting(u64),
    Over,
}

/// The state of the decisions of one controller.
#[derive(Debug)]
pub(super) struct Decider {
    own: NodeName,
    order: NodeOrder,
    /// A takeover starts the application before it stops on the other node.
    overlaps: bool,
    /// The other nodes are known, or the time to wait for them is over.
    is_synced: bool,
    /// The last node that held the application.
    last: Option<NodeName>,
    failover: Failover,
    waits: u64,
}

impl Decider {
    pub(super) fn new(own: NodeName, order: NodeOrder, overlaps: bool) -> Self {
        Self {
            own,
            order,
            overlaps,
            is_synced: false,
            last: None,
            failover: Failover::None,
            waits: 0,
        }
    }

    /// Handles the end of the time to wait for the other nodes.
    pub(super) fn sync_over(&mut self) {
        self.is_synced = true;
    }

    /// Handles the end of a wait after a loss.
    pub(super) fn failover_over(&mut self, wait: u64) {
        if self.failover == Failover::Waiting(wait) {
            self.failover = Failover::Over;
        }
    }

    /// Decides on the current view. Call it again after each decision that was carried out, until it is `Nothing`.
    pub(super) fn decide(&mut self, view: &ClusterView, is_running: bool) -> Decision {
        self.observe(view);
        let chosen = self.order.choose(&view.candidates, self.preferred(view));
        let is_chosen = chosen == Some(&self.own);
        let holds = view.holder.as_ref() == Some(&self.own);
        if is_running {
            let stays = holds && (is_chosen || self.overlaps);
            return if stays {
                Decision::Nothing
            } else {
                Decision::Stop
            };
        }
        if let Some(wait) = self.begin_wait(view) {
            return Decision::WaitForFailover(wait);
        }
        match self.start_type(view) {
            Some(start) if is_chosen && !holds => Decision::Start(start),
            _ => Decision::Nothing,
        }
    }

    /// Records that a node has held the application, maybe only for a short time.
    pub(super) fn held_by(&mut self, node: &NodeName) {
        self.is_synced = true;
        self.failover = Failover::None;
        self.last = Some(node.clone());
    }

    /// Records what the view says about the past.
    pub(super) fn observe(&mut self, view: &ClusterView) {
        // A node that has just connected has not seen the holder, if it stopped at once for this node.
        let unseen = view.last_for(&self.own).filter(|_| self.last.is_none());
        if let Some(holder) = view.holder.as_ref().or(unseen) {
            self.held_by(holder);
        } else if self.order.all_in(&view.candidates) {
            self.is_synced = true;
        }
    }

    /// Returns the node that this one waits for: the other controllers are to know it, until a node holds the
    /// application.
    pub(super) fn awaited(&self, view: &ClusterView) -> Option<&NodeName> {
        let waits = view.holder.is_none() && self.failover != Failover::None;
        self.lost(view).filter(|_| waits)
    }

    /// Returns the node that keeps the application among equal ones: the holder, or the last one until the failover
    /// time is over.
    fn preferred<'a>(&'a self, view: &'a ClusterView) -> Option<&'a NodeName> {
        let last = self.last.as_ref();
        let last = last.filter(|_| self.failover != Failover::Over);
        view.holder.as_ref().or(last)
    }

    /// Begins the wait after the loss of the node that ran the application, once per loss.
    fn begin_wait(&mut self, view: &ClusterView) -> Option<u64> {
        if self.lost(view).is_none() {
            // The node is back, so another loss waits for the whole time again.
            self.failover = Failover::None;
            return None;
        }
        if view.holder.is_some() || self.failover != Failover::None {
            return None;
        }
        self.waits += 1;
        self.failover = Failover::Waiting(self.waits);
        Some(self.waits)
    }

    /// Returns the last holder, if it is another node that has lost the application: it has no controller, or it is
    /// equal to this node, which does not take over from it.
    fn lost(&self, view: &ClusterView) -> Option<&NodeName> {
        let last = self.last.as_ref().filter(|last| **last != self.own)?;
        let is_equal = || {
            let best = self.order.choose(&view.candidates, Some(last));
            best == Some(last) && self.order.are_equal(last, &self.own)
        };
        (!view.candidates.contains(last) || is_equal()).then_some(last)
    }

    /// Returns the type of a start at this moment; `None` if it has to wait.
    fn start_type(&self, view: &ClusterView) -> Option<StartType> {
        if let Some(holder) = &view.holder {
            let from = holder.clone();
            return self.overlaps.then_some(StartType::Takeover { from });
        }
        if !self.is_synced {
            return None;
        }
        let Some(last) = self.last.as_ref().filter(|last| **last != self.own) else {
            return Some(StartType::Normal);
        };
        let from = last.clone();
        match (self.lost(view), self.failover) {
            (None, _) => Some(StartType::Takeover { from }),
            (Some(_), Failover::Over) => Some(StartType::Failover { from }),
            (Some(_), _) => None,
        }
    }
}
