//! What the page "Performance" says, as tests.

// ANCHOR: imports
use std::cmp::Reverse;
use std::collections::BTreeMap;
// ANCHOR: inline
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
// ANCHOR_END: inline
use ambit::system::System;
use ambit::telemetry::Event;
// ANCHOR_END: imports

// ANCHOR: never
use std::sync::Condvar;

/// Checks that two computations run at the same time.
#[derive(Default)]
struct Meeting {
    came: Mutex<u32>,
    changed: Condvar,
}

impl Meeting {
    /// Whether both have arrived, within five seconds.
    fn wait(&self) -> Option<bool> {
        let mut came = self.came.lock().ok()?;
        *came += 1;
        self.changed.notify_all();
        let patience = Duration::from_secs(5);
        let waited = self
            .changed
            .wait_timeout_while(came, patience, |came| *came < 2);
        Some(*waited.ok()?.0 == 2)
    }
}

struct Renderer {
    meeting: Arc<Meeting>,
}

#[gen_server(in_place = never)]
impl Renderer {
    /// Computes for long. A caller that asks several renderers wants them to run in parallel.
    #[call]
    fn render(&mut self) -> bool {
        self.meeting.wait() == Some(true)
    }
}

#[ambit::test(real_time, flavor = "multi_thread", worker_threads = 2)]
async fn handlers_that_are_never_inline_run_in_parallel() -> Result<(), Box<dyn Error>> {
    let meeting = Arc::new(Meeting::default());
    let new = || Renderer {
        meeting: meeting.clone(),
    };
    let (left, right) = (new().start().await?, new().start().await?);
    // One task asks both: inline, it would run one handler after the other.
    let (left, right) = tokio::join!(left.render(), right.render());
    assert_eq!((left, right), (Ok(true), Ok(true)));
    Ok(())
}
// ANCHOR_END: never

// ANCHOR: slow
struct Index;

#[gen_server]
impl Index {
    #[call]
    fn find(&self) -> u32 {
        7
    }

    #[call]
    fn rebuild(&mut self) {
        let began = std::time::Instant::now();
        while began.elapsed() < Duration::from_millis(1) {
            std::hint::spin_loop();
        }
    }
}

#[ambit::test(real_time)]
async fn a_method_that_is_slow_twice_is_queued_instead_of_run_inline() -> Result<(), Box<dyn Error>>
{
    let index = Index.start().await?;
    index.rebuild().await?; // inline, and measured
    index.rebuild().await?; // again
    assert_eq!(index.find().await?, 7);
    let info = ambit::process_info(&index).ok_or("it has ended")?;
    assert_eq!(info.slow_methods, ["rebuild"]);
    index.rebuild().await?; // from now on in the server's task
    Ok(())
}
// ANCHOR_END: slow

// ANCHOR: sizing
/// How many messages are handled within `patience`: the reply to one more would be too late.
fn capacity_for(per_second: u32, patience: Duration) -> usize {
    (f64::from(per_second) * patience.as_secs_f64()) as usize
}

#[derive(Default)]
struct Orders {
    taken: Vec<u32>,
}

#[gen_server]
impl Orders {
    #[cast]
    fn order(&mut self, number: u32) {
        self.taken.push(number);
    }

    #[call]
    fn taken(&self) -> usize {
        self.taken.len()
    }
}

#[ambit::test]
async fn the_size_follows_from_the_time() -> Result<(), Box<dyn Error>> {
    let capacity = capacity_for(2_000, Duration::from_millis(50));
    let orders = Orders::default().start().mailbox(capacity).await?;
    ambit::sys::suspend(&orders).await?; // it handles nothing

    // At the edge of the program nothing waits: excess requests are rejected.
    let mut refused = 0;
    for number in 0..150 {
        match orders.order(number).now() {
            Err(CastError::Full) => refused += 1,
            other => other?,
        }
    }
    assert_eq!((capacity, refused), (100, 50));

    ambit::sys::resume(&orders).await?;
    assert_eq!(orders.taken().await?, 100);
    Ok(())
}
// ANCHOR_END: sizing

// ANCHOR: reserve
#[ambit::test]
async fn capacity_first_then_the_work() -> Result<(), Box<dyn Error>> {
    let orders = Orders::default().start().mailbox(1).await?;
    let permit = orders.reserve().await?; // waits here, before any work is done
    let number = 6 * 7; // the expensive part
    permit.send(OrdersCast::Order { number });
    assert_eq!(orders.taken().await?, 1);
    Ok(())
}
// ANCHOR_END: reserve

// ANCHOR: queues
#[ambit::test]
async fn a_snapshot_shows_the_longest_queue() -> Result<(), Box<dyn Error>> {
    let (quick, slow) = (
        Orders::default().start().await?,
        Orders::default().start().await?,
    );
    ambit::sys::suspend(&slow).await?;
    for number in 0..3 {
        quick.order(number).await?;
        slow.order(number).await?;
    }
    ambit::test::settle().await;

    let mut all = ambit::inspect::processes();
    all.sort_by_key(|process| Reverse(process.queued));
    assert_eq!((all[0].pid, all[0].queued), (slow.pid(), 3));
    assert_eq!(all[1].queued, 0);
    ambit::sys::resume(&slow).await?;
    assert_eq!(slow.taken().await?, 3);
    Ok(())
}
// ANCHOR_END: queues

// ANCHOR: telemetry
struct Mill;

#[gen_server]
impl Mill {
    #[call]
    async fn grind(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    #[call]
    fn weigh(&self) -> u32 {
        25
    }
}

#[ambit::test]
async fn a_listener_gets_the_duration_of_each_method() -> Result<(), Box<dyn Error>> {
    let longest = Arc::new(Mutex::new(BTreeMap::new()));
    let listener = longest.clone();
    let listening = System::current()?.on_event(move |event| {
        if let (Event::Handled { method, took, .. }, Ok(mut longest)) = (event, listener.lock()) {
            let known = longest.entry(*method).or_insert(Duration::ZERO);
            *known = (*known).max(*took);
        }
    });

    let mill = Mill.start().await?;
    mill.grind(Duration::from_millis(20)).await?;
    mill.grind(Duration::from_millis(80)).await?;
    mill.weigh().await?;
    drop(listening);

    let longest = longest.lock().map_err(|_| "poisoned")?;
    assert_eq!(longest["grind"], Duration::from_millis(80));
    assert_eq!(longest["weigh"], Duration::ZERO); // on the virtual clock
    Ok(())
}
// ANCHOR_END: telemetry
