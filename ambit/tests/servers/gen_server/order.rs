//! The order in which a server handles messages, continuations and timeouts.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gs_15_one_client_is_handled_in_order() {
    for _ in 0..500 {
        let (rig, log) = rig().await;
        rig.note_slowly(1).await.unwrap();
        rig.note(2).now().unwrap();
        let three = rig.trace(3).send();
        rig.recipient().send(Note(4)).await.unwrap();
        assert_eq!(rig.trace(5).await, Ok(5));
        assert_eq!(three.await, Ok(3));
        assert_eq!(
            log.all(),
            ["init", "cast 1", "cast 2", "call 3", "note 4", "call 5"]
        );
    }
}

#[tokio::test]
async fn gs_25_a_continuation_runs_before_queued_messages() {
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    let gate = block(&script).await;
    let (seen, answered) = oneshot::channel::<()>();
    let chained = |log: Log, reply: ReplyTo<u64>| {
        later(move |_, ctx| {
            Box::pin(async move {
                let one = log.clone();
                ctx.answer(reply, 1);
                log.add("call");
                ctx.continue_with(now(move |_, ctx| {
                    one.add("one");
                    let two = one;
                    ctx.continue_with(later(move |_, _| {
                        Box::pin(async move {
                            answered.await.unwrap();
                            two.add("two");
                            Flow::Continue
                        })
                    }));
                    Flow::Continue
                }));
                Flow::Continue
            })
        })
    };
    let call = script.call(|reply| chained(log.clone(), reply)).send();
    script.recipient().send(5).await.unwrap();
    let other = log.clone();
    script
        .send(now(move |_, ctx| {
            other.add("cast");
            let next = other;
            ctx.continue_with(now(move |_, _| {
                next.add("three");
                Flow::Continue
            }));
            Flow::Continue
        }))
        .await
        .unwrap();
    script.recipient().send(6).await.unwrap();
    gate.open();
    let answer = tokio::time::timeout(SOON, call).await;
    assert_eq!(answer, Ok(Ok(1)), "the reply comes first");
    seen.send(()).unwrap();
    value_of(&script).await.unwrap();
    assert_eq!(
        log.all(),
        [
            "call", "one", "two", "number 5", "cast", "three", "number 6"
        ]
    );
}

#[tokio::test]
async fn gs_25_a_continuation_of_init_runs_before_any_message() {
    let log = Log::new();
    let (inside, me) = (log.clone(), Script::start(&log));
    drop(me);
    let start = Script::start_with(&log, move |ctx| {
        Box::pin(async move {
            // Its own message is queued while init still runs.
            ctx.recipient::<u64>().send(1).await.unwrap();
            ctx.continue_with(now(move |_, _| {
                inside.add("continued");
                Flow::Continue
            }));
            tokio::task::yield_now().await;
            Ok(0)
        })
    });
    let script = start.await.unwrap();
    value_of(&script).await.unwrap();
    assert_eq!(log.all(), ["continued", "number 1"]);
}

struct Sleeper {
    log: Log,
}

#[gen_server]
impl Sleeper {
    #[init]
    fn init(ctx: &mut Context<Self>, log: Log) -> Self {
        ctx.idle_timeout(ms(100));
        Self { log }
    }

    #[call]
    fn poke(&self) {}

    #[call]
    fn rest(&self, ctx: &mut Context<Self>, time: Duration) {
        ctx.idle_timeout(time);
    }

    #[call]
    fn rest_after_flush(&self, ctx: &mut Context<Self>, ended: Subject<u8>) {
        let monitor = ctx.monitor(&ended);
        ctx.demonitor_flush(monitor);
        ctx.idle_timeout(ms(100));
    }

    #[info]
    fn on_idle(&mut self, _: IdleTimeout) {
        self.log.add("idle");
    }

    #[info]
    fn on_down(&mut self, _: Down) {
        self.log.add("down");
    }
}

#[tokio::test(start_paused = true)]
async fn gs_26_an_idle_timeout_fires_once_without_messages() {
    let log = Log::new();
    let sleeper = Sleeper::start(log.clone()).await.unwrap();
    tokio::time::sleep(ms(99)).await;
    assert!(log.is_empty());
    tokio::time::sleep(ms(5)).await;
    assert_eq!(log.all(), ["idle"]);
    tokio::time::sleep(ms(1000)).await;
    assert_eq!(log.all(), ["idle"], "it is not repeated by itself");

    sleeper.rest(ms(100)).await.unwrap();
    tokio::time::sleep(ms(90)).await;
    sleeper.poke().await.unwrap();
    tokio::time::sleep(ms(1000)).await;
    assert_eq!(log.all(), ["idle"], "a message cancels it for good");

    sleeper.rest(ms(100)).await.unwrap();
    tokio::time::sleep(ms(60)).await;
    sleeper.rest(ms(100)).await.unwrap();
    tokio::time::sleep(ms(60)).await;
    assert_eq!(log.all(), ["idle"], "armed anew, it counts from there");
    tokio::time::sleep(ms(60)).await;
    assert_eq!(log.all(), ["idle", "idle"]);
}

#[tokio::test(start_paused = true)]
async fn a_flushed_down_does_not_cancel_an_idle_timeout() {
    let log = Log::new();
    let sleeper = Sleeper::start(log.clone()).await.unwrap();
    let ended = ambit::spawn(|_: Inbox<u8>| async {});
    ended.closed().await;
    sleeper.rest_after_flush(ended).await.unwrap();
    tokio::time::sleep(ms(99)).await;
    assert!(log.is_empty());
    tokio::time::sleep(ms(5)).await;
    assert_eq!(log.all(), ["idle"]);
}

#[tokio::test(start_paused = true)]
async fn a_control_request_does_not_restart_an_idle_timeout() {
    let log = Log::new();
    let sleeper = Sleeper::start(log.clone()).await.unwrap();
    for _ in 0..2 {
        tokio::time::sleep(ms(40)).await;
        ambit::sys::suspend(&sleeper).await.unwrap();
        ambit::sys::resume(&sleeper).await.unwrap();
    }
    assert!(log.is_empty());
    tokio::time::sleep(ms(25)).await;
    assert_eq!(log.all(), ["idle"]);
}

#[tokio::test(start_paused = true)]
async fn gs_27_asynchronous_requests() {
    let (rig, _) = rig().await;
    let script = Script::start(&Log::new()).await.unwrap();
    let pending: Vec<_> = (0..50).map(|n| add(&script, n).send()).collect();
    let mut sum = 0;
    for (n, one) in (0..50).zip(pending) {
        sum += n;
        assert_eq!(one.await, Ok(sum), "each has its own answer");
    }

    let mut kept = rig.keep().no_timeout().send();
    for _ in 0..3 {
        let outer = tokio::time::timeout(ms(10), &mut kept).await;
        assert!(outer.is_err(), "nobody has answered");
    }
    rig.answer_all(11).await.unwrap();
    assert_eq!(kept.await, Ok(11), "waited for again, it yields the answer");

    let lost = rig.keep().send();
    rig.stop().await.unwrap();
    let (reason, executed) = (ExitReason::Normal, Executed::Maybe);
    assert_eq!(lost.await, Err(CallError::Exited { reason, executed }));
    let nobody = RigSubject::named("nobody").get().send();
    assert_eq!(nobody.await, Err(CallError::NoProcess));
}

struct Hoarder;

#[gen_server(mailbox = unbounded)]
impl Hoarder {
    #[cast]
    fn unrelated(&self, _n: u64) {}

    /// Measures 10 000 calls while `queued` messages are waiting in its own mailbox.
    #[call]
    async fn measure(&self, ctx: &mut Context<Self>, queued: u64, other: RigSubject) -> Duration {
        let own: HoarderSubject = ctx.subject();
        for n in 0..queued {
            own.unrelated(n).now().unwrap();
        }
        assert_eq!(process_info(&own).unwrap().queued as u64, queued);
        let began = std::time::Instant::now();
        for _ in 0..10_000 {
            other.get().await.unwrap();
        }
        began.elapsed()
    }
}

/// On one thread, so that the times are comparable: no task moves between cores.
#[tokio::test]
async fn gs_33_a_long_queue_of_the_caller_does_not_slow_its_calls() {
    let (rig, _) = rig().await;
    let hoarder = Hoarder.start().await.unwrap();
    hoarder.measure(0, rig.clone()).no_timeout().await.unwrap();
    let mut rounds = Rounds::of("calls beside a long queue");
    loop {
        let hoarder = Hoarder.start().await.unwrap();
        let mut times = Vec::new();
        for queued in [0, 500_000] {
            let call = hoarder.measure(queued, rig.clone()).no_timeout();
            times.push(call.await.unwrap());
        }
        hoarder.stop().await.unwrap();
        let is_as_quick = times[1] < times[0] * 10;
        let reason = format!("without and with it they took {times:?}");
        if rounds.is_good(is_as_quick.then_some(()).ok_or(reason)) {
            return;
        }
    }
}
