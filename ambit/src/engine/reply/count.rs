//! Counts open questions, neither read nor cancelled, for tests that check that none is left.

#[cfg(any(test, feature = "test"))]
pub(super) use self::counted::OpenCount;
#[cfg(feature = "test")]
pub(crate) use self::counted::{open, open_here};
#[cfg(not(any(test, feature = "test")))]
pub(super) use self::uncounted::OpenCount;

#[cfg(any(test, feature = "test"))]
mod counted {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

    static OPEN: AtomicUsize = AtomicUsize::new(0);

    thread_local! {
        static HERE: Arc<AtomicIsize> = Arc::default();
    }

    /// An open question, counted for the thread that asked it, on whichever thread it is closed.
    pub(in super::super) struct OpenCount {
        /// `None` if it was asked by an ending thread, which does not count any more.
        asked_by: Option<Arc<AtomicIsize>>,
    }

    impl OpenCount {
        pub(in super::super) fn opened() -> Self {
            OPEN.fetch_add(1, Ordering::Relaxed);
            let asked_by = HERE.try_with(Arc::clone).ok();
            if let Some(here) = &asked_by {
                here.fetch_add(1, Ordering::Relaxed);
            }
            Self { asked_by }
        }

        /// Counts the end of the question; called once.
        pub(in super::super) fn closed(&self) {
            OPEN.fetch_sub(1, Ordering::Relaxed);
            if let Some(here) = &self.asked_by {
                here.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// Returns the open questions that were asked on this thread.
    #[cfg(feature = "test")]
    pub(crate) fn open_here() -> isize {
        HERE.with(|here| here.load(Ordering::Relaxed))
    }

    /// Returns the open questions of the whole program.
    #[cfg(feature = "test")]
    pub(crate) fn open() -> usize {
        OPEN.load(Ordering::Relaxed)
    }
}

#[cfg(not(any(test, feature = "test")))]
mod uncounted {
    pub(in super::super) struct OpenCount;

    impl OpenCount {
        #[inline]
        pub(in super::super) fn opened() -> Self {
            Self
        }

        #[inline]
        pub(in super::super) fn closed(&self) {}
    }
}
