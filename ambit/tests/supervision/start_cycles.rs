//! Calls to a supervisor that waits for the start of a child: only one that the start waits for fails.

use ambit::prelude::*;
use ambit::test::settle;

use crate::supervision::support::*;

/// Calls the supervisor as soon as its start is done.
struct Early(Log);

#[gen_server]
impl Early {
    #[init]
    fn init(ctx: &mut Context<Self>, log: Log) -> Self {
        ctx.continue_with(EarlyContinue::List);
        Self(log)
    }

    #[continue_with]
    async fn list(&mut self) {
        let children = Supervisor::named("app").which_children().await;
        self.0
            .add(format_args!("{:?}", children.map(|all| all.len())));
    }
}

#[ambit::test]
async fn a_child_that_calls_its_supervisor_right_after_its_start_is_answered() {
    let log = Log::new();
    let early = log.clone();
    let child = ChildSpec::from_fn(move || Early::start(early.clone())).id("early");
    let start = Supervisor::builder().child(child).start().name("app");
    let _supervisor = start.await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["Ok(1)"]);
}

/// Calls the supervisor for others.
struct Lister;

#[gen_server]
impl Lister {
    #[call]
    async fn count(&mut self) -> Result<usize, CallError> {
        let children = Supervisor::named("app").which_children().await;
        children.map(|all| all.len())
    }
}

/// A task may give up a wait at any time: it is no server that its handler blocks.
#[ambit::test]
async fn a_call_that_a_starting_task_gives_up_is_answered() {
    let log = Log::new();
    let lister = Lister.start().await.unwrap();
    let (asked, words) = (lister.clone(), log.clone());
    let child = ChildSpec::task_with_ready("task", move |ready| {
        let (asked, words) = (asked.clone(), words.clone());
        async move {
            let mut call = asked.count();
            tokio::time::timeout(ms(10), &mut call).await.unwrap_err();
            ready.notify();
            words.add(format_args!("{:?}", call.await));
        }
    });
    let start = Supervisor::builder().child(child).start().name("app");
    let (supervisor, took) = timed(start).await;
    let _supervisor = supervisor.unwrap();
    about(ms(10), took);
    settle().await;
    assert_eq!(log.take(), ["Ok(Ok(1))"]);
}

/// Answers itself after a while.
struct Slow;

#[gen_server]
impl Slow {
    #[call]
    async fn value(&mut self) -> u64 {
        tokio::time::sleep(ms(10)).await;
        7
    }
}

/// Asks its supervisor, which waits for this init, and another server beside it.
struct Chooser;

#[gen_server]
impl Chooser {
    #[init]
    async fn init(slow: SlowSubject, log: Log) -> Self {
        slow.value().await.unwrap();
        tokio::select! {
            biased;
            children = Supervisor::named("app").which_children() => {
                log.add(format_args!("{}", children.is_ok()));
            }
            value = slow.value() => log.add(format_args!("{value:?}")),
        }
        Self
    }
}

#[ambit::test]
async fn a_call_of_an_init_beside_one_that_is_answered_does_not_fail() {
    let log = Log::new();
    let slow = Slow.start().await.unwrap();
    let words = log.clone();
    let child = ChildSpec::from_fn(move || Chooser::start(slow.clone(), words.clone()));
    let start = Supervisor::builder().child(child.id("chooser")).start();
    let (supervisor, took) = timed(start.name("app")).await;
    let _supervisor = supervisor.unwrap();
    about(ms(20), took);
    assert_eq!(log.take(), ["Ok(7)"]);
}
