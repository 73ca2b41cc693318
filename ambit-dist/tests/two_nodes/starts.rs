//! What a server of another node is started with.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::StartOnError;
use ambit_dist::wire::Kind;
use tokio::time::timeout;

use crate::messages::Counter;
use crate::pair::pair;

/// What does not travel: whoever is started with it is started on its own node only.
struct Local(u64);

#[allow(dead_code, reason = "that it compiles is the point")]
#[allow(unnameable_types, reason = "a public server, with private arguments")]
pub struct Hidden(u64);

#[gen_server(remote = "test.hidden")]
impl Hidden {
    #[init]
    fn new(local: Local) -> Self {
        Self(local.0)
    }

    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

/// What travels, and is known in this program only.
#[derive(Clone, Debug, Message)]
#[message(name = "test.settings")]
struct Settings {
    first: u64,
    step: u64,
}

#[allow(unnameable_types, reason = "a public server, with private arguments")]
pub struct Steps(Settings);

#[gen_server(remote = "test.steps")]
impl Steps {
    #[init]
    fn new(settings: Settings, times: u64) -> Result<Self, String> {
        let first = settings.step.checked_mul(times).ok_or("too far")? + settings.first;
        Ok(Self(Settings { first, ..settings }))
    }

    #[call]
    fn next(&mut self) -> u64 {
        self.0.first += self.0.step;
        self.0.first
    }
}

#[ambit::test(real_time)]
async fn a_server_is_started_elsewhere_with_types_of_this_program() {
    let pair = pair().await;
    pair.far.expose::<Steps>();
    let far = pair.near.on("far");
    let settings = Settings { first: 1, step: 10 };
    let steps = far.start::<Steps>((settings.clone(), 2)).await.unwrap();
    assert_eq!(steps.next().await, Ok(31));
    let refused = far.start::<Steps>((settings, u64::MAX)).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("too far"), "{refused}");
    assert_eq!(Hidden::start(Local(3)).await.unwrap().get().await, Ok(3));
}

#[ambit::test(real_time)]
async fn what_is_not_exposed_is_not_started_and_who_is_not_connected_is_not_asked() {
    let pair = pair().await;
    let refused = pair.near.on("far").start::<Counter>((1,)).await;
    let not_exposed = StartOnError::Call(CallError::NotExposed);
    assert_eq!(refused.unwrap_err(), not_exposed);
    let executed = ambit::Executed::No;
    let nobody = StartOnError::Call(CallError::NoConnection { executed });
    for name in ["nobody", "Not A Name"] {
        let refused = pair.near.on(name).start::<Counter>((1,)).await;
        assert_eq!(refused.unwrap_err(), nobody);
    }
    assert_eq!(pair.far_system.process_count(), 0);
}

#[ambit::test(real_time)]
async fn a_server_whose_starter_is_known_outlives_the_connection() {
    let pair = pair().await;
    pair.far.expose::<Steps>();
    let settings = Settings { first: 0, step: 1 };
    let steps = pair
        .near
        .on("far")
        .start::<Steps>((settings, 6))
        .await
        .unwrap();
    // The word that it is known goes the same way as this.
    assert_eq!(steps.next().await, Ok(7));
    pair.near.disconnect("far").await;
    pair.near.connect(pair.far.local_addr()).await.unwrap();
    assert_eq!(steps.next().await, Ok(8));
}

#[ambit::test(real_time)]
async fn a_server_whose_starter_never_heard_of_it_ends_with_the_connection() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let mut start = pin!(pair.near.on("far").start::<Counter>((7,)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(start.as_mut().poll(&mut cx).is_pending());
    // The answer has come, and nobody looks at it.
    let answered = || {
        let peer = pair.near.peer("far").unwrap();
        let mut frames = peer.traffic.frames_in.iter();
        frames.any(|(kind, _)| *kind == Kind::Reply)
    };
    timeout(PATIENCE, until(answered)).await.unwrap();
    let runs = || pair.far_system.process_count() == 1;
    timeout(PATIENCE, until(runs)).await.unwrap();
    pair.near.disconnect("far").await;
    let ended = || pair.far_system.process_count() == 0;
    timeout(PATIENCE, until(ended)).await.unwrap();
}

const PATIENCE: Duration = Duration::from_secs(5);

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}
