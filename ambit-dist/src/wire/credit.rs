//! Credits: how many messages a process of one node may be sent by the other before it has handled them.
//!
//! Both sides start with the agreed [`window`](crate::wire::Limits::window), and a long message
//! [costs](crate::wire::Limits::cost) more than one. The reader of a lane therefore never waits for a process: what arrives
//! has room, or the peer has broken the rule. Answers and signals need no credits. The sender's side is
//! [`ambit::node::Account`].

use crate::wire::error::WireError;

/// The receiving side, for one process of this node, in credits.
///
/// What was handled is returned in one [`Frame::Credit`](crate::wire::Frame::Credit) as soon as it is half the window.
///
/// ```
/// use ambit_dist::wire::Window;
/// let mut window = Window::new(4);
/// window.arrived(1)?;
/// window.arrived(2)?;
/// assert_eq!(window.handled(1), None);
/// assert_eq!(window.handled(2), Some(3));
/// # Ok::<(), ambit_dist::wire::WireError>(())
/// ```
#[derive(Debug)]
pub struct Window {
    window: u32,
    /// Of messages that have arrived and were not handled.
    waiting: u32,
    /// Of messages that were handled, and not returned.
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

    /// Notes a message of this cost that has arrived.
    ///
    /// # Errors
    /// [`WireError::NoCredit`] if the other node had no credit for it.
    pub fn arrived(&mut self, cost: u32) -> Result<(), WireError> {
        let window = self.window;
        if cost > window - self.waiting - self.handled {
            return Err(WireError::NoCredit { window });
        }
        self.waiting += cost;
        Ok(())
    }

    /// Notes that a message was handled, and says how many credits are to be returned now. More than have arrived are
    /// not counted.
    #[must_use]
    pub fn handled(&mut self, cost: u32) -> Option<u32> {
        self.waiting = self.waiting.checked_sub(cost)?;
        self.handled += cost;
        let batch = (self.window / 2).max(1);
        if self.handled < batch {
            return None;
        }
        Some(std::mem::take(&mut self.handled))
    }

    /// The process has ended: what is left to return.
    #[must_use]
    pub fn rest(&mut self) -> Option<u32> {
        Some(std::mem::take(&mut self.handled)).filter(|rest| *rest > 0)
    }

    /// What has arrived and was not handled.
    #[must_use]
    pub fn waiting(&self) -> u32 {
        self.waiting
    }
}
