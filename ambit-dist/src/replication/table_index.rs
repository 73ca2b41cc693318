//! Indexes of replicated tables.

use std::any::Any;
use std::sync::Arc;

use crate::replica::change::Change;

/// A value that an index has removed. It is dropped after the lock of the tables is released, because it may contain
/// values of users.
pub(crate) type Retired = Arc<dyn Any + Send + Sync>;

/// An index of the visible entries of one table.
pub(crate) trait TableIndex: Send + Sync + 'static {
    /// Applies a change. Called in order and under the lock of the tables, so it must not call user code, and must not
    /// read or write the tables. It sends what users shall know to a task of its own.
    fn apply(&self, change: &Change) -> Option<Retired>;
}

/// The state of a table that ends with its entries: an index, or the processes of this node that have entries. The
/// check at the end of a simulated run counts it.
#[cfg(feature = "sim")]
pub(crate) trait TableState: Send + Sync {
    /// Counts the state. It must not read or write the tables.
    fn count(&self, left: &mut crate::sim::Leftovers);
}
