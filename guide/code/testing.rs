//! What the page "Testing" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::error::StopError;
use ambit::prelude::*;
use ambit::process::Undelivered;
use ambit::test::{
    Probe, assert_down, assert_restarted, assert_tree, await_restart, crash, crashes, dead_letters,
    expect_crash, fill_mailbox, hang, seed, settle, start_supervised,
};
use tokio::time::Instant;
// ANCHOR_END: imports

use ambit::test::{TestOptions, run_test};

// ANCHOR: server
/// Sends each text to a reader after an hour.
#[derive(Clone)]
struct Reminder {
    reader: Recipient<String>,
    pending: u32,
}

struct Due(String);

const HOUR: Duration = Duration::from_secs(3600);

#[gen_server(mailbox = 2)]
impl Reminder {
    #[init]
    fn new(reader: Recipient<String>) -> Self {
        Self { reader, pending: 0 }
    }

    #[cast]
    fn remind(&mut self, ctx: &mut Context<Self>, text: String) {
        assert!(!text.is_empty(), "a reminder needs a text");
        ctx.send_after(HOUR, Due(text));
        self.pending += 1;
    }

    #[call]
    fn pending(&self) -> u32 {
        self.pending
    }

    #[info]
    fn on_due(&mut self, Due(text): Due) {
        self.pending -= 1;
        self.reader.send(text).now().ok();
    }
}
// ANCHOR_END: server

// ANCHOR: first
#[ambit::test]
async fn a_reminder_arrives_after_an_hour() -> Result<(), Box<dyn Error>> {
    let mut reader = Probe::<String>::new();
    let reminder = Reminder::start(reader.recipient()).await?;

    reminder.remind("tea".into()).await?;
    reader.refute_within(HOUR - Duration::from_secs(1)).await;
    assert_eq!(reader.expect().await, "tea");
    Ok(())
}
// ANCHOR_END: first

// ANCHOR: settle
#[ambit::test]
async fn casts_are_handled_when_the_system_is_idle() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let reminder = Reminder::start(reader.recipient()).await?;
    let start = Instant::now();
    reminder.remind("tea".into()).await?;
    reminder.remind("bread".into()).await?;

    settle().await; // no process has anything to do
    let state = ambit::sys::state_of::<Reminder>(&reminder).await?;
    assert_eq!(state.pending, 2);
    assert_eq!(start.elapsed(), Duration::ZERO); // the clock has not moved
    Ok(())
}
// ANCHOR_END: settle

// ANCHOR: down
#[ambit::test]
async fn a_probe_monitors_and_links() -> Result<(), Box<dyn Error>> {
    let mut reader = Probe::<String>::new();
    let reminder = Reminder::start(reader.recipient()).await?;
    reader.monitor(&reminder);
    reminder.stop().await?;
    assert_down!(reader, ExitReason::Normal);
    Ok(())
}
// ANCHOR_END: down

// ANCHOR: restart
#[ambit::test]
async fn a_restart_forgets_what_was_pending() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let reminder = start_supervised(Reminder::child_spec(reader.recipient())).await;
    reminder.remind("tea".into()).await?;
    assert_eq!(reminder.pending().await?, 1);

    assert_restarted!(reminder, crash(&reminder).await);
    assert_eq!(reminder.pending().await?, 0);
    Ok(())
}
// ANCHOR_END: restart

// ANCHOR: expected
#[ambit::test]
async fn an_empty_text_crashes_the_server() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let reminder = start_supervised(Reminder::child_spec(reader.recipient())).await;
    let old = reminder.pid();
    reminder.remind(String::new()).await?;
    await_restart(&reminder, old).await;

    let crashes = crashes(); // reading the crashes makes them expected
    assert_eq!(crashes.len(), 1);
    assert_eq!(crashes[0].methods, ["remind"]);
    assert!(
        crashes[0]
            .reason
            .to_string()
            .ends_with("a reminder needs a text")
    );
    Ok(())
}
// ANCHOR_END: expected

// ANCHOR: full
#[ambit::test]
async fn a_full_mailbox_refuses() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let reminder = Reminder::start(reader.recipient()).await?;
    let full = fill_mailbox(&reminder);
    assert_eq!(reminder.remind("tea".into()).now(), Err(CastError::Full));
    assert_eq!(reminder.remind("tea".into()).await, Err(CastError::Timeout)); // after 5 s of virtual time
    drop(full);
    assert_eq!(reminder.remind("tea".into()).now(), Ok(()));
    Ok(())
}
// ANCHOR_END: full

// ANCHOR: hang
#[ambit::test]
async fn a_hanging_server_neither_answers_nor_stops() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let reminder = Reminder::start(reader.recipient()).await?;
    hang(&reminder);
    assert_eq!(reminder.pending().await, Err(CallError::Timeout));
    assert_eq!(reminder.stop().await, Err(StopError::Timeout));

    expect_crash(&reminder);
    ambit::exit(&reminder, ExitReason::Kill);
    assert_eq!(reminder.closed().await, ExitReason::Killed);
    Ok(())
}
// ANCHOR_END: hang

// ANCHOR: lost
#[ambit::test]
async fn queued_messages_of_a_crashed_server_are_dead_letters() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let reminder = Reminder::start(reader.recipient()).await?;
    expect_crash(&reminder);
    reminder.remind(String::new()).await?;
    reminder.remind("tea".into()).await?;
    reminder.closed().await;

    let lost = dead_letters(); // reading them makes them expected
    assert_eq!(lost.len(), 1);
    assert!(lost[0].contains(&format!("{:?}", Undelivered::Ended)));
    Ok(())
}
// ANCHOR_END: lost

// ANCHOR: tree
#[ambit::test]
async fn a_tree_has_the_expected_shape() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let rooms = ChildSpec::from_fn(|| DynamicSupervisor::builder().start());
    let app = Supervisor::builder()
        .child(Reminder::child_spec(reader.recipient()).id("reminder"))
        .child(rooms.id("rooms"))
        .start()
        .await?;
    app.terminate_child("reminder").await?;
    assert_tree!(
        app,
        "
        reminder (stopped)
        rooms
        "
    );
    Ok(())
}
// ANCHOR_END: tree

// ANCHOR: protocol
#[protocol]
trait Rates {
    /// The price of one euro in this currency, in cents.
    #[call]
    fn rate(&self, currency: String) -> Option<u64>;
}

/// Needs a server of the protocol, and knows no implementation.
async fn in_currency(rates: &RatesSubject, euros: u64, currency: &str) -> Option<u64> {
    let rate = rates.rate(currency.to_owned()).await.ok()??;
    Some(euros * rate)
}
// ANCHOR_END: protocol

// ANCHOR: mock
#[ambit::test]
async fn a_price_is_converted() -> Result<(), Box<dyn Error>> {
    let mock = MockRates::new().on_rate(|currency| (currency == "USD").then_some(117));
    let rates: RatesSubject = mock.start().await?;

    assert_eq!(in_currency(&rates, 2, "USD").await, Some(234));
    assert_eq!(in_currency(&rates, 2, "XXX").await, None);
    assert_eq!(mock.counts().rate, 2);
    Ok(())
}
// ANCHOR_END: mock

// ANCHOR: fault
#[ambit::test]
async fn no_answer_is_no_price() -> Result<(), Box<dyn Error>> {
    let mock = MockRates::new().on_rate(|_| Some(117));
    let rates: RatesSubject = mock.start().await?;
    hang(&rates);
    assert_eq!(in_currency(&rates, 2, "USD").await, None); // the call timed out
    expect_crash(&rates);
    ambit::exit(&rates, ExitReason::Kill);
    Ok(())
}
// ANCHOR_END: fault

// ANCHOR: seed
#[ambit::test(seed = 7)]
async fn any_order_of_casts_is_counted() -> Result<(), Box<dyn Error>> {
    let reader = Probe::<String>::new();
    let reminder = Reminder::start(reader.recipient()).await?;
    let mut random = seed();
    let mut sent = 0;
    for _ in 0..50 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        if random >> 63 == 0 {
            reminder.remind("tea".into()).await?;
            sent += 1;
        }
        assert!(reminder.pending().await? <= sent);
    }
    assert_eq!(reminder.pending().await?, sent);
    Ok(())
}
// ANCHOR_END: seed

// ANCHOR: plain
#[test]
fn methods_without_a_context_need_no_runtime() {
    struct Tally(u32);
    #[gen_server]
    impl Tally {
        #[call]
        fn add(&mut self, n: u32) -> u32 {
            self.0 += n;
            self.0
        }
    }
    assert_eq!(Tally(40).add(2), 42);
}
// ANCHOR_END: plain

/// The text with which a test fails.
fn failure(name: &'static str, body: fn(Recipient<String>) -> Body) -> String {
    let options = TestOptions {
        name,
        real_time: false,
        multi_thread: false,
        worker_threads: None,
        seed: None,
    };
    let test = || {
        run_test(options, |_: Inbox<()>| async move {
            let reader = Probe::<String>::new();
            body(reader.recipient()).await;
        });
    };
    let failed = std::panic::catch_unwind(test).expect_err("it fails");
    let text = failed.downcast::<String>().expect("a text");
    // Without the place of the panic, which changes with this file.
    let lines = text
        .trim_end()
        .lines()
        .map(|line| match line.split_once("panicked at ") {
            Some((before, after)) => {
                let message = after.split_once(": ").map_or(after, |(_, message)| message);
                format!("{before}panicked at FILE:LINE: {message}\n")
            }
            None => format!("{line}\n"),
        });
    lines.collect()
}

type Body = std::pin::Pin<Box<dyn Future<Output = ()>>>;

#[test]
fn the_failures_on_the_page_are_those_of_the_kit() {
    let crash = failure("reminds", |reader| {
        Box::pin(async move {
            let reminder = Reminder::start(reader).await.expect("it starts");
            reminder.remind(String::new()).await.ok();
        })
    });
    let letter = failure("is_stopped", |reader| {
        Box::pin(async move {
            let reminder = Reminder::start(reader).await.expect("it starts");
            ambit::sys::suspend(&reminder).await.ok();
            reminder.remind("tea".into()).await.ok();
            ambit::exit(&reminder, ExitReason::Shutdown);
        })
    });
    let waits = failure("waits", |reader| {
        Box::pin(async move {
            let reminder = Reminder::start(reader).await.expect("it starts");
            reminder.closed().await;
        })
    });
    let found = format!("{crash}\n{letter}\n{waits}");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/code/testing.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(path, &found).expect("it can be written");
    }
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == expected,
        "testing.txt is stale: run with UPDATE_EXPECT=1\n{found}"
    );
}
