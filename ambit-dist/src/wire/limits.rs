//! How much a node takes from another, and keeps for it.

use crate::wire::error::WireError;

/// How long a frame may be besides the chunk it carries, in bytes: room for the fields in front of a payload.
pub(crate) const HEADER_ROOM: usize = 1024;

/// How many messages a process may be sent before anything is known of it.
const FIRST_WINDOW: u32 = 32;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Writes the struct, its defaults and its setters from one table. Two nodes take the smaller of what stands under
/// `both`, each keeps its own of what stands under `own`.
macro_rules! limits {
    (
        both { $($(#[doc = $both_doc:literal])+ $both:ident: $both_type:ty = $both_default:expr,)+ }
        own { $($(#[doc = $own_doc:literal])+ $own:ident: $own_type:ty = $own_default:expr,)+ }
    ) => {
        /// How much a node takes from another, and keeps for it. Whoever goes beyond is closed with a
        /// [`CloseCode`](crate::wire::CloseCode); nothing is cut off silently.
        ///
        /// Of the first group two nodes take the smaller numbers, those of the second are each node's own.
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

            /// The name of a limit that is 0, with which nothing would go through.
            #[must_use]
            pub fn zero(&self) -> Option<&'static str> {
                let all = [
                    $((stringify!($both), self.$both == 0),)+
                    $((stringify!($own), self.$own == 0),)+
                ];
                all.into_iter().find_map(|(name, zero)| zero.then_some(name))
            }

            /// What holds between this node and one that has the limits `theirs`: the smaller number of each that
            /// both must keep, and this node's own for the rest. Start from a copy of this node's to fill in what the
            /// other node does not say.
            ///
            /// # Errors
            /// [`WireError::ZeroLimit`] if the other node has one that is 0.
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
        /// The longest message, in bytes and without its headers. 16 MiB unless told otherwise.
        max_message: usize = 16 * MIB,
        /// The longest piece of a message in one frame, in bytes. Longer messages go in pieces, between which other
        /// messages pass. 64 KiB unless told otherwise.
        chunk: usize = 64 * KIB,
        /// How many messages of one lane may be on their way in pieces. 2 unless told otherwise.
        partials: usize = 2,
        /// How long all messages in pieces of one session may be together, in bytes. Each lane has an equal share, and
        /// at least capacity for one message. So many bytes of long messages ([`Limits::long`]) may also wait for processes
        /// that are full. 64 MiB unless told otherwise.
        partial_bytes: usize = 64 * MIB,
        /// How many types, and how many nodes, one lane may define. 4,096 unless told otherwise.
        types: usize = 4_096,
        /// The longest text of the contract of one type, in bytes. 1 MiB unless told otherwise.
        contract: usize = MIB,
        /// How long all definitions of one lane may be together, in bytes. 16 MiB unless told otherwise.
        definition_bytes: usize = 16 * MIB,
        /// How many calls of one session may wait for their answers. 65,536 unless told otherwise.
        asks: usize = 65_536,
        /// How many monitors and links one session may hold. 1,000,000 unless told otherwise.
        monitors: usize = 1_000_000,
        /// The longest name, in bytes. 255 unless told otherwise.
        name: usize = 255,
        /// How many messages a process takes from one node before it has handled them, once it has shown that it keeps up.
        /// It begins with 32 of them ([`Limits::first_window`]). 1,024 unless told otherwise, as many as a mailbox holds.
        window: u32 = 1_024,
        /// How long the messages are together that a process takes from one node before it has handled them, in bytes: a
        /// long message counts as several of the window ([`Limits::cost`]). 16 MiB unless told otherwise.
        window_bytes: usize = 16 * MIB,
        /// How many streams carry messages in each direction, side by side. 4 unless told otherwise.
        lanes: u8 = 4,
    }
    own {
        /// How many bytes may wait on one lane to be written, and as many again of messages that go in pieces and of what
        /// waits behind them. As many bytes of one session may wait for credits while their senders go on. 8 MiB unless told
        /// otherwise.
        queue: usize = 8 * MIB,
        /// How many bytes may wait on one lane while answers are still added: beyond it calls are answered with an error, and
        /// with twice as many and a message the session ends. 64 MiB unless told otherwise.
        answers: usize = 64 * MIB,
        /// How many signals (exits, downs, links) of one session may wait to be written. 65,536 unless told
        /// otherwise.
        signals: usize = 65_536,
        /// How many bytes the windows of all processes may grow to in one session, beyond the first window of each. Where
        /// this is used up, windows stay as they are. 64 MiB unless told otherwise.
        waiting: usize = 64 * MIB,
        /// How many bytes of one session may be under way as starts of servers and calls of functions. Beyond it they are
        /// refused with [`CallError::Full`](ambit::CallError::Full). 64 MiB unless told otherwise.
        questions: usize = 64 * MIB,
        /// How many nodes may be connected. 256 unless told otherwise.
        peers: usize = 256,
    }
}

impl Limits {
    /// The longest frame that is not a definition, in bytes and without the four of its length. A message above it
    /// goes in pieces.
    #[must_use]
    pub fn frame(&self) -> usize {
        let longest = self.chunk.min(self.max_message);
        longest.saturating_add(HEADER_ROOM)
    }

    /// The longest frame that defines a type or node, in bytes and without the four of its length.
    #[must_use]
    pub fn definition(&self) -> usize {
        let text = self.contract.saturating_add(self.name);
        self.frame().max(text.saturating_add(HEADER_ROOM))
    }

    /// The longest message with its headers, in bytes.
    #[must_use]
    pub fn message(&self) -> usize {
        self.max_message.saturating_add(HEADER_ROOM)
    }

    /// How many of the window a message counts as, whose payload has so many bytes: one for each part of
    /// [`window_bytes`](Self::window_bytes) that a message of the window has, and at most half the window.
    ///
    /// ```
    /// use ambit_dist::wire::Limits;
    /// let limits = Limits::default().window(16).window_bytes(1600);
    /// assert_eq!([0, 100, 101, 1 << 20].map(|bytes| limits.cost(bytes)), [1, 1, 2, 8]);
    /// ```
    #[must_use]
    pub fn cost(&self, bytes: usize) -> u32 {
        // With half the window the last credits, which the receiver keeps for its next batch, are never needed.
        self.parts(bytes).clamp(1, (self.window / 2).max(1))
    }

    /// How many messages a process takes before it has handled them when a session begins: 32, or the
    /// [`window`](Self::window) if that is smaller. With the other defaults these are at most 512 KiB.
    #[must_use]
    pub fn first_window(&self) -> u32 {
        self.window.min(FIRST_WINDOW)
    }

    /// What a long message, which costs more than half the [first window](Self::first_window), counts as among the long
    /// messages of its session; nothing for a shorter one.
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

    /// How many bytes a message may have that is certainly not [`long`](Self::long).
    pub(crate) fn longest_short(&self) -> usize {
        self.part()
            .saturating_mul((self.first_window() / 2).max(1) as usize)
    }

    /// How much of the long messages of a session may be under way: [`partial_bytes`](Self::partial_bytes), and at least
    /// two messages.
    pub(crate) fn long_window(&self) -> u32 {
        let most = self.partial_bytes.max(self.max_message.saturating_mul(2));
        self.parts(most)
    }

    /// How many credits the windows of all processes may grow by.
    pub(crate) fn growth(&self) -> u32 {
        self.parts(self.waiting)
    }

    /// One for each part of [`window_bytes`](Self::window_bytes) that a message of the window has.
    fn parts(&self, bytes: usize) -> u32 {
        u32::try_from(bytes.div_ceil(self.part())).unwrap_or(u32::MAX)
    }

    fn part(&self) -> usize {
        (self.window_bytes / self.window as usize).max(1)
    }

    /// How long the arguments of one message may be, in bytes.
    pub(crate) fn payload(&self) -> usize {
        // A frame counts its bytes in 32 bits.
        let longest = self.max_message.min(u32::MAX as usize);
        longest.saturating_sub(HEADER_ROOM)
    }

    /// How long all messages in pieces of one lane may be together, in bytes.
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
    fn a_lane_has_an_equal_share_and_always_room_for_one_message() {
        let limits = Limits::default().max_message(10).lanes(4);
        assert_eq!(limits.clone().partial_bytes(8000).share(), 2000);
        assert_eq!(limits.clone().partial_bytes(4).share(), limits.message());
    }
}
