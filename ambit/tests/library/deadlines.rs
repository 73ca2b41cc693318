//! A call made inside a call handler inherits the remaining time of the call that is being handled.

use ambit::server::Protocol;
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::retry::Retry;
use ambit::server::Pending;
use ambit::test::{Probe, expect_crash, settle};
use tokio::time::Instant;

use crate::support::log::Log;

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// The default timeout of calls.
const DEFAULT: Duration = Duration::from_secs(5);

type Left = Option<Duration>;

/// The end of each chain: returns how long its caller still waits.
#[derive(Default)]
struct Back {
    asked: u32,
}

#[gen_server]
impl Back {
    /// May run inline.
    #[call]
    fn left(&mut self, ctx: &mut Context<Self>) -> Left {
        self.asked += 1;
        ctx.remaining()
    }

    #[call]
    async fn left_later(&mut self, ctx: &mut Context<Self>) -> Left {
        self.asked += 1;
        tokio::task::yield_now().await;
        ctx.remaining()
    }

    #[call]
    async fn think(&mut self, time: Duration) -> u32 {
        self.asked += 1;
        tokio::time::sleep(time).await;
        self.asked
    }

    #[call]
    fn boom(&mut self) {
        panic!("boom");
    }

    #[call]
    fn asked(&self) -> u32 {
        self.asked
    }

    #[cast]
    fn tell(&mut self, ctx: &mut Context<Self>, to: Recipient<Left>) {
        to.send(ctx.remaining()).now().unwrap();
    }
}

/// The options with which a server calls the next one.
#[derive(Clone, Copy, Debug)]
enum How {
    Plainly,
    Within(Duration),
    For(Duration),
    Ever,
    Alone,
}

impl How {
    fn set<'a, P: Protocol + ?Sized, R: Send + 'static>(
        self,
        call: ambit::server::Call<'a, P, R>,
    ) -> ambit::server::Call<'a, P, R> {
        match self {
            Self::Plainly | Self::Within(_) => call,
            Self::For(time) => call.timeout(time),
            Self::Ever => call.no_timeout(),
            Self::Alone => call.ignore_deadline(),
        }
    }
}

struct Front {
    back: BackSubject,
    told: Recipient<Result<Left, CallError>>,
}

#[gen_server]
impl Front {
    #[call]
    async fn relay(&self, ctx: &mut Context<Self>, how: How) -> Result<Left, CallError> {
        if let How::Within(time) = how {
            return Retry::times(1)
                .within(time)
                .run(|| self.back.left())
                .await
                .map_err(|failed| failed.error);
        }
        let _ = ctx.remaining();
        how.set(self.back.left()).await
    }

    #[call]
    async fn relay_later(&self, pause: Duration, how: How) -> Result<Left, CallError> {
        tokio::time::sleep(pause).await;
        let outcome = how.set(self.back.left_later()).await;
        self.told.send(outcome.clone()).now().unwrap();
        outcome
    }

    #[call]
    async fn wait_for(&self, time: Duration) -> Result<u32, CallError> {
        let outcome = self.back.think(time).await;
        self.told.send(outcome.clone().map(|_| None)).now().unwrap();
        outcome
    }

    /// A plain handler sends the call now, and leaves the wait to a task.
    #[call(deferred)]
    fn ask_now(&self, reply: ReplyTo<Pending<Left>>) {
        reply.send(self.back.left().send());
    }

    #[call]
    fn in_task(&self, ctx: &mut Context<Self>, within: bool) {
        let (back, told) = (self.back.clone(), self.told.clone());
        let task = async move { told.send(back.left().await).now().unwrap() };
        if within {
            ctx.spawn_task(ctx.within_deadline(task));
        } else {
            ctx.spawn_task(task);
        }
    }

    #[call]
    async fn after_answer(&self, ctx: &mut Context<Self>) {
        let _ = ctx;
        self.told.send(self.back.left().await).now().unwrap();
    }

    /// Starts a server whose init makes a call.
    #[call]
    async fn start_one(&self) -> Left {
        Asker::start(self.back.clone())
            .await
            .unwrap()
            .heard()
            .await
            .unwrap()
    }

    #[call]
    fn go_on(&self, ctx: &mut Context<Self>) {
        ctx.continue_with(FrontContinue::AndThen);
    }

    #[continue_with]
    async fn and_then(&self) {
        self.told.send(self.back.left().await).now().unwrap();
    }

    #[info]
    fn done(&mut self, (): ()) {}
}

struct Asker {
    heard: Left,
}

#[gen_server]
impl Asker {
    #[init]
    async fn init(back: BackSubject) -> Self {
        let heard = back.left().await.unwrap();
        Self { heard }
    }

    #[call]
    fn heard(&self) -> Left {
        self.heard
    }
}

struct Parts {
    front: FrontSubject,
    back: BackSubject,
    told: Probe<Result<Left, CallError>>,
}

async fn parts() -> Parts {
    let back = Back::default().start().await.unwrap();
    let told = Probe::new();
    let front = Front {
        back: back.clone(),
        told: told.recipient(),
    };
    Parts {
        front: front.start().await.unwrap(),
        back,
        told,
    }
}

#[ambit::test]
async fn a_nested_call_has_the_less_of_its_own_time_and_what_is_left() {
    let Parts {
        front, told: _told, ..
    } = parts().await;
    let relay = |how| front.relay(how).timeout(ms(300));
    assert_eq!(relay(How::Plainly).await, Ok(Ok(Some(ms(300)))));
    assert_eq!(relay(How::For(ms(100))).await, Ok(Ok(Some(ms(100)))));
    assert_eq!(relay(How::For(ms(900))).await, Ok(Ok(Some(ms(300)))));
    assert_eq!(relay(How::Within(ms(50))).await, Ok(Ok(Some(ms(50)))));
    assert_eq!(relay(How::Within(ms(900))).await, Ok(Ok(Some(ms(300)))));
    // Explicit settings take precedence.
    assert_eq!(relay(How::Ever).await, Ok(Ok(None)));
    assert_eq!(relay(How::Alone).await, Ok(Ok(Some(DEFAULT))));
    // A caller without a timeout leaves the default to the nested call.
    let unhurried = front.relay(How::Plainly).no_timeout().await;
    assert_eq!(unhurried, Ok(Ok(Some(DEFAULT))));
}

#[ambit::test]
async fn time_spent_in_the_handler_shortens_the_deadline_of_the_nested_call() {
    let Parts {
        front, mut told, ..
    } = parts().await;
    for pause in [0, 40, 250] {
        let left = front.relay_later(ms(pause), How::Plainly).timeout(ms(300));
        let left = left.await.unwrap().unwrap().unwrap();
        let ideal = ms(300 - pause);
        // The clock of a sleep has a resolution of one millisecond.
        assert!((ideal - ms(2)..=ideal).contains(&left), "{pause}: {left:?}");
        assert_eq!(told.expect().await, Ok(Some(left)));
    }
}

/// Calls the next server, if there is one.
struct Hop {
    next: Option<HopSubject>,
    pause: Duration,
}

#[gen_server]
impl Hop {
    #[call]
    async fn left(&self, ctx: &mut Context<Self>) -> Result<Left, CallError> {
        tokio::time::sleep(self.pause).await;
        match &self.next {
            Some(next) => next.left().await?,
            None => Ok(ctx.remaining()),
        }
    }
}

#[ambit::test]
async fn the_deadline_propagates_along_a_chain_of_servers() {
    let mut next = None;
    for _ in 0..5 {
        let pause = ms(20);
        next = Some(Hop { next, pause }.start().await.unwrap());
    }
    let first = next.unwrap();
    let left = first.left().timeout(ms(1_000)).await.unwrap().unwrap();
    let left = left.unwrap();
    assert!((ms(890)..=ms(900)).contains(&left), "{left:?}");
    // Too short for the whole chain: no server waits longer than the first caller.
    let begun = Instant::now();
    assert_eq!(first.left().timeout(ms(50)).await, Err(CallError::Timeout));
    assert!(begun.elapsed() <= ms(60), "{:?}", begun.elapsed());
    settle().await;
    assert!(begun.elapsed() <= ms(90), "{:?}", begun.elapsed());
}

#[ambit::test]
async fn a_nested_wait_ends_with_that_of_the_caller_and_the_server_is_free() {
    let Parts {
        front, mut told, ..
    } = parts().await;
    let begun = Instant::now();
    let outcome = front.wait_for(ms(60_000)).timeout(ms(1_000)).await;
    assert_eq!(outcome, Err(CallError::Timeout));
    assert_eq!(told.expect().await, Err(CallError::Timeout));
    assert!(begun.elapsed() <= ms(1_020), "{:?}", begun.elapsed());
    // The server takes the next request, whose nested call waits for the busy server.
    let next = front.wait_for(ms(1)).timeout(ms(100)).await;
    assert_eq!(next, Err(CallError::Timeout));
    assert_eq!(told.expect().await, Err(CallError::Timeout));
}

#[ambit::test]
async fn without_time_left_nothing_is_sent() {
    let Parts {
        front,
        back,
        mut told,
    } = parts().await;
    for (how, sent) in [
        (How::Plainly, 0),
        (How::For(ms(500)), 0),
        (How::Ever, 1),
        (How::Alone, 2),
    ] {
        let late = front.relay_later(ms(200), how).timeout(ms(100)).await;
        assert_eq!(late, Err(CallError::Timeout));
        let outcome = told.expect().await;
        assert_eq!(outcome.is_ok(), sent > 0, "{how:?}: {outcome:?}");
        assert_eq!(back.asked().await, Ok(sent));
    }
}

#[ambit::test]
async fn a_synchronous_handler_propagates_its_deadline_to_its_calls() {
    let Parts {
        front, told: _told, ..
    } = parts().await;
    for _ in 0..8 {
        let pending = front.ask_now().timeout(ms(70)).await.unwrap();
        assert_eq!(pending.await, Ok(Some(ms(70))));
        let pending = front.ask_now().send().await.unwrap();
        assert_eq!(pending.await, Ok(Some(DEFAULT)));
    }
}

#[ambit::test]
async fn a_task_uses_its_own_deadline_unless_it_inherits_one() {
    let Parts {
        front, mut told, ..
    } = parts().await;
    for _ in 0..8 {
        front.in_task(false).timeout(ms(70)).await.unwrap();
        assert_eq!(told.expect().await, Ok(Some(DEFAULT)));
        front.in_task(true).timeout(ms(70)).await.unwrap();
        assert_eq!(told.expect().await, Ok(Some(ms(70))));
    }
}

#[ambit::test]
async fn code_outside_of_call_handlers_has_its_own_deadline() {
    let Parts {
        front,
        back,
        mut told,
    } = parts().await;
    let mut lefts = Probe::<Left>::new();
    for _ in 0..8 {
        // First a call with a deadline, inline or queued; then a message without one.
        assert_eq!(back.left().timeout(ms(30)).await, Ok(Some(ms(30))));
        back.tell(lefts.recipient()).await.unwrap();
        assert_eq!(lefts.expect().await, None);
        // The init of a server that a handler starts, and a continuation.
        assert_eq!(front.start_one().timeout(ms(30)).await, Ok(Some(DEFAULT)));
        front.go_on().timeout(ms(30)).await.unwrap();
        assert_eq!(told.expect().await, Ok(Some(DEFAULT)));
    }
}

#[ambit::test]
async fn a_handler_that_waits_does_not_hurry_others_on_its_thread() {
    let Parts {
        front,
        back,
        mut told,
    } = parts().await;
    let other = Back::default().start().await.unwrap();
    let waits = front.wait_for(ms(500)).timeout(ms(1_000)).send();
    settle().await;
    assert_eq!(other.left().await, Ok(Some(DEFAULT)));
    assert_eq!(other.left().send().await, Ok(Some(DEFAULT)));
    assert_eq!(back.asked().await, Ok(1), "it waited for its turn");
    assert_eq!(waits.await, Ok(Ok(1)));
    assert_eq!(told.expect().await, Ok(None));
}

#[ambit::test]
async fn a_panic_leaves_no_deadline_behind() {
    for _ in 0..8 {
        let broken = Back::default().start().await.unwrap();
        expect_crash(&broken);
        let outcome = broken.boom().timeout(ms(30)).send().await;
        assert!(matches!(outcome, Err(CallError::Exited { .. })));
        let broken = Back::default().start().await.unwrap();
        expect_crash(&broken);
        let outcome = broken.boom().timeout(ms(30)).await;
        assert!(matches!(outcome, Err(CallError::Exited { .. })));
        let Parts {
            front, mut told, ..
        } = parts().await;
        front.in_task(false).send().await.unwrap();
        assert_eq!(told.expect().await, Ok(Some(DEFAULT)));
        let back = Back::default().start().await.unwrap();
        assert_eq!(back.left().await, Ok(Some(DEFAULT)));
        assert_eq!(back.left().send().await, Ok(Some(DEFAULT)));
    }
}

#[ambit::test]
async fn the_handler_detects_that_its_caller_has_given_up() {
    let back = Back::default().start().await.unwrap();
    let busy = back.think(ms(100)).send();
    let late = back.left_later().timeout(ms(40)).await;
    assert_eq!(late, Err(CallError::Timeout));
    assert_eq!(busy.await, Ok(1));
    assert_eq!(back.asked().await, Ok(2), "it was handled all the same");
    // In a handler that continues after the deadline, and in one that starts after it.
    let mut told = Probe::<Left>::new();
    let late = Late {
        told: told.recipient(),
    };
    let late = late.start().await.unwrap();
    let overtaken = late.look(ms(100)).timeout(ms(40)).send();
    let too_late = late.look(ms(0)).timeout(ms(60)).send();
    assert_eq!(overtaken.await, Err(CallError::Timeout));
    assert_eq!(too_late.await, Err(CallError::Timeout));
    assert_eq!(told.expect().await, Some(Duration::ZERO));
    assert_eq!(told.expect().await, Some(Duration::ZERO));
}

struct Late {
    told: Recipient<Left>,
}

#[gen_server]
impl Late {
    #[call]
    async fn look(&self, ctx: &mut Context<Self>, pause: Duration) {
        tokio::time::sleep(pause).await;
        self.told.send(ctx.remaining()).now().unwrap();
    }
}

struct Named {
    back: BackSubject,
}

#[gen_server]
impl Named {
    #[call]
    async fn ask(&self) -> (Result<Left, CallError>, Duration) {
        let begun = Instant::now();
        (self.back.left().await, begun.elapsed())
    }
}

#[ambit::test]
async fn a_patient_handle_waits_for_a_holder_no_longer_than_the_caller() {
    let back = BackSubject::named("back").when_available();
    let named = Named { back }.start().await.unwrap();
    let mut early = named.ask().timeout(ms(200)).send();
    settle().await;
    let holder = Back::default().start().name("back").await.unwrap();
    let (left, _) = (&mut early).await.unwrap();
    assert!(left.unwrap().unwrap() <= ms(200));
    holder.stop().await.unwrap();
    // No process registers the name: the wait ends with the deadline of the caller.
    let mut late = named.ask().timeout(ms(200)).send();
    assert_eq!((&mut late).await, Err(CallError::Timeout));
    let begun = Instant::now();
    let (left, _) = named
        .ask()
        .timeout(ms(10))
        .await
        .unwrap_or((Ok(None), ms(0)));
    assert!(!matches!(left, Ok(Some(_))));
    assert!(begun.elapsed() <= ms(20));
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_with_many_deadlines_do_not_mix() {
    let mut tasks = Vec::new();
    let back = Back::default().start().await.unwrap();
    let told = Arc::new(Probe::new().recipient());
    for n in 0..8u64 {
        let front = Front {
            back: back.clone(),
            told: (*told).clone(),
        };
        let front = front.start().await.unwrap();
        tasks.push(tokio::spawn(async move {
            for round in 0..200 {
                let limit = Duration::from_secs(10 * (n + 1));
                let how = How::For(limit * 2);
                let left = front.relay(how).timeout(limit).await.unwrap().unwrap();
                let left = left.unwrap();
                let least = limit.saturating_sub(Duration::from_secs(9));
                assert!((least..=limit).contains(&left), "{n}/{round}: {left:?}");
                let own = back_left(&front).await;
                assert!(own <= Duration::from_secs(10 * (n + 1)), "{own:?}");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn back_left(front: &FrontSubject) -> Duration {
    let left = front.relay(How::Plainly).await.unwrap().unwrap();
    let left = left.unwrap();
    assert!(left <= DEFAULT, "{left:?}");
    left
}

/// Requests whose callers may have given up.
#[derive(Default)]
struct Archive {
    log: Log,
}

#[gen_server]
impl Archive {
    #[cast]
    async fn pause(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    #[call(skip_expired)]
    fn plain(&mut self, n: u32) -> u32 {
        self.log.add(format_args!("plain {n}"));
        n
    }

    #[call(skip_expired)]
    async fn later(&mut self, n: u32) -> u32 {
        self.log.add(format_args!("later {n}"));
        n
    }

    #[call(deferred, skip_expired)]
    fn deferred(&mut self, n: u32, reply: ReplyTo<u32>) {
        self.log.add(format_args!("deferred {n}"));
        reply.send(n);
    }

    #[call]
    fn always(&mut self, n: u32) -> u32 {
        self.log.add(format_args!("always {n}"));
        n
    }
}

#[ambit::test]
async fn skip_expired_drops_and_counts_abandoned_requests() {
    let log = Log::new();
    let archive = Archive { log: log.clone() }.start().await.unwrap();
    archive.pause(ms(100)).await.unwrap();
    // Some calls time out, some are dropped, some keep waiting.
    let gone = [
        archive.plain(1).timeout(ms(10)).send(),
        archive.later(2).timeout(ms(10)).send(),
        archive.deferred(3).timeout(ms(10)).send(),
        archive.always(4).timeout(ms(10)).send(),
    ];
    drop(archive.plain(5).send());
    drop(archive.later(6).send());
    let waiting = [
        archive.plain(7).send(),
        archive.later(8).send(),
        archive.deferred(9).send(),
    ];
    for gone in gone {
        assert_eq!(gone.await, Err(CallError::Timeout));
    }
    for (waiting, n) in waiting.into_iter().zip(7..) {
        assert_eq!(waiting.await, Ok(n));
    }
    let handled = ["always 4", "plain 7", "later 8", "deferred 9"];
    assert_eq!(log.take(), handled);
    let info = ambit::process_info(&archive).unwrap();
    assert_eq!(info.expired, 5);
}

/// A machine whose event has one method in each state.
struct Press {
    log: Log,
}

#[state_machine(states = [Idle, Busy])]
impl Press {
    #[cast]
    async fn pause(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    #[call(Idle => Busy, event = work, skip_expired)]
    fn first(&mut self, n: u32) -> u32 {
        self.log.add(format_args!("first {n}"));
        n
    }

    #[call(Busy, event = work)]
    fn more(&mut self, n: u32) -> u32 {
        self.log.add(format_args!("more {n}"));
        n
    }
}

#[ambit::test]
async fn skip_expired_of_an_event_is_that_of_all_its_methods() {
    let log = Log::new();
    let press = Press { log: log.clone() }.start().await.unwrap();
    for n in [1, 2] {
        press.pause(ms(100)).await.unwrap();
        let gone = press.work(10 * n).timeout(ms(10)).send();
        let waiting = press.work(n).send();
        assert_eq!(gone.await, Err(CallError::Timeout));
        assert_eq!(waiting.await, Ok(n));
    }
    assert_eq!(log.take(), ["first 1", "more 2"]);
    assert_eq!(ambit::process_info(&press).unwrap().expired, 2);
}
