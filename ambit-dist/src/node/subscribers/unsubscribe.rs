//! The end of a subscription, whatever the type of its events.

/// The removal of a subscriber of any kind of events.
pub(super) trait Unsubscribe: Send + Sync {
    /// Removes a subscriber. Returns false if it does not exist.
    fn remove(&self, key: u64) -> bool;
}
