//! The signals for another node when one of its processes is stopped.

use std::sync::Arc;

use ambit::distribution::{CreditWindow, Signal};
use ambit::prelude::*;
use ambit::process::{MonitorRef, Pid};

use crate::processes::recording_session::RecordingSession;

#[ambit::test]
async fn a_remote_stop_sends_its_monitor_before_the_request_and_returns_the_down() {
    let session = RecordingSession::default();
    let (proxy, lamp) = session.lamp(&Arc::new(CreditWindow::default()));
    let (tell, told) = tokio::sync::oneshot::channel();
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
        Signal::Demonitor { .. },
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
