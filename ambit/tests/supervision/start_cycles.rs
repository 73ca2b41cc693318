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
