//! The inbox of one process: selective receive, selectors, streams, postponed events.

use ambit::prelude::*;
use ambit::process::Selector;
use ambit::server::Attached;

use super::{SECOND, idle, script, turns};
use crate::case::{Case, case};
use crate::run::Run;

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("inbox/receive", 250, ["Inbox::recv", "Inbox::subject"], receive),
        case!("inbox/receive messages before events", 250, [], receive_before),
        case!("inbox/receive messages behind many events", 250, [], receive_behind),
        case!("inbox/receive by pattern, the first matches", 250, ["Inbox::recv_match"], match_first),
        case!("inbox/open side inboxes, and drop them", 500, ["Inbox::open"], open),
        case!("inbox/attach a stream", 1_000, ["Context::attach", "Attached::is_done"], attach),
        case!("inbox/attach many streams", 500, ["Context::attach_to_end", "Attached::detach", "Attached::reference"], attach_many),
        case!("inbox/continue again and again", 1_000, ["Context::continue_with"], continue_with),
        case!("inbox/postpone events", 1_000, ["Context::postpone"], postpone),
        case!("inbox/give itself events", 1_000, ["Context::next_event"], next_events),
        case!("inbox/arm a state timeout again and again", 1_000, ["Context::state_timeout", "Context::cancel_state_timeout", "Context::event_timeout", "Context::cancel_event_timeout", "Context::timeout", "Context::cancel_timeout"], state_timeouts),
        case!("inbox/receive by pattern, the last matches", 250, [], match_last).linear("each queued event is shown to the pattern"),
        case!("inbox/select from many sources", 500, ["Selector::new", "Selector::future", "Selector::message", "Selector::event", "Selector::select", "Selector::select_within"], select).linear("a select looks at its sources in their order"),
    ]
}

async fn receive(mut run: Run, n: usize) {
    let (mut inbox, subject) = numbers(&run);
    run.begin().await;
    for number in 0..n {
        subject.send(number).now().expect("there is capacity");
    }
    for number in 0..n {
        assert_eq!(inbox.recv().await, Some(number));
    }
    run.end().await;
}

/// Returns an inbox of numbers with a capacity of 1,024.
fn numbers(run: &Run) -> (Inbox<usize>, Subject<usize>) {
    let inbox = run.inbox.open::<usize>();
    let subject = inbox.subject();
    (inbox, subject)
}

/// Messages are received; the exits that are queued with them stay.
async fn receive_before(mut run: Run, n: usize) {
    run.inbox.trap_exits(true);
    let own = run.inbox.subject();
    for _ in 0..n {
        own.send(()).now().expect("there is capacity");
    }
    for _ in 0..n {
        ambit::exit(&own, ExitReason::Shutdown);
    }
    run.begin().await;
    for _ in 0..n {
        assert_eq!(run.inbox.recv().await, Some(()));
    }
    run.end().await;
}

async fn receive_behind(mut run: Run, n: usize) {
    run.inbox.trap_exits(true);
    let own = run.inbox.subject();
    for _ in 0..n {
        ambit::exit(&own, ExitReason::Shutdown);
    }
    turns(2).await;
    for _ in 0..n {
        own.send(()).now().expect("there is capacity");
    }
    run.begin().await;
    for _ in 0..n {
        assert_eq!(run.inbox.recv().await, Some(()));
    }
    run.end().await;
}

async fn match_first(mut run: Run, n: usize) {
    let (mut inbox, subject) = numbers(&run);
    for number in 0..n {
        subject.send(number).now().expect("there is capacity");
    }
    run.begin().await;
    for number in 0..n {
        let matches = |event: &InboxEvent<usize>| *event == InboxEvent::Message(number);
        inbox.recv_match(matches).await;
    }
    run.end().await;
}

async fn match_last(mut run: Run, n: usize) {
    let (mut inbox, subject) = numbers(&run);
    for number in 0..n {
        subject.send(number).now().expect("there is capacity");
    }
    run.begin().await;
    inbox
        .recv_match(|event| *event == InboxEvent::Message(n - 1))
        .await;
    run.end().await;
}

async fn open(mut run: Run, n: usize) {
    run.begin().await;
    let all: Vec<_> = (0..n).map(|_| run.inbox.open::<usize>()).collect();
    for inbox in &all {
        inbox.subject().send(1).now().expect("it is open");
    }
    super::Order::Random.drop(all);
    run.end().await;
}

async fn select(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    let mut side = run.inbox.open::<usize>();
    let to_side = side.subject();
    let own = run.inbox.subject();
    let (inbox, counts) = (&mut run.inbox, all.len());
    let mut selector = Selector::new()
        .event(inbox, |_| 1)
        .message(&mut side, |_| 2);
    for process in &all {
        selector = selector.future(process.monitor(), |_| 0);
    }
    assert_eq!(selector.select_within(SECOND).await, None);
    drop(selector);
    assert_eq!(counts, n);
    run.begin().await;
    let mut selector = Selector::new()
        .event(&mut run.inbox, |_| 1)
        .message(&mut side, |_| 2);
    for process in &all {
        selector = selector.future(process.monitor(), |_| 0);
    }
    own.send(()).now().expect("there is capacity");
    to_side.send(1).now().expect("it is open");
    assert_eq!(selector.select().await, 1);
    assert_eq!(selector.select().await, 2);
    ambit::exit(&all[n - 1], ExitReason::Kill);
    assert_eq!(selector.select().await, 0);
    drop(selector);
    run.end().await;
}

/// A stream with this number of ticks.
struct Ticks(usize);

impl tokio_stream::Stream for Ticks {
    type Item = super::Tick;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<super::Tick>> {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or_default();
        std::task::Poll::Ready(left.map(|_| super::Tick))
    }
}

async fn attached(script: &super::ScriptSubject, streams: usize, ticks: usize) -> Vec<Attached> {
    let (give, given) = tokio::sync::oneshot::channel();
    let job = move |_: &mut super::Script, ctx: &mut Context<super::Script>| {
        let attach = |index| {
            if index % 2 == 0 {
                ctx.attach(Ticks(ticks))
            } else {
                ctx.attach_to_end(Ticks(ticks))
            }
        };
        give.send((0..streams).map(attach).collect()).ok();
    };
    super::within(script, job).await;
    given.await.expect("they are given")
}

async fn attach(mut run: Run, n: usize) {
    let script = script(8).await;
    run.begin().await;
    let one = attached(&script, 1, n).await;
    while script.get().await.expect("it lives") < n as u64 {
        turns(1).await;
    }
    run.end().await;
    assert!(one[0].is_done());
}

async fn attach_many(mut run: Run, n: usize) {
    let script = script(8).await;
    run.begin().await;
    let all = attached(&script, n, 2).await;
    for one in &all {
        let _ = one.reference();
        one.detach();
    }
    turns(4).await;
    run.end().await;
}

/// A server that generates its own work.
struct Worker {
    left: usize,
}

#[gen_server]
impl Worker {
    #[init]
    fn init(ctx: &mut Context<Self>, n: usize) -> Self {
        ctx.continue_with(WorkerContinue::Step);
        Self { left: n }
    }

    #[call]
    fn left(&self) -> usize {
        self.left
    }

    #[continue_with]
    fn step(&mut self, ctx: &mut Context<Self>) {
        self.left -= 1;
        if self.left > 0 {
            ctx.continue_with(WorkerContinue::Step);
        }
    }
}

async fn continue_with(mut run: Run, n: usize) {
    run.begin().await;
    let worker = Worker::start(n).await.expect("it starts");
    assert_eq!(worker.left().await, Ok(0));
    run.end().await;
}

/// A state machine that postpones early messages.
struct Desk {
    handled: usize,
}

#[state_machine(states = [Shut, Open])]
impl Desk {
    #[init]
    fn new() -> Self {
        Self { handled: 0 }
    }

    #[cast(Shut => postpone, _ => stay)]
    fn letter(&mut self) {
        self.handled += 1;
    }

    #[cast(Shut => stay, _ => stay)]
    fn parcel(&mut self, ctx: &mut Context<Self>) {
        if ctx.state() == DeskState::Shut {
            ctx.postpone(DeskCast::Parcel);
        } else {
            self.handled += 1;
        }
    }

    #[cast(Shut => Open, _ => ignore)]
    fn open(&mut self) {}

    #[cast]
    fn give(&mut self, ctx: &mut Context<Self>, n: usize) {
        for _ in 0..n {
            ctx.next_event(DeskInternal::Own);
        }
    }

    #[internal]
    fn own(&mut self) {
        self.handled += 1;
    }

    #[cast]
    fn arm(&mut self, ctx: &mut Context<Self>, n: usize) {
        for _ in 0..n {
            ctx.state_timeout(SECOND);
            ctx.event_timeout(SECOND);
            ctx.timeout(DeskTimeout::Named, SECOND);
            ctx.cancel_state_timeout();
            ctx.cancel_event_timeout();
            ctx.cancel_timeout(DeskTimeout::Named);
        }
    }

    #[timeout]
    fn named(&mut self) {}

    #[state_timeout(Shut => Open, Open => Shut)]
    fn late(&mut self) {}

    #[event_timeout]
    fn quiet(&mut self) {}

    #[call]
    fn handled(&self) -> usize {
        self.handled
    }
}

async fn desk() -> DeskSubject {
    Desk::start().await.expect("it starts")
}

async fn postpone(mut run: Run, n: usize) {
    let desk = desk().await;
    run.begin().await;
    for _ in 0..n / 2 {
        desk.letter().await.expect("it lives");
        desk.parcel().await.expect("it lives");
    }
    desk.open().await.expect("it lives");
    assert_eq!(desk.handled().await, Ok(n / 2 * 2));
    run.end().await;
}

async fn next_events(mut run: Run, n: usize) {
    let desk = desk().await;
    run.begin().await;
    desk.give(n).await.expect("it lives");
    assert_eq!(desk.handled().await, Ok(n));
    run.end().await;
}

async fn state_timeouts(mut run: Run, n: usize) {
    let desk = desk().await;
    run.begin().await;
    desk.arm(n).await.expect("it lives");
    assert_eq!(desk.handled().await, Ok(0));
    run.end().await;
}
