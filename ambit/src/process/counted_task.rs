//! One unfinished `spawn_task` future, which counts while it exists.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::process::system_inner::SystemInner;

/// One of the futures, until it is dropped.
pub(crate) struct CountedTask(Arc<SystemInner>);

impl CountedTask {
    pub(crate) fn begin(system: &Arc<SystemInner>) -> Self {
        system.tasks.running.fetch_add(1, Ordering::Relaxed);
        Self(system.clone())
    }
}

impl Drop for CountedTask {
    fn drop(&mut self) {
        let tasks = &self.0.tasks;
        if tasks.running.fetch_sub(1, Ordering::AcqRel) == 1 {
            tasks.done.notify_waiters();
        }
    }
}
