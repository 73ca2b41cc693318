//! The tests on the page "Restarts and messages".

// ANCHOR: imports
use std::error::Error;

use ambit::prelude::*;
use ambit::test::{crashes, expect_crash, expect_dead_letters, settle, start_supervised};
// ANCHOR_END: imports

// ANCHOR: more_imports
use std::collections::BTreeMap;
use std::time::Duration;

use ambit::supervisor::Backoff;
use ambit::test::{assert_restarted, assert_tree, crash, dead_letters};
use tokio::time::Instant;
// ANCHOR_END: more_imports

// ANCHOR: scribe
/// Forwards numbers to a probe; panics at zero.
struct Scribe {
    paper: Recipient<u32>,
}

#[gen_server]
impl Scribe {
    #[init]
    fn new(paper: Recipient<u32>) -> Self {
        Self { paper }
    }

    #[cast]
    fn write(&mut self, number: u32) {
        assert_ne!(number, 0, "there is nothing to write");
        self.paper.send(number).now().ok();
    }

    #[call]
    fn copy(&mut self, number: u32) -> u32 {
        self.write(number);
        number
    }
}
// ANCHOR_END: scribe

// ANCHOR: lost
#[ambit::test]
async fn queued_messages_fail_or_become_dead_letters() -> Result<(), Box<dyn Error>> {
    let paper = ambit::test::Probe::new();
    let scribe = start_supervised(Scribe::child_spec(paper.recipient())).await;
    expect_crash(&scribe);

    let first = scribe.copy(0).send();
    let second = scribe.copy(2).send();
    scribe.write(3).await?; // `Ok` of a cast: it is queued
    let executed = |answer| match answer {
        Err(CallError::Exited { executed, .. }) => Some(executed),
        _ => None,
    };
    assert_eq!(executed(first.await), Some(Executed::Maybe)); // its handler had begun
    assert_eq!(executed(second.await), Some(Executed::No)); // it was still queued
    expect_dead_letters(1); // the cast
    Ok(())
}

#[ambit::test]
async fn messages_that_wait_for_capacity_fail() -> Result<(), Box<dyn Error>> {
    let paper = ambit::test::Probe::new();
    let spec = Scribe::child_spec(paper.recipient()).mailbox(1);
    let scribe = start_supervised(spec.restart(Restart::Temporary)).await;
    ambit::sys::suspend(&scribe).await?;
    scribe.write(1).await?;
    let call = scribe.copy(2).send();
    let cast = tokio::spawn(scribe.write(3).into_owned());
    settle().await;
    expect_crash(&scribe);
    ambit::exit(&scribe, ExitReason::Kill);
    let (reason, executed) = (ExitReason::Killed, Executed::No);
    assert_eq!(call.await, Err(CallError::Exited { reason, executed }));
    assert_eq!(cast.await?, Err(CastError::NoProcess)); // an error for its sender
    expect_dead_letters(1); // the one in the mailbox
    Ok(())
}
// ANCHOR_END: lost

// ANCHOR: handles
#[ambit::test]
async fn following_and_direct_handles() -> Result<(), Box<dyn Error>> {
    let mut paper = ambit::test::Probe::new();
    let spec = Scribe::child_spec(paper.recipient()).name("scribe");
    let delay = Duration::from_secs(2);
    let scribe = start_supervised(spec.backoff(Backoff::constant(delay))).await;
    let direct: ScribeSubject = ambit::whereis::<Scribe>("scribe")?;
    assert_eq!(direct.pid(), scribe.pid());
    crash(&scribe).await;

    // Down for two seconds: there is no process behind the handle.
    assert_eq!(scribe.pid(), Pid::NOBODY);
    assert_eq!(scribe.copy(1).await, Err(CallError::NoProcess));
    let asked = Instant::now();
    assert_eq!(scribe.when_available().copy(1).await, Ok(1)); // waits within its deadline
    assert!(asked.elapsed() >= delay);

    assert_eq!(scribe.copy(2).await, Ok(2)); // the same handle, the next process
    assert_eq!(direct.copy(2).await, Err(CallError::NoProcess)); // always
    assert_eq!((paper.expect().await, paper.expect().await), (1, 2));
    Ok(())
}
// ANCHOR_END: handles

// ANCHOR: keep
#[ambit::test]
async fn a_kept_mailbox_passes_to_the_next_incarnation() -> Result<(), Box<dyn Error>> {
    let mut paper = ambit::test::Probe::new();
    let spec = Scribe::child_spec(paper.recipient()).keep_mailbox();
    let scribe = start_supervised(spec).await;
    expect_crash(&scribe);
    for number in [1, 0, 2] {
        scribe.write(number).await?;
    }
    assert_eq!(scribe.copy(3).await, Ok(3)); // sent to one incarnation, answered by the next
    for number in 1..=3 {
        assert_eq!(paper.expect().await, number); // in order; the crashing message is not retried
    }
    assert_eq!(dead_letters().len(), 1); // the crashing message
    Ok(())
}

#[ambit::test]
async fn a_restart_of_a_group_keeps_the_mailbox() -> Result<(), Box<dyn Error>> {
    let mut paper = ambit::test::Probe::new();
    let spec = |id: &str| Scribe::child_spec(paper.recipient()).id(id);
    let group = Supervisor::builder()
        .strategy(Strategy::OneForAll)
        .start()
        .await?;
    let one = group.start_child(spec("one")).await?;
    let two = group.start_child(spec("two").keep_mailbox()).await?;
    ambit::sys::suspend(&two).await?;
    two.write(7).await?;
    crash(&one).await; // `two` is restarted as well
    assert_eq!(paper.expect().await, 7);
    Ok(())
}
// ANCHOR_END: keep

// ANCHOR: poison
#[ambit::test]
async fn a_kept_mailbox_keeps_bad_messages() -> Result<(), Box<dyn Error>> {
    let paper = ambit::test::Probe::new();
    let supervisor = Supervisor::builder().restarts(2, Duration::from_secs(60));
    let supervisor = supervisor.start().await?;
    let spec = Scribe::child_spec(paper.recipient()).keep_mailbox();
    let scribe = supervisor.start_child(spec).await?;
    for number in [0, 0, 0, 4] {
        scribe.write(number).await?; // three bad messages and a good one
    }
    let reason = supervisor.closed().await;
    assert!(matches!(reason, ExitReason::ShutdownWith(_))); // the supervisor gave up
    assert_eq!(crashes().len(), 3);
    expect_dead_letters(3 + 1); // no incarnation handles the good one
    Ok(())
}
// ANCHOR_END: poison

// ANCHOR: owner
/// Owns the state that must survive. It has no reason to crash.
#[derive(Clone, Default)]
struct Totals {
    sums: BTreeMap<String, u64>,
    /// The number of the last batch of each sender.
    last: BTreeMap<String, u64>,
}

#[gen_server]
impl Totals {
    /// Adds a batch once.
    #[call]
    fn add(&mut self, sender: String, number: u64, counts: BTreeMap<String, u64>) {
        let last = self.last.entry(sender).or_default();
        if number <= *last {
            return;
        }
        *last = number;
        for (word, count) in counts {
            *self.sums.entry(word).or_default() += count;
        }
    }

    /// The number of the last batch of `sender`.
    #[call]
    fn last(&self, sender: String) -> u64 {
        self.last.get(&sender).copied().unwrap_or_default()
    }

    #[call]
    fn sum(&self, word: String) -> u64 {
        self.sums.get(&word).copied().unwrap_or_default()
    }
}

/// Does the risky work and owns no state.
struct Reader {
    totals: TotalsSubject,
}

#[gen_server]
impl Reader {
    #[init]
    fn new(totals: TotalsSubject) -> Self {
        Self { totals }
    }

    #[call]
    async fn read(&mut self, number: u64, text: String) -> Result<(), CallError> {
        let mut counts = BTreeMap::new();
        for word in text.split_whitespace() {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
        self.totals.add("reader".into(), number, counts).await?;
        assert!(!text.ends_with('!'), "it was too loud"); // after the work
        Ok(())
    }
}

struct Statistics;

#[supervisor(strategy = RestForOne)]
impl Statistics {
    #[child]
    fn totals(&self) -> ChildSpec<Totals> {
        Totals::child_spec(Totals::default)
    }

    #[child]
    fn reader(&self, own: &StatisticsSubject) -> ChildSpec<Reader> {
        Reader::child_spec(own.totals())
    }
}
// ANCHOR_END: owner

// ANCHOR: numbers
/// Repeats a batch until it is confirmed.
async fn read(statistics: &StatisticsSubject, number: u64, text: &str) -> Result<(), CallError> {
    loop {
        let reader = statistics.reader().when_available();
        match reader.read(number, text.to_owned()).await {
            // It may have been counted. The number prevents a second count.
            Err(CallError::Exited { .. })
                if statistics.totals().last("reader".into()).await? >= number =>
            {
                return Ok(());
            }
            Err(CallError::Exited { .. }) => {}
            answered => return answered?,
        }
    }
}

#[ambit::test]
async fn every_batch_is_counted_once() -> Result<(), Box<dyn Error>> {
    let statistics = Statistics.start().await?;
    read(&statistics, 1, "to be").await?;
    read(&statistics, 2, "or not to be!").await?; // crashes after the count,
    read(&statistics, 2, "or not to be!").await?; // repeated, and not counted again
    assert_eq!(statistics.totals().sum("to".into()).await?, 2);
    assert_eq!(crashes().len(), 2);
    Ok(())
}
// ANCHOR_END: numbers

// ANCHOR: kit
#[ambit::test]
async fn a_crash_of_the_reader_keeps_the_totals() -> Result<(), Box<dyn Error>> {
    // `start_supervised` starts any spec, and stops it at the end of the test.
    let statistics = start_supervised(Statistics::child_spec(|| Statistics)).await;
    assert_tree!(statistics, "totals\nreader");
    let (totals, reader) = (statistics.totals(), statistics.reader());
    reader.read(1, "to be".into()).await??;

    let owner = totals.pid();
    let new = assert_restarted!(reader, crash(&reader).await); // crashes it, and waits for the next incarnation
    assert_eq!((reader.pid(), totals.pid()), (new, owner));
    assert_eq!(totals.sum("to".into()).await?, 1);

    assert_restarted!(reader, crash(&totals).await); // `RestForOne` restarts the reader as well
    assert_eq!(totals.sum("to".into()).await?, 0);
    settle().await;
    Ok(())
}
// ANCHOR_END: kit
