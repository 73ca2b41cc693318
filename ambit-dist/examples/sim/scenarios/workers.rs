//! Workers that call the sending node back, while it sends them more than a session holds.

use ambit::prelude::*;
use ambit_dist::sim::{Host, Scenario, always, sometimes};
use ambit_dist::{Limits, Node};

use super::board::SECOND;
use super::service::with_limits;

const WORKERS: usize = 6;

/// The number of tasks of each worker.
const TASKS: u64 = 40;

/// The size of the longest task.
const TASK: u64 = 16 << 10;

/// Answers the workers.
pub(crate) struct Office {
    answered: u64,
}

#[gen_server(remote = "sim.office")]
impl Office {
    #[init]
    fn new() -> Self {
        Self { answered: 0 }
    }

    #[call]
    fn ask(&mut self, number: u64) -> u64 {
        self.answered += 1;
        number
    }

    #[call]
    fn answered(&self) -> u64 {
        self.answered
    }
}

/// Calls the office for each task.
pub(crate) struct Worker {
    office: OfficeSubject,
}

#[gen_server(remote = "sim.worker", mailbox = 4)]
impl Worker {
    #[init]
    fn new(office: OfficeSubject) -> Self {
        Self { office }
    }

    #[cast]
    async fn work(&mut self, number: u64, _task: Vec<u8>) {
        // The answer uses the same lanes as the tasks.
        let answer = self.office.ask(number).no_timeout().await;
        always!(answer == Ok(number), "a worker is answered", "{answer:?}");
    }

    #[call]
    fn ping(&self) {}
}

async fn workers(host: Host, node: Node) {
    let mut rng = host.rng("workers");
    let office = Office::start().await.unwrap();
    let mut senders = Vec::new();
    for _ in 0..WORKERS {
        let start = node.on("s").start::<Worker>((office.clone(),));
        let worker = start.await.unwrap();
        let sizes: Vec<u64> = (0..TASKS).map(|_| rng.below(TASK)).collect();
        let waits = rng.chance(0.5);
        senders.push(tokio::task::spawn_local(async move {
            for (number, size) in (0..).zip(sizes) {
                let task = vec![7; size as usize];
                if waits || worker.work(number, task.clone()).now().is_err() {
                    worker.work(number, task).no_timeout().await.ok();
                }
            }
            worker.ping().no_timeout().await.is_ok()
        }));
    }
    tokio::time::sleep(SECOND).await;
    let peer = node.peer("s");
    let waiting = peer.map_or(0, |peer| peer.traffic.messages_waiting);
    sometimes!(waiting > 0, "messages wait for credit");
    for sender in senders {
        let done = tokio::time::timeout(100 * SECOND, sender).await;
        always!(
            matches!(done, Ok(Ok(true))),
            "workers that call the sender back are all answered",
            "{done:?}"
        );
    }
    let answered = office.answered().await;
    always!(
        answered == Ok(WORKERS as u64 * TASKS),
        "each task is worked on once",
        "{answered:?}"
    );
}

pub(crate) const CALL_BACK: Scenario = Scenario {
    name: "call-back",
    about: "workers that call the sender of their tasks back are all answered, although more tasks wait than the session holds",
    build: |sim| {
        with_limits(
            sim,
            &Limits::default().waiting(64 << 10),
            |node| node.expose::<Worker>(),
            workers,
        );
    },
};
