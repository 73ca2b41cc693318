//! The tests on the page "Mailboxes and back-pressure".

// ANCHOR: imports
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::error::StopError;
use ambit::prelude::*;
use ambit::process::Undelivered;
use ambit::system::System;
use ambit::test::expect_dead_letters;
use tokio::time::Instant;
// ANCHOR_END: imports

// ANCHOR: log
#[derive(Clone)]
struct Log {
    lines: Vec<u32>,
}

#[gen_server(mailbox = 2)]
impl Log {
    #[cast]
    fn write(&mut self, line: u32) {
        self.lines.push(line);
    }

    #[call]
    fn lines(&self) -> Vec<u32> {
        self.lines.clone()
    }
}

/// A suspended log with two lines in its mailbox.
async fn full() -> Result<LogSubject, Box<dyn Error>> {
    let log = Log { lines: Vec::new() }.start().await?;
    ambit::sys::suspend(&log).await?;
    log.write(1).await?;
    log.write(2).await?;
    Ok(log)
}
// ANCHOR_END: log

// ANCHOR: waiting
#[ambit::test]
async fn senders_wait_in_fifo_order() -> Result<(), Box<dyn Error>> {
    let log = full().await?;
    let asked = Instant::now();
    assert_eq!(log.write(3).await, Err(CastError::Timeout)); // withdrawn: never written
    assert_eq!(asked.elapsed(), Duration::from_secs(5));

    let fourth = tokio::spawn(log.write(4).into_owned());
    tokio::task::yield_now().await; // the fourth line now waits for capacity,
    let lines = log.lines().send(); // and this call behind it
    assert_eq!(log.write(5).now(), Err(CastError::Full));

    ambit::sys::resume(&log).await?;
    assert_eq!(fourth.await?, Ok(()));
    assert_eq!(lines.await?, [1, 2, 4]);
    Ok(())
}
// ANCHOR_END: waiting

// ANCHOR: now
#[ambit::test]
async fn three_ways_not_to_wait() -> Result<(), Box<dyn Error>> {
    let log = full().await?;
    assert_eq!(log.write(3).now(), Err(CastError::Full));

    // The message is returned and can be sent elsewhere.
    let Err((CastError::Full, LogCast::Write { line })) = log.write(3).now_or_return() else {
        panic!("the mailbox had capacity")
    };
    assert_eq!(line, 3);

    // Reserve a slot first; sending the message then cannot fail.
    ambit::sys::resume(&log).await?;
    let permit = log.reserve().await?;
    permit.send(LogCast::Write { line });
    assert_eq!(log.lines().await?, [1, 2, 3]);
    Ok(())
}
// ANCHOR_END: now

// ANCHOR: policies
struct Ticker {
    prices: Vec<u32>,
}

#[gen_server(mailbox = 2, overflow = drop_oldest)]
impl Ticker {
    #[cast]
    fn price(&mut self, price: u32) {
        self.prices.push(price);
    }

    #[call]
    fn prices(&self) -> Vec<u32> {
        self.prices.clone()
    }
}

#[ambit::test]
async fn drop_oldest_keeps_the_newest() -> Result<(), Box<dyn Error>> {
    let ticker = Ticker { prices: Vec::new() }.start().await?;
    ambit::sys::suspend(&ticker).await?;
    for price in 1..=5 {
        ticker.price(price).await?; // never waits
    }
    ambit::sys::resume(&ticker).await?;
    ambit::test::settle().await;
    assert_eq!(ticker.prices().await?, [4, 5]);
    expect_dead_letters(3);
    Ok(())
}
// ANCHOR_END: policies

// ANCHOR: refusing
struct Gate;

#[gen_server(mailbox = 1, overflow = reject)]
impl Gate {
    #[cast]
    fn knock(&mut self) {}

    #[call]
    fn open(&mut self) {}
}

struct Sieve;

#[gen_server(mailbox = 1, overflow = drop_newest)]
impl Sieve {
    #[cast]
    fn knock(&mut self) {}

    #[call]
    fn open(&mut self) {}
}

#[ambit::test]
async fn reject_and_drop_newest_answer_full_at_once() -> Result<(), Box<dyn Error>> {
    let (gate, sieve) = (Gate.start().await?, Sieve.start().await?);
    ambit::sys::suspend(&gate).await?;
    ambit::sys::suspend(&sieve).await?;
    gate.knock().await?;
    sieve.knock().await?;
    let asked = Instant::now();
    assert_eq!(gate.knock().await, Err(CastError::Full));
    assert_eq!(gate.open().await, Err(CallError::Full));
    assert_eq!(sieve.knock().await, Err(CastError::Full));
    assert_eq!(sieve.open().await, Err(CallError::Full));
    assert_eq!(asked.elapsed(), Duration::ZERO);
    expect_dead_letters(2); // those of the sieve; a rejected message was never accepted
    Ok(())
}
// ANCHOR_END: refusing

// ANCHOR: dead_letters
#[ambit::test]
async fn queued_messages_of_a_stopped_server_are_dead_letters() -> Result<(), Box<dyn Error>> {
    let lost = Arc::new(Mutex::new(Vec::new()));
    let listener = lost.clone();
    let _listening = System::current()?.on_dead_letter(move |letter| {
        assert_eq!(letter.why(), Undelivered::Ended);
        if let (Some(LogCast::Write { line }), Ok(mut lost)) = (letter.content(), listener.lock()) {
            lost.push(*line);
        }
    });

    let log = full().await?;
    ambit::exit(&log, ExitReason::Shutdown);
    log.closed().await;
    assert_eq!(*lost.lock().map_err(|_| "poisoned")?, [1, 2]);
    expect_dead_letters(2);
    Ok(())
}
// ANCHOR_END: dead_letters

// ANCHOR: control
#[ambit::test]
async fn an_overloaded_server_can_be_inspected() -> Result<(), Box<dyn Error>> {
    let log = full().await?;
    let info = ambit::process_info(&log).ok_or("it has ended")?;
    assert_eq!(info.queued, 2);
    let state = ambit::sys::state_of::<Log>(&log).await?; // inspection is not queued
    assert!(state.lines.is_empty());
    let stop = log.stop().timeout(Duration::from_secs(1)); // a stop is queued
    assert_eq!(stop.await, Err(StopError::Timeout));
    ambit::sys::resume(&log).await?;
    assert_eq!(log.closed().await, ExitReason::Normal); // the request stays queued
    Ok(())
}
// ANCHOR_END: control

// ANCHOR: itself
struct Echo {
    refused: Option<CastError>,
}

#[gen_server(mailbox = 1)]
impl Echo {
    #[cast]
    async fn shout(&mut self, ctx: &mut Context<Self>, times: u32) {
        for _ in 0..times {
            // Waiting for capacity in its own mailbox would never end.
            self.refused = ctx.subject().shout(0).await.err();
        }
    }

    #[call]
    fn refused(&self) -> Option<CastError> {
        self.refused.clone()
    }
}

#[ambit::test]
async fn a_server_never_waits_for_capacity_in_its_own_mailbox() -> Result<(), Box<dyn Error>> {
    let echo = Echo { refused: None }.start().await?;
    echo.shout(2).await?;
    assert_eq!(echo.refused().await?, Some(CastError::Full));
    Ok(())
}
// ANCHOR_END: itself
