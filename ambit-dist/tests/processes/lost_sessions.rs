//! Handles that are used in the moment in which one session is lost and the next one opens.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::Poll;

use ambit::distribution::{Attachment, CreditWindow, Peer, RemoteProxy, Session, Signal};
use ambit::prelude::*;
use ambit::process::Pid;
use ambit_dist::AnyCodec;

use crate::processes::recording_session::{LampCast, LampSubject, RecordingSession};

/// A node whose first session is lost, and whose next one opens, after a handle was given the first.
struct Reconnecting {
    first: RecordingSession,
    second: RecordingSession,
    window: Arc<CreditWindow>,
    proxy: Mutex<Weak<RemoteProxy<AnyCodec>>>,
    is_armed: AtomicBool,
    is_second: AtomicBool,
}

/// The credits at the start of a session.
const CREDITS: u32 = 4;

impl Reconnecting {
    fn lamp() -> (Arc<Self>, LampSubject) {
        let node = Arc::new(Self {
            first: RecordingSession::default(),
            second: RecordingSession::default(),
            window: Arc::default(),
            proxy: Mutex::default(),
            is_armed: AtomicBool::new(false),
            is_second: AtomicBool::new(false),
        });
        node.window.open(CREDITS, CREDITS);
        let system = ambit::system::System::current().unwrap();
        let pid = Attachment::new(&system).pid(1, 1);
        let window = node.window.clone();
        let proxy = RemoteProxy::new(&system, node.clone(), pid, || "lamp", window);
        *node.proxy.lock().unwrap() = Arc::downgrade(&proxy);
        let lamp = node.first.handle_to(&proxy);
        (node, lamp)
    }

    /// Reconnects when the next message has been given the first session.
    fn reconnect_while_encoding(self: &Arc<Self>) {
        let node = self.clone();
        let hook = move || node.reconnect();
        *self.first.hook.lock().unwrap() = Some(Box::new(hook));
    }

    fn reconnect(&self) {
        self.first.is_over.store(true, Ordering::SeqCst);
        let proxy = self.proxy.lock().unwrap().upgrade();
        if let Some(proxy) = proxy {
            proxy.lost();
        }
        self.window.open(CREDITS, CREDITS);
        self.is_second.store(true, Ordering::SeqCst);
    }
}

impl Peer<AnyCodec> for Reconnecting {
    fn session(&self) -> Option<Arc<dyn Session<AnyCodec>>> {
        if self.is_armed.swap(false, Ordering::SeqCst) {
            self.reconnect();
            return Some(Arc::new(self.first.clone()));
        }
        let session = match self.is_second.load(Ordering::SeqCst) {
            true => &self.second,
            false => &self.first,
        };
        Some(Arc::new(session.clone()))
    }

    fn forget(&self, _: Pid) {}
}

#[ambit::test]
async fn a_wait_for_an_end_monitors_in_the_next_session() {
    let (node, lamp) = Reconnecting::lamp();
    node.is_armed.store(true, Ordering::SeqCst);
    assert_eq!(lamp.closed().await, ExitReason::NoConnection);
    let mut later = Box::pin(lamp.closed());
    assert!(is_pending(&mut later).await);
    let signals = node.second.signals.lock().unwrap();
    assert!(matches!(**signals, [Signal::Monitor { .. }]), "{signals:?}");
    assert!(node.first.signals.lock().unwrap().is_empty());
}

/// Polls a future once.
async fn is_pending(future: &mut (impl Future + Unpin)) -> bool {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx).is_pending())).await
}

#[ambit::test]
async fn a_message_encoded_for_a_lost_session_is_encoded_again_for_the_next_one() {
    let (node, lamp) = Reconnecting::lamp();
    node.reconnect_while_encoding();
    assert_eq!(lamp.dim(1).now(), Ok(()));
    assert_eq!(node.window.left(), CREDITS - 1);
    assert!(node.first.messages.lock().unwrap().is_empty());
    assert_eq!(node.second.messages.lock().unwrap().len(), 1);
}

#[ambit::test]
async fn a_message_encoded_while_its_process_ends_fails_at_once() {
    let session = RecordingSession::default();
    let window = Arc::new(CreditWindow::default());
    window.open(1, 1);
    let (proxy, lamp) = session.lamp(&window);
    // A send without capacity is not encoded until it waits.
    assert_eq!(lamp.dim(1).now(), Ok(()));
    assert_eq!(lamp.dim(2).now(), Err(CastError::Full));
    let hook = move || {
        proxy.ended(&ExitReason::Shutdown);
    };
    *session.hook.lock().unwrap() = Some(Box::new(hook));
    assert_eq!(lamp.dim(3).await, Err(CastError::NoProcess));
}

#[ambit::test]
async fn a_permit_for_a_lost_session_returns_its_slot() {
    let (node, lamp) = Reconnecting::lamp();
    let permit = lamp.reserve().await.unwrap();
    assert_eq!(node.window.left(), CREDITS - 1);
    node.reconnect_while_encoding();
    ambit::test::expect_dead_letters(1);
    permit.send(LampCast::Dim { percent: 1 });
    assert_eq!(node.window.left(), CREDITS);
    assert!(node.first.messages.lock().unwrap().is_empty());
    assert!(node.second.messages.lock().unwrap().is_empty());
}
