//! A caller with a reply is woken before the server starts the next message.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ambit::prelude::*;

use crate::support::process::soon;

/// A timeout longer than any test here.
const PATIENCE: Duration = Duration::from_secs(30);

struct Row {
    /// Signals that the server has reached the gate.
    arrived: Sender<()>,
    gate: Receiver<()>,
    /// Signals that the first caller has its reply.
    heard: Receiver<()>,
}

#[gen_server(in_place = never)]
impl Row {
    #[cast]
    fn wait_at_the_gate(&mut self) {
        self.arrived.send(()).unwrap();
        self.gate.recv_timeout(PATIENCE).unwrap();
    }
    #[call]
    fn first(&mut self) -> u8 {
        1
    }
    #[call]
    async fn first_async(&mut self) -> u8 {
        1
    }
    /// Returns true if the caller of `first` continues while this runs.
    #[call]
    fn second(&mut self) -> bool {
        self.heard.recv_timeout(PATIENCE).is_ok()
    }
}

struct Setup {
    row: RowSubject,
    gate: Sender<()>,
    heard: Sender<()>,
}

async fn setup() -> Setup {
    let (gate, at_gate) = channel();
    let (heard, hears) = channel();
    let (arrived, arrives) = channel();
    let row = Row {
        arrived,
        gate: at_gate,
        heard: hears,
    };
    let row = row.start().await.unwrap();
    row.wait_at_the_gate().await.unwrap();
    // From here on only the calls are queued.
    arrives.recv_timeout(PATIENCE).unwrap();
    Setup { row, gate, heard }
}

/// Waits until `messages` messages are queued.
async fn queued(row: &RowSubject, messages: usize) {
    while ambit::process_info(row).unwrap().queued < messages {
        tokio::task::yield_now().await;
    }
}

/// Makes the second call when the first one is queued, and then opens the gate for both.
async fn ask_second(row: RowSubject, gate: Sender<()>) -> Result<bool, CallError> {
    let opened = tokio::spawn({
        let row = row.clone();
        async move {
            queued(&row, 2).await;
            gate.send(()).unwrap();
        }
    });
    queued(&row, 1).await;
    let answer = row.second().no_timeout().await;
    opened.await.unwrap();
    answer
}

// The first caller is not a task on a worker: tokio would schedule it on the very thread that handles the next message.
#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn while_the_next_message_of_the_same_batch_is_handled() {
    for is_async in [false, true] {
        let Setup { row, gate, heard } = setup().await;
        let second = tokio::spawn(ask_second(row.clone(), gate));
        let first = if is_async {
            soon(row.first_async().no_timeout()).await
        } else {
            soon(row.first().no_timeout()).await
        };
        assert_eq!(first, Ok(1));
        heard.send(()).unwrap();
        assert_eq!(soon(second).await.unwrap(), Ok(true), "async: {is_async}");
    }
}

/// A server with a deferred reply, which answers in the middle of its handler.
struct Middle(Receiver<()>);

#[gen_server(in_place = never)]
impl Middle {
    #[call(deferred)]
    fn ask(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<u8>) {
        ctx.answer(reply, 7);
        self.0.recv_timeout(PATIENCE).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn while_the_handler_that_answered_explicitly_continues() {
    let (heard, hears) = channel();
    let middle = Middle(hears);
    let middle = middle.start().await.unwrap();
    // Uses `send`, so that the caller never runs the handler inline, regardless of the environment.
    assert_eq!(soon(middle.ask().no_timeout().send()).await, Ok(7));
    heard.send(()).unwrap();
    soon(middle.stop()).await.unwrap();
}
