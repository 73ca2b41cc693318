//! The tests on the page "Timers".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{Probe, expect_dead_letters, settle};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: kettle
/// Boils for three minutes and reports every minute.
struct Kettle {
    minutes: u32,
    done: bool,
    ticks: Option<Timer>,
}

#[derive(Clone)]
struct Minute;

struct Boiled;

#[gen_server]
impl Kettle {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        ctx.send_after(180 * SECOND, Boiled);
        let ticks = Some(ctx.send_every(60 * SECOND, Minute));
        let (minutes, done) = (0, false);
        Self {
            minutes,
            done,
            ticks,
        }
    }

    #[info]
    fn on_minute(&mut self, _: Minute) {
        self.minutes += 1;
    }

    #[info]
    fn on_boiled(&mut self, _: Boiled) {
        self.done = true;
        if let Some(ticks) = self.ticks.take() {
            ticks.cancel();
        }
    }

    #[call]
    fn state(&self) -> (u32, bool) {
        (self.minutes, self.done)
    }
}

#[ambit::test]
async fn a_kettle_boils_in_no_real_time() -> Result<(), Box<dyn Error>> {
    let kettle = Kettle::start().await?;
    sleep(90 * SECOND).await;
    assert_eq!(kettle.state().await?, (1, false));
    sleep(90 * SECOND + SECOND / 2).await;
    assert!(kettle.state().await?.1);
    Ok(())
}
// ANCHOR_END: kettle

// ANCHOR: cancel
#[ambit::test]
async fn a_cancelled_message_is_never_handled() -> Result<(), Box<dyn Error>> {
    let mut probe = Probe::<&'static str>::new();
    let early = ambit::send_after(&probe.recipient(), 60 * SECOND, "early");
    sleep(20 * SECOND).await;
    assert_eq!(early.remaining(), Some(40 * SECOND));
    assert_eq!(early.cancel(), Some(40 * SECOND));
    assert_eq!(early.cancel(), None);

    let late = ambit::send_after(&probe.recipient(), SECOND, "late");
    sleep(2 * SECOND).await;
    // The message is in the mailbox, and is removed from it.
    assert_eq!(late.cancel(), Some(Duration::ZERO));
    assert_eq!(probe.next_within(SECOND).await, None);
    Ok(())
}
// ANCHOR_END: cancel

// ANCHOR: skipped
/// Takes three seconds for a message that comes every second.
struct Slow {
    handled: u32,
    ticks: Timer,
}

#[derive(Clone)]
struct Tick;

#[gen_server]
impl Slow {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        let ticks = ctx.send_every(SECOND, Tick);
        Self { handled: 0, ticks }
    }

    #[info]
    async fn on_tick(&mut self, _: Tick) {
        sleep(3 * SECOND).await;
        self.handled += 1;
    }

    #[call]
    fn handled_and_skipped(&self) -> (u32, u64) {
        (self.handled, self.ticks.skipped())
    }
}

#[ambit::test]
async fn ticks_do_not_pile_up() -> Result<(), Box<dyn Error>> {
    let slow = Slow::start().await?;
    sleep(12 * SECOND).await;
    let (handled, skipped) = slow.handled_and_skipped().timeout(10 * SECOND).await?;
    assert!(handled <= 5, "{handled} ticks in 12 s");
    assert!(skipped >= 6, "{skipped} ticks were skipped");
    Ok(())
}
// ANCHOR_END: skipped

// ANCHOR: idle
/// Ends when no message arrives for a minute.
struct Session;

#[gen_server]
impl Session {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        ctx.idle_timeout(60 * SECOND);
        Self
    }

    #[cast]
    fn touch(&mut self, ctx: &mut Context<Self>) {
        ctx.idle_timeout(60 * SECOND);
    }

    #[info]
    fn on_idle(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        ctx.stop(ExitReason::Normal);
    }
}

#[ambit::test]
async fn an_idle_session_ends() -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let session = Session::start().await?;
    sleep(50 * SECOND).await;
    session.touch().await?;
    assert_eq!(session.closed().await, ExitReason::Normal);
    assert_eq!(began.elapsed(), 110 * SECOND);
    Ok(())
}
// ANCHOR_END: idle

// ANCHOR: name
#[ambit::test]
async fn a_timer_for_a_name_looks_it_up_when_it_fires() -> Result<(), Box<dyn Error>> {
    let clock = Subject::<u8>::named("clock").recipient();
    ambit::send_after(&clock, SECOND, 1);
    ambit::send_after(&clock, 3 * SECOND, 3);
    sleep(2 * SECOND).await;
    let mut holder = Probe::<u8>::new();
    ambit::register("clock", &holder.subject())?;
    let next = holder.next_within(2 * SECOND).await;
    assert_eq!(next, Some(InboxEvent::Message(3)));
    // No process held the name after one second.
    expect_dead_letters(1);
    settle().await;
    Ok(())
}
// ANCHOR_END: name
