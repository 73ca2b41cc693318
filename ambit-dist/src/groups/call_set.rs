//! Several futures that are awaited together. Each of them is polled only after its own wake.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

/// Futures with their outputs, in the order in which they were added.
pub(super) struct CallSet<F: Future> {
    calls: Vec<Call<F>>,
    pending: usize,
    woken: Arc<WokenCalls>,
}

struct Call<F: Future> {
    state: CallState<F>,
    waker: Arc<CallWaker>,
}

enum CallState<F: Future> {
    Pending(Pin<Box<F>>),
    Done(Option<F::Output>),
}

/// The futures to poll next.
#[derive(Default)]
struct WokenCalls(Mutex<WokenState>);

#[derive(Default)]
struct WokenState {
    indexes: Vec<usize>,
    /// The waker of the task that polls the set, until it is woken.
    task: Option<Waker>,
}

/// Wakes one future of a set.
struct CallWaker {
    index: usize,
    /// True while the future is in the list.
    is_woken: AtomicBool,
    woken: Arc<WokenCalls>,
}

impl<F: Future> CallSet<F> {
    pub(super) fn new(futures: impl IntoIterator<Item = F>) -> Self {
        let woken = Arc::<WokenCalls>::default();
        let call = |(index, future)| Call {
            state: CallState::Pending(Box::pin(future)),
            waker: Arc::new(CallWaker {
                index,
                is_woken: AtomicBool::new(true),
                woken: woken.clone(),
            }),
        };
        let calls: Vec<_> = futures.into_iter().enumerate().map(call).collect();
        let pending = calls.len();
        woken.0.lock().indexes = (0..pending).collect();
        Self {
            calls,
            pending,
            woken,
        }
    }

    /// Polls the woken futures. Is ready once all of them are done.
    pub(super) fn poll(&mut self, cx: &Context<'_>) -> Poll<()> {
        // Set before the polls, so that a wake during one of them wakes the task.
        for index in self.woken.take(cx.waker()) {
            let Call { state, waker } = &mut self.calls[index];
            waker.is_woken.store(false, Ordering::SeqCst);
            let CallState::Pending(future) = state else {
                continue;
            };
            let waker = Waker::from(waker.clone());
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                *state = CallState::Done(Some(output));
                self.pending -= 1;
            }
        }
        match self.pending {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Returns the outputs in the order of the futures; `None` for each one that is not done.
    pub(super) fn into_outputs(self) -> impl Iterator<Item = Option<F::Output>> {
        self.calls.into_iter().map(|call| match call.state {
            CallState::Done(output) => output,
            CallState::Pending(_) => None,
        })
    }
}

impl WokenCalls {
    /// Takes the list, and lets the next wake of a future wake `task`.
    fn take(&self, task: &Waker) -> Vec<usize> {
        // Wakers are code of users, so they are cloned and dropped without the lock.
        let task = task.clone();
        let (earlier, indexes) = {
            let mut state = self.0.lock();
            let earlier = state.task.replace(task);
            (earlier, mem::take(&mut state.indexes))
        };
        drop(earlier);
        indexes
    }
}

impl Wake for CallWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.is_woken.swap(true, Ordering::SeqCst) {
            return;
        }
        let task = {
            let mut state = self.woken.0.lock();
            state.indexes.push(self.index);
            state.task.take()
        };
        if let Some(task) = task {
            task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::sync::oneshot;

    use super::*;

    fn poll<F: Future>(set: &mut CallSet<F>) -> Poll<()> {
        set.poll(&Context::from_waker(Waker::noop()))
    }

    #[test]
    fn outputs_keep_the_order_of_the_futures_and_unfinished_ones_have_none() {
        let (senders, receivers): (Vec<_>, Vec<_>) = (0..3).map(|_| oneshot::channel()).unzip();
        let mut set = CallSet::new(receivers);
        assert!(poll(&mut set).is_pending());
        let mut senders = senders.into_iter();
        let (first, _second, third) = (senders.next(), senders.next(), senders.next());
        third.unwrap().send(3).unwrap();
        first.unwrap().send(1).unwrap();
        assert!(poll(&mut set).is_pending());
        let outputs: Vec<_> = set.into_outputs().collect();
        assert_eq!(outputs, [Some(Ok(1)), None, Some(Ok(3))]);
    }

    #[test]
    fn a_set_without_futures_is_ready() {
        let mut set = CallSet::new([] as [std::future::Ready<()>; 0]);
        assert!(poll(&mut set).is_ready());
        assert_eq!(set.into_outputs().count(), 0);
    }

    #[ambit::test]
    async fn a_future_that_wakes_itself_is_polled_again() {
        let yields = (0..10).map(|_| tokio::task::yield_now());
        let mut set = CallSet::new(yields);
        poll_fn(|cx| set.poll(cx)).await;
        assert!(set.into_outputs().all(|output| output == Some(())));
    }
}
