//! Credit-based flow control: limits how many messages a node may send to a process ahead of their handling.
//!
//! Both sides start with the agreed [first window](crate::wire::Limits::first_window). A long message
//! [costs](crate::wire::Limits::cost) more than one credit. The reader of a lane never waits for a process, because
//! every message that has credits also has capacity. Replies and signals need no credits. The sending side is
//! [`ambit::distribution::CreditWindow`].

use crate::wire::error::WireError;

/// The receiving side of the flow control for one process. All counts are in credits.
///
/// The credits of handled messages are returned in one [`Frame::Credit`](crate::wire::Frame::Credit) when they reach
/// half the window. The receiver may [grow](Self::grow) the window. It may also shrink the window, down to its first
/// size, by [keeping](Self::keep) credits instead of returning them.
///
/// ```
/// use ambit_dist::wire::Window;
/// let mut window = Window::new(4);
/// window.arrived(1)?;
/// window.arrived(2)?;
/// assert_eq!(window.handled(1), None);
/// assert_eq!(window.handled(2), Some(3));
/// window.grow(2);
/// assert_eq!(window.size(), 6);
/// # Ok::<(), ambit_dist::wire::WireError>(())
/// ```
#[derive(Debug)]
pub struct Window {
    first: u32,
    size: u32,
    /// The credits that the other node may still use; negative after a message that cost more than there were.
    left: i64,
    /// The cost of messages that have arrived and are not yet handled.
    waiting: u32,
    /// The cost of handled messages whose credits are not yet returned.
    handled: u32,
}

impl Window {
    /// Creates a window with `first` credits.
    #[must_use]
    pub fn new(first: u32) -> Self {
        Self {
            first,
            size: first,
            left: i64::from(first),
            waiting: 0,
            handled: 0,
        }
    }

    /// Records the arrival of a message of this cost. The other node needs at most half the first window of credits for
    /// one message; if the message costs more, the node owes the rest.
    ///
    /// # Errors
    /// Fails with [`WireError::NoCredit`] if the other node had too few credits for the message.
    pub fn arrived(&mut self, cost: u32) -> Result<(), WireError> {
        let enough = cost.min((self.first / 2).max(1));
        if self.left < i64::from(enough) {
            let window = self.size;
            return Err(WireError::NoCredit { window });
        }
        self.left -= i64::from(cost);
        self.waiting += cost;
        Ok(())
    }

    /// Records that a message of this cost was handled. Returns the number of credits to send back now, or `None` while
    /// less than half the window is due. A cost above that of the waiting messages is ignored.
    #[must_use]
    pub fn handled(&mut self, cost: u32) -> Option<u32> {
        self.waiting = self.waiting.checked_sub(cost)?;
        self.handled += cost;
        let batch = (self.size / 2).max(1);
        if self.handled < batch {
            return None;
        }
        self.rest()
    }

    /// Returns the credits of handled messages that are still due, for example because the process has ended, or `None`
    /// if none are due. They then count as sent back.
    #[must_use]
    pub fn rest(&mut self) -> Option<u32> {
        let rest = std::mem::take(&mut self.handled);
        self.left += i64::from(rest);
        (rest > 0).then_some(rest)
    }

    /// Grows the window by this many credits. The caller must send them to the other node.
    pub fn grow(&mut self, by: u32) {
        self.size = self.size.saturating_add(by);
        self.left += i64::from(by);
    }

    /// Shrinks the window by at most `at_most` credits, but never below its first size. Returns the number of withheld
    /// credits; the caller must subtract it from the credits that it sends back.
    #[must_use]
    pub fn keep(&mut self, at_most: u32) -> u32 {
        let kept = at_most.min(self.grown());
        self.size -= kept;
        self.left -= i64::from(kept);
        kept
    }

    /// Returns the current size of the window.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Returns by how many credits the window exceeds its first size.
    #[must_use]
    pub fn grown(&self) -> u32 {
        self.size - self.first
    }

    /// Returns the total cost of the messages that have arrived and are not handled yet.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiting
    }
}
