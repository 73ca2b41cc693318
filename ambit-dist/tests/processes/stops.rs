//! The signals for another node when one of its processes is stopped.

use std::sync::Arc;

use ambit::distribution::{CreditWindow, Signal};
use ambit::prelude::*;
use ambit::process::{MonitorRef, Pid};
use tokio::sync::oneshot;

use crate::processes::recording_session::{LampSubject, RecordingSession};

#[ambit::test]
async fn a_remote_stop_sends_its_monitor_before_the_request_and_returns_the_down() {
    let session = RecordingSession::default();
    let (proxy, lamp) = session.lamp(&Arc::new(CreditWindow::default()));
    let (tell, told) = oneshot::channel();
    let stopping = ambit::spawn(move |_: Inbox<u8>| async move {
        tell.send(lamp.stop().await).unwrap();
    });
    ambit::test::settle().await;
    let me = stopping.pid();
    let signals = std::mem::take(&mut *session.signals.lock().unwrap());
    let [
        Signal::Monitor {
            from: Pid::NOBODY,
            monitor: first,
        },
        Signal::Monitor { from, monitor },
        Signal::Stop { from: stops, .. },
    ] = signals[..]
    else {
        panic!("{signals:?}");
    };
    assert_eq!((from, stops), (me, me));
    // The first monitor arrived after the process had ended; the second one before the request.
    proxy.end(&ExitReason::NoProcess, Some(first));
    proxy.end(&ExitReason::NoProcess, Some(MonitorRef::from_number(0)));
    proxy.end(&ExitReason::Normal, Some(monitor));
    assert_eq!(told.await.unwrap(), Ok(()));
}

/// Returns the monitors that a wait for the end of a lamp and a later stop of it send, and the reason that the wait gets.
async fn stopped_while_awaited(
    session: &RecordingSession,
    lamp: LampSubject,
) -> ([MonitorRef; 2], oneshot::Receiver<ExitReason>) {
    let (tell, told) = oneshot::channel();
    let awaited = lamp.clone();
    ambit::spawn(move |_: Inbox<u8>| async move {
        tell.send(awaited.closed().await).unwrap();
    });
    ambit::test::settle().await;
    ambit::spawn(move |_: Inbox<u8>| async move {
        lamp.stop().await.ok();
    });
    ambit::test::settle().await;
    let signals = std::mem::take(&mut *session.signals.lock().unwrap());
    let [
        Signal::Monitor { monitor: first, .. },
        Signal::Monitor {
            monitor: second, ..
        },
        Signal::Stop { .. },
    ] = signals[..]
    else {
        panic!("{signals:?}");
    };
    ([first, second], told)
}

#[ambit::test]
async fn a_stop_of_a_crashed_process_leaves_the_reason_to_the_other_waiters() {
    let session = RecordingSession::default();
    let (proxy, lamp) = session.lamp(&Arc::new(CreditWindow::default()));
    let ([first, second], told) = stopped_while_awaited(&session, lamp).await;
    // The process crashed between the two monitors, and the answer to the second one overtakes the notice.
    proxy.end(&ExitReason::NoProcess, Some(second));
    let crash = ExitReason::error("crash");
    proxy.end(&crash, Some(first));
    assert_eq!(told.await.unwrap(), crash);
}

#[ambit::test]
async fn a_process_that_ended_before_all_monitors_is_no_process() {
    let session = RecordingSession::default();
    let (proxy, lamp) = session.lamp(&Arc::new(CreditWindow::default()));
    let ([first, second], mut told) = stopped_while_awaited(&session, lamp).await;
    proxy.end(&ExitReason::NoProcess, Some(second));
    ambit::test::settle().await;
    assert!(
        told.try_recv().is_err(),
        "the first monitor is not answered"
    );
    proxy.end(&ExitReason::NoProcess, Some(first));
    assert_eq!(told.await.unwrap(), ExitReason::NoProcess);
}
