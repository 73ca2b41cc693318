//! The traffic during the faults, and its invariants.

use std::collections::BTreeSet;
use std::time::Duration;

use ambit::error::{CallError, CastError};
use ambit::process::InboxEvent;
use ambit::test::Probe;
use ambit_dist::{Node, NodeEvent, NodeEvents};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::servers::{Log, LogSubject, Sender};

/// The deadline of a call, and the slack on a busy machine.
const DEADLINE: Duration = Duration::from_secs(2);
const SLACK: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(2);

/// Checks lines such as `up b` and `down b: why`: they must alternate for each node.
pub(super) fn alternates(said: Vec<String>) {
    let mut up = BTreeSet::new();
    for line in said {
        let (what, rest) = line.split_once(' ').unwrap();
        let (name, _) = rest.split_once(':').unwrap_or((rest, ""));
        let is_new = match what {
            "up" => up.insert(name.to_owned()),
            _ => up.remove(name),
        };
        assert!(is_new, "`{line}` comes twice");
    }
}

/// Receives the events of a node until it leaves. Returns their number.
pub(super) async fn hear(mut events: NodeEvents) -> usize {
    let mut said = Vec::new();
    while let Some(event) = events.next().await {
        said.push(match event {
            NodeEvent::Up { node } => format!("up {}", node.name),
            NodeEvent::Down { node, reason } => format!("down {}: {reason}", node.name),
            other => panic!("{other:?}"),
        });
    }
    let count = said.len();
    alternates(said);
    count
}

/// Numbers for logs on another node, with a monitor on each log.
struct Course {
    probe: Probe<u8>,
    monitor: Option<ambit::process::MonitorRef>,
    next: u64,
    sent: u64,
    lost: u64,
    downs: u64,
}

impl Course {
    /// Sends one number. Returns false if the log has ended.
    async fn send(&mut self, log: &LogSubject) -> bool {
        let begin = Instant::now();
        let number = self.next;
        // A number is never sent again, whatever the result.
        self.next += 1;
        if number % 10 == 9 {
            match log.ask(number).timeout(DEADLINE).await {
                Ok(answer) => assert_eq!(answer, number),
                Err(CallError::NoProcess) => return false,
                Err(CallError::Timeout | CallError::NoConnection { .. }) => self.lose().await,
                Err(other) => panic!("{other:?}"),
            }
        } else {
            match log.note(number).timeout(DEADLINE).await {
                Ok(()) => {}
                Err(CastError::NoProcess) => return false,
                Err(CastError::Timeout | CastError::NoConnection) => self.lose().await,
                Err(other) => panic!("{other:?}"),
            }
        }
        let took = begin.elapsed();
        assert!(took < DEADLINE + SLACK, "it took {took:?}");
        self.sent += 1;
        true
    }

    async fn lose(&mut self) {
        self.lost += 1;
        sleep(PAUSE * 10).await;
    }

    /// Checks that each monitor fires once.
    async fn look(&mut self) {
        while let Some(event) = self.probe.next_within(Duration::ZERO).await {
            match event {
                InboxEvent::Down(down) => assert_eq!(Some(down.monitor), self.monitor.take()),
                other => panic!("{other:?}"),
            }
            self.downs += 1;
        }
    }
}

/// Sends numbers to a log on another node until stopped. Returns the number of logs, and a summary.
pub(super) async fn to_there(
    node: &Node,
    name: &str,
    over: watch::Receiver<bool>,
) -> (u64, String) {
    let mut course = Course {
        probe: Probe::new(),
        monitor: None,
        next: 0,
        sent: 0,
        lost: 0,
        downs: 0,
    };
    let mut log = None;
    let mut logs = 0;
    loop {
        sleep(PAUSE).await;
        let Some(there) = &log else {
            log = node.on(name).start::<Log>(()).timeout(DEADLINE).await.ok();
            course.next = 0;
            logs += u64::from(log.is_some());
            continue;
        };
        course.look().await;
        if course.monitor.is_none() && node.peer(name).is_some() {
            course.monitor = Some(course.probe.monitor(there));
        }
        let lives = course.send(there).await;
        // Only a running log can report what it received.
        if !lives {
            log = None;
        } else if *over.borrow()
            && let Ok((heard, next, in_order)) = there.seen().await
        {
            assert!(in_order && heard <= next && next <= course.next);
            break;
        }
    }
    let Course {
        sent, lost, downs, ..
    } = course;
    let text =
        format!("to {name}: {sent} sent, {lost} of them lost or late, {logs} logs, {downs} downs");
    (logs, text)
}

/// Lets another node send numbers to this one.
pub(super) async fn from_there(node: &Node, name: &str, over: watch::Receiver<bool>) -> String {
    let (mut whole, mut broken) = (0, 0);
    while !*over.borrow() {
        sleep(PAUSE * 10).await;
        let sender = node.on(name).start::<Sender>(()).timeout(DEADLINE);
        let Ok(sender) = sender.await else {
            continue;
        };
        let log = Log::start().await.unwrap();
        let end = 200;
        let counted = sender.count(log.clone(), end).timeout(DEADLINE * 3).await;
        let (heard, next, in_order) = log.seen().await.unwrap();
        assert!(in_order && heard <= next && next <= end, "{heard} {next}");
        if counted == Ok(Ok(())) {
            assert_eq!(heard, end);
            whole += 1;
        } else {
            broken += 1;
        }
        log.stop().await.unwrap();
        let _ = sender.stop().await;
    }
    format!("from {name}: {whole} counts, and {broken} broken off")
}
