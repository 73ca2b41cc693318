//! Calls to a supervisor that waits for the end of a child: a call that the child waits for, itself or through others,
//! fails at once, and no other.

use ambit::prelude::*;
use ambit::process_info;
use ambit::sys;
use ambit::test::settle;
use tokio::sync::oneshot::{self, Receiver};
use tokio::time::sleep;

use crate::supervision::support::*;
use crate::support::lazily::lazily;

/// Asks the supervisor for its children, and logs the outcome.
async fn list(log: &Log, who: &str) {
    match Supervisor::named("app").which_children().await {
        Ok(children) => log.add(format_args!("{who}: {} children", children.len())),
        Err(CallError::Cycle { pids }) => {
            assert_eq!(pids[0], ambit::self_pid().unwrap());
            log.add(format_args!("{who}: a cycle of {}", pids.len() - 1));
        }
        Err(error) => log.add(format_args!("{who}: {error:?}")),
    }
}

/// A child with a terminate.
struct Tidy {
    log: Log,
    /// Calls the supervisor through this process in its terminate; otherwise itself.
    through: Option<ListerSubject>,
}

#[gen_server]
impl Tidy {
    #[init]
    fn init(log: Log, through: Option<ListerSubject>) -> Self {
        Self { log, through }
    }

    #[cast]
    async fn ask(&mut self) {
        list(&self.log, "handler").await;
    }

    #[cast]
    async fn stop_this_child(&mut self) {
        let stopped = Supervisor::named("app").terminate_child("tidy").await;
        self.log.add(format_args!("{stopped:?}"));
    }

    #[terminate]
    async fn terminate(&mut self, _reason: &ExitReason) {
        match &self.through {
            Some(lister) => lister.list().await.unwrap(),
            None => list(&self.log, "terminate").await,
        }
    }
}

/// A process beside the children.
struct Lister {
    log: Log,
    kept: Vec<ReplyTo<()>>,
}

impl Lister {
    fn new(log: &Log) -> Self {
        let log = log.clone();
        Self {
            log,
            kept: Vec::new(),
        }
    }
}

#[gen_server]
impl Lister {
    #[call]
    async fn list(&mut self) {
        list(&self.log, "lister").await;
    }

    #[call(deferred)]
    fn never(&mut self, reply: ReplyTo<()>) {
        self.kept.push(reply);
    }

    #[call]
    async fn list_after(&mut self, gate: Receiver<()>) {
        gate.await.unwrap();
        list(&self.log, "lister").await;
    }
}

/// A child that ends at once when it is asked to.
struct Untidy;

#[gen_server]
impl Untidy {
    #[cast]
    async fn wait_for(&mut self, lister: ListerSubject, gate: Receiver<()>) {
        lister.list_after(gate).await.unwrap();
    }
}

async fn start_tidy(log: &Log, through: Option<ListerSubject>) -> (Supervisor, TidySubject) {
    let log = log.clone();
    let child = ChildSpec::from_fn(move || Tidy::start(log.clone(), through.clone()));
    let child = child.id("tidy").name("tidy");
    let supervisor = Supervisor::builder().child(child).start().name("app");
    (supervisor.await.unwrap(), TidySubject::named("tidy"))
}

#[ambit::test]
async fn a_terminate_that_calls_the_supervisor_that_stops_it_fails_at_once() {
    let log = Log::new();
    let (supervisor, _) = start_tidy(&log, None).await;
    let (stopped, took) = timed(supervisor.terminate_child("tidy")).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_eq!(log.take(), ["terminate: a cycle of 2"]);
    supervisor.restart_child("tidy").await.unwrap();
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_eq!(log.take(), ["terminate: a cycle of 2"]);
}

#[ambit::test]
async fn a_call_that_waits_for_the_supervisor_through_another_process_fails_at_once() {
    let log = Log::new();
    let lister = Lister::new(&log).start().await.unwrap();
    let (supervisor, _) = start_tidy(&log, Some(lister)).await;
    let (stopped, took) = timed(supervisor.terminate_child("tidy")).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    assert_eq!(log.take(), ["lister: a cycle of 3"]);
}

#[ambit::test]
async fn a_queued_call_of_a_child_fails_when_its_supervisor_begins_to_stop_it() {
    let log = Log::new();
    let (supervisor, tidy) = start_tidy(&log, None).await;
    sys::suspend(&supervisor).await.unwrap();
    let stopping = tokio::spawn(supervisor.terminate_child("tidy"));
    settle().await;
    tidy.ask().await.unwrap();
    settle().await;
    sys::resume(&supervisor).await.unwrap();
    let (stopped, took) = timed(stopping).await;
    assert_eq!((stopped.unwrap(), took), (Ok(()), ms(0)));
    assert_eq!(
        log.take(),
        ["handler: a cycle of 2", "terminate: a cycle of 2"]
    );
}

#[ambit::test]
async fn a_child_that_has_itself_stopped_gets_an_error_and_ends_after_its_handler() {
    let log = Log::new();
    let (supervisor, tidy) = start_tidy(&log, None).await;
    let closed = tidy.closed();
    tidy.stop_this_child().await.unwrap();
    let (reason, took) = timed(closed).await;
    assert_eq!((reason, took), (ExitReason::Shutdown, ms(0)));
    assert_eq!(log.take(), ["Err(CallsItself)", "terminate: a cycle of 2"]);
    assert_eq!(counts(supervisor.count_children().await.unwrap())[1], 0);
}

#[ambit::test]
async fn a_supervisor_waits_for_a_child_until_it_has_ended_or_is_killed() {
    let log = Log::new();
    let role = Role::new("slow", &log).ending_after(9 * SECOND);
    let child = role.spec().shutdown(2 * SECOND);
    let supervisor = Supervisor::builder().child(child).start().await.unwrap();
    let slow = part("slow").pid();
    let waits_for = || process_info(&supervisor).unwrap().waits_for;
    assert_eq!(waits_for(), []);
    ambit::test::expect_crash(part("slow"));
    let stopping = tokio::spawn(supervisor.terminate_child("slow"));
    sleep(SECOND).await;
    assert_eq!(waits_for(), [slow]);
    stopping.await.unwrap().unwrap();
    assert_eq!(waits_for(), []);
}

/// The handler of the child is dropped at once, so it holds up neither the supervisor nor the other process.
#[ambit::test]
async fn a_call_of_a_process_that_a_stopped_child_has_waited_for_is_answered() {
    let log = Log::new();
    let lister = Lister::new(&log).start().await.unwrap();
    let child = ChildSpec::from_fn(|| Untidy.start())
        .id("untidy")
        .name("untidy");
    let supervisor = Supervisor::builder().child(child).start().name("app");
    let supervisor = supervisor.await.unwrap();
    let (open, gate) = oneshot::channel();
    let untidy = UntidySubject::named("untidy");
    untidy.wait_for(lister, gate).await.unwrap();
    settle().await;
    sys::suspend(&supervisor).await.unwrap();
    let stopping = tokio::spawn(supervisor.terminate_child("untidy"));
    settle().await;
    open.send(()).unwrap();
    settle().await;
    sys::resume(&supervisor).await.unwrap();
    stopping.await.unwrap().unwrap();
    settle().await;
    assert_eq!(log.take(), ["lister: 1 children"]);
}

/// Gives up a call in its terminate, keeps it in a set, and sleeps.
struct GivesUp(ListerSubject);

#[gen_server]
impl GivesUp {
    #[terminate]
    async fn terminate(&mut self, _reason: &ExitReason) {
        let mut set = lazily(self.0.never().into_owned().send());
        tokio::time::timeout(ms(10), &mut set).await.unwrap_err();
        sleep(ms(100)).await;
        drop(set);
    }
}

#[ambit::test]
async fn a_call_given_up_in_a_terminate_closes_no_cycle() {
    let log = Log::new();
    let lister = Lister::new(&log).start().await.unwrap();
    let asked = lister.clone();
    let child = ChildSpec::from_fn(move || GivesUp(asked.clone()).start()).id("child");
    let supervisor = Supervisor::builder().child(child).start().name("app");
    let supervisor = supervisor.await.unwrap();
    let stopping = tokio::spawn(supervisor.terminate_child("child"));
    sleep(ms(50)).await;
    let (listed, took) = timed(lister.list()).await;
    assert_eq!((listed, took), (Ok(()), ms(60)));
    assert_eq!(log.take(), ["lister: 1 children"]);
    assert_eq!(stopping.await.unwrap(), Ok(()));
}
