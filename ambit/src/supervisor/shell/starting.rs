//! A start in progress, which is polled only when it was woken: many may be in progress at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::header::ProcessRef;
use crate::server::startable::Made;
use crate::supervisor::child_factory::Launching;
use crate::supervisor::core::Key;

/// A start in progress.
pub(super) struct Starting {
    pub(super) key: Key,
    pub(super) made: Made,
    launching: Launching,
    woken: Arc<StartWaker>,
}

/// Records that one start was woken, and wakes the supervisor.
struct StartWaker {
    is_woken: AtomicBool,
    supervisor: Mutex<Waker>,
}

impl Wake for StartWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, Ordering::Release);
        let supervisor = self.supervisor.lock().clone();
        supervisor.wake();
    }
}

impl Starting {
    pub(super) fn new(key: Key, made: Made, launching: Launching) -> Self {
        let woken = StartWaker {
            is_woken: AtomicBool::new(true),
            supervisor: Mutex::new(Waker::noop().clone()),
        };
        Self {
            key,
            made,
            launching,
            woken: Arc::new(woken),
        }
    }

    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<ProcessRef, StartError>> {
        {
            // The waker is set before the flag is checked, so that no wake-up in between is missed.
            let mut supervisor = self.woken.supervisor.lock();
            if !supervisor.will_wake(cx.waker()) {
                supervisor.clone_from(cx.waker());
            }
        }
        if !self.woken.is_woken.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = Waker::from(self.woken.clone());
        let poll = || {
            let cx = &mut Context::from_waker(&waker);
            self.launching.as_mut().poll(cx)
        };
        // The start runs user code.
        panics::catch(poll)
            .unwrap_or_else(|report| Poll::Ready(Err(StartError::Init(ExitReason::Panic(report)))))
    }
}
