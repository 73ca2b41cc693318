//! Exits and `Down`s to a process whose messages wait for credits.

use std::sync::Arc;

use ambit::distribution::{Cause, CreditWindow, SendBuffer, Signal};
use ambit::prelude::*;
use ambit::process::MonitorRef;

use crate::processes::recording_session::{LampSubject, RecordingSession};

/// Returns a window with one credit, which buffers messages.
fn window() -> Arc<CreditWindow> {
    let buffer = SendBuffer::default();
    buffer.set_limit(1_000);
    let window = Arc::new(CreditWindow::new(Arc::new(buffer)));
    window.open(1, 500);
    window
}

/// Sends two casts; the second one waits for a credit.
fn cast_two(lamp: &LampSubject) {
    lamp.dim(1).now().unwrap();
    lamp.dim(2).now().unwrap();
}

/// Returns the pid of the test.
fn own() -> Pid {
    ambit::self_pid().unwrap()
}

fn exit(reason: ExitReason, cause: Cause) -> Signal {
    let from = own();
    Signal::Exit {
        from,
        reason,
        cause,
    }
}

fn down() -> Signal {
    Signal::Down {
        from: own(),
        monitor: MonitorRef::from_number(7),
        reason: ExitReason::Normal,
    }
}

#[ambit::test]
async fn an_exit_is_sent_ahead_of_buffered_casts_and_again_behind_them() {
    for cause in [Cause::Sent, Cause::Link] {
        let session = RecordingSession::default();
        let window = window();
        let (proxy, lamp) = session.lamp(&window);
        let crash = exit(ExitReason::error("crash"), cause);
        assert_eq!(proxy.follow(crash.clone()), Some(crash.clone()), "no cast");
        cast_two(&lamp);
        assert_eq!(proxy.follow(crash.clone()), None);
        let ahead = Signal::ExitAhead {
            from: own(),
            reason: ExitReason::error("crash"),
            cause,
        };
        let sent = || std::mem::take(&mut *session.signals.lock().unwrap());
        assert_eq!(sent(), [ahead]);
        window.grant(1).unwrap();
        assert!(!proxy.send_some());
        assert_eq!(session.messages.lock().unwrap().len(), 2);
        assert_eq!(sent(), [crash]);
    }
}

#[ambit::test]
async fn a_kill_waits_for_no_message_and_a_down_is_not_sent_ahead() {
    let session = RecordingSession::default();
    let (proxy, lamp) = session.lamp(&window());
    cast_two(&lamp);
    let kill = exit(ExitReason::Kill, Cause::Sent);
    assert_eq!(proxy.follow(kill.clone()), Some(kill));
    assert_eq!(proxy.follow(down()), None);
    assert_eq!(*session.signals.lock().unwrap(), []);
}

#[ambit::test]
async fn signals_that_wait_when_the_process_ends_are_sent() {
    let session = RecordingSession::default();
    let (proxy, lamp) = session.lamp(&window());
    cast_two(&lamp);
    assert_eq!(proxy.follow(down()), None);
    proxy.end(&ExitReason::Shutdown, None);
    // Both nodes count the monitor until it is sent.
    assert_eq!(*session.signals.lock().unwrap(), [down()]);
    assert_eq!(session.messages.lock().unwrap().len(), 1);
}
