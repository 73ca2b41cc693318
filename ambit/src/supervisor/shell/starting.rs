//! A start under way, which is polled only when it was woken: many may be under way at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

use crate::error::StartError;
use crate::process::core::ProcRef;
use crate::server::start::Made;
use crate::supervisor::core::Key;
use crate::supervisor::recipe::Launching;

/// A start under way.
pub(super) struct Starting {
    pub(super) key: Key,
    pub(super) made: Made,
    launching: Launching,
    bell: Arc<Bell>,
}

/// Notes that one start was woken, and wakes the supervisor.
struct Bell {
    is_rung: AtomicBool,
    supervisor: Mutex<Waker>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_rung.store(true, Ordering::Release);
        let supervisor = self.supervisor.lock().clone();
        supervisor.wake();
    }
}

impl Starting {
    pub(super) fn new(key: Key, made: Made, launching: Launching) -> Self {
        let bell = Bell {
            is_rung: AtomicBool::new(true),
            supervisor: Mutex::new(Waker::noop().clone()),
        };
        Self {
            key,
            made,
            launching,
            bell: Arc::new(bell),
        }
    }

    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<ProcRef, StartError>> {
        {
            // First who is to be woken, then the look: what rings between the two is not missed.
            let mut supervisor = self.bell.supervisor.lock();
            if !supervisor.will_wake(cx.waker()) {
                supervisor.clone_from(cx.waker());
            }
        }
        if !self.bell.is_rung.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.bell.clone());
        self.launching
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
    }
}
