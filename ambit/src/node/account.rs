//! How much may still go to one process of another node.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// The credits for one process of another node in one session. It outlives the handles on the process, so that what was
/// sent through one that is gone is not forgotten.
///
/// ```
/// use ambit::node::Account;
/// let account = Account::default();
/// account.open(2);
/// assert!(account.take(2) && !account.take(1));
/// assert_eq!(account.grant(1), Ok(()));
/// assert_eq!(account.grant(2), Err(1));
/// ```
pub struct Account(AtomicU64);

/// The window in the upper half, what is left of it in the lower one.
#[derive(Clone, Copy)]
struct Credits {
    window: u32,
    left: u32,
}

impl Credits {
    const fn word(self) -> u64 {
        (self.window as u64) << 32 | self.left as u64
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "each is one half of the word"
    )]
    const fn of(word: u64) -> Self {
        Self {
            window: (word >> 32) as u32,
            left: word as u32,
        }
    }
}

impl Default for Account {
    /// One that nothing may go on.
    fn default() -> Self {
        Self(AtomicU64::new(0))
    }
}

impl Account {
    /// A window for what is not counted.
    pub const UNCOUNTED: u32 = u32::MAX;

    fn credits(&self) -> Credits {
        Credits::of(self.0.load(Ordering::Acquire))
    }

    fn change(&self, change: impl Fn(Credits) -> Option<Credits>) -> Result<(), Credits> {
        let change = |word| Some(change(Credits::of(word))?.word());
        let changed = self
            .0
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, change);
        changed.map(drop).map_err(Credits::of)
    }

    /// A session begins, with a whole window.
    pub fn open(&self, window: u32) {
        let left = window;
        self.0
            .store(Credits { window, left }.word(), Ordering::Release);
    }

    /// The session is over: nothing may go.
    pub fn close(&self) {
        self.open(0);
    }

    /// Uses up so many credits, unless there are fewer.
    #[must_use]
    pub fn take(&self, count: u32) -> bool {
        let take = |Credits { window, left }| match window {
            Self::UNCOUNTED => Some(Credits { window, left }),
            _ => Some(Credits {
                window,
                left: left.checked_sub(count)?,
            }),
        };
        self.change(take).is_ok()
    }

    /// Gives back so many that were taken for what did not go; never more than the window.
    pub fn put_back(&self, count: u32) {
        let back = |Credits { window, left }| {
            Some(Credits {
                window,
                left: left.saturating_add(count).min(window),
            })
        };
        // It always changes.
        self.change(back).ok();
    }

    /// The other node has returned so many. They mean nothing to a closed account: the word that a process has ended may
    /// overtake them.
    ///
    /// # Errors
    /// That is more than were used, which is how many this says; nothing has changed.
    pub fn grant(&self, count: u32) -> Result<(), u32> {
        let grant = |Credits { window, left }| {
            if window == 0 {
                return Some(Credits { window, left });
            }
            let left = left.checked_add(count).filter(|left| *left <= window)?;
            Some(Credits { window, left })
        };
        self.change(grant)
            .map_err(|credits| credits.window - credits.left)
    }

    /// How many are left.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.credits().left
    }

    /// How many are used.
    #[must_use]
    pub fn used(&self) -> u32 {
        let credits = self.credits();
        credits.window - credits.left
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Credits { window, left } = self.credits();
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
}
