//! A door with a code: transition rules, choices, and events without a method in some state.

use ambit::error::{CallError, Executed};
use ambit::prelude::*;
use ambit::test::{expect_crash, settle};

use super::SECOND;
use crate::support::log::Log;

struct Door {
    code: u32,
    log: Log,
}

#[state_machine(states = [Locked, Open, Broken], vis = pub(crate))]
impl Door {
    #[init]
    fn new(code: u32, log: Log) -> Self {
        Self { code, log }
    }

    #[call(Locked => Open | stay, Open | Broken => refuse)]
    fn unlock(&mut self, code: u32) -> (DoorUnlockTo, bool) {
        if code == self.code {
            (DoorUnlockTo::Open, true)
        } else {
            (DoorUnlockTo::Stay, false)
        }
    }

    #[cast(Open => Locked, _ => ignore)]
    fn close(&mut self) {}

    /// A knock at an open door is postponed until it is closed.
    #[cast(Locked => stay, Open => postpone, Broken => stop)]
    fn knock(&mut self, who: u32) {
        self.log.add(format!("knock {who}"));
    }

    #[cast(Locked | Open => Broken, Broken => repeat)]
    fn kick(&mut self) -> Result<(), String> {
        if self.code == 0 {
            Err("no door".into())
        } else {
            Ok(())
        }
    }

    #[call]
    fn look(&self, ctx: &Context<Self>) -> DoorState {
        ctx.state()
    }

    #[enter]
    fn entered(&mut self, ctx: &mut Context<Self>) {
        self.log.add(format!("enter {:?}", ctx.state()));
    }

    #[exit(Open)]
    fn closing(&mut self) {
        self.log.add("exit Open");
    }

    #[state_timeout(Open => Locked, after = 10 * SECOND)]
    fn lock_again(&mut self) {
        self.log.add("locked again");
    }
}

async fn door(log: &Log) -> DoorSubject {
    Door::start(7, log.clone()).await.unwrap()
}

#[ambit::test]
async fn a_method_enters_its_declared_target_state() {
    let log = Log::new();
    let door = door(&log).await;
    assert_eq!(door.look().await, Ok(DoorState::Locked));
    assert_eq!(door.unlock(3).await, Ok(false));
    assert_eq!(door.look().await, Ok(DoorState::Locked));
    assert_eq!(door.unlock(7).await, Ok(true));
    assert_eq!(door.look().await, Ok(DoorState::Open));
    door.close().await.unwrap();
    assert_eq!(door.look().await, Ok(DoorState::Locked));
    let expected = ["enter Locked", "enter Open", "exit Open", "enter Locked"];
    assert_eq!(log.take(), expected);
}

#[ambit::test]
async fn a_state_that_refuses_answers_at_once() {
    let door = door(&Log::new()).await;
    door.unlock(7).await.unwrap();
    assert_eq!(door.unlock(7).await, Err(CallError::NoReply));
    assert!(door.is_alive());
}

#[ambit::test]
async fn a_state_that_stops_names_the_event() {
    let door = door(&Log::new()).await;
    expect_crash(&door);
    door.kick().await.unwrap();
    let end = door.monitor();
    door.knock(1).await.unwrap();
    let reason = end.await.reason;
    assert_eq!(
        reason.to_string(),
        "`knock` was received in the state `Broken`, which stops the machine"
    );
    let after = door.look().await;
    assert!(matches!(after, Err(CallError::NoProcess)), "{after:?}");
}

#[ambit::test]
async fn a_method_that_fails_changes_no_state() {
    let log = Log::new();
    let door = Door::start(0, log.clone()).await.unwrap();
    expect_crash(&door);
    let end = door.monitor();
    door.kick().await.unwrap();
    assert_eq!(end.await.reason.to_string(), "no door");
    assert_eq!(log.take(), ["enter Locked"]);
}

#[ambit::test]
async fn x22_postponed_messages_are_redelivered_in_order() {
    let log = Log::new();
    let door = door(&log).await;
    door.unlock(7).await.unwrap();
    for who in [1, 2] {
        door.knock(who).await.unwrap();
    }
    settle().await;
    assert_eq!(log.take(), ["enter Locked", "enter Open"]);
    door.close().await.unwrap();
    door.knock(3).await.unwrap();
    settle().await;
    let expected = ["exit Open", "enter Locked", "knock 1", "knock 2", "knock 3"];
    assert_eq!(log.take(), expected);
}

#[ambit::test]
async fn x25_enter_runs_at_the_start_after_each_change_and_on_repeat() {
    let log = Log::new();
    let door = door(&log).await;
    settle().await;
    assert_eq!(log.take(), ["enter Locked"]);
    door.unlock(3).await.unwrap();
    assert!(log.is_empty(), "a state that stays is not entered");
    door.kick().await.unwrap();
    door.kick().await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["enter Broken", "enter Broken"]);
}

#[ambit::test]
async fn x23_a_state_timeout_ends_with_its_state() {
    let log = Log::new();
    let door = door(&log).await;
    door.unlock(7).await.unwrap();
    tokio::time::sleep(4 * SECOND).await;
    door.close().await.unwrap();
    tokio::time::sleep(20 * SECOND).await;
    assert!(!log.take().contains(&"locked again".to_owned()));
    door.unlock(7).await.unwrap();
    tokio::time::sleep(9 * SECOND).await;
    assert_eq!(door.look().await, Ok(DoorState::Open));
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(door.look().await, Ok(DoorState::Locked));
    let expected = ["enter Open", "locked again", "exit Open", "enter Locked"];
    assert_eq!(log.take(), expected);
}

#[ambit::test]
async fn a_postponed_call_fails_with_the_exit_reason_of_the_server() {
    let lock = Lock.start().await.unwrap();
    let waits = lock.take().send();
    settle().await;
    lock.stop().await.unwrap();
    let answer = waits.await;
    let Err(CallError::Exited { reason, executed }) = answer else {
        panic!("{answer:?}")
    };
    assert_eq!((reason, executed), (ExitReason::Normal, Executed::Maybe));
}

/// A lock with one holder at a time.
struct Lock;

#[state_machine(states = [Held, Free])]
impl Lock {
    #[call(Free => Held, Held => postpone)]
    fn take(&mut self) -> u32 {
        7
    }

    #[cast(Held => Free, Free => ignore)]
    fn free(&mut self) {}
}

#[ambit::test]
async fn a_postponed_call_is_answered_when_the_state_changes() {
    let lock = Lock.start().await.unwrap();
    let (first, second) = (lock.take().send(), lock.take().send());
    settle().await;
    lock.free().await.unwrap();
    assert_eq!(first.await, Ok(7));
    assert!(lock.is_alive());
    lock.free().await.unwrap();
    assert_eq!(second.await, Ok(7));
}

#[ambit::test]
async fn a_postponed_call_keeps_its_deadline() {
    let lock = Lock.start().await.unwrap();
    let late = lock.take().timeout(SECOND).await;
    assert_eq!(late, Err(CallError::Timeout));
    // The timed-out call takes the lock: its reply is discarded.
    lock.free().await.unwrap();
    let next = lock.take().timeout(SECOND).await;
    assert_eq!(next, Err(CallError::Timeout));
}
