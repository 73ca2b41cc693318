//! The cost of a sweep with many processes.

use std::future::pending;
use std::task::{Wake, Waker};

use super::*;
use crate::plain::inbox::Inbox;
use crate::system::System;

struct Idle;

impl Wake for Idle {
    fn wake(self: Arc<Self>) {}
}

/// Returns how often a sweep of `n` processes has cloned the waker of its caller.
fn clones(n: usize) -> usize {
    let system = System::current().unwrap().inner;
    let spawn = |_| crate::spawn(|_: Inbox<()>| pending::<()>());
    let all: Vec<_> = (0..n).map(spawn).collect();
    let own = all.iter().filter_map(|process| process.current());
    let group = Group::take(&system).unwrap();
    let mut sweep = Sweep::new(&system, (Key(0), StartId(0)), group, own, false);
    let idle = Arc::new(Idle);
    let waker = Waker::from(idle.clone());
    assert!(sweep.poll(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(sweep.left.len(), n);
    Arc::strong_count(&idle)
}

#[tokio::test]
async fn a_sweep_polls_only_the_processes_that_end() {
    // A wait that the caller's own wake-up polls would hold the waker of the caller.
    assert_eq!(clones(40), clones(10));
}
