//! The window that the long messages of a session share, for all processes.
//!
//! A message that costs more than half the first window of its process leaves a debt in that window, so a node could
//! send one long message to each of many processes at once. Therefore all long messages also share one window. The
//! credits of this window are addressed to the node itself.

use std::sync::{Arc, Weak};

use ambit::distribution::{CreditWindow, RemoteProxy};
use parking_lot::Mutex;

use crate::codecs::any::AnyCodec;
use crate::session::blocked::Blocked;
use crate::wire::{Limits, Window, WireError};

pub(crate) struct LongMessages {
    /// For messages of this node to processes of the other.
    out: CreditWindow,
    /// The proxies that wait until the other node has handled some messages.
    blocked: Mutex<Blocked>,
    /// For messages of the other node.
    coming: Mutex<Window>,
    longest_short: usize,
}

impl LongMessages {
    pub(crate) fn new(limits: &Limits) -> Self {
        let window = limits.long_window();
        let out = CreditWindow::default();
        out.open(window, window);
        Self {
            out,
            blocked: Mutex::default(),
            coming: Mutex::new(Window::new(window)),
            longest_short: limits.longest_short(),
        }
    }

    /// Returns the number of bytes up to which a message is certainly not long.
    pub(crate) fn longest_short(&self) -> usize {
        self.longest_short
    }

    /// Takes the credits for a long message. Returns false if there are not enough.
    pub(crate) fn take(&self, parts: u32) -> bool {
        self.out.take(parts)
    }

    /// Registers a proxy to continue when there are enough credits. Returns false if there are enough by now.
    pub(crate) fn block(&self, parts: u32, proxy: &Arc<RemoteProxy<AnyCodec>>) -> bool {
        let mut blocked = self.blocked.lock();
        let must_wait = self.out.left() < parts;
        if must_wait {
            blocked.add(proxy);
        }
        must_wait
    }

    /// Adds credits for messages that the other node has handled. Returns the proxies that may continue.
    ///
    /// # Errors
    /// Fails if the other node returns more credits than were used.
    pub(crate) fn grant(&self, count: u32) -> Result<Vec<Arc<RemoteProxy<AnyCodec>>>, WireError> {
        let granted = self.out.grant(count);
        granted.map_err(|fits| WireError::TooMuchCredit { count, fits })?;
        let blocked = self.blocked.lock().take();
        Ok(blocked.iter().filter_map(Weak::upgrade).collect())
    }

    /// Records the arrival of a long message.
    ///
    /// # Errors
    /// Fails if the other node had no credits for it.
    pub(crate) fn arrived(&self, parts: u32) -> Result<(), WireError> {
        self.coming.lock().arrived(parts)
    }

    /// Records that a long message was handled, and returns the number of credits to send back now.
    pub(crate) fn handled(&self, parts: u32) -> Option<u32> {
        self.coming.lock().handled(parts)
    }
}
