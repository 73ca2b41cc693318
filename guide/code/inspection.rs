//! What the page "Inspection" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::inspect::{self, FindingChange, Lag, Lint, Watcher};
use ambit::prelude::*;
use ambit::test::{Probe, expect_crash, settle};
use ambit::{process_info, sys};
use tokio::time::sleep;
// ANCHOR_END: imports

// ANCHOR: baker
struct Baker;

#[gen_server(mailbox = unbounded)]
impl Baker {
    #[call(timeout = Duration::from_secs(60))]
    async fn bake(&mut self, minutes: u64) {
        sleep(Duration::from_millis(minutes)).await;
    }

    #[call]
    fn burn(&mut self) {
        panic!("smoke");
    }

    #[cast]
    fn knead(&mut self) {}
}
// ANCHOR_END: baker

// ANCHOR: age
#[ambit::test]
async fn a_queue_has_a_length_and_an_age() -> Result<(), Box<dyn Error>> {
    let baker = Baker.start().await?;
    sys::suspend(&baker).await?; // from here on it handles nothing
    baker.knead().await?;

    let _ = inspect::snapshot();
    sleep(Duration::from_secs(3)).await;
    let info = process_info(&baker).ok_or("it runs")?;
    assert_eq!(info.queued, 1);
    assert!(info.age >= Some(Duration::from_secs(3)));

    sys::resume(&baker).await?;
    Ok(())
}
// ANCHOR_END: age

// ANCHOR: methods
#[ambit::test]
async fn a_method_has_counts_and_times() -> Result<(), Box<dyn Error>> {
    let measuring = inspect::measure_every(1)?; // each message is timed; `measure` times one of 64
    let baker = Baker.start().await?;
    for minutes in 1..=100 {
        baker.bake(minutes).await?;
    }
    drop(measuring);
    baker.bake(500).await?; // not counted

    let seen = inspect::snapshot();
    let bake = &seen.methods[0];
    assert_eq!((bake.type_name, bake.method), ("Baker", "bake"));
    assert_eq!((bake.handled, bake.panicked), (100, 0));
    assert_eq!(bake.times.max, Duration::from_millis(100)); // exact
    assert!(bake.times.p50 <= Duration::from_millis(58)); // up to an eighth too long
    Ok(())
}
// ANCHOR_END: methods

// ANCHOR: crashes
#[ambit::test]
async fn the_last_crashes_are_kept() -> Result<(), Box<dyn Error>> {
    let baker = Baker.start().name("baker").await?;
    expect_crash(&baker);
    baker.knead().await?;
    baker.burn().await.unwrap_err();
    baker.closed().await;

    let seen = inspect::snapshot();
    let crash = &seen.crashes[0];
    assert_eq!(crash.names, ["baker"]);
    assert_eq!(crash.methods, ["burn", "knead"]);
    assert!(crash.reason.contains("smoke"));
    Ok(())
}
// ANCHOR_END: crashes

// ANCHOR: watcher
#[ambit::test]
async fn a_watcher_reports_problems() -> Result<(), Box<dyn Error>> {
    let mut alarms = Probe::<FindingChange>::new();
    let watcher = Watcher::builder().tell(alarms.recipient());
    let app = Supervisor::builder()
        .child(watcher.child_spec())
        .child(Baker::child_spec(|| Baker).name("baker"))
        .start()
        .await?;

    let baker = BakerSubject::named("baker");
    let bread = baker.bake(20_000).send();
    sleep(Duration::from_secs(8)).await;
    let FindingChange::Found(finding) = alarms.expect().await else {
        panic!("it has just begun");
    };
    assert_eq!(finding.lint, Lint::StuckHandler);
    assert_eq!(finding.pids, [baker.pid()]);
    assert!(finding.figures["runs_ms"] > 5_000);
    println!("{finding}"); // the process, since when, the cause, the remedy

    bread.await?;
    assert!(matches!(alarms.expect().await, FindingChange::Over(_)));
    app.stop().await?;
    Ok(())
}
// ANCHOR_END: watcher

// ANCHOR: lag
#[ambit::test]
async fn a_publisher_reports_lag() -> Result<(), Box<dyn Error>> {
    let reader = Baker.start().await?;
    let pid = reader.pid();
    let _asked = inspect::add_lag_source(move || {
        vec![Lag {
            source: "recipes".into(),
            pid,
            behind: 4_000,
        }]
    })?;

    let seen = inspect::snapshot();
    assert_eq!(seen.lints[0].lint, Lint::SubscriberLag);
    Ok(())
}
// ANCHOR_END: lag

// ANCHOR: json
#[ambit::test]
async fn snapshots_have_json() -> Result<(), Box<dyn Error>> {
    let baker = Baker.start().name("baker").await?;
    settle().await;
    let text = process_info(&baker).ok_or("it runs")?.to_json();
    let begin = r##"{"pid":"#1","type_name":"Baker","label":null,"status":"idle","##;
    assert!(text.starts_with(begin));
    assert!(inspect::snapshot().to_json().contains(&text));
    Ok(())
}
// ANCHOR_END: json
