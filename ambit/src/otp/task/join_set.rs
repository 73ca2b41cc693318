//! Many waits in one future: only woken ones are polled, in wake order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker, ready};

use parking_lot::Mutex;

/// The woken waits, and the waker to notify.
#[derive(Default)]
struct Woken(Mutex<(VecDeque<u64>, Option<Waker>)>);

impl Woken {
    fn poll(&self, cx: &Context<'_>) -> Poll<u64> {
        // Wakers are cloned and dropped without the lock.
        let waker = cx.waker().clone();
        let before = {
            let mut woken = self.0.lock();
            if let Some(number) = woken.0.pop_front() {
                return Poll::Ready(number);
            }
            woken.1.replace(waker)
        };
        drop(before);
        Poll::Pending
    }
}

/// The waker of one wait.
struct WaitWaker {
    number: u64,
    woken: Arc<Woken>,
}

impl Wake for WaitWaker {
    fn wake(self: Arc<Self>) {
        let waker = {
            let mut woken = self.woken.0.lock();
            woken.0.push_back(self.number);
            woken.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A set of numbered waits.
#[derive(Default)]
pub(super) struct JoinSet {
    woken: Arc<Woken>,
    wakers: BTreeMap<u64, Waker>,
}

impl JoinSet {
    /// Adds a wait, to be polled soon.
    pub(super) fn add(&mut self, number: u64) {
        let woken = self.woken.clone();
        let waker = Waker::from(Arc::new(WaitWaker { number, woken }));
        waker.wake_by_ref();
        self.wakers.insert(number, waker);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.wakers.is_empty()
    }

    /// Returns the numbers of the pending waits, in ascending order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.wakers.keys().copied()
    }

    /// Returns the next wait that is done, and removes it; `poll` polls one wait.
    pub(super) fn poll_next<R>(
        &mut self,
        cx: &Context<'_>,
        mut poll: impl FnMut(u64, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<(u64, R)> {
        loop {
            let number = ready!(self.woken.poll(cx));
            // It may have been woken twice.
            let Some(waker) = self.wakers.get(&number) else {
                continue;
            };
            if let Poll::Ready(outcome) = poll(number, &mut Context::from_waker(waker)) {
                self.wakers.remove(&number);
                return Poll::Ready((number, outcome));
            }
        }
    }
}
