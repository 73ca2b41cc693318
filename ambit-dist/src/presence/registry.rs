//! The open trackers of a node.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

/// A tracker of any type of metadata.
pub(crate) type AnyTracker = Arc<dyn Any + Send + Sync>;

/// The open trackers by name. They stay open as long as the node.
#[derive(Default)]
pub(crate) struct OpenTrackers(Mutex<BTreeMap<String, AnyTracker>>);

impl OpenTrackers {
    /// Returns the open tracker, or opens it. The second value is true if it was opened now.
    pub(super) fn get_or_open(
        &self,
        name: &str,
        open: impl FnOnce() -> AnyTracker,
    ) -> (AnyTracker, bool) {
        let mut open_trackers = self.0.lock();
        if let Some(tracker) = open_trackers.get(name) {
            return (tracker.clone(), false);
        }
        let tracker = open();
        open_trackers.insert(name.to_owned(), tracker.clone());
        (tracker, true)
    }
}

impl fmt::Debug for OpenTrackers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.lock().keys()).finish()
    }
}
