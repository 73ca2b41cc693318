//! Who is answered is woken before the next message begins.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use ambit::prelude::*;

use crate::support::process::soon;

/// Longer than anything here lasts.
const PATIENCE: Duration = Duration::from_secs(30);

struct Row {
    /// Says that it stands at the gate.
    arrived: Sender<()>,
    gate: Receiver<()>,
    /// Says that the first caller has its answer.
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
    /// Whether the caller of `first` goes on while this runs.
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
    // What is queued from here on are the questions.
    arrives.recv_timeout(PATIENCE).unwrap();
    Setup { row, gate, heard }
}

/// Waits until so many messages stand in the queue.
async fn queued(row: &RowSubject, messages: usize) {
    while ambit::process_info(row).unwrap().queued < messages {
        tokio::task::yield_now().await;
    }
}

/// Asks second, when the first question is queued, and then lets both begin.
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

// The first caller is no task of the workers: such a one would be woken to run on the very thread that is handling the
// next message.
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

/// A server written by hand, which answers in the middle of its handler.
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
async fn while_the_handler_that_answered_by_itself_goes_on() {
    let (heard, hears) = channel();
    let middle = Middle(hears);
    let middle = middle.start().await.unwrap();
    // Sent, so that the caller does not run the handler itself, whatever the environment says.
    assert_eq!(soon(middle.ask().no_timeout().send()).await, Ok(7));
    heard.send(()).unwrap();
    soon(middle.stop()).await.unwrap();
}
