//! A process that becomes the parent of one that runs already.

use crate::process::header::ProcessRef;
use crate::process::{current, link};

/// Makes the calling process the parent of `child`, as if it had started it with a link.
pub(crate) fn adopt(child: &ProcessRef) {
    let Some(parent) = current::current() else {
        return;
    };
    let is_over = child.core().relations.lock().dead().is_some();
    if !is_over && child.core().pid != parent.core().pid {
        link::link_child(&*parent, &**child);
    }
}
