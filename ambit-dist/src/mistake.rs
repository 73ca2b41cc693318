//! Mistakes that a node makes when it is told to, so that tests of the simulator can show that it finds them. Only a
//! simulated run can tell it to, which takes feature `sim`.

/// A mistake that a node of a simulated run makes.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "sim"), allow(unreachable_pub, reason = "for `sim`"))]
#[non_exhaustive]
pub enum Mistake {
    /// Handles on processes of an earlier life mean those of the present one.
    MixesLives,
    /// A node comes back with an earlier life, and is let in.
    ForgetsLives,
    /// Processes that watch others are not told that the connection is lost.
    ForgetsMonitors,
    /// Callers that wait for an answer are not told that the connection is lost.
    ForgetsCallers,
    /// Messages of one pair of processes go over any lane.
    MixesLanes,
    /// A message gives its credit back when it comes, not when it stands in the mailbox.
    CreditsEarly,
    /// Of two dials at once both connections stay.
    KeepsBothDials,
    /// What is lost is not dialled again.
    NeverRedials,
    /// A server that was started for a node which has never heard of it lives on.
    KeepsOrphans,
    /// A function of another node is waited for as long as it takes, whatever the caller says.
    ForgetsDeadlines,
    /// A message waits for a long one that goes over the same lane, also if it is of another pair.
    HoldsLanes,
}

/// Whether this run makes this mistake.
#[cfg(feature = "sim")]
pub(crate) fn is_made(mistake: Mistake) -> bool {
    crate::sim::planted() == Some(mistake)
}

/// Never, where nothing can tell it to.
#[cfg(not(feature = "sim"))]
pub(crate) const fn is_made(_: Mistake) -> bool {
    false
}
