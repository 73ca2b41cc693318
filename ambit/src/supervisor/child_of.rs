//! A child of a supervisor, found by its id, in whichever process runs the supervisor now.

use std::any::Any;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;

use crate::handle::child_ref::{ChildCell, ChildRef};
use crate::handle::subject::Subject;
use crate::process::header::ProcessRef;
use crate::process::system_inner::InSystem;
use crate::rt::BoxFuture;
use crate::supervisor::admin::Admin;
use crate::supervisor::child_cell::{self, CurrentChild, CurrentChildren};

/// The child with this id, of the current process of that supervisor.
pub(crate) struct ChildOf {
    pub(crate) supervisor: Subject<Admin>,
    pub(crate) id: Arc<str>,
}

impl ChildOf {
    fn slot(&self) -> Option<Arc<CurrentChild>> {
        slots_of(&self.supervisor)?.by_id(&self.id)
    }
}

impl ChildCell for ChildOf {
    fn holder(&self) -> Option<ProcessRef> {
        self.slot()?.holder()
    }

    /// Ready when the supervisor, the slot of this id, or the holder of the slot changes.
    fn changed(&self) -> Option<BoxFuture<'static, ()>> {
        // Each notification is registered before the state that it covers is read.
        let supervisor = self.supervisor.followed().map(|(changed, _)| changed);
        let slots = slots_of(&self.supervisor);
        let added = slots.as_ref().map(|slots| slots.added(&self.id));
        let slot = slots.and_then(|slots| slots.by_id(&self.id)?.changed());
        let mut notifications: Vec<_> = [supervisor, added, slot].into_iter().flatten().collect();
        let is_any = !notifications.is_empty();
        is_any.then(|| {
            let first = poll_fn(move |cx| {
                let is_notified = notifications
                    .iter_mut()
                    .any(|waker| waker.as_mut().poll(cx).is_ready());
                if is_notified {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            });
            Box::pin(first) as BoxFuture<'static, ()>
        })
    }

    fn system(&self) -> Option<InSystem> {
        let process = self.supervisor.current();
        let running = process.map(|process| process.core().system.clone());
        running.or_else(|| self.supervisor.clock()).map(InSystem)
    }

    fn describe(&self) -> String {
        format!("child {:?} of {:?}", self.id, self.supervisor)
    }

    fn same(&self, other: &dyn ChildCell) -> bool {
        let other = other.as_any().downcast_ref::<Self>();
        other.is_some_and(|other| self.id == other.id && self.supervisor == other.supervisor)
    }

    fn digest(&self) -> u64 {
        child_cell::digest(&self.id)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Returns the children of the supervisor behind a handle, if it is running.
fn slots_of(supervisor: &Subject<Admin>) -> Option<Arc<CurrentChildren>> {
    let process = supervisor.current()?;
    let introspection = process.core().relations.lock().introspection.clone()?;
    introspection.as_any().downcast().ok()
}

/// Returns a reference to a child by its id.
pub(crate) fn child_of(supervisor: &Subject<Admin>, id: impl Into<Arc<str>>) -> ChildRef {
    ChildRef(Arc::new(ChildOf {
        supervisor: supervisor.clone(),
        id: id.into(),
    }))
}

/// Returns the children of a partitioned supervisor, and how many are in use; `None` without such a supervisor.
pub(crate) fn partitions_of(supervisor: &Subject<Admin>) -> Option<(Arc<CurrentChildren>, usize)> {
    let slots = slots_of(supervisor).filter(|_| supervisor.is_alive())?;
    let partitions = slots.partitions.load(Ordering::Acquire);
    Some((slots, partitions))
}
