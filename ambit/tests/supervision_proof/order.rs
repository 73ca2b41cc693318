//! Ten thousand children, stopped in order.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ambit::prelude::*;

const MANY: usize = 10_000;
/// What ten thousand may take, in the test profile.
const LIMIT: Duration = Duration::from_secs(3);

type Ends = Arc<Mutex<Vec<usize>>>;

struct Part {
    number: usize,
    ends: Ends,
}

#[gen_server]
impl Part {
    #[init]
    fn init(number: usize, ends: Ends) -> Self {
        Self { number, ends }
    }

    #[terminate]
    fn terminate(&mut self, _reason: &ExitReason) {
        self.ends.lock().unwrap().push(self.number);
    }
}

/// Stops it, and says how long that took.
async fn stop(supervisor: &Process, what: &str) {
    let began = Instant::now();
    supervisor.stop().await.unwrap();
    let took = began.elapsed();
    eprintln!("{what}: {took:?}");
    assert_eq!(ambit::processes().len(), 1);
    assert!(took < LIMIT, "{what}: {took:?}");
}

async fn static_children(what: &str) {
    let ends = Ends::default();
    let mut builder = Supervisor::builder();
    for number in 0..MANY {
        builder = builder.child(Part::child_spec(number, ends.clone()).id(number.to_string()));
    }
    let began = Instant::now();
    let supervisor = builder.start().await.unwrap();
    eprintln!("{what}, start: {:?}", began.elapsed());
    stop(&supervisor, what).await;
    let ends = std::mem::take(&mut *ends.lock().unwrap());
    assert!(ends.into_iter().eq((0..MANY).rev()), "not in reverse");
}

async fn dynamic_children(what: &str) {
    let ends = Ends::default();
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    for number in 0..MANY {
        let spec = Part::child_spec(number, ends.clone());
        sessions.start_child(spec).await.unwrap();
    }
    stop(&sessions, what).await;
    assert_eq!(ends.lock().unwrap().len(), MANY);
}

#[ambit::test(flavor = "multi_thread")]
async fn ten_thousand_static_children_end_in_reverse_order_within_seconds() {
    static_children("10,000 static, several threads").await;
}

#[ambit::test(real_time)]
async fn ten_thousand_static_children_end_in_reverse_order_within_seconds_on_one_thread() {
    static_children("10,000 static, one thread").await;
}

#[ambit::test(flavor = "multi_thread")]
async fn ten_thousand_dynamic_children_end_at_once() {
    dynamic_children("10,000 dynamic, several threads").await;
}

#[ambit::test(real_time)]
async fn ten_thousand_dynamic_children_end_at_once_on_one_thread() {
    dynamic_children("10,000 dynamic, one thread").await;
}
