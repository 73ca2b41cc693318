//! How long a node waits for others.

use std::time::Duration;

/// How long a node waits for others. A time of zero is refused when the node starts.
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
    /// How long a dial may take, certificates included: 5 s unless told otherwise.
    pub dial: Duration,
    /// How long the two may take to agree after that: 5 s unless told otherwise.
    pub handshake: Duration,
    /// How often the other node is asked whether it is there: every second unless told otherwise. Of two nodes the one that
    /// asks less often decides for both.
    pub heartbeat: Duration,
    /// How many heartbeats in a row may go unanswered, until the node counts as lost: 3 unless told otherwise.
    pub missed: u32,
    /// How long a connection lives of which not even the network hears: 10 s unless told otherwise.
    pub idle: Duration,
    /// How long connections have to end when a node leaves: 5 s unless told otherwise.
    pub leave: Duration,
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
        }
    }
}

impl Timeouts {
    /// Sets [`dial`](Self::dial).
    #[must_use]
    pub fn dial(self, dial: Duration) -> Self {
        Self { dial, ..self }
    }

    /// Sets [`handshake`](Self::handshake).
    #[must_use]
    pub fn handshake(self, handshake: Duration) -> Self {
        Self { handshake, ..self }
    }

    /// Sets [`heartbeat`](Self::heartbeat).
    #[must_use]
    pub fn heartbeat(self, heartbeat: Duration) -> Self {
        Self { heartbeat, ..self }
    }

    /// Sets [`missed`](Self::missed).
    #[must_use]
    pub fn missed(self, missed: u32) -> Self {
        Self { missed, ..self }
    }

    /// Sets [`idle`](Self::idle).
    #[must_use]
    pub fn idle(self, idle: Duration) -> Self {
        Self { idle, ..self }
    }

    /// Sets [`leave`](Self::leave).
    #[must_use]
    pub fn leave(self, leave: Duration) -> Self {
        Self { leave, ..self }
    }

    /// How long a node may say nothing, until it counts as lost.
    #[must_use]
    pub fn silence(&self) -> Duration {
        self.heartbeat.saturating_mul(self.missed)
    }

    /// One that is zero.
    pub(crate) fn zero(&self) -> Option<&'static str> {
        let all = [
            ("dial", self.dial),
            ("handshake", self.handshake),
            ("heartbeat", self.heartbeat),
            ("missed", self.silence()),
            ("idle", self.idle),
            ("leave", self.leave),
        ];
        let zero = all.into_iter().find(|(_, time)| time.is_zero());
        zero.map(|(name, _)| name)
    }
}
