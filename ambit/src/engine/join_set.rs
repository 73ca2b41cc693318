//! Many waits in one future: only woken ones are polled, in wake order. (tokio: `JoinSet`.)

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};

use parking_lot::Mutex;

use crate::engine::wake_list;

/// The woken waits, and the waker to notify.
#[derive(Default)]
struct Woken(Mutex<(VecDeque<Arc<WaitWaker>>, Option<Waker>)>);

impl Woken {
    fn poll(&self, cx: &Context<'_>) -> Poll<Arc<WaitWaker>> {
        // Wakers are cloned and dropped without the lock.
        let waker = cx.waker().clone();
        let before = {
            let mut woken = self.0.lock();
            if let Some(wait) = woken.0.pop_front() {
                return Poll::Ready(wait);
            }
            woken.1.replace(waker)
        };
        drop(before);
        Poll::Pending
    }

    /// Takes all woken waits. One that is woken later wakes the caller.
    fn take(&self, cx: &Context<'_>) -> VecDeque<Arc<WaitWaker>> {
        let waker = cx.waker().clone();
        let (before, waits) = {
            let mut woken = self.0.lock();
            (woken.1.replace(waker), std::mem::take(&mut woken.0))
        };
        drop(before);
        waits
    }
}

/// The waker of one wait.
struct WaitWaker {
    number: u64,
    /// Whether it is among the woken waits.
    is_woken: AtomicBool,
    woken: Arc<Woken>,
}

impl Wake for WaitWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_woken.swap(true, Ordering::AcqRel) {
            return;
        }
        let waker = {
            let mut woken = self.woken.0.lock();
            woken.0.push_back(self.clone());
            woken.1.take()
        };
        wake_list::wake(waker);
    }
}

/// A set of numbered waits.
#[derive(Default)]
pub(crate) struct JoinSet {
    woken: Arc<Woken>,
    waits: BTreeMap<u64, Arc<WaitWaker>>,
}

impl JoinSet {
    /// Adds a wait, to be polled soon.
    pub(crate) fn add(&mut self, number: u64) {
        let wait = Arc::new(WaitWaker {
            number,
            is_woken: AtomicBool::new(false),
            woken: self.woken.clone(),
        });
        wait.wake_by_ref();
        self.waits.insert(number, wait);
    }

    pub(crate) fn remove(&mut self, number: u64) {
        self.waits.remove(&number);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    /// Returns the numbers of the pending waits, in ascending order.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.waits.keys().copied()
    }

    /// Returns the next wait that is done, and removes it; `poll` polls one wait.
    pub(crate) fn poll_next<R>(
        &mut self,
        cx: &Context<'_>,
        mut poll: impl FnMut(u64, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<(u64, R)> {
        loop {
            let wait = ready!(self.woken.poll(cx));
            if let Poll::Ready(outcome) = self.poll_one(&wait, &mut poll) {
                return Poll::Ready((wait.number, outcome));
            }
            // It has woken itself, for example because the cooperative budget is used up: it must not be polled again
            // before the task has yielded.
            if wait.is_woken.load(Ordering::Acquire) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
    }

    /// Polls each woken wait once. Returns those that are done, and removes them.
    pub(crate) fn poll_woken<R>(
        &mut self,
        cx: &Context<'_>,
        mut poll: impl FnMut(u64, &mut Context<'_>) -> Poll<R>,
    ) -> Vec<(u64, R)> {
        let mut done = Vec::new();
        for wait in self.woken.take(cx) {
            if let Poll::Ready(outcome) = self.poll_one(&wait, &mut poll) {
                done.push((wait.number, outcome));
            }
        }
        done
    }

    fn poll_one<R>(
        &mut self,
        wait: &Arc<WaitWaker>,
        poll: &mut impl FnMut(u64, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        wait.is_woken.store(false, Ordering::Release);
        // It may be done, or removed.
        let known = self.waits.get(&wait.number);
        if !known.is_some_and(|known| Arc::ptr_eq(known, wait)) {
            return Poll::Pending;
        }
        let waker = Waker::from(wait.clone());
        let polled = poll(wait.number, &mut Context::from_waker(&waker));
        if polled.is_ready() {
            self.waits.remove(&wait.number);
        }
        polled
    }
}
