//! Credits: how many messages a process of one node may be sent by the other before it has handled them.
//!
//! Both sides start with the agreed [`window`](crate::wire::Limits::window). The reader of a lane therefore never waits
//! for a process: what arrives has room, or the peer has broken the rule. Answers and signals need no credits.

use crate::wire::error::WireError;

/// The sending side, for one process of the other node.
#[derive(Debug)]
pub struct Credits {
    window: u32,
    left: u32,
}

impl Credits {
    /// A full window.
    #[must_use]
    pub fn new(window: u32) -> Self {
        Self {
            window,
            left: window,
        }
    }

    /// Uses one up for a message. `false`: none is left, the message has to wait.
    #[must_use]
    pub fn take(&mut self) -> bool {
        let left = self.left.checked_sub(1);
        self.left = left.unwrap_or(0);
        left.is_some()
    }

    /// Gives one back that was taken for a message which was not sent after all.
    pub fn put_back(&mut self) {
        self.left = self.left.saturating_add(1).min(self.window);
    }

    /// Adds what the other node has returned.
    ///
    /// # Errors
    /// [`WireError::TooMuchCredit`] if that is more than was used.
    pub fn granted(&mut self, count: u32) -> Result<(), WireError> {
        let used = self.window - self.left;
        if count > used {
            return Err(WireError::TooMuchCredit { count, used });
        }
        self.left += count;
        Ok(())
    }

    /// How many messages may be sent now.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.left
    }
}

/// The receiving side, for one process of this node.
///
/// What was handled is returned in one [`Frame::Credit`](crate::wire::Frame::Credit) as soon as it is half the window.
///
/// ```
/// use ambit_dist::wire::Window;
/// let mut window = Window::new(4);
/// window.arrived()?;
/// window.arrived()?;
/// assert_eq!(window.handled(), None);
/// assert_eq!(window.handled(), Some(2));
/// # Ok::<(), ambit_dist::wire::WireError>(())
/// ```
#[derive(Debug)]
pub struct Window {
    window: u32,
    /// Messages that have arrived and were not handled.
    waiting: u32,
    /// Messages that were handled and not returned.
    handled: u32,
}

impl Window {
    /// A window of so many messages.
    #[must_use]
    pub fn new(window: u32) -> Self {
        Self {
            window,
            waiting: 0,
            handled: 0,
        }
    }

    /// Notes a message that has arrived.
    ///
    /// # Errors
    /// [`WireError::NoCredit`] if the other node had no credit for it.
    pub fn arrived(&mut self) -> Result<(), WireError> {
        if self.waiting + self.handled >= self.window {
            let window = self.window;
            return Err(WireError::NoCredit { window });
        }
        self.waiting += 1;
        Ok(())
    }

    /// Notes that a message was handled, and says how many credits are to be returned now. More than have arrived are
    /// not counted.
    #[must_use]
    pub fn handled(&mut self) -> Option<u32> {
        self.waiting = self.waiting.checked_sub(1)?;
        self.handled += 1;
        let batch = (self.window / 2).max(1);
        if self.handled < batch {
            return None;
        }
        Some(std::mem::take(&mut self.handled))
    }

    /// How many messages have arrived and were not handled.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiting
    }
}
