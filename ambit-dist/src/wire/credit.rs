//! Credits: how many messages a process of one node may be sent by the other before it has handled them.
//!
//! Both sides start with the agreed [first window](crate::wire::Limits::first_window), and a long message
//! [costs](crate::wire::Limits::cost) more than one. The reader of a lane never waits for a process: every message that
//! arrives has capacity, or the peer has broken the rule. Answers and signals need no credits. The sender's side is
//! [`ambit::node::Account`].

use crate::wire::error::WireError;

/// The receiving side, for one process of this node, in credits.
///
/// Handled credits are returned in one [`Frame::Credit`](crate::wire::Frame::Credit) as soon as they are half the window.
/// The receiver may [grow](Self::grow) the window, and [keep](Self::keep) credits back until it is as small as it was.
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
    /// How many the other node may still use; less than none after a message that cost more than there were.
    left: i64,
    /// Of messages that have arrived and were not handled.
    waiting: u32,
    /// Of messages that were handled, and not returned.
    handled: u32,
}

impl Window {
    /// A window of so many credits.
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

    /// Counts a message of this cost that has arrived. One that costs more than half the first window needs only that
    /// half, and leaves the other node in debt for the rest.
    ///
    /// # Errors
    /// [`WireError::NoCredit`] if the other node had no credit for it.
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

    /// Counts a message that was handled, and returns how many credits go back now. Credits that have not arrived are
    /// not counted.
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

    /// Takes what was handled and has not gone back, for instance because the process has ended.
    #[must_use]
    pub fn rest(&mut self) -> Option<u32> {
        let rest = std::mem::take(&mut self.handled);
        self.left += i64::from(rest);
        (rest > 0).then_some(rest)
    }

    /// Makes the window larger: so many more credits go to the other node.
    pub fn grow(&mut self, by: u32) {
        self.size = self.size.saturating_add(by);
        self.left += i64::from(by);
    }

    /// Makes the window smaller, by at most so many credits that were about to go back, and never smaller than it was at
    /// first. Returns how many stay here.
    #[must_use]
    pub fn keep(&mut self, at_most: u32) -> u32 {
        let kept = at_most.min(self.grown());
        self.size -= kept;
        self.left -= i64::from(kept);
        kept
    }

    /// How many credits there are in all.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// How much larger it is than at first.
    #[must_use]
    pub fn grown(&self) -> u32 {
        self.size - self.first
    }

    /// What has arrived and was not handled.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiting
    }
}
