//! `sys`: suspend, resume, reading the state, and replacing it.

use ambit::error::Executed;
use ambit::inspect::Status;
use ambit::prelude::*;
use ambit::{process_info, sys};
use tokio::time::Instant;

use crate::servers::util::*;

#[derive(Clone, Debug, PartialEq)]
struct Account {
    balance: u64,
}

#[gen_server]
impl Account {
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.balance += by;
        self.balance
    }

    #[cast]
    async fn add_slowly(&mut self, by: u64) {
        tokio::time::sleep(ms(100)).await;
        self.balance += by;
    }
}

async fn account() -> AccountSubject {
    Account { balance: 1 }.start().await.unwrap()
}

#[tokio::test]
async fn gs_31_the_state_can_be_read_and_replaced() {
    let _quiet = quiet();
    let named = Account { balance: 1 }
        .start()
        .name("account")
        .await
        .unwrap();
    let by_name = AccountSubject::named("account");
    assert_eq!(
        sys::state_of::<Account>(&named).await,
        Ok(Account { balance: 1 })
    );
    assert_eq!(
        sys::state_of::<Account>(&by_name).await,
        Ok(Account { balance: 1 })
    );
    let double = |old: &Account| Account {
        balance: old.balance * 20,
    };
    assert_eq!(
        sys::replace_state::<Account>(&by_name, double).await,
        Ok(())
    );
    assert_eq!(named.add(1).await, Ok(21));

    sys::suspend("account").await.unwrap();
    assert_eq!(
        sys::state_of::<Account>(&named).await,
        Ok(Account { balance: 21 })
    );
    assert_eq!(sys::replace_state::<Account>(&named, double).await, Ok(()));
    sys::resume("account").await.unwrap();
    assert_eq!(named.add(1).await, Ok(421));

    let failed = sys::replace_state::<Account>(&named, |_| panic!("no")).await;
    assert_eq!(failed, Err(CallError::NoReply));
    assert_eq!(named.add(1).await, Ok(422), "it lives, with its state");

    named.stop().await.unwrap();
    assert_eq!(
        sys::state_of::<Account>(&named).await,
        Err(CallError::NoProcess)
    );
    assert_eq!(
        sys::state_of::<Account>(&by_name).await,
        Err(CallError::NoProcess)
    );
    assert_eq!(sys::suspend(&named).await, Err(CallError::NoProcess));
}

#[tokio::test]
async fn gs_32_a_suspended_server_queues_in_order() {
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    sys::suspend(&script).await.unwrap();
    assert_eq!(process_info(&script).unwrap().status, Status::Suspended);
    for n in 0..3u64 {
        script.recipient().send(n).await.unwrap();
    }
    let mut call = add(&script, 1).send();
    assert!(poll_often(&mut call).await.is_none());
    assert!(log.is_empty());
    assert_eq!(process_info(&script).unwrap().queued, 4);
    sys::suspend(&script).await.unwrap();
    sys::resume(&script).await.unwrap();
    assert_eq!(call.await, Ok(1), "suspending twice is suspending once");
    assert_eq!(log.all(), ["number 0", "number 1", "number 2"]);
    sys::resume(&script).await.unwrap();
}

/// On several threads the server may end before `resume` is answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_resume_is_answered_even_if_the_next_message_is_the_last() {
    let _quiet = quiet();
    for _ in 0..200 {
        let account = account().await;
        sys::suspend(&account).await.unwrap();
        let mut stop = account.stop();
        assert!(poll_often(&mut stop).await.is_none());
        assert_eq!(sys::resume(&account).await, Ok(()));
        assert_eq!(stop.await, Ok(()));
    }
}

/// A suspended server handles no messages and no continuations, but can be killed.
#[tokio::test]
async fn a_suspended_server_can_be_killed() {
    let _quiet = quiet();
    let log = Log::new();
    let script = Script::start(&log).await.unwrap();
    sys::suspend(&script).await.unwrap();
    let call = add(&script, 1).send();
    ambit::exit(&script, ExitReason::Kill);
    let (reason, executed) = (ExitReason::Killed, Executed::No);
    assert_eq!(call.await, Err(CallError::Exited { reason, executed }));
    assert!(log.is_empty());
}

/// An inspection waits for the running handler, but not for the queue.
#[tokio::test(start_paused = true)]
async fn an_inspection_runs_between_two_messages() {
    let account = account().await;
    for _ in 0..10 {
        account.add_slowly(10).await.unwrap();
    }
    tokio::time::sleep(ms(5)).await;
    let began = Instant::now();
    let state = sys::state_of::<Account>(&account).await;
    assert_eq!(state, Ok(Account { balance: 11 }));
    assert!(began.elapsed() <= ms(100));

    let stuck = Script::start(&Log::new()).await.unwrap();
    let gate = block(&stuck).await;
    let began = Instant::now();
    assert_eq!(sys::suspend(&stuck).await, Err(CallError::Timeout));
    about(ms(5000), began.elapsed());
    gate.open();
    let mut call = add(&stuck, 1).send();
    assert!(
        poll_often(&mut call).await.is_none(),
        "it is suspended as soon as it can"
    );
    sys::resume(&stuck).await.unwrap();
    assert_eq!(call.await, Ok(1));
}

#[tokio::test]
async fn an_inspection_of_something_else_is_refused() {
    struct Other;
    impl GenServer for Other {
        type Protocol = Account;
        type Args = ();
        type Info = ();
        type Continue = ();
        async fn init(_: (), _: &mut Context<Self>) -> Result<Self, ExitReason> {
            Ok(Self)
        }
    }
    let other = ambit::start::<Other>(()).await.unwrap();
    let state = sys::state_of::<Account>(&other).await;
    assert_eq!(state.err(), Some(CallError::WrongType));
    let replaced = sys::replace_state::<Account>(&other, Account::clone).await;
    assert_eq!(replaced, Err(CallError::WrongType));

    let plain =
        ambit::spawn(|mut inbox: Inbox<u64>| async move { while inbox.recv().await.is_some() {} });
    sys::suspend(&plain).await.unwrap();
    sys::resume(&plain).await.unwrap();

    let script = Script::start(&Log::new()).await.unwrap();
    let own = script.call(|reply| {
        later(move |_, ctx| {
            Box::pin(async move {
                let pid = ctx.pid();
                ctx.answer(reply, (sys::suspend(pid).await, sys::resume(pid).await));
                Flow::Continue
            })
        })
    });
    assert_eq!(
        own.await,
        Ok((Err(CallError::CallsItself), Err(CallError::CallsItself)))
    );
    assert_eq!(value_of(&script).await, Ok(0), "and it is not suspended");
}

/// The server ends during the inspection.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_inspection_that_races_with_the_end_is_answered() {
    for _ in 0..1000 {
        let account = account().await;
        let other = account.clone();
        let stop = tokio::spawn(async move { other.stop().await });
        let state = sys::state_of::<Account>(&account).await;
        match state {
            Ok(Account { balance: 1 }) | Err(CallError::NoProcess) => {}
            Err(CallError::Exited {
                reason: ExitReason::Normal,
                ..
            }) => {}
            other => panic!("{other:?}"),
        }
        stop.await.unwrap().unwrap();
    }
}

#[ambit::test]
async fn the_tree_shows_the_parent_of_each_process() {
    ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.label("keeper of two");
        for _ in 0..2 {
            let child = |mut inbox: Inbox<char>| async move { inbox.recv().await.map_or((), drop) };
            inbox.spawn_link(child).unwrap();
        }
        inbox.recv().await;
    });
    let account = Account { balance: 1 }.start().name("savings");
    let account = account.await.unwrap();
    ambit::test::settle().await;
    sys::suspend(&account).await.unwrap();
    let waiting = account.add(1).send();
    let picture = "\
main#0 Busy, 0 queued
  u8#1 \"keeper of two\" Idle, 0 queued
    char#3 Idle, 0 queued
    char#4 Idle, 0 queued
  Account#2 \"savings\" Suspended, 1 queued
";
    assert_eq!(ambit::inspect::tree().to_string(), picture);
    sys::resume(&account).await.unwrap();
    assert_eq!(waiting.await, Ok(2));
}

#[ambit::test]
async fn the_tree_of_very_many_processes_is_drawn_too() {
    fn chain(depth: u32) -> Subject<()> {
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            if depth > 1 {
                chain(depth - 1);
            }
            inbox.recv().await;
        })
    }
    for _ in 0..2_000 {
        ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await.map_or((), drop) });
    }
    chain(500);
    ambit::test::settle().await;
    let picture = ambit::inspect::tree().to_string();
    assert_eq!(picture.lines().count(), 1 + 2_000 + 500);
    let deepest = picture
        .lines()
        .map(|line| line.len() - line.trim_start().len());
    assert_eq!(deepest.max(), Some(2 * 500));
}
