//! The limits on the resources that a node grants to another.

use crate::wire::error::WireError;

/// The maximum length of a frame besides its chunk, in bytes: capacity for the fields before a payload.
pub(crate) const HEADER_ROOM: usize = 1024;

/// The initial window of a process, in credits.
const FIRST_WINDOW: u32 = 32;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Generates the struct, its defaults and its setters from one table. Two nodes agree on the smaller value of each
/// limit under `both`; each node keeps its own values of those under `own`.
macro_rules! limits {
    (
        both { $($(#[doc = $both_doc:literal])+ $both:ident: $both_type:ty = $both_default:expr,)+ }
        own { $($(#[doc = $own_doc:literal])+ $own:ident: $own_type:ty = $own_default:expr,)+ }
    ) => {
        /// The limits on what a node accepts from another node and stores for it. A peer that exceeds a limit is
        /// disconnected with a [`CloseCode`](crate::wire::CloseCode), unless the limit states another consequence. Data
        /// is never truncated silently.
        ///
        /// For the limits from `max_message` to `lanes`, two nodes agree on the smaller of their values. For the
        /// remaining limits, each node uses its own value.
        ///
        /// ```
        /// use ambit_dist::wire::Limits;
        /// let limits = Limits::default().max_message(1 << 20).lanes(8);
        /// assert_eq!((limits.max_message, limits.chunk), (1 << 20, 64 << 10));
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[doc = $both_doc])+ pub $both: $both_type,)+
            $($(#[doc = $own_doc])+ pub $own: $own_type,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($both: $both_default,)+ $($own: $own_default,)+ }
            }
        }

        impl Limits {
            $($(#[doc = $both_doc])+ #[must_use] pub fn $both(mut self, $both: $both_type) -> Self {
                self.$both = $both;
                self
            })+

            $($(#[doc = $own_doc])+ #[must_use] pub fn $own(mut self, $own: $own_type) -> Self {
                self.$own = $own;
                self
            })+

            /// Returns the name of the first limit that is 0, if any. No message could pass with such a limit.
            #[must_use]
            pub fn zero(&self) -> Option<&'static str> {
                let all = [
                    $((stringify!($both), self.$both == 0),)+
                    $((stringify!($own), self.$own == 0),)+
                ];
                all.into_iter().find_map(|(name, zero)| zero.then_some(name))
            }

            /// Returns the limits that apply between this node and a node with the limits `theirs`: the smaller value
            /// of each limit from `max_message` to `lanes`, and this node's value of the others. If the other node did
            /// not send a limit, set it in `theirs` to this node's value.
            ///
            /// # Errors
            /// Fails with [`WireError::ZeroLimit`] if a limit in `theirs` is 0.
            pub fn agree(&self, theirs: &Self) -> Result<Self, WireError> {
                if let Some(limit) = theirs.zero() {
                    return Err(WireError::ZeroLimit { limit });
                }
                Ok(Self { $($both: self.$both.min(theirs.$both),)+ $($own: self.$own,)+ })
            }
        }
    };
}

limits! {
    both {
        /// The maximum length of a message, in bytes; 16 MiB by default. Of this, 1 KiB is reserved for headers: the
        /// encoded arguments or result may be at most 1 KiB shorter, and the limit must exceed 1 KiB.
        max_message: usize = 16 * MIB,
        /// The maximum length of a fragment of a message, in bytes; 64 KiB by default. A message that does not fit into
        /// one frame ([`Limits::frame`]) is fragmented, so that other messages can be interleaved.
        chunk: usize = 64 * KIB,
        /// The maximum number of fragmented messages in progress on each lane; 2 by default.
        partials: usize = 2,
        /// The maximum total length of the fragmented messages in progress in one session, in bytes; 64 MiB by default.
        /// Each lane has an equal share, which always suffices for one message. The same number of bytes limits the
        /// long messages ([`Limits::long`]) of a session that wait for processes whose mailboxes are full.
        partial_bytes: usize = 64 * MIB,
        /// The maximum number of types that one lane may define, and separately of nodes; 4,096 by default.
        types: usize = 4_096,
        /// The maximum length of the contract of one type, in bytes; 1 MiB by default.
        contract: usize = MIB,
        /// The maximum total length of all definitions of one lane, in bytes; 16 MiB by default.
        definition_bytes: usize = 16 * MIB,
        /// The maximum number of unanswered calls from one node in a session; 65,536 by default. Further calls fail
        /// with [`CallError::Full`](ambit::error::CallError::Full).
        asks: usize = 65_536,
        /// The maximum number of monitors and links that one node holds on processes of the other; 1,000,000 by
        /// default.
        monitors: usize = 1_000_000,
        /// The maximum length of the name of a type or node, in bytes; 255 by default.
        name: usize = 255,
        /// The maximum number of messages that a process accepts from one node ahead of handling them; 1,024 by
        /// default, the capacity of a mailbox. The window starts at [`Limits::first_window`], and grows up to this
        /// number while the process keeps up.
        window: u32 = 1_024,
        /// The maximum total length of the messages that a process accepts from one node ahead of handling them, in
        /// bytes; 16 MiB by default. A long message costs several credits of the window ([`Limits::cost`]).
        window_bytes: usize = 16 * MIB,
        /// The number of lanes, the parallel message streams, in each direction; 4 by default, 32 at most.
        lanes: u8 = 4,
    }
    own {
        /// The number of bytes that one lane queues for writing before senders wait; 8 MiB by default. Fragmented
        /// messages, and the frames that follow them, have the same capacity again. The same number also limits the
        /// bytes of one session that wait for credits before senders wait.
        queue: usize = 8 * MIB,
        /// The number of bytes queued on one lane up to which replies are still added; 64 MiB by default. Beyond it,
        /// calls fail with [`CallError::Unsendable`](ambit::error::CallError::Unsendable). Beyond twice this number
        /// plus one message, the session ends.
        answers: usize = 64 * MIB,
        /// The maximum number of queued signals (exits, downs, links) of one lane; 65,536 by default. Beyond it, the
        /// session ends.
        signals: usize = 65_536,
        /// The maximum total size of the exits and stops of one node that wait in mailboxes, in bytes; 128 MiB by
        /// default. They need no capacity there. Each counts as 128 bytes and the texts of its reason. Beyond it, the
        /// session ends.
        signal_bytes: usize = 128 * MIB,
        /// The total number of bytes by which the windows of all processes of one session may grow beyond their first
        /// size; 64 MiB by default. One window grows by at most a quarter of what the others have left.
        waiting: usize = 64 * MIB,
        /// The maximum total size of the pending requests to the node itself (starts of servers, and calls of
        /// functions) of one session, in bytes; 64 MiB by default. Beyond it, requests fail with
        /// [`CallError::Full`](ambit::error::CallError::Full).
        questions: usize = 64 * MIB,
        /// The maximum number of connected nodes, and separately of addresses that the node dials; 256 by default.
        peers: usize = 256,
        /// The maximum number of replicated entries of one node: names, presences, members of groups, topics with
        /// subscriptions, and the protocols of their processes; 1,000,000 by default. Further ones fail with an error. A
        /// node with more entries is disconnected, so use the same value on all nodes of a cluster.
        entries: usize = 1_000_000,
        /// The maximum size of the replicated entries of one node, in bytes, with 64 for each; 256 MiB by default. The
        /// consequences are those of [`Limits::entries`].
        entry_bytes: usize = 256 * MIB,
    }
}

impl Limits {
    /// Returns the maximum length of a frame other than a definition, in bytes, without its length field. A longer
    /// message is fragmented.
    #[must_use]
    pub fn frame(&self) -> usize {
        let longest = self.chunk.min(self.max_message);
        longest.saturating_add(HEADER_ROOM)
    }

    /// Returns the maximum length of a frame that defines a type or node, in bytes, without its length field.
    #[must_use]
    pub fn definition(&self) -> usize {
        let text = self.contract.saturating_add(self.name);
        self.frame().max(text.saturating_add(HEADER_ROOM))
    }

    /// Returns the maximum length of a message including its headers, in bytes.
    #[must_use]
    pub fn message(&self) -> usize {
        self.max_message.saturating_add(HEADER_ROOM)
    }

    /// Returns the cost, in credits, of a message with a payload of this many bytes: one credit per started unit of
    /// [`window_bytes`](Self::window_bytes) / [`window`](Self::window) bytes, and at most half the window.
    ///
    /// ```
    /// use ambit_dist::wire::Limits;
    /// let limits = Limits::default().window(16).window_bytes(1600);
    /// assert_eq!([0, 100, 101, 1 << 20].map(|bytes| limits.cost(bytes)), [1, 1, 2, 8]);
    /// ```
    #[must_use]
    pub fn cost(&self, bytes: usize) -> u32 {
        // Most messages have at most one part. For them the product costs less than two divisions.
        if bytes.saturating_mul(self.window as usize) <= self.window_bytes {
            return 1;
        }
        // The receiver withholds credits for its next batch. With at most half the window, a message never needs them.
        self.parts(bytes).clamp(1, (self.window / 2).max(1))
    }

    /// Returns the window of each process at the start of a session, in credits: 32, or [`window`](Self::window) if
    /// that is smaller. With the default limits, the messages in it have at most 512 KiB in total.
    #[must_use]
    pub fn first_window(&self) -> u32 {
        self.window.min(FIRST_WINDOW)
    }

    /// Returns the cost of a message in the window that all long messages of a session share, or `None` if a message
    /// with a payload of this many bytes is not long. A message is long if it [costs](Self::cost) more than half the
    /// [first window](Self::first_window).
    ///
    /// ```
    /// use ambit_dist::wire::Limits;
    /// let limits = Limits::default();
    /// assert_eq!([1, 256 << 10, 1 << 20].map(|bytes| limits.long(bytes)), [None, None, Some(64)]);
    /// ```
    #[must_use]
    pub fn long(&self, bytes: usize) -> Option<u32> {
        let is_long = self.cost(bytes) > (self.first_window() / 2).max(1);
        is_long.then(|| self.parts(bytes))
    }

    /// Returns a payload length up to which a message is never [`long`](Self::long).
    pub(crate) fn longest_short(&self) -> usize {
        self.part()
            .saturating_mul((self.first_window() / 2).max(1) as usize)
    }

    /// Returns the capacity of a session for long messages: [`partial_bytes`](Self::partial_bytes), and at least two
    /// messages.
    pub(crate) fn long_window(&self) -> u32 {
        let most = self.partial_bytes.max(self.max_message.saturating_mul(2));
        self.parts(most)
    }

    /// Returns the number of credits by which the windows of all processes may grow.
    pub(crate) fn growth(&self) -> u32 {
        self.parts(self.waiting)
    }

    /// Returns the cost of this many bytes, without an upper bound.
    fn parts(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(self.part())).unwrap_or(u32::MAX)
    }

    fn part(&self) -> usize {
        (self.window_bytes / self.window as usize).max(1)
    }

    /// Returns the maximum length of the arguments of one message, in bytes.
    pub(crate) fn payload(&self) -> usize {
        // The length field of a frame has 32 bits.
        let longest = self.max_message.min(u32::MAX as usize);
        longest.saturating_sub(HEADER_ROOM)
    }

    /// Returns the maximum total length of the fragmented messages in progress on one lane, in bytes: an equal share of
    /// [`partial_bytes`](Self::partial_bytes), but at least the length of one message.
    #[must_use]
    pub fn share(&self) -> usize {
        let share = self.partial_bytes / usize::from(self.lanes).max(1);
        share.max(self.message())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::CloseCode;

    #[test]
    fn the_smaller_number_of_both_holds_and_what_is_ones_own_stays() {
        let ours = Limits::default().chunk(1000).queue(7);
        let theirs = Limits::default().lanes(1).queue(5).peers(1);
        let agreed = Limits::default().chunk(1000).lanes(1).queue(7);
        assert_eq!(ours.agree(&theirs), Ok(agreed));
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        let error = Limits::default().agree(&Limits::default().window(0));
        let limit = "window";
        assert_eq!(error, Err(WireError::ZeroLimit { limit }));
        assert_eq!(error.map_err(|e| e.close_code()), Err(CloseCode::Malformed));
        assert_eq!(Limits::default().zero(), None);
    }

    #[test]
    fn a_definition_may_be_longer_than_a_frame_and_never_shorter() {
        let limits = Limits::default();
        assert!(limits.definition() > limits.contract + limits.name);
        assert_eq!(limits.clone().contract(1).definition(), limits.frame());
        let endless = limits.chunk(usize::MAX).max_message(usize::MAX);
        assert_eq!(endless.frame(), usize::MAX);
    }

    #[test]
    fn a_message_that_is_certainly_short_is_not_long() {
        let all = [
            Limits::default(),
            Limits::default().window(4).window_bytes(10),
        ];
        for limits in all {
            let short = limits.longest_short();
            assert_eq!(limits.long(short), None);
        }
        let limits = Limits::default();
        assert!(limits.long(limits.longest_short() + 1).is_some());
    }

    #[test]
    fn a_frame_is_no_longer_than_a_message() {
        let limits = Limits::default().max_message(100);
        assert_eq!(limits.frame(), limits.message());
    }

    #[test]
    fn a_lane_has_an_equal_share_and_always_fits_one_message() {
        let limits = Limits::default().max_message(10).lanes(4);
        assert_eq!(limits.clone().partial_bytes(8000).share(), 2000);
        assert_eq!(limits.clone().partial_bytes(4).share(), limits.message());
    }
}
