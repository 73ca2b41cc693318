//! Arguments of remote starts.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::wire::Kind;
use ambit_dist::{Limits, StartOn, StartOnError, Startable};
use tokio::time::timeout;

use crate::two_nodes::messages::Counter;
use crate::two_nodes::pair::{Pair, pair, pair_within};

/// Cannot be sent: a server with this argument can only be started on its own node.
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

/// Can be sent; the type exists only in this program.
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

fn why(refused: Result<impl Sized, StartOnError>) -> (String, CallError) {
    match refused.err() {
        Some(StartOnError::Call { node, error, .. }) => (node, error),
        other => panic!("{other:?}"),
    }
}

/// Has more arguments than any tuple that can be sent.
#[allow(unnameable_types, reason = "a public server")]
pub struct Line([u64; 9]);

#[gen_server(remote = "test.line")]
impl Line {
    #[init]
    #[allow(clippy::too_many_arguments, reason = "this is the case")]
    #[allow(clippy::many_single_char_names, reason = "this is the case")]
    fn new(a: u8, b: u16, c: u32, d: u64, e: u8, f: u16, g: u32, h: u64, last: String) -> Self {
        let [a, e] = [a, e].map(u64::from);
        let [b, f] = [b, f].map(u64::from);
        let [c, g] = [c, g].map(u64::from);
        Self([a, b, c, d, e, f, g, h, last.parse().unwrap()])
    }

    #[call]
    fn all(&self) -> [u64; 9] {
        self.0
    }
}

#[ambit::test(real_time)]
async fn a_server_is_started_elsewhere_with_many_arguments() {
    let pair = pair().await;
    pair.far.expose::<Line>();
    let args = (1, 2, 3, 4, 5, 6, 7, 8, "9".to_owned());
    let line = pair.near.on("far").start::<Line>(args).await.unwrap();
    assert_eq!(line.all().await, Ok([1, 2, 3, 4, 5, 6, 7, 8, 9]));
}

#[ambit::test(real_time)]
async fn an_unexposed_server_is_not_started_and_an_unconnected_node_is_not_contacted() {
    let pair = pair().await;
    let refused = pair.near.on("far").start::<Counter>((1,)).await;
    assert_eq!(why(refused), ("far".to_owned(), CallError::NotExposed));
    let executed = Executed::No;
    for name in ["nobody", "Not A Name"] {
        let refused = pair.near.on(name).start::<Counter>((1,)).await;
        let nobody = CallError::NoConnection { executed };
        assert_eq!(why(refused), (name.to_owned(), nobody));
    }
    assert_eq!(pair.far_system.process_count(), 0);
}

/// Two versions of a server in an earlier and a later program.
mod before {
    use ambit::prelude::*;

    #[allow(unnameable_types, reason = "a public server of a test")]
    pub struct Till(u32);

    #[gen_server(remote = "test.till")]
    impl Till {
        #[init]
        fn new(cents: u32) -> Self {
            Self(cents)
        }
        #[call]
        fn cents(&self) -> u32 {
            self.0
        }
    }

    #[rpc(name = "test.rounded")]
    pub(super) async fn rounded(cents: u32) -> u32 {
        cents / 5 * 5
    }
}

mod after {
    use ambit::prelude::*;

    #[allow(unnameable_types, reason = "a public server of a test")]
    pub struct Till(u64);

    #[gen_server(remote = "test.till")]
    impl Till {
        #[init]
        fn new(cents: u64) -> Self {
            Self(cents)
        }
        #[call]
        fn cents(&self) -> u32 {
            u32::try_from(self.0).unwrap_or(u32::MAX)
        }
    }

    #[rpc(name = "test.rounded")]
    pub(super) async fn rounded(cents: u64) -> u32 {
        u32::try_from(cents).unwrap_or(u32::MAX)
    }
}

#[ambit::test(real_time)]
async fn a_server_of_another_version_is_not_started_and_the_error_names_the_difference() {
    let pair = pair().await;
    pair.far.expose::<before::Till>();
    pair.far.expose_rpc::<before::rounded>();
    let refused = pair.near.on("far").start::<after::Till>((1,)).await;
    let text = refused.unwrap_err().to_string();
    let differs = "argument `cents`: was `u64` and is `u32`";
    assert!(
        text.contains(differs) && text.contains("(was: here, is: there)"),
        "{text}"
    );
    assert!(
        text.contains("`test.till`") && text.contains("`far`"),
        "{text}"
    );
    assert_eq!(pair.far_system.process_count(), 0);
    let refused = pair.near.on("far").call(after::rounded(1)).await;
    let text = refused.unwrap_err().to_string();
    let differs = "declares `test.rounded` differently: argument `cents`: was `u64` and is `u32`";
    assert!(text.contains(differs), "{text}");
}

#[ambit::test(real_time)]
async fn a_request_whose_contract_is_too_long_fails_alone() {
    // Short enough for the contract of `rounded`, and too short for the one of a start.
    let contract = 400;
    let pair = pair_within(&Limits::default().contract(contract)).await;
    pair.far.expose::<Steps>();
    pair.far.expose_rpc::<before::rounded>();
    let settings = Settings { first: 0, step: 1 };
    let refused = pair.near.on("far").start::<Steps>((settings, 6)).await;
    let text = refused.unwrap_err().to_string();
    assert!(
        text.contains("the contract of a protocol has") && text.contains("400"),
        "{text}"
    );
    let rounded = pair.near.on("far").call(before::rounded(10)).await;
    assert_eq!(rounded, Ok(10), "the connection is the same");
    assert_eq!(pair.near.peer("far").unwrap().reconnects, 0);
}

#[ambit::test(real_time)]
async fn a_claimed_remote_server_outlives_the_connection() {
    let pair = pair().await;
    pair.far.expose::<Steps>();
    let settings = Settings { first: 0, step: 1 };
    let steps = pair
        .near
        .on("far")
        .start::<Steps>((settings, 6))
        .await
        .unwrap();
    // The claim arrives before this call, on the same lane.
    assert_eq!(steps.next().await, Ok(7));
    pair.near.disconnect("far").await;
    pair.near.connect(pair.far.local_addr()).await.unwrap();
    assert_eq!(steps.next().await, Ok(8));
}

#[ambit::test(real_time)]
async fn an_unclaimed_remote_server_stops_with_the_connection() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let mut start = pin!(pair.near.on("far").start::<Counter>((7,)));
    let mut cx = Context::from_waker(Waker::noop());
    assert!(start.as_mut().poll(&mut cx).is_pending());
    // The answer has arrived and is never polled.
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

/// Drops a linked start once its answer has arrived. The server must end.
async fn drop_when_answered<S: Startable>(pair: &Pair, start: StartOn<S>) {
    let is_answered = || {
        let peer = pair.near.peer("far").unwrap();
        let mut frames = peer.traffic.frames_in.iter();
        frames.any(|(kind, _)| *kind == Kind::Reply)
    };
    let mut start = Box::pin(start.link());
    let mut cx = Context::from_waker(Waker::noop());
    assert!(start.as_mut().poll(&mut cx).is_pending());
    timeout(PATIENCE, until(is_answered)).await.unwrap();
    drop(start);
    let ended = || pair.far_system.process_count() == 0;
    timeout(PATIENCE, until(ended)).await.unwrap();
}

#[ambit::test(real_time)]
async fn a_start_dropped_after_its_answer_arrived_stops_the_server_and_not_the_starter() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    drop_when_answered(&pair, pair.near.on("far").start::<Counter>((7,))).await;
    // The exit of a linked server would arrive before this answer.
    let next = pair.near.on("far").start::<Counter>((1,)).await.unwrap();
    assert_eq!(next.get().await, Ok(1));
}

#[allow(unnameable_types, reason = "a public server of a test")]
pub struct Trapping;

#[gen_server(remote = "test.trapping")]
impl Trapping {
    #[init]
    fn new() -> Self {
        ambit::trap_exits(true).unwrap();
        Self
    }

    #[info]
    fn exited(&mut self, _exit: Exit) {}
}

#[ambit::test(real_time)]
async fn a_start_dropped_after_its_answer_arrived_stops_a_server_that_traps_exits() {
    let pair = pair().await;
    pair.far.expose::<Trapping>();
    drop_when_answered(&pair, pair.near.on("far").start::<Trapping>(())).await;
}

/// The timeouts expire before, while and after the answer is written, crosses the network and is read.
#[ambit::test(real_time, flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_times_out_at_any_moment_leaves_no_server() {
    let pair = pair().await;
    pair.far.expose::<Counter>();
    let mut in_time = 0;
    for turn in 0..600 {
        let start = pair.near.on("far").start::<Counter>((turn,)).link();
        let limit = Duration::from_micros(turn % 200 * 10);
        // The deadline of the request, or the future is dropped.
        let started = match turn % 2 {
            0 => start.timeout(limit).await.ok(),
            _ => timeout(limit, start).await.ok().and_then(Result::ok),
        };
        if let Some(counter) = started {
            in_time += 1;
            ambit::unlink(&counter).unwrap();
            counter.stop().await.unwrap();
        }
    }
    assert!(in_time > 0, "no start was in time");
    let ended = || pair.far_system.process_count() == 0;
    timeout(PATIENCE, until(ended)).await.unwrap();
}

const PATIENCE: Duration = Duration::from_secs(5);

async fn until(is_so: impl Fn() -> bool) {
    while !is_so() {
        tokio::task::yield_now().await;
    }
}
