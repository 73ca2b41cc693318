//! The limit of answers that one node owes another.

use std::sync::atomic::{AtomicUsize, Ordering};

use ambit::error::CallError;
use ambit::prelude::*;
use ambit::rpc;
use ambit_dist::Limits;

use crate::two_nodes::pair::pair_within;

/// Counts its calls, and answers some of them later.
struct Ledger {
    calls: u64,
    waiting: Vec<ReplyTo<u64>>,
}

#[gen_server(remote = "test.ledger")]
impl Ledger {
    #[init]
    fn new() -> Self {
        let waiting = Vec::new();
        Self { calls: 0, waiting }
    }

    #[call]
    fn count(&mut self) -> u64 {
        self.calls += 1;
        self.calls
    }

    #[call(deferred)]
    fn hold(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    #[cast]
    fn release(&mut self) {
        for reply in self.waiting.drain(..) {
            reply.send(self.calls);
        }
    }
}

static RUNS: AtomicUsize = AtomicUsize::new(0);

#[rpc(name = "test.runs")]
async fn runs() -> u64 {
    RUNS.fetch_add(1, Ordering::Relaxed);
    1
}

/// `Full` says that the call did not run.
#[ambit::test(real_time)]
async fn a_call_beyond_the_limit_of_pending_answers_does_not_run() {
    let pair = pair_within(&Limits::default().asks(1)).await;
    pair.far.expose::<Ledger>();
    pair.far.expose_rpc::<runs>();
    let far = pair.near.on("far");
    let ledger = far.start::<Ledger>(()).await.unwrap();
    let held = ledger.hold().send();

    assert_eq!(ledger.count().await, Err(CallError::Full));
    assert_eq!(far.call(runs()).await, Err(CallError::Full));

    ledger.release().await.unwrap();
    assert_eq!(held.await, Ok(0), "the refused call changed the server");
    assert_eq!(ledger.count().await, Ok(1));
    assert_eq!(far.call(runs()).await, Ok(1));
    assert_eq!(RUNS.load(Ordering::Relaxed), 1);
}
