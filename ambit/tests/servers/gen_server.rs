//! The numbered cases of GenServer. Each is run with a server of `#[gen_server]`, with one written by hand, or with
//! both where the difference could show.

use std::time::Duration;

use ambit::prelude::*;
use ambit::{Executed, Ignore, LookupError, System, process_info};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::servers::util::*;
use crate::support::crashes::crashes;
use crate::support::real_time::Rounds;

/// A server by macro with one method per way to end or to answer.
struct Rig {
    log: Log,
    value: u64,
    kept: Vec<ReplyTo<u64>>,
}

#[derive(Clone, Debug)]
enum Start {
    Well,
    Fail,
    Ignore,
    Panic,
    PanicLater,
}

struct Note(u64);

#[gen_server]
impl Rig {
    #[init]
    async fn init(log: Log, how: Start) -> Result<Self, ExitReason> {
        log.add("init");
        match how {
            Start::Well => {}
            Start::Fail => return Err(ExitReason::error("no luck")),
            Start::Ignore => return Err(Ignore.into()),
            Start::Panic => boom(),
            Start::PanicLater => {
                tokio::task::yield_now().await;
                boom()
            }
        }
        let (value, kept) = (7, Vec::new());
        Ok(Self { log, value, kept })
    }

    #[call]
    fn get(&self) -> u64 {
        self.value
    }

    #[call]
    async fn get_slowly(&self) -> u64 {
        tokio::task::yield_now().await;
        self.value
    }

    #[call]
    fn trace(&mut self, what: u64) -> u64 {
        self.log.add(format_args!("call {what}"));
        what
    }

    #[cast]
    fn note(&mut self, what: u64) {
        self.log.add(format_args!("cast {what}"));
    }

    #[cast]
    async fn note_slowly(&mut self, what: u64) {
        tokio::task::yield_now().await;
        self.log.add(format_args!("cast {what}"));
    }

    #[call(deferred)]
    fn keep(&mut self, reply: ReplyTo<u64>) {
        self.kept.push(reply);
    }

    #[cast]
    fn answer_all(&mut self, value: u64) {
        for reply in self.kept.drain(..) {
            reply.send(value);
        }
    }

    #[call(deferred)]
    fn stop_silently(&mut self, ctx: &mut Context<Self>, reason: ExitReason, _reply: ReplyTo<u64>) {
        ctx.stop(reason);
    }

    #[call]
    fn stop_with_answer(&mut self, ctx: &mut Context<Self>, reason: ExitReason) -> u64 {
        ctx.stop(reason);
        self.value
    }

    #[call]
    async fn stop_slowly_with_answer(
        &mut self,
        ctx: &mut Context<Self>,
        reason: ExitReason,
    ) -> u64 {
        ctx.stop(reason);
        tokio::task::yield_now().await;
        self.value
    }

    #[cast]
    fn stop_by_cast(&mut self, reason: ExitReason) -> Flow {
        Flow::Stop(reason)
    }

    #[cast]
    async fn fail_by_cast(&mut self, reason: ExitReason) -> Result<(), ExitReason> {
        Err(reason)
    }

    #[info]
    fn on_note(&mut self, ctx: &mut Context<Self>, note: Note) {
        self.log.add(format_args!("note {}", note.0));
        if note.0 == 0 {
            ctx.stop(ExitReason::Shutdown);
        }
    }

    #[call]
    fn explode(&mut self) -> u64 {
        self.value = 13;
        boom()
    }

    #[call]
    async fn explode_later(&mut self) -> u64 {
        self.value = 13;
        tokio::task::yield_now().await;
        boom()
    }

    #[terminate]
    async fn bye(&mut self, reason: &ExitReason) {
        tokio::task::yield_now().await;
        self.log
            .add(format_args!("terminate({}): {reason}", self.value));
    }
}

async fn rig() -> (RigSubject, Log) {
    let log = Log::new();
    let rig = Rig::start(log.clone(), Start::Well).await.unwrap();
    (rig, log)
}

#[tokio::test]
async fn gs_01_a_start_returns_when_init_is_done() {
    let (rig, log) = rig().await;
    assert_eq!(log.all(), ["init"]);
    assert_eq!(rig.get().await, Ok(7));

    let (open, gate) = oneshot::channel::<()>();
    let mut start = Script::start_with(&log, move |_| {
        Box::pin(async move {
            gate.await.ok();
            Ok(9)
        })
    });
    assert!(
        poll_often(&mut start).await.is_none(),
        "init is not done, so the starter waits"
    );
    drop(open);
    let script = start.await.unwrap();
    assert_eq!(value_of(&script).await, Ok(9));
}

/// Everything a failed start could leave behind.
#[track_caller]
fn nothing_left(system: &System, rooms: &Registry<u64, Rig>, before: usize) {
    assert!(matches!(
        ambit::whereis::<Rig>("rig"),
        Err(LookupError::NotFound)
    ));
    assert!(rooms.lookup(&1).is_none());
    assert_eq!(rooms.len(), 0);
    assert_eq!(system.process_count(), before);
}

#[tokio::test]
async fn gs_02_a_failed_init_leaves_no_name() {
    let (system, _current) = quiet();
    let rooms = Registry::<u64, Rig>::unique();
    for _ in 0..100 {
        let start = Rig::start(Log::new(), Start::Fail);
        let outcome = start.name("rig").via(&rooms, 1u64).await;
        let reason = ExitReason::error("no luck");
        assert_eq!(outcome.err(), Some(StartError::Init(reason)));
        nothing_left(&system, &rooms, 0);
    }
    for _ in 0..100 {
        let start = Script::start_with(&Log::new(), |_| {
            Box::pin(async { Err(ExitReason::Shutdown) })
        });
        let outcome = start.name("rig").await;
        assert_eq!(outcome.err(), Some(StartError::Init(ExitReason::Shutdown)));
        nothing_left(&system, &rooms, 0);
    }
}

#[tokio::test]
async fn gs_03_an_ignored_start_leaves_nothing() {
    let (system, _current) = quiet();
    let rooms = Registry::<u64, Rig>::unique();
    for _ in 0..100 {
        let start = Rig::start(Log::new(), Start::Ignore);
        let outcome = start.name("rig").via(&rooms, 1u64).await;
        assert_eq!(outcome.err(), Some(StartError::Ignored));
        nothing_left(&system, &rooms, 0);
    }
    let start = Script::start_with(&Log::new(), |_| Box::pin(async { Err(Ignore.into()) }));
    assert_eq!(start.name("rig").await.err(), Some(StartError::Ignored));
    nothing_left(&system, &rooms, 0);
}

#[tokio::test]
async fn gs_05_a_panic_in_init_is_an_error_and_no_surprise() {
    let (system, _current) = quiet();
    let (_listens, crashes) = crashes(&system);
    in_process(|mut inbox| async move {
        inbox.trap_exits(true);
        for how in [Start::Panic, Start::PanicLater] {
            for _ in 0..100 {
                let plain = Rig::start(Log::new(), how.clone()).name("rig").await;
                let linked = Rig::start(Log::new(), how.clone()).name("rig").link().await;
                for outcome in [plain, linked] {
                    let Err(StartError::Init(reason)) = outcome else {
                        panic!("init panicked")
                    };
                    assert_eq!(panic_text(&reason), "boom");
                }
                let own = process_info(inbox.pid()).unwrap();
                assert!(own.links.is_empty(), "no link is left");
                assert!(ambit::whereis::<Rig>("rig").is_err());
            }
        }
        let next = inbox.next_within(Duration::ZERO).await;
        assert_eq!(next, None, "no Exit is left");
    })
    .await;
    let crashes = crashes.lock().unwrap();
    assert!(crashes.is_empty(), "the starter is told, nobody else");
}

#[tokio::test]
async fn gs_06_a_name_in_use_refuses_and_init_does_not_run() {
    let rooms = Registry::<u64, Rig>::unique();
    let start = Rig::start(Log::new(), Start::Well);
    let holder = start.name("rig").via(&rooms, 1u64).await.unwrap();
    let expected = Some(StartError::AlreadyRegistered {
        holder: holder.pid(),
    });
    let log = Log::new();
    let by_name = Rig::start(log.clone(), Start::Well).name("rig").await;
    assert_eq!(by_name.err(), expected);
    let by_key = Rig::start(log.clone(), Start::Well).via(&rooms, 1u64).await;
    assert_eq!(by_key.err(), expected);
    let second = Rig::start(log.clone(), Start::Well)
        .name("other")
        .via(&rooms, 1u64);
    assert_eq!(second.await.err(), expected);
    assert!(
        ambit::whereis::<Rig>("other").is_err(),
        "its first name is free again"
    );
    let touched = log.clone();
    let by_hand = Script::start_with(&log, move |_| {
        touched.add("init");
        Box::pin(async { Ok(0) })
    });
    assert_eq!(by_hand.name("rig").await.err(), expected);
    assert!(log.is_empty(), "no loser's init ran: {:?}", log.all());
    assert_eq!(holder.get().await, Ok(7), "the holder is untouched");
}

/// D8: there is no `start_monitor`; the monitor is made after the start, or comes with `spawn_monitor`.
#[tokio::test]
async fn gs_07_a_start_is_linked_when_it_says_so() {
    in_process(|mut inbox| async move {
        inbox.trap_exits(true);
        let plain = Rig::start(Log::new(), Start::Well).await.unwrap();
        assert!(process_info(&plain).unwrap().links.is_empty());
        plain.stop().await.unwrap();
        assert_eq!(inbox.next_within(Duration::ZERO).await, None);

        let linked = Rig::start(Log::new(), Start::Well).link().await.unwrap();
        assert_eq!(process_info(&linked).unwrap().links, [inbox.pid()]);
        assert_eq!(process_info(inbox.pid()).unwrap().links, [linked.pid()]);
        linked.stop_with(ExitReason::Shutdown).await.unwrap();
        let (from, reason) = (linked.pid(), ExitReason::Shutdown);
        assert_eq!(inbox.next().await, Event::Exit(Exit { from, reason }));

        let watched = Rig::start(Log::new(), Start::Well).await.unwrap();
        let monitor = inbox.monitor(&watched);
        watched.stop().await.unwrap();
        let (target, reason) = (Watched::Process(watched.pid()), ExitReason::Normal);
        let down = Down {
            monitor,
            target,
            reason,
        };
        assert_eq!(inbox.next().await, Event::Down(down));
    })
    .await;
    let outside = Rig::start(Log::new(), Start::Well).link().await;
    assert_eq!(outside.err(), Some(StartError::NotAProcess));
}

#[tokio::test]
async fn gs_08_a_deferred_call_is_answered_by_somebody_else() {
    let (rig, _) = rig().await;
    let (one, two) = (rig.keep().send(), rig.keep().send());
    rig.answer_all(3).await.unwrap();
    assert_eq!((one.await, two.await), (Ok(3), Ok(3)));

    // Another process answers, through the port it was sent.
    let clerk = ambit::spawn(|mut inbox: Inbox<ReplyTo<u64>>| async move {
        while let Some(reply) = inbox.recv().await {
            assert!(reply.send(42), "the caller waits");
        }
    });
    let script = Script::start(&Log::new()).await.unwrap();
    let answer = script.call(move |reply| {
        later(move |_, _| {
            Box::pin(async move {
                clerk.send(reply).await.unwrap();
                Flow::Continue
            })
        })
    });
    assert_eq!(answer.await, Ok(42));
}

#[tokio::test(start_paused = true)]
async fn gs_10_a_dead_target_fails_at_once() {
    let (rig, _) = rig().await;
    rig.stop().await.unwrap();
    let began = Instant::now();
    for timeout in [Duration::ZERO, ms(1), Duration::MAX] {
        assert_eq!(rig.get().timeout(timeout).await, Err(CallError::NoProcess));
        let nobody = RigSubject::named("nobody");
        assert_eq!(
            nobody.get().timeout(timeout).await,
            Err(CallError::NoProcess)
        );
    }
    assert_eq!(rig.get().no_timeout().await, Err(CallError::NoProcess));
    assert_eq!(rig.get().send().await, Err(CallError::NoProcess));
    assert_eq!(rig.get().now().err(), Some(CallError::NoProcess));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn gs_12_a_normal_stop_without_an_answer_is_a_failed_call() {
    let (rig, _) = rig().await;
    let expected = |reason| {
        Err(CallError::Exited {
            reason,
            executed: Executed::Maybe,
        })
    };
    let outcome = rig.stop_silently(ExitReason::Normal).await;
    assert_eq!(outcome, expected(ExitReason::Normal));

    for is_async in [false, true] {
        let script = Script::start(&Log::new()).await.unwrap();
        let outcome = script.call(move |reply: ReplyTo<u64>| {
            if is_async {
                later(move |_, _| {
                    Box::pin(async move {
                        drop(reply);
                        Flow::Stop(ExitReason::Normal)
                    })
                })
            } else {
                now(move |_, _| {
                    drop(reply);
                    Flow::Stop(ExitReason::Normal)
                })
            }
        });
        assert_eq!(
            outcome.await,
            expected(ExitReason::Normal),
            "async: {is_async}"
        );
    }
}

/// D2: a cast to the dead answers `NoProcess`; nothing else happens.
#[tokio::test(start_paused = true)]
async fn gs_14_a_cast_to_the_dead_answers_at_once() {
    let (rig, _) = rig().await;
    rig.stop().await.unwrap();
    let began = Instant::now();
    assert_eq!(rig.note(1).await, Err(CastError::NoProcess));
    assert_eq!(rig.note(1).now(), Err(CastError::NoProcess));
    assert_eq!(
        RigSubject::named("nobody").note(1).await,
        Err(CastError::NoProcess)
    );
    let recipient = rig.recipient::<Note>();
    assert_eq!(recipient.send(Note(1)).await, Err(CastError::NoProcess));
    let Err((CastError::NoProcess, RigCast::Note { what: 5 })) = rig.note(5).now_or_return() else {
        panic!("the message comes back")
    };
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_eq!(System::current().unwrap().dead_letters(), 0);
}

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

/// Handles only one call; everything else is left to the defaults of the trait.
struct Deaf;

impl Protocol for Deaf {
    type Call = ReplyTo<u64>;
    type Cast = &'static str;
    type Subject = Subject<Self>;
    const NAME: &'static str = "Deaf";
}

impl GenServer for Deaf {
    type Protocol = Self;
    type Args = ();
    type Info = u8;
    type Continue = ();

    async fn init(_: (), _: &mut Context<Self>) -> Result<Self, ExitReason> {
        Ok(Self)
    }
}

impl Handles<u8> for Deaf {
    fn into_info(message: u8) -> u8 {
        message
    }
}

/// By macro the types make it impossible (D7); by hand a message can be handled nowhere.
#[tokio::test]
async fn gs_16_a_message_nobody_handles_is_reported_and_the_server_lives() {
    let (system, _current) = quiet();
    let letters = Log::new();
    let seen = letters.clone();
    let _listens = system.on_dead_letter(move |letter| {
        let content = letter.content::<&str>().copied();
        let info = letter.content::<u8>().map(u8::to_string);
        let text = content.map(str::to_owned).or(info).unwrap_or_default();
        seen.add(format_args!(
            "{:?} {:?} {text}",
            letter.kind(),
            letter.why()
        ));
    });
    let deaf = ambit::start::<Deaf>(()).await.unwrap();
    deaf.send("hello").await.unwrap();
    deaf.recipient::<u8>().send(8).await.unwrap();
    assert_eq!(deaf.call(|reply| reply).await, Err(CallError::NoReply));
    assert!(deaf.is_alive());
    assert_eq!(
        letters.all(),
        [
            "Cast Unhandled hello",
            "Info Unhandled 8",
            "Call Unhandled "
        ]
    );
    assert_eq!(system.dead_letters(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn gs_17_a_stop_with_an_answer_terminates_answers_exits_in_this_order() {
    for round in 0..2000 {
        let log = Log::new();
        let rig = Rig::start(log.clone(), Start::Well)
            .name("rig")
            .await
            .unwrap();
        let watch = rig.monitor();
        let reason = ExitReason::shutdown_with(round);
        let answer = if round % 2 == 0 {
            rig.stop_with_answer(reason.clone()).await
        } else {
            rig.stop_slowly_with_answer(reason.clone()).await
        };
        log.add("answer");
        assert_eq!(answer, Ok(7));
        assert_eq!(watch.await.reason, reason);
        let end = format!("terminate(7): shutdown: {round}");
        assert_eq!(log.all(), ["init", &end, "answer"]);
        assert!(ambit::whereis::<Rig>("rig").is_err());
    }
}

#[tokio::test]
async fn gs_18_any_stop_terminates_once_with_its_reason() {
    let reasons = [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("x"),
        ExitReason::error("y"),
        ExitReason::Kill,
    ];
    let _quiet = quiet();
    for reason in reasons {
        for way in 0..6 {
            let (rig, log) = rig().await;
            let watch = rig.monitor();
            match way {
                0 => rig.stop_by_cast(reason.clone()).await.unwrap(),
                1 => rig.fail_by_cast(reason.clone()).await.unwrap(),
                2 => drop(rig.stop_silently(reason.clone()).await),
                3 => drop(rig.stop_with_answer(reason.clone()).await),
                4 => drop(rig.stop_slowly_with_answer(reason.clone()).await),
                _ => rig.stop_with(reason.clone()).await.unwrap(),
            }
            rig.note(1).now().ok();
            assert_eq!(watch.await.reason, reason, "way {way}");
            let end = format!("terminate(7): {reason}");
            assert_eq!(log.all(), ["init", &end], "way {way}");
        }
    }
    let (rig, log) = rig().await;
    rig.recipient().send(Note(0)).await.unwrap();
    assert_eq!(rig.closed().await, ExitReason::Shutdown);
    assert_eq!(log.all(), ["init", "note 0", "terminate(7): shutdown"]);
}

/// D1: terminate sees the state as the panic left it, not as of before the message.
#[tokio::test]
async fn gs_19_a_panic_terminates_with_the_state_it_left() {
    let _quiet = quiet();
    for is_async in [false, true] {
        let (rig, log) = rig().await;
        let watch = rig.monitor();
        let outcome = if is_async {
            rig.explode_later().await
        } else {
            rig.explode().await
        };
        let reason = watch.await.reason;
        assert_eq!(panic_text(&reason), "boom");
        let executed = Executed::Maybe;
        let text = format!("terminate(13): {reason}");
        assert_eq!(outcome, Err(CallError::Exited { reason, executed }));
        assert_eq!(log.all(), ["init", &text]);
    }
}

struct Careful(Log);

#[gen_server]
impl Careful {
    #[cast]
    fn explode(&mut self) {
        boom()
    }

    #[terminate(not_after_panic)]
    fn bye(&mut self, _: &ExitReason) {
        self.0.add("terminate");
    }
}

#[tokio::test]
async fn gs_19_not_after_panic_opts_out() {
    let _quiet = quiet();
    let log = Log::new();
    let careful = Careful(log.clone()).start().await.unwrap();
    careful.explode().await.unwrap();
    assert_eq!(panic_text(&careful.closed().await), "boom");
    assert!(log.is_empty());
    let careful = Careful(log.clone()).start().await.unwrap();
    careful.stop().await.unwrap();
    assert_eq!(log.all(), ["terminate"], "any other end still terminates");
}

#[tokio::test]
async fn gs_20_a_panic_in_terminate_replaces_the_reason() {
    let _quiet = quiet();
    for is_async in [false, true] {
        for first in [ExitReason::Normal, ExitReason::error("first")] {
            let script = Script::start_and_end_with(&Log::new(), move |_, _| {
                Box::pin(async move {
                    if is_async {
                        tokio::task::yield_now().await;
                    }
                    panic!("second")
                })
            });
            let script = script.await.unwrap();
            let stopped = script.stop_with(first.clone()).await;
            let Err(StopError::Exited(reason)) = stopped else {
                panic!("it ended for another reason than {first}")
            };
            assert_eq!(panic_text(&reason), "second");
        }
    }
    // Also when a panic was the first reason.
    let script = Script::start_and_end_with(&Log::new(), |_, _| panic!("second"));
    let script = script.await.unwrap();
    script.send(now(|_, _| boom())).await.unwrap();
    assert_eq!(panic_text(&script.closed().await), "second");
}

#[tokio::test]
async fn gs_21_stop_ends_a_server_by_any_handle() {
    let rooms = Registry::<u64, Rig>::unique();
    for way in 0..4 {
        let log = Log::new();
        let start = Rig::start(log.clone(), Start::Well);
        let rig = start.name("rig").via(&rooms, 1u64).await.unwrap();
        let watch = rig.monitor();
        match way {
            0 => rig.stop().await,
            1 => RigSubject::named("rig").stop().await,
            2 => RigSubject::via(&rooms, 1u64).stop().await,
            _ => rooms.via(1u64).stop_with(ExitReason::Normal).await,
        }
        .unwrap();
        assert!(!rig.is_alive());
        assert_eq!(log.all(), ["init", "terminate(7): normal"], "way {way}");
        assert_eq!(watch.await.reason, ExitReason::Normal);
        assert!(ambit::whereis::<Rig>("rig").is_err() && rooms.lookup(&1).is_none());
        assert_eq!(rig.stop().await, Err(StopError::NoProcess));
    }
    assert_eq!(
        RigSubject::named("rig").stop().await,
        Err(StopError::NoProcess)
    );
    assert_eq!(rooms.via(1u64).stop().await, Err(StopError::NoProcess));

    let script = Script::start(&Log::new()).await.unwrap();
    let own = script.call(|reply| {
        later(move |_, ctx| {
            Box::pin(async move {
                let me: Subject<Script> = ctx.subject();
                reply.send(me.stop().await);
                Flow::Continue
            })
        })
    });
    assert_eq!(own.await, Ok(Err(StopError::CallsItself)));
    assert!(script.is_alive());
}

/// D3 names the one exception: the parent's exit, in `ending.rs`.
#[tokio::test]
async fn gs_22_an_untrapped_signal_kills_without_terminate() {
    let _quiet = quiet();
    for reason in [
        ExitReason::Shutdown,
        ExitReason::error("x"),
        ExitReason::Kill,
    ] {
        let (rig, log) = rig().await;
        ambit::exit(&rig, reason.clone());
        let seen = rig.closed().await;
        let expected = if reason == ExitReason::Kill {
            ExitReason::Killed
        } else {
            reason
        };
        assert_eq!(seen, expected);
        assert_eq!(log.all(), ["init"], "no terminate after {seen}");
    }
    let (rig, _) = rig().await;
    ambit::exit(&rig, ExitReason::Normal);
    assert_eq!(rig.get().await, Ok(7), "`normal` from another is ignored");
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

    #[info]
    fn on_idle(&mut self, _: IdleTimeout) {
        self.log.add("idle");
    }
}

#[tokio::test(start_paused = true)]
async fn gs_26_an_idle_timeout_fires_once_if_nothing_comes() {
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

#[tokio::test]
async fn gs_30_only_abnormal_ends_are_reported() {
    let system = System::builder().quiet_panics(true).report_arguments(true);
    let system = system.build().unwrap();
    let _current = system.enter();
    let (_listens, reports) = crashes(&system);
    for reason in [
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("done"),
    ] {
        let (rig, _) = rig().await;
        rig.stop_by_cast(reason).await.unwrap();
        rig.closed().await;
    }
    assert!(
        reports.lock().unwrap().is_empty(),
        "clean ends are no crashes"
    );

    let start = Rig::start(Log::new(), Start::Well).name("rig");
    let rig = start.await.unwrap();
    rig.note(1).await.unwrap();
    rig.get_slowly().await.unwrap();
    rig.trace(77).await.unwrap();
    rig.explode_later().await.unwrap_err();
    rig.closed().await;
    let script = Script::start(&Log::new()).await.unwrap();
    script.send(now(|_, _| boom())).await.unwrap();
    script.closed().await;
    let reports = reports.lock().unwrap();
    let [first, second] = &reports[..] else {
        panic!("two crashes: {reports:?}")
    };
    assert_eq!((first.pid, first.type_name), (rig.pid(), "Rig"));
    assert_eq!(first.names, ["rig"]);
    assert_eq!(first.methods, ["explode_later", "trace", "get_slowly"]);
    assert_eq!(panic_text(&first.reason), "boom");
    let text = first.to_string();
    assert!(text.contains("Rig#") && text.contains("\"rig\"") && text.contains("explode_later"));
    assert_eq!(second.methods, ["cast"]);
    assert_eq!(second.arguments.as_deref(), Some("a job"));
}

struct Hoarder;

#[gen_server(mailbox = unbounded)]
impl Hoarder {
    #[cast]
    fn unrelated(&self, _n: u64) {}

    /// How long 10 000 calls take while that many messages are queued here.
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

/// On one thread, so that the times compare: nothing hops from core to core.
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
