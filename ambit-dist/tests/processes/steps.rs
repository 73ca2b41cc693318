//! Queued messages are sent in steps.

use std::sync::Arc;

use ambit::distribution::{CreditWindow, SendBuffer};

use crate::processes::recording_session::RecordingSession;

#[ambit::test]
async fn a_long_queue_is_sent_in_steps_and_in_order() {
    let buffer = SendBuffer::default();
    buffer.set_limit(1_000);
    let window = Arc::new(CreditWindow::new(Arc::new(buffer)));
    window.open(1, 500);
    let session = RecordingSession::default();
    let (proxy, lamp) = session.lamp(&window);
    for percent in 0..150 {
        lamp.dim(percent).now().unwrap();
    }
    assert_eq!(proxy.queued(), (149, 0), "the first had a credit");
    window.grant(149).unwrap();
    let sent = || session.messages.lock().unwrap().len();
    assert!(proxy.send_some());
    assert_eq!(sent(), 65);
    assert!(proxy.send_some());
    assert_eq!(sent(), 129);
    assert!(!proxy.send_some(), "there is no more");
    let messages = session.messages.lock().unwrap();
    assert!(
        messages.iter().map(|bytes| bytes[0]).eq(0..150),
        "{messages:?}"
    );
}
