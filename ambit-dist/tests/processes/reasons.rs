//! Exit reasons of processes, and errors.

use std::error::Error;
use std::fmt::Debug;

use ambit::error::{CallError, CastError, Detail, ErrorReport, Executed, PanicReport, StartError};
use ambit::message::{Schema, Shape, Types, Wire};
use ambit::process::{Down, Exit, ExitReason, Inbox, Monitor, MonitorRef, Pid, Watched};
use ambit::test::expect_crash;

use crate::processes::back;

fn arrives<T: Wire + PartialEq + Debug>(value: &T) {
    for arrived in back(value) {
        assert_eq!(&arrived, value);
    }
}

/// An error with a chain of causes.
#[derive(Debug, thiserror::Error)]
#[error("level {level}")]
struct Deep {
    level: u32,
    #[source]
    cause: Option<Box<Self>>,
}

impl Deep {
    fn new(level: u32) -> Self {
        let cause = level.checked_sub(1).map(|level| Box::new(Self::new(level)));
        Self { level, cause }
    }
}

/// Returns the reason of a process that ends with this error.
async fn ends_with(error: Deep) -> ExitReason {
    let process = ambit::spawn(|_: Inbox<u8>| async move { Err::<(), _>(error) });
    expect_crash(&process);
    let ended: Monitor = process.monitor();
    ended.await.reason
}

fn causes(reason: &ExitReason) -> Vec<String> {
    std::iter::successors(reason.source(), |error| (**error).source())
        .map(ToString::to_string)
        .collect()
}

fn report(reason: &ExitReason) -> &ErrorReport {
    match reason {
        ExitReason::Error(report) => report,
        other => panic!("{other:?}"),
    }
}

#[ambit::test]
async fn an_error_arrives_as_its_texts() {
    let reason = ends_with(Deep::new(2)).await;
    assert!(report(&reason).downcast_ref::<Deep>().is_some());
    for arrived in back(&reason) {
        assert_eq!(arrived, reason);
        assert_eq!(arrived.to_string(), "level 2");
        assert_eq!(causes(&arrived), ["level 1", "level 0"]);
        assert!(report(&arrived).type_name().ends_with("Deep"));
        assert!(report(&arrived).downcast_ref::<Deep>().is_none());
        // And on to the next node.
        assert_eq!(causes(&back(&arrived)[0]), causes(&reason));
    }
}

#[ambit::test]
async fn of_an_error_with_many_causes_the_nearest_arrive() {
    let reason = ends_with(Deep::new(100)).await;
    assert_eq!(causes(&reason).len(), 100);
    for arrived in back(&reason) {
        assert_eq!(arrived, reason);
        assert_eq!(causes(&arrived), causes(&reason)[..16]);
    }
}

#[ambit::test]
async fn a_panic_arrives_with_its_source_location() {
    let process = ambit::spawn(|_: Inbox<u8>| async { panic!("at the disco") });
    expect_crash(&process);
    let reason = process.monitor().await.reason;
    for arrived in back(&reason) {
        assert_eq!(arrived, reason);
        let text = arrived.to_string();
        assert!(text.contains("reasons.rs:"), "{text}");
        assert!(text.ends_with(": at the disco"), "{text}");
    }
}

/// Returns all other kinds of reasons.
fn reasons() -> Vec<ExitReason> {
    vec![
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("disk full"),
        ExitReason::Kill,
        ExitReason::Killed,
        ExitReason::NoProcess,
        ExitReason::NoConnection,
        ExitReason::Timeout,
        ExitReason::error("only a text"),
    ]
}

#[test]
fn every_reason_arrives() {
    for reason in reasons() {
        arrives(&reason);
        assert!(causes(&back(&reason)[0]).is_empty());
        arrives(&Exit {
            from: Pid::NOBODY,
            reason,
        });
    }
    let ExitReason::ShutdownWith(detail) = ExitReason::shutdown_with("disk full") else {
        unreachable!()
    };
    arrives::<Detail>(&detail);
}

#[ambit::test]
async fn a_down_arrives() {
    let process = ambit::spawn(|_: Inbox<u8>| async {});
    let by_pid: Down = process.monitor().await;
    arrives::<MonitorRef>(&by_pid.monitor);
    arrives::<Watched>(&by_pid.target);
    arrives(&by_pid);
    let target = Watched::Name("till".into());
    arrives(&Down { target, ..by_pid });
}

#[test]
fn every_error_of_a_call_a_cast_and_a_start_arrives() {
    for executed in [Executed::No, Executed::Maybe] {
        arrives(&executed);
        arrives(&CallError::NoConnection { executed });
        for reason in reasons() {
            arrives(&CallError::Exited { reason, executed });
        }
    }
    let (method, differs): (_, Box<str>) = ("add".to_owned(), "all of it".into());
    let pids = vec![Pid::NOBODY; 2];
    let calls = [
        CallError::NoProcess,
        CallError::Timeout,
        CallError::CallsItself,
        CallError::Cycle { pids },
        CallError::NoReply,
        CallError::Full,
        CallError::Incompatible {
            method: method.clone(),
            differs: differs.clone(),
        },
        CallError::BlocksRuntime,
        CallError::WrongType,
    ];
    calls.iter().for_each(arrives);
    let casts = [
        CastError::NoProcess,
        CastError::Full,
        CastError::Timeout,
        CastError::NoConnection,
        CastError::BlocksRuntime,
        CastError::Incompatible { method, differs },
    ];
    casts.iter().for_each(arrives);
    let holder = Pid::NOBODY;
    let starts = [
        StartError::Init(ExitReason::error("no disk")),
        StartError::Timeout,
        StartError::AlreadyRegistered { holder },
        StartError::DuplicateRegistry,
        StartError::InvalidName,
        StartError::BadSpec("no children".into()),
        StartError::Ignored,
        StartError::NotAProcess,
        StartError::NoRuntime,
    ];
    starts.iter().for_each(arrives);
}

#[test]
fn types_about_processes_have_their_own_names() {
    fn name<T: Schema>() -> String {
        T::shape(&mut Types::default()).to_string()
    }
    assert_eq!(name::<ExitReason>(), "ambit.exit_reason");
    assert_eq!(name::<Detail>(), "ambit.detail");
    assert_eq!(name::<PanicReport>(), "ambit.panic_report");
    assert_eq!(name::<ErrorReport>(), "ambit.error_report");
    assert_eq!(name::<Down>(), "ambit.down");
    assert_eq!(name::<Exit>(), "ambit.exit");
    assert_eq!(name::<Watched>(), "ambit.watched");
    assert_eq!(name::<MonitorRef>(), "ambit.monitor_ref");
    assert_eq!(name::<CallError>(), "ambit.call_error");
    assert_eq!(name::<CastError>(), "ambit.cast_error");
    assert_eq!(name::<StartError>(), "ambit.start_error");
    assert_eq!(name::<Executed>(), "ambit.executed");
    let mut types = Types::default();
    let shapes = [Down::shape(&mut types), CallError::shape(&mut types)];
    assert!(matches!(&shapes[0], Shape::Named(_)));
    let definitions = types.into_definitions().unwrap();
    assert!(definitions.contains_key("ambit.error_report"));
}
