//! Calls from outside the server's runtime: another runtime, a plain thread, a blocking thread.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Wake, Waker};
use std::thread;

use ambit::prelude::*;
use tokio::runtime::{Builder, Handle, Id};

use crate::engine::script::{Log, Script, add, ask, start};

/// Returns the id of the runtime that executes the handler, and the new value.
fn home<const W: bool>(
    script: &Subject<Script<W>>,
) -> ambit::server::Call<'_, Script<W>, (Id, u64)> {
    ask(script, |state, _| {
        state.value += 1;
        (Handle::current().id(), state.value)
    })
}

struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A minimal executor, independent of tokio.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut TaskContext::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

async fn from_everywhere<const W: bool>() {
    let script = start::<W>(&Log::new()).await;
    let own = Handle::current().id();
    assert_eq!(home(&script).await, Ok((own, 1)));

    let other = script.clone();
    let from_thread = thread::spawn(move || block_on(home(&other)));
    assert_eq!(from_thread.join().unwrap(), Ok((own, 2)));

    let other = script.clone();
    let from_runtime = thread::spawn(move || {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let direct = runtime.block_on(home(&other));
        let task = runtime.spawn(async move { home(&other).await });
        (direct, runtime.block_on(task).unwrap())
    });
    assert_eq!(from_runtime.join().unwrap(), (Ok((own, 3)), Ok((own, 4))));

    let other = script.clone();
    let blocking = tokio::task::spawn_blocking(move || home(&other).blocking());
    assert_eq!(blocking.await.unwrap(), Ok((own, 5)));
    let other = script.clone();
    let polled = tokio::task::spawn_blocking(move || block_on(home(&other)));
    assert_eq!(polled.await.unwrap(), Ok((own, 6)));
    let other = script.clone();
    let handle = Handle::current();
    let entered = tokio::task::spawn_blocking(move || handle.block_on(home(&other)));
    assert_eq!(entered.await.unwrap(), Ok((own, 7)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_runs_on_the_servers_runtime_wherever_its_caller_is() {
    from_everywhere::<true>().await;
    from_everywhere::<false>().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_inside_block_in_place_is_answered() {
    for _ in 0..100 {
        let script = start::<true>(&Log::new()).await;
        let (own, known) = (Handle::current().id(), script.clone());
        let task = tokio::spawn(async move {
            tokio::task::block_in_place(|| {
                let blocking = home(&known).blocking();
                let by_hand = block_on(home(&known));
                let entered = Handle::current().block_on(home(&known));
                (blocking, by_hand, entered)
            })
        });
        let (blocking, by_hand, entered) = task.await.unwrap();
        assert_eq!(by_hand.unwrap().0, own);
        assert_eq!(entered.unwrap().0, own);
        // `blocking` is refused only if the thread still drives the runtime.
        assert!(
            matches!(blocking, Ok((id, _)) if id == own)
                || blocking == Err(CallError::BlocksRuntime)
        );
    }
}

#[tokio::test]
async fn a_runtime_that_is_busy_answers_a_plain_thread_later() {
    let script = start::<true>(&Log::new()).await;
    let other = script.clone();
    let asked = thread::spawn(move || block_on(add(&other, 1)));
    let mut sum = 0;
    while !asked.is_finished() {
        sum = add(&script, 0).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert_eq!(asked.join().unwrap(), Ok(1));
    assert!(sum <= 1);
    assert_eq!(add(&script, 0).await, Ok(1));
}
