//! The request to end a session.

use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use tokio::sync::watch;

use crate::wire::CloseCode;

/// The request to end a session, with its reason.
pub(crate) struct CloseRequest {
    why: Mutex<Option<(CloseCode, String)>>,
    /// Like `begun`, without a lock.
    has_begun: AtomicBool,
    begun: watch::Sender<bool>,
}

impl Default for CloseRequest {
    fn default() -> Self {
        Self {
            why: Mutex::new(None),
            has_begun: AtomicBool::new(false),
            begun: watch::channel(false).0,
        }
    }
}

impl CloseRequest {
    pub(crate) fn begin(&self, code: CloseCode, text: String) {
        self.why.lock().get_or_insert((code, text));
        self.has_begun.store(true, Ordering::Release);
        self.begun.send_replace(true);
    }

    /// Returns whether a close of the session is requested.
    pub(crate) fn has_begun(&self) -> bool {
        self.has_begun.load(Ordering::Acquire)
    }

    /// Returns the reason, or `None` if no close was requested.
    pub(crate) fn why(&self) -> Option<(CloseCode, String)> {
        self.why.lock().clone()
    }

    /// Waits until a close of the session is requested.
    pub(crate) async fn ended(&self) {
        // `self` owns the sender.
        self.begun.subscribe().wait_for(|begun| *begun).await.ok();
    }
}
