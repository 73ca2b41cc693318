//! Counts the questions that are neither answered and read nor given up, for tests that none is left behind.

#[cfg(feature = "test")]
pub(crate) use self::counted::open;
#[cfg(any(test, feature = "test"))]
pub(super) use self::counted::{closed, opened};
#[cfg(not(any(test, feature = "test")))]
pub(super) use self::uncounted::{closed, opened};

#[cfg(any(test, feature = "test"))]
mod counted {
    use std::sync::atomic::{AtomicUsize, Ordering};

    static OPEN: AtomicUsize = AtomicUsize::new(0);

    pub(in super::super) fn opened() {
        OPEN.fetch_add(1, Ordering::Relaxed);
    }

    pub(in super::super) fn closed() {
        OPEN.fetch_sub(1, Ordering::Relaxed);
    }

    /// Those of the whole program.
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
