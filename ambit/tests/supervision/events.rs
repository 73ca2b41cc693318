//! The telemetry events of supervisors.

use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry;
use ambit::telemetry::TelemetryGuard;
use ambit::test::settle;

use crate::supervision::support::*;

/// Logs every event of a supervisor.
fn listen(log: &Log) -> TelemetryGuard {
    let log = log.clone();
    System::current().unwrap().on_event(move |event| {
        let brief = |reason: &ExitReason| match reason {
            ExitReason::Panic(report) => report.message().to_owned(),
            other => other.to_string(),
        };
        match event {
            telemetry::Event::Restarted {
                supervisor,
                child,
                old,
                new,
                reason,
            } => {
                let reason = brief(reason);
                log.add(format_args!("{supervisor}: {child} {old} {new} {reason}"));
            }
            telemetry::Event::RestartFailed {
                supervisor,
                child,
                error,
            } => log.add(format_args!("{supervisor}: {child} failed: {error}")),
            telemetry::Event::GaveUp {
                supervisor,
                child,
                reason,
                restarts,
                within,
            } => {
                let reason = brief(reason);
                log.add(format_args!(
                    "{supervisor}: gave up {child} after {restarts} in {within:?}: {reason}"
                ));
            }
            telemetry::Event::Stuck { child, .. } => log.add(format_args!("stuck {child}")),
            _ => {}
        }
    })
}

#[ambit::test]
async fn restarts_failures_and_giving_up_are_reported() {
    let (log, events) = (Log::new(), Log::new());
    let _listening = listen(&events);
    let role = Role::new("a", &log);
    let supervisor = Supervisor::builder()
        .restarts(3, 5 * SECOND)
        .child(role.spec())
        .start()
        .await
        .unwrap();
    let own = supervisor.pid();
    assert!(events.is_empty(), "a first start is no restart");
    let first = part("a").pid();
    crash("a").await;
    let second = part("a").pid();
    let restarted = format!("{own}: a {first} {second} ouch");
    assert_eq!(events.take(), [restarted]);
    role.next(&[How::Fails]);
    end(&part("a"), End::Killed).await;
    let third = part("a").pid();
    let failed = format!("{own}: a failed: the server failed to start: no");
    let restarted = format!("{own}: a {second} {third} killed");
    assert_eq!(events.take(), [failed, restarted]);
    crash("a").await;
    let gave_up = format!("{own}: gave up a after 3 in 5s: ouch");
    assert_eq!(events.take(), [gave_up]);
}

#[ambit::test]
async fn each_child_of_a_group_is_reported_with_its_exit_reason() {
    let (log, events) = (Log::new(), Log::new());
    let _listening = listen(&events);
    let supervisor = Supervisor::builder()
        .strategy(Strategy::OneForAll)
        .child(Role::new("a", &log).spec())
        .child(Role::new("b", &log).spec())
        .start()
        .await
        .unwrap();
    let own = supervisor.pid();
    let old = [part("a").pid(), part("b").pid()];
    crash("b").await;
    let new = [part("a").pid(), part("b").pid()];
    assert_eq!(
        events.take(),
        [
            format!("{own}: a {} {} shutdown", old[0], new[0]),
            format!("{own}: b {} {} ouch", old[1], new[1]),
        ]
    );
}

#[ambit::test]
async fn a_dynamic_supervisor_emits_the_same_events() {
    let (log, events) = (Log::new(), Log::new());
    let _listening = listen(&events);
    let role = Role::new("a", &log);
    let sessions = DynamicSupervisor::builder().restarts(2, 5 * SECOND);
    let sessions = sessions.start().await.unwrap();
    let own = sessions.pid();
    let child = sessions.start_child(role.spec()).await.unwrap();
    let first = child.pid();
    role.next(&[How::Fails]);
    end(&child, End::Crash).await;
    let second = child.pid();
    assert_eq!(
        events.take(),
        [
            format!("{own}: a failed: the server failed to start: no"),
            format!("{own}: a {first} {second} ouch"),
        ]
    );
    end(&child, End::Normal).await;
    settle().await;
    let gave_up = format!("{own}: gave up a after 2 in 5s: normal");
    assert_eq!(events.take(), [gave_up]);
}
