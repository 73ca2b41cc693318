//! The session with an incarnation of another node, as the incarnation uses it.

use ambit::distribution;

use crate::codecs::any::AnyCodec;
#[cfg(feature = "sim")]
use crate::sim::Leftovers;
use crate::wire::ProcessAddress as Address;

/// An open session with another node.
pub(crate) trait PeerSession: distribution::Session<AnyCodec> {
    /// Returns the first and the largest window of a process, in credits.
    fn windows(&self) -> (u32, u32);

    /// Returns the number of bytes of messages that may wait for credits.
    fn send_buffer(&self) -> usize;

    /// Handles the end of a process of this node.
    fn over(&self, process: Address);

    /// Counts the state that is held for the other node.
    #[cfg(feature = "sim")]
    fn leftovers(&self, left: &mut Leftovers);
}
