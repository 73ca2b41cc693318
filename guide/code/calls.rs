//! The tests on the page "Calls, errors and timeouts".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::Pending;
use ambit::test::expect_crash;
use tokio::time::Instant;
// ANCHOR_END: imports

// ANCHOR: kitchen
struct Kitchen {
    dishes: u32,
    waiting: Vec<ReplyTo<u32>>,
}

#[derive(Debug, PartialEq)]
struct SoldOut;

#[gen_server]
impl Kitchen {
    #[init]
    fn new(dishes: u32) -> Self {
        Self {
            dishes,
            waiting: Vec::new(),
        }
    }

    /// The reply is a `Result`, so the caller gets two.
    #[call]
    fn order(&mut self) -> Result<u32, SoldOut> {
        self.dishes = self.dishes.checked_sub(1).ok_or(SoldOut)?;
        Ok(self.dishes)
    }

    /// Takes the given time; callers wait up to a minute by default.
    #[call(timeout = Duration::from_secs(60))]
    async fn cook(&mut self, time: Duration) -> &'static str {
        tokio::time::sleep(time).await;
        "soup"
    }

    /// `deliver` replies later.
    #[call(deferred)]
    fn delivery(&mut self, reply: ReplyTo<u32>) {
        self.waiting.push(reply);
    }

    #[cast]
    fn deliver(&mut self, dishes: u32) {
        self.dishes += dishes;
        for reply in self.waiting.drain(..) {
            reply.send(dishes);
        }
    }

    #[cast]
    fn cancel_deliveries(&mut self) {
        self.waiting.clear();
    }

    #[call]
    fn burn(&mut self) {
        panic!("the soup is on fire");
    }
}
// ANCHOR_END: kitchen

// ANCHOR: two_results
#[ambit::test]
async fn two_question_marks() -> Result<(), Box<dyn Error>> {
    let kitchen = Kitchen::start(1).await?;
    assert_eq!(kitchen.order().await?, Ok(0));
    assert_eq!(kitchen.order().await?, Err(SoldOut)); // the kitchen still runs
    Ok(())
}
// ANCHOR_END: two_results

// ANCHOR: timeouts
#[ambit::test]
async fn the_closest_timeout_applies() -> Result<(), StartError> {
    let kitchen = Kitchen::start(1).await?;
    let second = Duration::from_secs(1);

    // The method says 60 s, the handle 10 s, this call 2 s: the closest one applies.
    assert_eq!(kitchen.cook(59 * second).await, Ok("soup"));
    let hasty = kitchen.with_timeout(10 * second);
    let asked = Instant::now();
    assert_eq!(hasty.cook(11 * second).await, Err(CallError::Timeout));
    assert_eq!(asked.elapsed(), 10 * second);
    let call = hasty.cook(3 * second).timeout(2 * second);
    assert_eq!(call.await, Err(CallError::Timeout));

    // The kitchen is still cooking. The reply is dropped, but the work takes its time.
    assert_eq!(kitchen.cook(second).no_timeout().await, Ok("soup"));
    assert_eq!(asked.elapsed(), (11 + 3 + 1) * second);
    Ok(())
}
// ANCHOR_END: timeouts

// ANCHOR: later
#[ambit::test]
async fn sent_now_and_awaited_later() -> Result<(), Box<dyn Error>> {
    let kitchen = Kitchen::start(1).await?;
    let mut delivery: Pending<u32> = kitchen.delivery().send();

    // Polled by reference, a wait can be interrupted and continued.
    let patience = tokio::time::sleep(Duration::from_secs(1));
    tokio::select! {
        _ = &mut delivery => panic!("nothing was delivered"),
        () = patience => {}
    }
    kitchen.deliver(3).await?;
    assert_eq!(delivery.await, Ok(3));
    Ok(())
}
// ANCHOR_END: later

// ANCHOR: dropped_port
#[ambit::test]
async fn a_dropped_port_is_an_error() -> Result<(), Box<dyn Error>> {
    let kitchen = Kitchen::start(1).await?;
    let delivery = kitchen.delivery().send();
    kitchen.cancel_deliveries().await?;
    assert_eq!(delivery.await, Err(CallError::NoReply)); // at once, and the kitchen still runs
    Ok(())
}
// ANCHOR_END: dropped_port

// ANCHOR: crash
#[ambit::test]
async fn a_crash_reports_to_every_caller_whether_its_request_executed() -> Result<(), StartError> {
    let kitchen = Kitchen::start(1).await?;
    expect_crash(&kitchen);
    let cooking = kitchen.cook(Duration::from_secs(1)).send();
    let burning = kitchen.burn().send();
    let ordering = kitchen.order().send();

    assert_eq!(cooking.await, Ok("soup"));
    let Err(CallError::Exited { reason, executed }) = burning.await else {
        panic!("a server that panicked has answered")
    };
    assert!(reason.to_string().ends_with("the soup is on fire"));
    assert_eq!(executed, Executed::Maybe); // its handler had begun
    let executed = Executed::No; // it was still queued
    assert_eq!(ordering.await, Err(CallError::Exited { reason, executed }));
    assert_eq!(kitchen.order().await, Err(CallError::NoProcess));
    Ok(())
}
// ANCHOR_END: crash

// ANCHOR: circle
struct Clerk {
    colleague: Option<ClerkSubject>,
}

#[gen_server]
impl Clerk {
    #[cast]
    fn meet(&mut self, colleague: ClerkSubject) {
        self.colleague = Some(colleague);
    }

    #[call]
    async fn stamp(&mut self, ctx: &mut Context<Self>, hops: u32) -> Result<u32, CallError> {
        match &self.colleague {
            _ if hops == 0 => Ok(0),
            Some(colleague) => colleague.stamp(hops - 1).await?,
            None => ctx.subject().stamp(hops - 1).await?,
        }
    }
}

#[ambit::test]
async fn a_cycle_of_calls_fails_at_once() -> Result<(), Box<dyn Error>> {
    let one = Clerk { colleague: None }.start().await?;
    assert_eq!(one.stamp(1).await?, Err(CallError::CallsItself));

    let other = Clerk { colleague: None }.start().await?;
    one.meet(other.clone()).await?;
    other.meet(one.clone()).await?;
    assert_eq!(one.stamp(1).await?, Ok(0));
    let pids = vec![other.pid(), one.pid(), other.pid()];
    assert_eq!(one.stamp(2).await?, Err(CallError::Cycle { pids }));
    Ok(())
}
// ANCHOR_END: circle

// ANCHOR: dropped_call
#[ambit::test]
async fn a_dropped_call_may_still_execute() -> Result<(), Box<dyn Error>> {
    let kitchen = Kitchen::start(2).await?;
    drop(kitchen.order()); // never polled: nothing was sent
    drop(kitchen.order().send()); // sent: it executes, and the reply is dropped
    assert_eq!(kitchen.order().await?, Ok(0));
    Ok(())
}
// ANCHOR_END: dropped_call

// ANCHOR: expired
struct Archive {
    searched: u32,
}

#[gen_server]
impl Archive {
    #[call(skip_expired)]
    async fn search(&mut self) {
        self.searched += 1;
        tokio::time::sleep(Duration::from_secs(3)).await;
    }

    #[call]
    fn searched(&self) -> u32 {
        self.searched
    }
}

#[ambit::test]
async fn requests_of_callers_that_timed_out_are_skipped() -> Result<(), Box<dyn Error>> {
    let archive = Archive { searched: 0 }.start().await?;
    let searches: Vec<_> = (0..5).map(|_| archive.search().send()).collect();
    for search in searches {
        search.await.ok(); // 5 s each, from the moment of sending
    }
    assert_eq!(archive.searched().no_timeout().await?, 2);
    Ok(())
}
// ANCHOR_END: expired

// ANCHOR: blocking
#[ambit::test(real_time)]
async fn blocking_code_can_call() -> Result<(), Box<dyn Error>> {
    let kitchen = Kitchen::start(2).await?;
    assert_eq!(kitchen.order().blocking(), Err(CallError::BlocksRuntime));

    let ordered = tokio::task::spawn_blocking(move || kitchen.order().blocking());
    assert_eq!(ordered.await?, Ok(Ok(1)));
    Ok(())
}
// ANCHOR_END: blocking
