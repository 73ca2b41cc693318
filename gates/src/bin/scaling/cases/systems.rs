//! A whole system: applications, limits, listeners, introspection, and its end.

use std::future::pending;

use ambit::application::{Application, Applications};
use ambit::breaker::CircuitBreaker;
use ambit::prelude::*;
use ambit::rate_limit::{Rate, RateLimiter};
use ambit::system::System;

use super::{Order, SECOND, idle, poll_once, turns};
use crate::case::{Case, case};
use crate::run::Run;

const WHOLE: &str = "the answer is the whole set";
const SWEPT: &str = "the stop of an application looks for its own among all processes; there are at most 255 applications";

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("applications/start again the last of a row", 60, ["Applications::new", "Applications::check", "Applications::ensure_all_started"], |run, n| applications(run, n, true)).linear(SWEPT),
        case!("applications/start again one of many", 60, ["Applications::start", "Applications::stop"], |run, n| applications(run, n, false)).linear(SWEPT),
        case!("applications/stop with processes outside the tree", 500, [], stop_crowd),
        case!("applications/running", 60, ["Applications::running"], running).linear(WHOLE),
        case!("limits/wait for a token", 1_000, ["RateLimiter::new", "RateLimiter::acquire", "RateLimiter::limit", "RateLimiter::stats"], acquire),
        case!("limits/give up waiting, in order", 1_000, ["RateLimiter::try_acquire"], |run, n| give_up(run, n, Order::Forward)),
        case!("limits/give up waiting, at random", 1_000, [], |run, n| give_up(run, n, Order::Random)),
        case!("limits/breaker, calls and failures", 1_000, ["CircuitBreaker::builder", "CircuitBreaker::call", "CircuitBreakerBuilder::within"], breaker),
        case!("systems/spawn and end", 1_000, ["spawn", "self_pid"], spawn),
        case!("systems/start servers and stop them", 1_000, [], start),
        case!("systems/find by pid", 1_000, ["is_alive", "process_info", "Process::is_alive"], find),
        case!("systems/stop", 1_000, ["System::stop", "System::process_count"], stop),
        case!("systems/stop parents of linked children", 500, [], stop_parents),
        case!("systems/stop servers that start others in terminate", 500, [], stop_starters),
        case!("systems/listeners come and go", 1_000, ["System::on_event"], listeners),
        case!("systems/crashes", 500, ["SystemBuilder::remember_crashes"], crashes),
        case!("systems/processes", 1_000, ["processes", "snapshot", "tree"], processes).linear(WHOLE),
        case!("systems/info of a process with many ties", 1_000, [], info).linear(WHOLE),
    ]
}

fn app(index: usize, depends: bool) -> Application {
    let one = || ChildSpec::task("idle", pending::<()>);
    let app = Application::new(format!("app {index}"));
    let app = app.on_start(move || Supervisor::builder().child(one()).start());
    if depends && index > 0 {
        return app.depends_on(format!("app {}", index - 1));
    }
    app
}

/// The number of applications that are stopped and restarted, among all others.
const AGAIN: usize = 8;

async fn applications(mut run: Run, n: usize, in_a_row: bool) {
    let all = Applications::new((0..n).map(|index| app(index, in_a_row)));
    all.check().expect("they fit");
    let last = format!("app {}", n - 1);
    let started = all.ensure_all_started(&last).timeout(3600 * SECOND);
    let started = started.await.expect("they start").len();
    assert_eq!(started, if in_a_row { n } else { 1 });
    let rest = if in_a_row { 0..0 } else { 0..n - 1 };
    for index in rest {
        all.start(&format!("app {index}")).await.expect("it starts");
    }
    run.begin().await;
    for _ in 0..AGAIN {
        all.stop(&last).await.expect("it stops");
        if in_a_row {
            let again = all.ensure_all_started(&last).await.expect("it starts");
            assert_eq!(again.len(), 1);
        } else {
            all.start(&last).await.expect("it starts");
        }
    }
    run.end().await;
}

/// Stops an application with `n` processes that its supervisor does not know.
async fn stop_crowd(mut run: Run, n: usize) {
    let app = Application::new("crowd").on_start(move || async move {
        for _ in 0..n {
            ambit::spawn(|_: Inbox<()>| pending::<()>());
        }
        Supervisor::builder().start().await
    });
    let all = Applications::new([app]);
    all.start("crowd").await.expect("it starts");
    run.begin().await;
    all.stop("crowd").await.expect("it stops");
    run.end().await;
}

async fn running(mut run: Run, n: usize) {
    let all = Applications::new((0..n).map(|index| app(index, false)));
    for index in 0..n {
        all.start(&format!("app {index}")).await.expect("it starts");
    }
    run.begin().await;
    assert_eq!(all.running().await.expect("it lives").len(), n);
    run.end().await;
}

async fn acquire(mut run: Run, n: usize) {
    let limiter = RateLimiter::new(Rate::per_second(1_000));
    assert!(limiter.try_acquire());
    run.begin().await;
    let mut all: Vec<_> = (0..n).map(|_| Box::pin(limiter.limit(async {}))).collect();
    for one in &mut all {
        assert!(poll_once(one).is_pending());
    }
    for one in all {
        one.await;
    }
    run.end().await;
    assert_eq!(limiter.stats().taken, n as u64 + 1);
}

async fn give_up(mut run: Run, n: usize, order: Order) {
    let limiter = RateLimiter::new(Rate::per(3600 * SECOND, 1));
    assert!(limiter.try_acquire());
    let wait = |_| {
        let mut wait = limiter.acquire();
        assert!(poll_once(&mut wait).is_pending());
        wait
    };
    let all: Vec<_> = (0..n).map(wait).collect();
    run.begin().await;
    order.drop(all);
    assert!(!limiter.try_acquire());
    run.end().await;
}

async fn breaker(mut run: Run, n: usize) {
    let breaker = CircuitBreaker::builder("one").failures(u32::MAX);
    let breaker = breaker.within(3600 * SECOND).build();
    run.begin().await;
    for index in 0..n {
        let call = move || async move { if index % 2 == 0 { Ok(()) } else { Err("down") } };
        let _ = breaker.call(call).await;
    }
    run.end().await;
}

async fn spawn(mut run: Run, n: usize) {
    run.begin().await;
    let one = |_| {
        ambit::spawn(|_: Inbox<()>| async {
            ambit::self_pid().expect("a process");
        })
    };
    let all: Vec<_> = (0..n).map(one).collect();
    for process in all {
        process.closed().await;
    }
    run.end().await;
}

async fn start(mut run: Run, n: usize) {
    run.begin().await;
    let mut all = Vec::new();
    for _ in 0..n {
        all.push(super::Script::start().await.expect("it starts"));
    }
    for script in all {
        script.stop().await.expect("it stops");
    }
    run.end().await;
}

async fn find(mut run: Run, n: usize) {
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    for process in &all {
        assert!(ambit::is_alive(process.pid()) && process.is_alive());
        ambit::process_info(process.pid()).expect("it lives");
    }
    run.end().await;
}

async fn stop(mut run: Run, n: usize) {
    let system = System::builder().build().expect("there is a runtime");
    system.within(|| idle(n));
    turns(4).await;
    assert_eq!(system.process_count(), n);
    run.begin().await;
    assert!(system.stop(SECOND).await.is_empty());
    run.end().await;
}

async fn stop_parents(mut run: Run, n: usize) {
    let system = System::builder().build().expect("there is a runtime");
    let parent = |_| {
        ambit::spawn(|mut inbox: Inbox<()>| async move {
            let child = inbox.spawn_link(|_: Inbox<()>| pending::<()>());
            child.expect("it starts");
            pending::<()>().await;
        })
    };
    let all: Vec<Subject<()>> = system.within(|| (0..n).map(parent).collect());
    turns(4).await;
    assert_eq!(system.process_count(), 2 * n);
    run.begin().await;
    assert!(system.stop(SECOND).await.is_empty());
    run.end().await;
    drop(all);
}

/// Has a child, and starts a process when it ends.
struct Starter;

#[gen_server]
impl Starter {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        ctx.trap_exits(true);
        let child = ctx.spawn_link(|_: Inbox<()>| pending::<()>());
        child.expect("it starts");
        Self
    }

    #[info]
    fn on_exit(&mut self, _: Exit) {}

    #[terminate]
    fn terminate(&mut self, _: &ExitReason) {
        ambit::spawn(|_: Inbox<()>| async {});
    }
}

async fn stop_starters(mut run: Run, n: usize) {
    let system = System::builder().build().expect("there is a runtime");
    let starts: Vec<_> = system.within(|| (0..n).map(|_| Starter::start().send()).collect());
    for start in starts {
        start.await.expect("it starts");
    }
    assert_eq!(system.process_count(), 2 * n);
    run.begin().await;
    assert!(system.stop(SECOND).await.is_empty());
    run.end().await;
}

async fn listeners(mut run: Run, n: usize) {
    let system = System::current().expect("there is a runtime");
    run.begin().await;
    let all: Vec<_> = (0..n).map(|_| system.on_event(|_| {})).collect();
    Order::Random.drop(all);
    run.end().await;
}

async fn crashes(mut run: Run, n: usize) {
    run.begin().await;
    let one =
        |_| ambit::spawn(|_: Inbox<()>| async { assert!(ambit::self_pid().is_err(), "broken") });
    let all: Vec<Subject<()>> = (0..n).map(one).collect();
    for process in all {
        process.closed().await;
    }
    run.end().await;
}

async fn processes(mut run: Run, n: usize) {
    let _all = idle(n);
    turns(2).await;
    run.begin().await;
    assert_eq!(ambit::inspect::processes().len(), n + 1);
    assert_eq!(ambit::inspect::snapshot().processes.len(), n + 1);
    drop(ambit::inspect::tree().to_string());
    run.end().await;
}

async fn info(mut run: Run, n: usize) {
    let all = idle(n);
    for process in &all {
        run.inbox.link(process).expect("it lives");
        run.inbox.monitor(process);
    }
    let own = run.inbox.pid();
    run.begin().await;
    let info = ambit::process_info(own).expect("it lives");
    run.end().await;
    assert_eq!((info.links.len(), info.monitors.len()), (n, n));
    run.inbox.trap_exits(true);
}
