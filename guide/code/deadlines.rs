//! The tests on the page "Deadlines".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{Probe, settle};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}
// ANCHOR_END: imports

// ANCHOR: chain
struct Back;

#[gen_server]
impl Back {
    #[call]
    fn time_left(&self, ctx: &mut Context<Self>) -> Option<Duration> {
        ctx.remaining()
    }
}

struct Front {
    back: BackSubject,
}

#[gen_server]
impl Front {
    #[call]
    async fn plainly(&self) -> Result<Option<Duration>, CallError> {
        self.back.time_left().await
    }

    #[call]
    async fn shorter(&self) -> Result<Option<Duration>, CallError> {
        self.back.time_left().timeout(ms(100)).await
    }

    #[call]
    async fn longer(&self) -> Result<Option<Duration>, CallError> {
        self.back.time_left().timeout(ms(9_000)).await
    }

    #[call]
    async fn without_timeout(&self) -> Result<Option<Duration>, CallError> {
        self.back.time_left().no_timeout().await
    }

    #[call]
    async fn regardless(&self) -> Result<Option<Duration>, CallError> {
        self.back.time_left().ignore_deadline().await
    }
}

#[ambit::test]
async fn a_nested_call_has_the_remaining_time() -> Result<(), Box<dyn Error>> {
    let back = Back.start().await?;
    let front = Front { back }.start().await?;
    let front = front.with_timeout(ms(300));

    assert_eq!(front.plainly().await??, Some(ms(300)));
    assert_eq!(front.shorter().await??, Some(ms(100)));
    assert_eq!(front.longer().await??, Some(ms(300)));
    // These calls are exempt.
    assert_eq!(front.without_timeout().await??, None);
    assert_eq!(front.regardless().await??, Some(Duration::from_secs(5)));
    Ok(())
}
// ANCHOR_END: chain

// ANCHOR: nothing_left
#[derive(Default)]
struct Ledger {
    entries: u32,
}

#[gen_server]
impl Ledger {
    #[call]
    fn add(&mut self) -> u32 {
        self.entries += 1;
        self.entries
    }
}

struct Clerk {
    ledger: LedgerSubject,
    heard: Recipient<Result<u32, CallError>>,
}

#[gen_server]
impl Clerk {
    #[call]
    async fn think_and_add(&self) {
        tokio::time::sleep(ms(200)).await;
        let added = self.ledger.add().await;
        self.heard.send(added).now().ok();
    }
}

#[ambit::test]
async fn with_no_time_left_nothing_is_sent() -> Result<(), Box<dyn Error>> {
    let ledger = Ledger::default().start().await?;
    let mut heard = Probe::new();
    let clerk = Clerk {
        ledger: ledger.clone(),
        heard: heard.recipient(),
    };
    let clerk = clerk.start().await?;

    let late = clerk.think_and_add().timeout(ms(100)).await;
    assert_eq!(late, Err(CallError::Timeout));
    assert_eq!(heard.expect().await, Err(CallError::Timeout));
    assert_eq!(ledger.add().await?, 1); // the first entry
    Ok(())
}
// ANCHOR_END: nothing_left

// ANCHOR: task
struct Answered {
    reply: ReplyTo<Option<Duration>>,
    left: Option<Duration>,
}

struct Desk {
    back: BackSubject,
}

#[gen_server]
impl Desk {
    /// A task does the work and replies.
    #[call(deferred)]
    fn ask(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<Option<Duration>>) {
        let back = self.back.clone();
        let work = ctx.within_deadline(async move {
            let left = back.time_left().await.ok().flatten();
            Answered { reply, left }
        });
        ctx.spawn_task(work);
    }

    #[info]
    fn answered(&mut self, answered: Answered) {
        answered.reply.send(answered.left);
    }
}

#[ambit::test]
async fn a_task_within_the_deadline() -> Result<(), Box<dyn Error>> {
    let back = Back.start().await?;
    let desk = Desk { back }.start().await?;
    let left = desk.ask().timeout(ms(300)).await?;
    assert_eq!(left, Some(ms(300)));
    settle().await;
    Ok(())
}
// ANCHOR_END: task
