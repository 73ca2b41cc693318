//! The exit of the parent among the messages of a server.

use ambit::prelude::*;
use ambit::test::expect_dead_letters;
use tokio::sync::oneshot;

use crate::servers::util::*;

struct Child(Log);

#[gen_server]
impl Child {
    #[init]
    fn init(ctx: &mut Context<Self>, log: Log) -> Self {
        ctx.trap_exits(true);
        Self(log)
    }

    #[cast]
    async fn hold(
        &mut self,
        ctx: &mut Context<Self>,
        began: oneshot::Sender<()>,
        gate: oneshot::Receiver<()>,
    ) {
        ctx.continue_with(ChildContinue::GoOn);
        began.send(()).unwrap();
        gate.await.unwrap();
        self.0.add("held");
    }

    #[cast]
    fn note(&mut self, number: u64) {
        self.0.add(number);
    }

    #[continue_with]
    fn go_on(&mut self) {
        self.0.add("went on");
    }

    #[info]
    fn on_exit(&mut self, exit: Exit) {
        self.0.add(format_args!("exit: {}", exit.reason));
    }

    #[terminate]
    fn terminate(&mut self, reason: &ExitReason) {
        self.0.add(format_args!("terminate: {reason}"));
    }
}

/// Deviation D3: in OTP, the exit of the parent waits behind the queued messages of a process that traps exits.
#[ambit::test]
async fn gs_22_the_parents_exit_precedes_queued_messages_and_continuations() {
    let log = Log::new();
    let (open, gate) = oneshot::channel();
    let (told, tell) = oneshot::channel();
    let start = Child::start(log.clone());
    let parent = ambit::spawn(move |_: Inbox<()>| async move {
        let child = start.link().await.unwrap();
        let (began, has_begun) = oneshot::channel();
        child.hold(began, gate).await.unwrap();
        has_begun.await.unwrap();
        child.note(1).await.unwrap();
        child.note(2).await.unwrap();
        told.send(child).ok();
        ExitReason::Shutdown
    });
    let child = tell.await.unwrap();
    assert_eq!(parent.closed().await, ExitReason::Shutdown);
    open.send(()).unwrap();
    assert_eq!(child.closed().await, ExitReason::Shutdown);
    assert_eq!(log.all(), ["held", "terminate: shutdown"]);
    expect_dead_letters(2);
}
