//! Reply ports that are dropped outside a handler, with the message that holds them.

use std::time::Duration;

use ambit::error::CallError;
use ambit::prelude::*;

use crate::support::process::soon;

/// Answers a call later, unless it is cancelled.
#[derive(Default)]
struct Delayed {
    timer: Option<Timer>,
}

struct Due(ReplyTo<u8>);

impl Message for Due {}

#[gen_server]
impl Delayed {
    #[init]
    fn new() -> Self {
        Self::default()
    }

    #[call(deferred)]
    fn ask(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u8>) {
        self.timer = Some(ctx.send_after(Duration::from_millis(1), Due(reply)));
    }

    /// Cancels the answer when it is queued already.
    #[call]
    fn cancel(&mut self) -> bool {
        std::thread::sleep(Duration::from_millis(50));
        self.timer
            .take()
            .is_some_and(|timer| timer.cancel().is_some())
    }

    #[info]
    fn due(&mut self, due: Due) {
        due.0.send(1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_a_timer_message_that_is_cancelled_is_not_answered() {
    let delayed = Delayed::start().await.unwrap();
    for _ in 0..100 {
        let waits = delayed.ask().no_timeout().send();
        if delayed.cancel().await.unwrap() {
            assert_eq!(soon(waits).await, Err(CallError::NoReply));
            return;
        }
        // The message was handled before the cancel.
        assert_eq!(soon(waits).await, Ok(1));
    }
    panic!("no message was cancelled in time");
}
