//! Counts open questions, neither read nor cancelled, for tests that check that none is left.

#[cfg(any(test, feature = "test"))]
pub(super) use self::counted::{closed, opened};
#[cfg(feature = "test")]
pub(crate) use self::counted::{open, open_here};
#[cfg(not(any(test, feature = "test")))]
pub(super) use self::uncounted::{closed, opened};

#[cfg(any(test, feature = "test"))]
mod counted {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static OPEN: AtomicUsize = AtomicUsize::new(0);

    thread_local! {
        static HERE: Cell<isize> = const { Cell::new(0) };
    }

    fn count_here(by: isize) {
        // An ending thread does not count any more.
        HERE.try_with(|here| here.set(here.get() + by)).ok();
    }

    pub(in super::super) fn opened() {
        OPEN.fetch_add(1, Ordering::Relaxed);
        count_here(1);
    }

    pub(in super::super) fn closed() {
        OPEN.fetch_sub(1, Ordering::Relaxed);
        count_here(-1);
    }

    /// Returns the questions opened on this thread, minus those closed on it.
    #[cfg(feature = "test")]
    pub(crate) fn open_here() -> isize {
        HERE.get()
    }

    /// Returns the open questions of the whole program.
    #[cfg(feature = "test")]
    pub(crate) fn open() -> usize {
        OPEN.load(Ordering::Relaxed)
    }
}

#[cfg(not(any(test, feature = "test")))]
mod uncounted {
    #[inline]
    pub(in super::super) fn opened() {}

    #[inline]
    pub(in super::super) fn closed() {}
}
