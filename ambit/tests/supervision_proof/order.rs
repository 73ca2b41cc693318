//! Ten thousand children, stopped in order.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;

use crate::support::real_time::{takes_linear_time, time};

/// The smaller number of children; the larger is ten times as many.
const FEW: usize = 1_000;

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

/// Stops the supervisor, and returns how long that took.
async fn stop(supervisor: &Process) -> Duration {
    let (stopped, took) = time(supervisor.stop()).await;
    stopped.unwrap();
    assert_eq!(ambit::inspect::processes().len(), 1);
    took
}

async fn static_children(many: usize) -> Duration {
    let ends = Ends::default();
    let mut builder = Supervisor::builder();
    for number in 0..many {
        builder = builder.child(Part::child_spec(number, ends.clone()).id(number.to_string()));
    }
    let supervisor = builder.start().await.unwrap();
    let took = stop(&supervisor).await;
    let ends = std::mem::take(&mut *ends.lock().unwrap());
    assert!(ends.into_iter().eq((0..many).rev()), "not in reverse");
    took
}

async fn dynamic_children(many: usize) -> Duration {
    let ends = Ends::default();
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    for number in 0..many {
        let spec = Part::child_spec(number, ends.clone());
        sessions.start_child(spec).await.unwrap();
    }
    let took = stop(&sessions).await;
    assert_eq!(ends.lock().unwrap().len(), many);
    took
}

#[ambit::test(flavor = "multi_thread")]
async fn ten_thousand_static_children_end_in_reverse_order_in_linear_time() {
    takes_linear_time("static children, several threads", FEW, static_children).await;
}

#[ambit::test(real_time)]
async fn ten_thousand_static_children_end_in_reverse_order_in_linear_time_on_one_thread() {
    takes_linear_time("static children, one thread", FEW, static_children).await;
}

#[ambit::test(flavor = "multi_thread")]
async fn ten_thousand_dynamic_children_end_in_linear_time() {
    takes_linear_time("dynamic children, several threads", FEW, dynamic_children).await;
}

#[ambit::test(real_time)]
async fn ten_thousand_dynamic_children_end_in_linear_time_on_one_thread() {
    takes_linear_time("dynamic children, one thread", FEW, dynamic_children).await;
}
