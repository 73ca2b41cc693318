//! Children that never suspend, until a test releases them.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry::Event as News;
use ambit::telemetry::TelemetryGuard;
use tokio::sync::watch;

/// A timeout longer than any test here, even on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The shutdown time of the stubborn children.
pub(crate) const ASKED: Duration = Duration::from_millis(100);

/// How long a supervisor waits for a child that it has killed.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// Polls until `is_so` returns true.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A loop without `.await`, which ends when the test releases or drops it.
#[derive(Default)]
pub(crate) struct Hold(Inside);

/// The part of a [`Hold`] that the processes share.
#[derive(Clone, Default)]
pub(crate) struct Inside {
    /// The number of processes in the loop.
    spinning: Arc<watch::Sender<usize>>,
    released: Arc<AtomicBool>,
    inits: Arc<Mutex<VecDeque<Init>>>,
}

/// The behaviour of an `#[init]`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Init {
    Well,
    Hangs,
    Spins,
}

impl Hold {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn inside(&self) -> Inside {
        self.0.clone()
    }

    /// Waits until a process is in the loop.
    pub(crate) async fn holds(&self) {
        self.holds_at_least(1).await;
    }

    /// Waits until so many processes are in the loop.
    pub(crate) async fn holds_at_least(&self, count: usize) {
        let mut spinning = self.0.spinning.subscribe();
        let all = spinning.wait_for(|all| *all >= count);
        tokio::time::timeout(PATIENCE, all).await.unwrap().unwrap();
    }

    pub(crate) fn release(&self) {
        self.0.released.store(true, Ordering::SeqCst);
    }

    /// Sets the behaviour of the next starts; later ones succeed.
    pub(crate) fn next(&self, inits: &[Init]) {
        self.0.inits.lock().unwrap().extend(inits);
    }

    pub(crate) fn inits_left(&self) -> usize {
        self.0.inits.lock().unwrap().len()
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

impl Inside {
    pub(crate) fn spin(&self) {
        self.spinning.send_modify(|all| *all += 1);
        while !self.released.load(Ordering::SeqCst) {
            thread::yield_now();
        }
        self.spinning.send_modify(|all| *all -= 1);
    }

    async fn begin(&self) {
        let next = self.inits.lock().unwrap().pop_front();
        match next.unwrap_or(Init::Well) {
            Init::Well => {}
            Init::Hangs => pending().await,
            Init::Spins => self.spin(),
        }
    }
}

pub(crate) struct Spinner {
    inside: Inside,
    count: u64,
}

#[gen_server]
impl Spinner {
    #[init]
    pub(crate) async fn init(inside: Inside) -> Self {
        inside.begin().await;
        Self { inside, count: 0 }
    }

    #[cast]
    pub(crate) fn spin(&mut self) {
        self.inside.spin();
    }

    #[cast]
    pub(crate) fn crash(&mut self) {
        panic!("crashed on request");
    }

    #[call]
    pub(crate) fn count(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

/// Returns the spec of a child with a shutdown time of [`ASKED`].
pub(crate) fn spinner(id: &str, hold: &Hold) -> ChildSpec<Spinner> {
    Spinner::child_spec(hold.inside()).id(id).shutdown(ASKED)
}

/// The ids of the children that were reported as stuck.
pub(crate) struct Reported {
    stuck: Arc<Mutex<Vec<String>>>,
    _listening: TelemetryGuard,
}

impl Reported {
    pub(crate) fn listen() -> Self {
        let stuck = Arc::<Mutex<Vec<String>>>::default();
        let known = stuck.clone();
        let listening = System::current().unwrap().on_event(move |event| {
            if let News::Stuck { child, .. } = event {
                known.lock().unwrap().push((*child).to_owned());
            }
        });
        Self {
            stuck,
            _listening: listening,
        }
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.stuck.lock().unwrap().clone()
    }
}
