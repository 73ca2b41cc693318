//! Long messages of one session, which count together whatever process they are for.
//!
//! A message that costs more than half the first window of its process is in debt there: many processes could be sent one at
//! once. So all of them together have a window of their own, and the credits for it name the node itself.

use std::sync::{Arc, Weak};

use ambit::node::{CreditWindow, RemoteProxy};
use parking_lot::Mutex;

use crate::codec::any::AnyCodec;
use crate::session::blocked::Blocked;
use crate::wire::{Limits, Window, WireError};

pub(crate) struct LongMessages {
    /// Of this node, to processes of the other.
    out: CreditWindow,
    /// Those that wait until the other node has handled some.
    blocked: Mutex<Blocked>,
    /// Of the other node.
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

    /// How many bytes a message may have that is certainly not long.
    pub(crate) fn longest_short(&self) -> usize {
        self.longest_short
    }

    /// Lets one go, unless the other node has too much of them.
    pub(crate) fn take(&self, parts: u32) -> bool {
        self.out.take(parts)
    }

    /// One is to go when there is capacity; false if there is by now.
    pub(crate) fn block(&self, parts: u32, proxy: &Arc<RemoteProxy<AnyCodec>>) -> bool {
        let mut blocked = self.blocked.lock();
        let must_wait = self.out.left() < parts;
        if must_wait {
            blocked.add(proxy);
        }
        must_wait
    }

    /// The other node has handled so much: those that may go on.
    ///
    /// # Errors
    /// It was not sent so much.
    pub(crate) fn grant(&self, count: u32) -> Result<Vec<Arc<RemoteProxy<AnyCodec>>>, WireError> {
        let granted = self.out.grant(count);
        granted.map_err(|fits| WireError::TooMuchCredit { count, fits })?;
        let blocked = self.blocked.lock().take();
        Ok(blocked.iter().filter_map(Weak::upgrade).collect())
    }

    /// One has arrived.
    ///
    /// # Errors
    /// The other node had no credits for it.
    pub(crate) fn arrived(&self, parts: u32) -> Result<(), WireError> {
        self.coming.lock().arrived(parts)
    }

    /// One was handled: the credits that go back now.
    pub(crate) fn handled(&self, parts: u32) -> Option<u32> {
        self.coming.lock().handled(parts)
    }
}
