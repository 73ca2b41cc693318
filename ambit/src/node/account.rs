//! How much may still go to one process of another node.

use std::fmt;

use parking_lot::Mutex;

/// The credits for one process of another node in one session. It outlives the handles on the process, so that what was
/// sent through one that is gone is not forgotten.
///
/// A place that somebody holds is worth a credit, and outlives the session: the next one begins with so many fewer.
///
/// ```
/// use ambit::node::Account;
/// let account = Account::default();
/// account.open(2);
/// assert!(account.take(2) && !account.take(1));
/// assert_eq!(account.grant(1), Ok(()));
/// assert_eq!(account.grant(2), Err(1));
/// ```
pub struct Account(Mutex<Credits>);

/// What is left of a window, and how much of it is held and not used so far.
#[derive(Clone, Copy, Default)]
struct Credits {
    window: u32,
    left: u32,
    held: u32,
}

impl Default for Account {
    /// One that nothing may go on.
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl Account {
    /// A window for what is not counted.
    pub const UNCOUNTED: u32 = u32::MAX;

    /// A session begins, with a whole window but for the places that are held.
    pub fn open(&self, window: u32) {
        let mut credits = self.0.lock();
        credits.window = window;
        credits.left = match window {
            Self::UNCOUNTED => window,
            _ => window.saturating_sub(credits.held),
        };
    }

    /// The session is over: nothing may go.
    pub fn close(&self) {
        self.open(0);
    }

    /// Uses up so many credits, unless there are fewer.
    #[must_use]
    pub fn take(&self, count: u32) -> bool {
        self.0.lock().take(count)
    }

    /// Gives back so many that were taken for what did not go; never more than the window.
    pub fn put_back(&self, count: u32) {
        self.0.lock().put_back(count);
    }

    /// Takes a credit for a place, unless there is none.
    #[must_use]
    pub(crate) fn hold(&self) -> bool {
        let mut credits = self.0.lock();
        let is_taken = credits.take(1);
        credits.held += u32::from(is_taken);
        is_taken
    }

    /// A place is not held any more: its credit goes back.
    pub(crate) fn let_go(&self) {
        let mut credits = self.0.lock();
        credits.held = credits.held.saturating_sub(1);
        credits.put_back(1);
    }

    /// Uses a place for a message that costs so many, unless there are fewer; then it is still held.
    #[must_use]
    pub(crate) fn fill(&self, cost: u32) -> bool {
        let mut credits = self.0.lock();
        let is_paid = credits.take(cost.saturating_sub(1));
        credits.held = credits.held.saturating_sub(u32::from(is_paid));
        is_paid
    }

    /// The other node has returned so many. They mean nothing to a closed account: the word that a process has ended may
    /// overtake them.
    ///
    /// # Errors
    /// That is more than were used, which is how many this says; nothing has changed.
    pub fn grant(&self, count: u32) -> Result<(), u32> {
        let mut credits = self.0.lock();
        if credits.window == 0 {
            return Ok(());
        }
        // What is held has not gone, so nothing can come back for it.
        let gone = credits.used().saturating_sub(credits.held);
        if count > gone {
            return Err(gone);
        }
        credits.left += count;
        Ok(())
    }

    /// How many are left.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.0.lock().left
    }

    /// How many are used.
    #[must_use]
    pub fn used(&self) -> u32 {
        self.0.lock().used()
    }
}

impl Credits {
    fn used(&self) -> u32 {
        self.window - self.left
    }

    fn take(&mut self, count: u32) -> bool {
        if self.window == Account::UNCOUNTED {
            return true;
        }
        let left = self.left.checked_sub(count);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }

    fn put_back(&mut self, count: u32) {
        self.left = self.left.saturating_add(count).min(self.window);
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credits { window, left, .. } = *self.0.lock();
        write!(f, "Account({left} of {window})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_counted_is_never_used_up_and_nothing_can_be_returned_for_it() {
        let account = Account::default();
        account.open(Account::UNCOUNTED);
        assert!(account.take(7));
        assert_eq!(account.used(), 0);
        assert_eq!(account.grant(1), Err(0));
    }

    #[test]
    fn a_closed_account_gives_nothing_and_takes_nothing_back() {
        let account = Account::default();
        account.open(3);
        assert!(account.take(2));
        account.close();
        assert!(!account.take(1));
        account.put_back(2);
        assert_eq!(account.grant(1), Ok(()));
        assert_eq!((account.left(), account.used()), (0, 0));
    }

    #[test]
    fn no_more_is_put_back_than_the_window() {
        let account = Account::default();
        account.open(3);
        assert!(account.take(1));
        account.put_back(2);
        assert_eq!((account.left(), account.used()), (3, 0));
    }

    #[test]
    fn a_place_that_is_held_counts_in_the_next_session_too() {
        let account = Account::default();
        account.open(3);
        assert!(account.hold() && account.hold() && account.take(1));
        assert!(!account.hold());
        assert_eq!(account.grant(2), Err(1), "one has gone");
        account.close();
        assert!(!account.hold());
        account.let_go();
        account.open(3);
        assert_eq!(account.left(), 2);
        assert!(account.fill(1));
        assert_eq!(account.grant(2), Err(1), "the place was used once");
        assert_eq!((account.grant(1), account.left()), (Ok(()), 3));
    }

    #[test]
    fn a_place_that_is_too_small_for_a_long_message_is_still_held() {
        let account = Account::default();
        account.open(3);
        assert!(account.hold() && account.take(1));
        assert!(!account.fill(3));
        account.let_go();
        assert_eq!(account.left(), 2);
    }
}
