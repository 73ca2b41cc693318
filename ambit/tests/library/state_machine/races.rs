//! Many callers, many rounds: no call is lost or answered twice, with inline and queued handlers.

use ambit::error::{CallError, Executed};
use ambit::prelude::*;
use ambit::test::{expect_crash, settle};

/// A lock that its holders pass on.
struct Lock {
    held: u32,
    most: u32,
}

#[state_machine(states = [Free, Held])]
impl Lock {
    #[init]
    fn new() -> Self {
        Self { held: 0, most: 0 }
    }

    #[call(Free => Held, Held => postpone)]
    fn take(&mut self) {
        self.held += 1;
        self.most = self.most.max(self.held);
    }

    #[call(Held => Free, Free => stop)]
    fn give(&mut self) {
        self.held -= 1;
    }

    #[call]
    fn most(&self) -> u32 {
        self.most
    }
}

async fn take_turns(callers: usize, rounds: usize) {
    let lock = Lock::start().await.unwrap();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let lock = lock.clone();
            tokio::spawn(async move {
                for _ in 0..rounds {
                    lock.take().no_timeout().await.unwrap();
                    tokio::task::yield_now().await;
                    lock.give().no_timeout().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(lock.most().await, Ok(1), "one holder at a time");
}

#[ambit::test]
async fn callers_take_turns() {
    take_turns(20, 20).await;
}

#[ambit::test(flavor = "multi_thread")]
async fn callers_of_several_threads_take_turns() {
    for _ in 0..20 {
        take_turns(8, 25).await;
    }
}

#[ambit::test(flavor = "multi_thread")]
async fn the_end_of_a_machine_answers_every_caller() {
    for _ in 0..100 {
        let lock = Lock::start().await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let lock = lock.clone();
                tokio::spawn(async move { lock.take().no_timeout().await })
            })
            .collect();
        tokio::task::yield_now().await;
        expect_crash(&lock);
        ambit::exit(&lock, ExitReason::Kill);
        let mut taken = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(()) => taken += 1,
                Err(CallError::Exited { reason, executed }) => {
                    assert_eq!(reason, ExitReason::Killed);
                    assert!(matches!(executed, Executed::No | Executed::Maybe));
                }
                Err(CallError::NoProcess) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        assert!(taken <= 1, "{taken} hold it");
    }
}

#[ambit::test]
async fn a_cancelled_caller_is_skipped() {
    let lock = Lock::start().await.unwrap();
    lock.take().await.unwrap();
    let (gone, waits) = (lock.take().send(), lock.take().send());
    settle().await;
    drop(gone);
    // The dropped call is executed all the same: it holds the lock now.
    lock.give().await.unwrap();
    lock.give().await.unwrap();
    assert_eq!(waits.await, Ok(()));
}
