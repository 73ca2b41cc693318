//! Messages that wait in the full mailbox of their process.

use std::time::Duration;

use ambit::prelude::*;

use crate::conformance::actors::{Log, LogSubject};
use crate::conformance::stage::{Stage, everywhere, soon, until, until_some};

/// Records the numbers that it handles.
pub(crate) struct Recorder {
    handled: Vec<u64>,
}

#[gen_server(remote = "conformance.recorder", mailbox = 4)]
impl Recorder {
    #[init]
    pub(crate) fn new() -> Self {
        Self {
            handled: Vec::new(),
        }
    }

    /// Waits until the log answers.
    #[cast]
    async fn hold(&self, log: LogSubject) {
        log.keep().no_timeout().await.unwrap();
    }

    #[cast]
    fn take(&mut self, number: u64) {
        self.handled.push(number);
    }

    #[call]
    fn ask(&mut self, number: u64) -> u64 {
        self.handled.push(number);
        number
    }

    #[call]
    fn handled(&self) -> Vec<u64> {
        self.handled.clone()
    }
}

/// A recorder on the other node that waits for a log there, which other connections do not affect.
struct Held {
    recorder: RecorderSubject,
    log: LogSubject,
}

impl Held {
    async fn start(stage: &Stage) -> Self {
        stage.far().node.expose::<Recorder>();
        let log = soon(stage.near.on("far").start::<Log>(())).await.unwrap();
        let recorder = soon(stage.near.on("far").start::<Recorder>(())).await;
        let recorder = recorder.unwrap();
        recorder.hold(log.clone()).await.unwrap();
        until_some("the recorder holds", || async {
            let (calls, _) = log.kept().await.unwrap();
            (calls > 0).then_some(())
        })
        .await;
        Self { recorder, log }
    }

    /// Waits until messages wait in the mailbox.
    async fn waits(&self, stage: &Stage) {
        let far = stage.far().node;
        until("messages wait", || {
            let peer = far.peer("near");
            peer.is_some_and(|peer| peer.traffic.bytes_waiting > 0)
        })
        .await;
    }

    async fn release(&self) {
        self.log.answer_all().await.unwrap();
    }

    async fn handled(&self) -> Vec<u64> {
        self.recorder.handled().no_timeout().await.unwrap()
    }
}

/// A lost connection loses the last messages, and none before one that is handled.
#[test]
fn dist_15_messages_that_wait_when_the_connection_ends_are_lost_from_the_end() {
    everywhere(|stage| async move {
        for round in 0..10 {
            let held = Held::start(&stage).await;
            let mut calls = Vec::new();
            for number in 0..30 {
                match number % 3 {
                    2 => calls.push(held.recorder.ask(number).send()),
                    _ => held.recorder.take(number).now().unwrap(),
                }
            }
            held.waits(&stage).await;
            // In half of the rounds, the recorder takes messages while the connection ends.
            if round % 2 == 0 {
                held.release().await;
            }
            assert!(stage.near.disconnect("far").await);
            for call in calls {
                let _: Result<u64, CallError> = soon(call).await;
            }
            until("the other node has noticed", || {
                stage.far().node.peer("near").is_none()
            })
            .await;
            stage.connect().await;
            // The first request may be lost with the connection.
            held.release().await;
            let handled = soon(held.handled()).await;
            let all: Vec<u64> = (0..handled.len() as u64).collect();
            assert_eq!(handled, all, "without a gap");
        }
    });
}

#[test]
fn calls_that_time_out_while_they_wait_return_their_credits() {
    everywhere(|stage| async move {
        let held = Held::start(&stage).await;
        let call = |number| held.recorder.ask(number).timeout(Duration::from_secs(1));
        let calls: Vec<_> = (0..100).map(|number| call(number).send()).collect();
        held.waits(&stage).await;
        for call in calls {
            assert_eq!(soon(call).await, Err(CallError::Timeout));
        }
        until("no message waits", || {
            let peer = stage.far().node.peer("near").unwrap();
            peer.traffic.bytes_waiting == 0
        })
        .await;
        held.release().await;
        for number in 100..200 {
            held.recorder.take(number).no_timeout().await.unwrap();
        }
        let handled = soon(held.handled()).await;
        assert_eq!(
            handled[handled.len() - 100..],
            (100..200).collect::<Vec<_>>()
        );
        // Those of the last messages are returned later.
        until("most credits are back", || {
            stage.near.peer("far").unwrap().traffic.credits_used < 32
        })
        .await;
    });
}

#[test]
fn messages_that_wait_when_their_process_ends_are_refused_once() {
    everywhere(|stage| async move {
        let held = Held::start(&stage).await;
        let undelivered = || stage.far().node.peer("near").unwrap().traffic.undelivered;
        let before = undelivered();
        for number in 0..20 {
            held.recorder.take(number).now().unwrap();
        }
        let asked = held.recorder.ask(20).send();
        held.waits(&stage).await;
        ambit::exit(&held.recorder, ExitReason::Kill);
        let refused = soon(asked).await;
        assert!(
            matches!(
                refused,
                Err(CallError::NoProcess | CallError::Exited { .. })
            ),
            "{refused:?}"
        );
        until("the credit window is gone", || {
            let traffic = stage.near.peer("far").unwrap().traffic;
            traffic.credits_used < 16 && traffic.messages_waiting == 0
        })
        .await;
        assert!(undelivered() - before <= 20);
    });
}
