//! The timeouts of connections.

use std::time::Duration;

/// The timeouts of a node. The node refuses to start if a timeout is zero, if the interval of heartbeats is outside its
/// range, or if `missed` is below 2.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::Timeouts;
/// let timeouts = Timeouts::default().heartbeat(Duration::from_millis(200)).missed(5);
/// assert_eq!(timeouts.silence(), Duration::from_secs(1));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// The time limit of a dial, including TLS; 5 s by default.
    pub dial: Duration,
    /// The time limit of the handshake after the dial; 5 s by default. The dialled node applies this limit to TLS and
    /// the handshake together.
    pub handshake: Duration,
    /// The interval of heartbeats, from 1 ms to 10 min; 1 s by default. If two nodes have different intervals, both use
    /// the longer one.
    pub heartbeat: Duration,
    /// The number of consecutive unanswered heartbeats after which the node counts as lost; 3 by default, at
    /// least 2.
    pub missed: u32,
    /// The time after which a connection without any packets is closed; 10 s by default. A custom
    /// [`transport`](crate::NodeBuilder::transport) has its own idle timeout.
    pub idle: Duration,
    /// The time that connections may take to send their queued messages and close when the node leaves; 5 s by default.
    pub leave: Duration,
    /// The interval at which the membership probes one member; 0.5 s by default. A member that does not answer is
    /// suspected after two such intervals, and down after at least four more. From 1 ms to 10 min. Use the same value
    /// on all nodes.
    pub probe: Duration,
    /// The time after which the names, group members and presences of a lost member are dropped; 30 s by default. They
    /// are hidden as soon as the member is down, and become visible again if the member returns within this time. A
    /// member that returns later sends them again.
    pub grace: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            dial: Duration::from_secs(5),
            handshake: Duration::from_secs(5),
            heartbeat: Duration::from_secs(1),
            missed: 3,
            idle: Duration::from_secs(10),
            leave: Duration::from_secs(5),
            probe: Duration::from_millis(500),
            grace: Duration::from_secs(30),
        }
    }
}

impl Timeouts {
    /// Sets the time limit of a dial, including TLS; 5 s by default.
    #[must_use]
    pub fn dial(self, dial: Duration) -> Self {
        Self { dial, ..self }
    }

    /// Sets the time limit of the handshake after the dial; 5 s by default. The dialled node applies this limit to TLS
    /// and the handshake together.
    #[must_use]
    pub fn handshake(self, handshake: Duration) -> Self {
        Self { handshake, ..self }
    }

    /// Sets the interval of heartbeats, from 1 ms to 10 min; 1 s by default. If two nodes have different intervals,
    /// both use the longer one.
    #[must_use]
    pub fn heartbeat(self, heartbeat: Duration) -> Self {
        Self { heartbeat, ..self }
    }

    /// Sets the number of consecutive unanswered heartbeats after which a node counts as lost; 3 by default, at
    /// least 2.
    #[must_use]
    pub fn missed(self, missed: u32) -> Self {
        Self { missed, ..self }
    }

    /// Sets the time after which a connection without any packets is closed; 10 s by default. A custom
    /// [`transport`](crate::NodeBuilder::transport) has its own idle timeout.
    #[must_use]
    pub fn idle(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    /// Sets how long connections may take to send their queued messages and close when the node leaves; 5 s by default.
    #[must_use]
    pub fn leave(self, leave: Duration) -> Self {
        Self { leave, ..self }
    }

    /// Sets the interval at which the membership probes one member; 0.5 s by default. A member that does not answer is
    /// suspected after two such intervals, and down after at least four more. From 1 ms to 10 min. Use the same value
    /// on all nodes.
    #[must_use]
    pub fn probe(self, probe: Duration) -> Self {
        Self { probe, ..self }
    }

    /// Sets the time after which the names, group members and presences of a lost member are dropped; 30 s by default.
    /// They are hidden as soon as the member is down, and become visible again if the member returns within this time. A
    /// member that returns later sends them again.
    #[must_use]
    pub fn grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// Returns how long a node may be silent before it counts as lost: `heartbeat` times `missed`, 3 s by default.
    #[must_use]
    pub fn silence(&self) -> Duration {
        self.heartbeat.saturating_mul(self.missed)
    }

    /// Returns the name of a timeout that is zero.
    pub(crate) fn zero(&self) -> Option<&'static str> {
        let all = [
            ("dial", self.dial),
            ("handshake", self.handshake),
            ("heartbeat", self.heartbeat),
            ("missed", self.silence()),
            ("idle", self.idle),
            ("leave", self.leave),
            ("probe", self.probe),
            ("grace", self.grace),
        ];
        let zero = all.into_iter().find(|(_, time)| time.is_zero());
        zero.map(|(name, _)| name)
    }
}
