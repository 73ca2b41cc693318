//! The credits for messages to one process of another node.

use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::distribution::send_buffer::SendBuffer;

/// The credits for sending messages to one process of another node. The window outlives the handles to the process, so
/// that messages sent through dropped handles still count.
///
/// A session begins with a small window, and the other node may raise it. A long message may cost more than the
/// remaining credits: it is sent as soon as half of the initial window is available, and the credits granted next pay
/// the debt.
///
/// A reserved slot costs one credit. It outlives the session: the next session begins with one credit less for each
/// reserved slot. Slots beyond the initial window have no credit there: their messages wait for one.
///
/// ```
/// use ambit::distribution::CreditWindow;
/// let window = CreditWindow::default();
/// window.open(2, 3);
/// assert!(window.take(2) && !window.take(1));
/// assert_eq!(window.grant(3), Ok(()));
/// assert_eq!(window.grant(1), Err(0));
/// ```
pub struct CreditWindow {
    credits: Mutex<Credits>,
    /// The buffer for messages that are sent before there is credit for them.
    buffer: Arc<SendBuffer>,
}

/// The remaining credits, and the number of reserved slots.
#[derive(Clone, Copy, Default)]
struct Credits {
    /// The number of credits at the start of a session; none while it is closed.
    first: u32,
    /// The upper limit of the credits.
    most: u32,
    /// Negative after a message that cost more than the remaining credits.
    left: i64,
    /// The reserved slots that have a credit in this session. Together with `left` they never exceed the window.
    held: u32,
    /// Whether the other node has granted credits in this session, so that the window may be larger than at its start.
    is_granted: bool,
}

impl Default for CreditWindow {
    /// Creates a closed window without a send buffer.
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl CreditWindow {
    /// The window size with which messages cost no credits.
    pub const UNCOUNTED: u32 = u32::MAX;

    /// Creates a window that is closed until a session begins. `buffer` limits the messages that are buffered until
    /// credits for them are granted.
    #[must_use]
    pub fn new(buffer: Arc<SendBuffer>) -> Self {
        Self {
            credits: Mutex::default(),
            buffer,
        }
    }

    /// Returns how many credits' worth of messages may be buffered without blocking their senders: the rest of the
    /// largest window.
    pub(crate) fn may_wait(&self) -> u32 {
        let credits = self.credits.lock();
        credits.most.saturating_sub(credits.used())
    }

    pub(crate) fn buffer(&self) -> &SendBuffer {
        &self.buffer
    }

    /// Opens the window for a session with `first` credits, minus one for each reserved slot, as far as they suffice.
    /// The other node may raise the window up to `most` credits.
    pub fn open(&self, first: u32, most: u32) {
        let mut credits = self.credits.lock();
        credits.first = first;
        credits.most = most.max(first);
        credits.is_granted = false;
        if first > 0 {
            credits.held = credits.held.min(first);
        }
        credits.left = match first {
            Self::UNCOUNTED => i64::from(first),
            _ => i64::from(first.saturating_sub(credits.held)),
        };
    }

    /// Closes the window at the end of the session: no message may be sent until the next session.
    pub fn close(&self) {
        self.open(0, 0);
    }

    /// Takes `count` credits, and returns true. Returns false and takes none if too few are left.
    #[must_use]
    pub fn take(&self, count: u32) -> bool {
        self.credits.lock().take(count)
    }

    /// Gives back `count` credits that were taken for messages that were not sent. The credits never exceed the limit
    /// of the window.
    pub fn put_back(&self, count: u32) {
        self.credits.lock().put_back(count);
    }

    /// Takes a credit for a reserved slot, unless there is none.
    #[must_use]
    pub(crate) fn hold(&self) -> bool {
        let mut credits = self.credits.lock();
        let is_taken = credits.take(1);
        credits.held += u32::from(is_taken);
        is_taken
    }

    /// Releases a reserved slot: its credit goes back, if it has one.
    pub(crate) fn let_go(&self) {
        let mut credits = self.credits.lock();
        if credits.held > 0 {
            credits.held -= 1;
            credits.put_back(1);
        }
    }

    /// Uses a reserved slot for a message that costs `cost`, unless there are too few credits; then it stays reserved.
    #[must_use]
    pub(crate) fn fill(&self, cost: u32) -> bool {
        let mut credits = self.credits.lock();
        let held = credits.held.min(1);
        let is_paid = credits.take_beside(held, cost);
        if is_paid {
            credits.held -= held;
        }
        is_paid
    }

    /// Adds `count` credits that the other node granted, either for handled messages or to raise the window. A closed
    /// window ignores them, because the notice that the process has ended may overtake them.
    ///
    /// # Errors
    /// If the remaining credits, the reserved slots and `count` together exceed the limit, returns the number of
    /// credits that could have been granted, and changes nothing.
    pub fn grant(&self, count: u32) -> Result<(), u32> {
        let mut credits = self.credits.lock();
        if credits.first == 0 {
            return Ok(());
        }
        let fits = i64::from(credits.most) - credits.left - i64::from(credits.held);
        if i64::from(count) > fits {
            return Err(u32::try_from(fits).unwrap_or(0));
        }
        credits.left += i64::from(count);
        credits.is_granted |= count > 0;
        Ok(())
    }

    /// Returns the number of remaining credits.
    #[must_use]
    pub fn left(&self) -> u32 {
        u32::try_from(self.credits.lock().left).unwrap_or(0)
    }

    /// Returns whether a new window would be the same as this one: no credits are used, and the other node has not
    /// granted any.
    ///
    /// The receiver may have raised a window with granted credits. It returns credits per half of the raised window, so
    /// a sender that began again with the first window would wait for them forever.
    #[must_use]
    pub fn is_new(&self) -> bool {
        let credits = self.credits.lock();
        credits.left == i64::from(credits.first) && credits.held == 0 && !credits.is_granted
    }

    /// Returns the difference between the initial window and the remaining credits; 0 if more credits remain.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.credits.lock().used()
    }
}

impl Credits {
    fn used(&self) -> u32 {
        u32::try_from(i64::from(self.first) - self.left).unwrap_or(0)
    }

    fn take(&mut self, count: u32) -> bool {
        self.take_beside(0, count)
    }

    /// Takes `count` credits, `taken` of which are taken already.
    fn take_beside(&mut self, taken: u32, count: u32) -> bool {
        if self.first == CreditWindow::UNCOUNTED {
            return true;
        }
        let enough = i64::from(count.min((self.first / 2).max(1)));
        let may = self.first > 0 && self.left + i64::from(taken) >= enough;
        if may {
            self.left -= i64::from(count.saturating_sub(taken));
        }
        may
    }

    fn put_back(&mut self, count: u32) {
        let left = self.left.saturating_add(i64::from(count));
        self.left = left.min(i64::from(self.most));
    }
}

impl fmt::Debug for CreditWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credits { most, left, .. } = *self.credits.lock();
        write!(f, "CreditWindow({left} of {most})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(first: u32, most: u32) -> CreditWindow {
        let window = CreditWindow::default();
        window.open(first, most);
        window
    }

    #[test]
    fn an_uncounted_window_is_never_exhausted_and_accepts_no_grants() {
        let window = open(CreditWindow::UNCOUNTED, CreditWindow::UNCOUNTED);
        assert!(window.take(7));
        assert_eq!(window.used(), 0);
        assert_eq!(window.grant(1), Err(0));
    }

    #[test]
    fn a_closed_account_gives_nothing_and_takes_nothing_back() {
        let window = open(3, 3);
        assert!(window.take(2));
        window.close();
        assert!(!window.take(1));
        window.put_back(2);
        assert_eq!(window.grant(1), Ok(()));
        assert_eq!((window.left(), window.used()), (0, 0));
    }

    #[test]
    fn returned_credits_never_exceed_the_window() {
        let window = open(3, 3);
        assert!(window.take(1));
        window.put_back(2);
        assert_eq!((window.left(), window.used()), (3, 0));
    }

    #[test]
    fn a_window_is_raised_to_what_was_agreed_and_no_further() {
        let window = open(2, 8);
        assert!(window.take(1));
        assert_eq!(window.grant(7), Ok(()));
        assert_eq!(window.grant(1), Err(0));
        assert_eq!((window.left(), window.used()), (8, 0));
        window.open(2, 8);
        assert_eq!(window.left(), 2, "each session begins anew");
    }

    #[test]
    fn a_window_is_new_until_credits_are_used_or_granted() {
        let window = open(2, 8);
        assert!(window.is_new() && window.take(1) && !window.is_new());
        window.put_back(1);
        assert!(window.is_new(), "nothing was sent");
        assert!(window.take(2));
        assert_eq!(window.grant(2), Ok(()));
        assert!(!window.is_new(), "two of four may be under way");
        window.open(2, 8);
        assert!(window.is_new());
        assert!(window.hold() && !window.is_new());
    }

    #[test]
    fn a_long_message_needs_half_the_initial_window_and_leaves_a_debt() {
        let window = open(4, 100);
        assert!(window.take(2) && window.take(50));
        assert_eq!((window.left(), window.used()), (0, 52));
        assert_eq!(window.grant(50), Ok(()));
        assert!(window.take(2), "the debt is paid, and two are left");
        assert_eq!(window.grant(101), Err(100));
    }

    #[test]
    fn a_reserved_slot_also_counts_in_the_next_session() {
        let window = open(3, 3);
        assert!(window.hold() && window.hold() && window.take(1));
        assert!(!window.hold());
        assert_eq!(window.grant(2), Err(1), "one has gone");
        window.close();
        assert!(!window.hold());
        window.let_go();
        window.open(3, 3);
        assert_eq!(window.left(), 2);
        assert!(window.fill(1));
        assert_eq!(window.grant(2), Err(1), "the place was used once");
        assert_eq!((window.grant(1), window.left()), (Ok(()), 3));
    }

    #[test]
    fn slots_beyond_the_first_window_have_no_credit_in_the_next_session() {
        let window = open(2, 100);
        assert_eq!(window.grant(98), Ok(()));
        assert!((0..50).all(|_| window.hold()));
        window.close();
        window.open(2, 100);
        assert!(window.fill(1) && window.fill(1));
        assert!(!window.fill(1), "the receiver has given two credits");
        assert_eq!((window.grant(99), window.grant(98)), (Ok(()), Err(1)));
        for _ in 0..48 {
            window.let_go();
        }
        assert_eq!(window.left(), 99);
    }

    #[test]
    fn idle_slots_never_exceed_the_window_of_the_next_session() {
        let window = open(2, 100);
        assert_eq!(window.grant(98), Ok(()));
        assert!((0..50).all(|_| window.hold()));
        window.open(2, 100);
        assert_eq!(window.grant(98), Ok(()));
        for _ in 0..50 {
            window.let_go();
        }
        assert_eq!((window.left(), window.grant(1)), (100, Err(0)));
    }

    #[test]
    fn a_slot_too_small_for_a_long_message_stays_reserved() {
        let window = open(4, 4);
        assert!(window.hold() && window.take(2) && window.take(1));
        assert!(!window.fill(3));
        window.let_go();
        assert_eq!(window.left(), 1);
    }
}
