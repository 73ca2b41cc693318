//! The public contract, with the names and signatures of its page: other code compiles against them.

use ambit::error::StopError;
use ambit::process::{Target, Watched};
use ambit::server::Protocol;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::hash::Hash;
use std::time::Duration;

use ambit::error::{
    CastError, Detail, ErrorReport, Executed, LookupError, NotAProcess, PanicReport, RegisterError,
    UpdateError,
};
use ambit::inspect::ProcessInfo;
use ambit::prelude::*;
use ambit::process::{IntoExit, Monitor, Stop};
use ambit::registry::{RegistryEvent, Resolve};
use ambit::retry::Retry;
use ambit::server::{Call, Cast, Ignore, Incoming, Pending, Start, StartOwned};

struct Counter {
    value: u64,
}

#[derive(Clone)]
struct Tick;

#[gen_server]
impl Counter {
    #[init]
    fn init(value: u64) -> Self {
        Self { value }
    }
    #[call]
    fn get(&self) -> u64 {
        self.value
    }
    #[cast]
    fn reset(&mut self) {
        self.value = 0;
    }
    #[info]
    fn on_tick(&mut self, _tick: Tick) {}
    #[info]
    fn on_down(&mut self, _down: Down) {}
    #[info]
    fn on_exit(&mut self, _exit: Exit) {}
    #[info]
    fn on_idle(&mut self, _idle: IdleTimeout) {}
    #[info]
    fn on_number(&mut self, _number: u64) {}
    #[info]
    fn on_event(&mut self, _event: RegistryEvent<String, u8>) {}
    #[continue_with]
    fn report(&self) {}
}

impl Clone for Counter {
    fn clone(&self) -> Self {
        Self { value: self.value }
    }
}

fn is_error<E: Error + Clone + PartialEq + Display + Debug + Send + Sync + 'static>() {}
fn is_handle<H: Clone + Debug + Send + Sync + 'static>() {}
fn is_future<F: Future<Output = T> + Unpin + Send, T>(_: &F) {}
fn is_static<F: Future + Send + 'static>(_: &F) {}
fn is_id<T: Clone + Copy + PartialEq + Eq + Hash + PartialOrd + Ord + Debug>() {}

#[test]
fn types_implement_the_documented_traits() {
    is_error::<CallError>();
    is_error::<CastError>();
    is_error::<StartError>();
    is_error::<StopError>();
    is_error::<LookupError>();
    is_error::<RegisterError>();
    is_error::<UpdateError>();
    is_error::<NotAProcess>();
    is_error::<ExitReason>();
    is_handle::<CounterSubject>();
    is_handle::<Subject<Counter>>();
    is_handle::<Subject<String>>();
    is_handle::<Process>();
    is_handle::<Recipient<Tick>>();
    is_handle::<Registry<String, Counter, u8>>();
    is_id::<Pid>();
    fn target<T: Target>() {}
    target::<Pid>();
    target::<&str>();
    target::<String>();
    target::<CounterSubject>();
    target::<&CounterSubject>();
    target::<&Subject<String>>();
    target::<Process>();
    fn eq_hash<T: Eq + Hash>() {}
    eq_hash::<CounterSubject>();
    eq_hash::<Subject<u8>>();
    eq_hash::<Process>();
    fn exit<T: IntoExit>() {}
    exit::<()>();
    exit::<ExitReason>();
    exit::<Result<(), std::io::Error>>();
    exit::<Result<(), String>>();
    exit::<Result<(), ExitReason>>();
    assert_eq!(Pid::NOBODY, Pid::NOBODY);
}

#[test]
fn reasons() {
    let reason = ExitReason::error("text");
    assert!(!reason.is_clean());
    assert_eq!(
        ExitReason::shutdown_with(7).to_string(),
        ExitReason::shutdown_with("7").to_string()
    );
    let text = |reason: &ExitReason| match reason {
        ExitReason::ShutdownWith(detail) => Detail::to_string(detail),
        ExitReason::Error(report) => {
            assert!(report.downcast_ref::<std::io::Error>().is_none());
            ErrorReport::to_string(report)
        }
        ExitReason::Panic(report) => PanicReport::to_string(report),
        ExitReason::Normal
        | ExitReason::Shutdown
        | ExitReason::Kill
        | ExitReason::Killed
        | ExitReason::NoProcess
        | ExitReason::NoConnection
        | ExitReason::Timeout => String::new(),
        _ => unreachable!(),
    };
    assert_eq!(text(&reason), "text");
    assert_eq!(text(&ExitReason::shutdown_with(7)), "7");
    let ignored: ExitReason = Ignore.into();
    assert!(!text(&ignored).is_empty());
    let executed = CallError::Exited {
        reason: ExitReason::Normal,
        executed: Executed::No,
    };
    assert!(matches!(
        executed,
        CallError::Exited {
            executed: Executed::No | Executed::Maybe,
            ..
        }
    ));
    drop(CallError::Cycle {
        pids: vec![Pid::NOBODY],
    });
    drop([
        CallError::NoReply,
        CallError::Full,
        CallError::BlocksRuntime,
        CallError::WrongType,
        CallError::CallsItself,
    ]);
    drop(StartError::BadSpec(String::new()));
    drop([
        StartError::Ignored,
        StartError::NoRuntime,
        StartError::NotAProcess,
        StartError::DuplicateRegistry,
    ]);
    drop(StopError::Exited(ExitReason::Normal));
}

#[tokio::test]
async fn verbs() {
    let start: Start<Counter> = Counter::start(1);
    is_future(&start);
    let counter: CounterSubject = start
        .name(String::from("verbs"))
        .mailbox(9)
        .timeout(Duration::from_secs(1))
        .await
        .unwrap();
    let call: Call<'_, Counter, u64> = counter.get();
    is_future(&call);
    assert_eq!(call.timeout(Duration::from_secs(1)).await, Ok(1));
    assert_eq!(counter.get().no_timeout().await, Ok(1));
    let owned: Call<'static, Counter, u64> = counter.get().into_owned();
    is_static(&owned);
    drop(owned);
    let pending: Pending<u64> = counter.get().send();
    is_static(&pending);
    is_future(&pending);
    assert_eq!(pending.await, Ok(1));
    let now: Result<Pending<u64>, CallError> = counter.get().now();
    assert_eq!(now.unwrap().await, Ok(1));
    assert_eq!(counter.get().blocking(), Err(CallError::BlocksRuntime));
    assert_eq!(counter.reset().blocking(), Err(CastError::BlocksRuntime));
    let cast: Cast<'_, Counter> = counter.reset();
    is_future(&cast);
    cast.timeout(Duration::from_secs(1)).await.unwrap();
    counter.reset().now().unwrap();
    counter
        .reset()
        .now_or_return()
        .map_err(|(error, _): (CastError, CounterCast)| error)
        .unwrap();
    counter.reset().into_owned().await.unwrap();
    let subject: &Subject<Counter> = counter.as_ref();
    assert_eq!(
        subject
            .call(|reply: ReplyTo<u64>| CounterCall::Get { reply })
            .await,
        Ok(0)
    );
    subject.send(CounterCast::Reset).await.unwrap();
    let permit = subject.reserve().await.unwrap();
    permit.send(CounterCast::Reset);
    let recipient: Recipient<Tick> = counter.recipient::<Tick>();
    recipient.send(Tick).await.unwrap();
    recipient.send(Tick).now().unwrap();
    assert_eq!(recipient.pid(), counter.pid());
    let quick: CounterSubject = counter.with_timeout(Duration::from_millis(9));
    let patient: CounterSubject = counter.when_available();
    assert_eq!((quick.get().await, patient.get().await), (Ok(0), Ok(0)));
    assert_eq!(CounterSubject::named("verbs").get().await, Ok(0));
    assert_eq!(Subject::<Counter>::named("verbs").pid(), counter.pid());
    let monitor: Monitor = counter.monitor();
    is_future(&monitor);
    assert!(counter.is_alive());
    let stop: Stop<'_> = counter.stop();
    is_future(&stop);
    stop.timeout(Duration::from_secs(1)).await.unwrap();
    let Down {
        monitor: _,
        target,
        reason,
    } = monitor.await;
    assert_eq!(
        (target, reason),
        (Watched::Process(counter.pid()), ExitReason::Normal)
    );
    assert_eq!(counter.closed().await, ExitReason::Normal);
    assert_eq!(
        counter.stop_with(ExitReason::Shutdown).await,
        Err(StopError::NoProcess)
    );
    let owned: StartOwned<Counter> = Counter::start(1).owned();
    is_future(&owned);
    let owned: Owned<CounterSubject> = owned
        .name("o")
        .mailbox(1)
        .timeout(Duration::from_secs(1))
        .await
        .unwrap();
    assert_eq!(owned.get().await, Ok(1));
    let by_hand: Start<Counter> = ambit::start::<Counter>(CounterArgs { value: 3 });
    assert_eq!(by_hand.await.unwrap().get().await, Ok(3));
}

#[tokio::test]
async fn processes() {
    let body = |mut inbox: Inbox<String>| async move {
        let _: Pid = inbox.pid();
        let own: Subject<String> = inbox.subject();
        let _: Result<(), ExitReason> = inbox.link(&own);
        inbox.unlink(&own);
        let monitor: MonitorRef = inbox.monitor(&own);
        let _: bool = inbox.demonitor(monitor);
        inbox.demonitor_flush(monitor);
        inbox.trap_exits(true);
        let linked = inbox.spawn_link(|_: Inbox<u8>| async {}).unwrap();
        let (_, _): (Subject<u8>, MonitorRef) =
            inbox.spawn_monitor(|_: Inbox<u8>| async {}).unwrap();
        let _: Result<Subject<u8>, NotAProcess> =
            ambit::spawn_link(|_: Inbox<u8>| async { ExitReason::Normal });
        let _: Result<(Subject<u8>, MonitorRef), NotAProcess> =
            ambit::spawn_monitor(|_: Inbox<u8>| async {});
        let _: Result<Result<(), ExitReason>, NotAProcess> = ambit::link(&linked);
        ambit::trap_exits(false).unwrap();
        assert_eq!(ambit::self_pid(), Ok(inbox.pid()));
        own.send("a".into()).await.unwrap();
        let event: InboxEvent<String> = inbox
            .recv_match(|event| matches!(event, InboxEvent::Message(_)))
            .await;
        assert_eq!(event, InboxEvent::Message("a".into()));
        let _: Option<InboxEvent<String>> = inbox.next_within(Duration::ZERO).await;
        while let Some(_text) = inbox.recv().await {}
    };
    let process: Subject<String> = ambit::spawn(body);
    let info: Option<ProcessInfo> = ambit::process_info(&process);
    let info = info.unwrap();
    let _: (Vec<Pid>, Vec<Watched>, Vec<Pid>) = (info.links, info.monitors, info.monitored_by);
    let _: (usize, usize, Vec<String>, bool) =
        (info.queued, info.timers, info.names, info.trap_exits);
    assert!(ambit::is_alive(process.pid()));
    ambit::register("process", &process).unwrap();
    let found: Result<Subject<String>, LookupError> = ambit::whereis::<String>("process");
    assert_eq!(found, Ok(process.clone()));
    ambit::unregister("process").unwrap();
    process.stop().await.unwrap();
    ambit::exit(process.pid(), ExitReason::Kill);
    let timer: Timer = ambit::exit_after(Duration::from_secs(9), &process, ExitReason::Shutdown);
    let _: (Option<Duration>, Option<Duration>) = (timer.remaining(), timer.cancel());
    let _ = ambit::kill_after(Duration::from_secs(9), process.pid());
    let forever: Subject<()> = ambit::spawn(|mut inbox: Inbox<()>| async move {
        loop {
            inbox.next().await;
        }
    });
    let recipient: Recipient<()> = forever.as_recipient();
    let _ = ambit::send_after(&recipient, Duration::from_secs(9), ());
    let _ = ambit::send_every(&recipient, Duration::from_secs(9), ());
    println!("{}", ambit::inspect::tree());
}

#[tokio::test]
async fn sys_requests() {
    let counter = Counter::start(1).await.unwrap();
    ambit::sys::suspend(&counter).await.unwrap();
    let state: Counter = ambit::sys::state_of::<Counter>(&counter).await.unwrap();
    assert_eq!(state.value, 1);
    ambit::sys::replace_state::<Counter>(&counter, |old| Counter {
        value: old.value + 1,
    })
    .await
    .unwrap();
    ambit::sys::resume(counter.pid()).await.unwrap();
    assert_eq!(counter.get().await, Ok(2));
}

#[tokio::test]
async fn registries() {
    let registry: Registry<String, Counter, u8> = Registry::unique();
    let _: Registry<String, Counter> = Registry::duplicate();
    let counter: CounterSubject = Counter::start(1).via(&registry, "a").await.unwrap();
    let _: Option<CounterSubject> = registry.lookup("a");
    let _: Vec<(CounterSubject, u8)> = registry.entries("a");
    let _: Vec<u8> = registry.values("a");
    let via: CounterSubject = registry.via("a");
    assert_eq!(via, CounterSubject::via(&registry, "a"));
    let waited: Result<CounterSubject, LookupError> =
        registry.wait_for("a").timeout(Duration::from_secs(1)).await;
    waited.unwrap();
    let refused: Result<(), RegisterError> = registry.register("a", &counter);
    assert_eq!(
        refused,
        Err(RegisterError::AlreadyRegistered {
            holder: counter.pid()
        })
    );
    registry.register_with("b", &counter, 7).unwrap();
    registry
        .register_with_retry("c", &counter, Retry::default())
        .await
        .unwrap();
    assert_eq!(registry.unregister("a"), Err(NotAProcess));
    assert_eq!(
        registry.unregister_match("a", |_: &u8| true),
        Err(NotAProcess)
    );
    assert_eq!(
        registry.update_value("b", |value: &u8| *value),
        Err(UpdateError::NotAProcess)
    );
    let _: Vec<(CounterSubject, u8)> = registry.entries_match("b", |value: &u8| *value == 7);
    assert_eq!(registry.unregister_subject("a", &counter), 1);
    let _: (Vec<String>, usize) = (registry.keys(counter.pid()), registry.len());
    registry.dispatch("b", |subject: &CounterSubject| {
        assert_eq!(subject, &counter)
    });
    registry.subscribe(counter.recipient::<RegistryEvent<String, u8>>());
    drop(registry.lock("b").await);
    let by_number: Registry<u64, Counter> = Registry::unique();
    by_number.register(1u64, &counter).unwrap();
    assert!(by_number.lookup(&1).is_some());
}

#[derive(Clone)]
struct Fixed(Subject<Counter>);

impl Resolve<Counter> for Fixed {
    type Key = u8;
    fn resolve(&self, _key: &u8) -> Option<Subject<Counter>> {
        Some(self.0.clone())
    }
}

#[tokio::test]
async fn resolvers() {
    let counter = Counter::start(5).await.unwrap();
    let fixed = Fixed(counter.as_ref().clone());
    assert_eq!(CounterSubject::via(&fixed, 1).get().await, Ok(5));
}

/// Uses every method of a context, and handles the resulting messages.
struct Everything;

#[gen_server]
impl Everything {
    #[init]
    async fn init(ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let _: Pid = ctx.pid();
        let own: EverythingSubject = ctx.subject();
        let _: Recipient<Tick> = ctx.recipient();
        ctx.continue_with(EverythingContinue::Next);
        ctx.idle_timeout(Duration::from_secs(1));
        let once: Timer = ctx.send_after(Duration::from_secs(1), Tick);
        let _: Timer = ctx.send_every(Duration::from_secs(1), Tick);
        let _: Option<Duration> = ctx.cancel(&once);
        let monitor: MonitorRef = ctx.monitor(&own);
        let _: bool = ctx.demonitor(monitor);
        ctx.demonitor_flush(monitor);
        ctx.link(&own)?;
        ctx.unlink(&own);
        ctx.trap_exits(true);
        let _ = ctx.spawn_link(|_: Inbox<u8>| async {});
        let _ = ctx.spawn_monitor(|_: Inbox<u8>| async {});
        ctx.spawn_task(async { Tick });
        ctx.label("everything");
        let _: Option<Duration> = ctx.remaining();
        Ok(Self)
    }
    #[info]
    fn on_tick(&mut self, _: Tick) {}
    #[info]
    fn on_idle(&mut self, _: IdleTimeout) {}
    #[info]
    fn on_down(&mut self, _: Down) {}
    #[info]
    fn on_exit(&mut self, _: Exit) {}
    #[continue_with]
    fn next(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Shutdown);
    }
}

#[tokio::test]
async fn contexts() {
    let everything = Everything::start().await.unwrap();
    assert_eq!(everything.closed().await, ExitReason::Shutdown);
}

/// A protocol without a server type: the shape that `#[protocol]` generates for a trait.
trait Kv {}
enum KvCall {
    Get { reply: ReplyTo<u8> },
}
impl Protocol for dyn Kv {
    type Call = KvCall;
    type Cast = ();
    type Subject = Subject<dyn Kv>;
    const NAME: &'static str = "Kv";
}

struct Memory(u8);

impl GenServer for Memory {
    type Protocol = dyn Kv;
    type Args = u8;
    type Info = ();
    type Continue = ();
    async fn init(args: u8, _: &mut Context<Self>) -> Result<Self, ExitReason> {
        Ok(Self(args))
    }
    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Call(KvCall::Get { reply }) => {
                ctx.answer(reply, self.0);
                Ok(Flow::Continue)
            }
            other => Err(other),
        }
    }
}

#[tokio::test]
async fn a_protocol_without_a_server_type() {
    let memory: Subject<dyn Kv> = ambit::start::<Memory>(9).await.unwrap();
    assert_eq!(memory.call(|reply| KvCall::Get { reply }).await, Ok(9));
    // No handler takes this message: it is dropped and reported, and the server continues.
    memory.send(()).await.unwrap();
    assert_eq!(memory.call(|reply| KvCall::Get { reply }).await, Ok(9));
}
