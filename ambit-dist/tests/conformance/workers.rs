//! Servers that receive more than they can handle, and call the sending node back.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::Limits;
use tokio::sync::oneshot;

use crate::conformance::actors::{Log, LogSubject};
use crate::conformance::stage::{Stage, everywhere, everywhere_within, soon, until, until_some};

const WORKERS: usize = 6;

/// How many tasks each worker receives.
const TASKS: u64 = 60;

const TASK: usize = 16 << 10;

/// Calls another server for each task.
pub(crate) struct Worker {
    log: LogSubject,
}

#[gen_server(remote = "conformance.worker", mailbox = 4)]
impl Worker {
    #[init]
    pub(crate) fn new(log: LogSubject) -> Self {
        Self { log }
    }

    #[cast]
    async fn work(&mut self, number: u64, task: Vec<u8>) {
        assert_eq!(task.len(), TASK);
        // The answer uses the same lanes as the tasks.
        assert_eq!(self.log.ask(number).no_timeout().await, Ok(number));
    }

    /// Never returns.
    #[cast]
    async fn hang(&self) {
        std::future::pending::<()>().await
    }

    #[call]
    fn ping(&self) -> u64 {
        7
    }
}

/// Traps exits, and counts the messages before each signal.
pub(crate) struct Trapper {
    log: LogSubject,
    taken: u64,
    exits: Vec<(u64, ExitReason)>,
    downs: Vec<(u64, ExitReason)>,
}

/// Most messages of the test wait for credits, and then for capacity in its mailbox.
#[gen_server(remote = "conformance.trapper", mailbox = 4)]
impl Trapper {
    #[init]
    pub(crate) fn new(ctx: &mut Context<Self>, log: LogSubject) -> Self {
        ctx.trap_exits(true);
        Self {
            log,
            taken: 0,
            exits: Vec::new(),
            downs: Vec::new(),
        }
    }

    #[call]
    fn watch(&mut self, ctx: &mut Context<Self>, sender: Pid) {
        ctx.monitor(sender);
    }

    /// Waits until the log answers.
    #[cast]
    async fn hold(&self) {
        self.log.keep().no_timeout().await.unwrap();
    }

    #[cast]
    fn take(&mut self, _task: Vec<u8>) {
        self.taken += 1;
    }

    #[call]
    fn exits(&self) -> Vec<(u64, ExitReason)> {
        self.exits.clone()
    }

    #[call]
    fn downs(&self) -> Vec<(u64, ExitReason)> {
        self.downs.clone()
    }

    #[info]
    fn on_exit(&mut self, exit: Exit) {
        self.exits.push((self.taken, exit.reason));
    }

    #[info]
    fn on_down(&mut self, down: Down) {
        self.downs.push((self.taken, down.reason));
    }
}

/// So small that the waiting tasks would use it up many times.
fn small() -> Limits {
    Limits::default().waiting(64 << 10)
}

async fn workers(stage: &Stage) -> Vec<WorkerSubject> {
    stage.far().node.expose::<Worker>();
    let mut workers = Vec::new();
    for _ in 0..WORKERS {
        let log = Log::start().await.unwrap();
        let start = stage.near.on("far").start::<Worker>((log,));
        workers.push(soon(start).await.unwrap());
    }
    workers
}

#[test]
fn workers_that_call_the_sender_back_are_all_answered() {
    everywhere_within(&small(), |stage| async move {
        let mut senders = Vec::new();
        for worker in workers(&stage).await {
            senders.push(ambit::spawn(move |_: Inbox<u8>| async move {
                for number in 0..TASKS {
                    let task = vec![0; TASK];
                    worker.work(number, task).no_timeout().await.unwrap();
                }
                assert_eq!(worker.ping().no_timeout().await, Ok(7));
            }));
        }
        for sender in senders {
            assert_eq!(soon(sender.closed()).await, ExitReason::Normal);
        }
    });
}

#[test]
fn casts_beyond_the_credits_go_although_no_handle_is_left() {
    everywhere(|stage| async move {
        stage.far().node.expose::<Worker>();
        let log = Log::start().await.unwrap();
        let start = stage.near.on("far").start::<Worker>((log.clone(),));
        let worker = soon(start).await.unwrap();
        for number in 0..200 {
            assert_eq!(worker.work(number, vec![0; TASK]).now(), Ok(()));
        }
        drop(worker);
        let heard = until_some("every cast has arrived", || async {
            let heard = log.heard().await.unwrap();
            (heard.len() >= 200).then_some(heard)
        })
        .await;
        assert_eq!(heard, (0..200).collect::<Vec<_>>());
    });
}

/// Sends tasks until the worker has ended.
fn sender(worker: &WorkerSubject) -> Subject<u8> {
    let worker = worker.clone();
    ambit::spawn(move |_: Inbox<u8>| async move {
        let work = |number| worker.work(number, vec![0; TASK]).no_timeout();
        let mut number = 0;
        while work(number).await.is_ok() {
            number += 1;
        }
    })
}

#[test]
fn a_kill_and_the_end_of_others_pass_messages_that_wait() {
    everywhere_within(&small(), |stage| async move {
        let all = workers(&stage).await;
        let other = soon(stage.near.on("far").start::<Log>(())).await.unwrap();
        let monitored = other.clone();
        let (watches, is_watched) = oneshot::channel();
        let watcher = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.monitor(&monitored);
            assert_eq!(monitored.ping().no_timeout().await, Ok(7));
            watches.send(()).unwrap();
            assert!(matches!(inbox.next().await, InboxEvent::Down(_)));
        });
        soon(is_watched).await.unwrap();
        for worker in &all {
            worker.hang().await.unwrap();
        }
        let senders: Vec<_> = all.iter().map(sender).collect();
        settled(&stage, WORKERS).await;
        ambit::exit(&other, ExitReason::error("enough"));
        assert_eq!(
            at_once("the monitor fires", watcher.closed()).await,
            ExitReason::Normal
        );
        for (worker, others) in all.into_iter().zip((0..WORKERS).rev()) {
            // It watches first: a process that has ended is reported as `NoProcess`.
            let down = worker.monitor();
            ambit::exit(&worker, ExitReason::Kill);
            let down = at_once("the worker is killed", down).await;
            assert_eq!(down.reason, ExitReason::Killed);
            settled(&stage, others).await;
        }
        for sender in senders {
            assert_eq!(soon(sender.closed()).await, ExitReason::Normal);
        }
        until("all credits are back", || {
            stage.near.peer("far").unwrap().traffic.credits_used == 0
        })
        .await;
    });
}

/// Casts to the worker until messages are buffered, and returns then.
async fn buffer_casts(worker: &WorkerSubject) {
    for number in 0.. {
        if worker.work(number, vec![0; TASK]).now().is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
}

/// Spawns a process whose casts to the worker are buffered, and which then runs `then`.
async fn sender_with_buffered_casts<Fut>(
    worker: &WorkerSubject,
    then: impl FnOnce(WorkerSubject) -> Fut + Send + 'static,
) -> Subject<u8>
where
    Fut: Future<Output = ()> + Send,
{
    let worker = worker.clone();
    let (tell, told) = oneshot::channel();
    let sender = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        inbox.link(&worker).unwrap();
        buffer_casts(&worker).await;
        tell.send(()).unwrap();
        inbox.recv().await;
        then(worker).await;
    });
    soon(told).await.unwrap();
    sender
}

#[test]
fn an_exit_ends_a_server_that_hangs_while_casts_of_its_sender_are_buffered() {
    everywhere_within(&small(), |stage| async move {
        let all = workers(&stage).await;
        for (at, worker) in all.into_iter().enumerate() {
            let down = worker.monitor();
            // The answer arrives after the monitor.
            assert_eq!(worker.ping().await, Ok(7));
            worker.hang().await.unwrap();
            let crash = ExitReason::error("crash");
            let of_sender = crash.clone();
            let sender = sender_with_buffered_casts(&worker, move |worker| async move {
                match at % 2 {
                    // The signal of a linked process that ends.
                    0 => ambit::exit(ambit::self_pid().unwrap(), of_sender),
                    _ => ambit::exit(&worker, of_sender),
                }
                std::future::pending::<()>().await
            })
            .await;
            until("what can be sent has been sent", || {
                let near = stage.near.peer("far").unwrap().traffic;
                let far = stage.far().node.peer("near").unwrap().traffic;
                let has_come = near.bytes_queued == 0 && far.bytes_in + 1_000 > near.bytes_out;
                near.messages_waiting > 0 && has_come
            })
            .await;
            sender.send(1).await.unwrap();
            let down = at_once("the exit ends the worker", down).await;
            assert_eq!(down.reason, crash);
            assert_eq!(soon(sender.closed()).await, crash);
        }
        until("all credits are back", || {
            stage.near.peer("far").unwrap().traffic.credits_used == 0
        })
        .await;
    });
}

/// Starts a trapper that waits for the log.
async fn trapper(stage: &Stage, log: &LogSubject) -> TrapperSubject {
    stage.far().node.expose::<Trapper>();
    let start = stage.near.on("far").start::<Trapper>((log.clone(),));
    soon(start).await.unwrap()
}

/// Lets the trapper go on once it holds.
async fn release(log: &LogSubject) {
    until_some("the trapper holds", || async {
        let (calls, _) = log.kept().await.unwrap();
        (calls > 0).then_some(())
    })
    .await;
    log.answer_all().await.unwrap();
}

/// Sends an exit, and ends with another.
async fn exit_twice(trapper: &TrapperSubject) {
    ambit::exit(trapper, ExitReason::error("first"));
    ambit::exit(ambit::self_pid().unwrap(), ExitReason::error("second"));
    std::future::pending().await
}

/// Checks that both exits and the `Down` arrive, each once, behind `count` casts.
async fn signals_follow(trapper: &TrapperSubject, count: u64) {
    let exits = until_some("both exits have arrived", || async {
        let exits = trapper.exits().no_timeout().await.unwrap();
        (exits.len() >= 2).then_some(exits)
    })
    .await;
    let first = (count, ExitReason::error("first"));
    let second = (count, ExitReason::error("second"));
    assert_eq!(
        exits,
        [first, second.clone()],
        "each once, behind the casts"
    );
    let downs = until_some("the monitor fires", || async {
        let downs = trapper.downs().no_timeout().await.unwrap();
        (!downs.is_empty()).then_some(downs)
    })
    .await;
    assert_eq!(downs, [second]);
}

#[test]
fn a_server_that_traps_exits_gets_the_exit_behind_the_buffered_casts_of_its_sender() {
    everywhere_within(&small(), |stage| async move {
        let log = Log::start().await.unwrap();
        let trapper = trapper(&stage, &log).await;
        let casts = trapper.clone();
        let (tell, told) = oneshot::channel();
        let sender = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.link(&casts).unwrap();
            casts.watch(inbox.pid()).no_timeout().await.unwrap();
            casts.hold().await.unwrap();
            let mut count = 0;
            while casts.take(vec![0; TASK]).now().is_ok() {
                count += 1;
            }
            tell.send(count).unwrap();
            exit_twice(&casts).await;
        });
        let count: u64 = soon(told).await.unwrap();
        soon(sender.closed()).await;
        release(&log).await;
        signals_follow(&trapper, count).await;
    });
}

/// Waits until tasks wait for this many workers, and nothing is under way.
async fn settled(stage: &Stage, workers: usize) {
    let far = stage.far().node;
    until("messages wait, and nothing is under way", || {
        let near = stage.near.peer("far").unwrap().traffic;
        let far = far.peer("near").unwrap().traffic;
        let is_used_up = far.bytes_waiting >= workers * 10 * TASK;
        let has_come = near.bytes_queued == 0 && far.bytes_in + 1_000 > near.bytes_out;
        near.messages_waiting >= workers && is_used_up && has_come
    })
    .await;
}

/// Fails after the longest round trip of all networks and 100 ms.
async fn at_once<T>(text: &str, what: impl Future<Output = T>) -> T {
    let most = Duration::from_millis(100 + 100);
    tokio::time::timeout(most, what).await.expect(text)
}
