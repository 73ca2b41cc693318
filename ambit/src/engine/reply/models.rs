//! All interleavings of the threads around one question. Run with `just loom`.

use loom::sync::atomic::{AtomicBool, AtomicUsize};
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Wake, Waker};

use super::route::named::named;
use super::*;
use crate::error::Executed;
use crate::exit_reason::ExitReason;

/// A waker that counts.
#[derive(Default)]
struct TestWaker(AtomicUsize);

impl Wake for TestWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// An answer that counts its drops; boxed, so that the allocator also detects a second drop or a premature read.
struct Counted(
    Arc<AtomicUsize>,
    #[expect(dead_code, reason = "only its drop counts")] Box<u8>,
);

impl Counted {
    fn new(drops: &Arc<AtomicUsize>) -> Self {
        Self(drops.clone(), Box::new(0))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn drops() -> Arc<AtomicUsize> {
    Arc::new(AtomicUsize::new(0))
}

/// Returns the caller's final result, after one poll: no wake-up is lost if there is one whenever it was pending.
fn outcome<R>(asked: &mut ReplyReceiver<R>, others: impl FnOnce()) -> Result<R, CallError> {
    let wake_count = Arc::new(TestWaker::default());
    let waker = Waker::from(wake_count.clone());
    let first = asked.poll(&Context::from_waker(&waker));
    others();
    let rings = wake_count.0.load(Ordering::SeqCst);
    match first {
        Poll::Ready(answer) => answer,
        Poll::Pending => {
            assert_eq!(rings, 1, "the wake-up was lost, or came twice");
            asked.look().expect("it was woken with an answer")
        }
    }
}

#[test]
fn an_answer_races_with_a_caller_that_starts_waiting() {
    loom::model(|| {
        let (port, mut asked) = question();
        let answerer = thread::spawn(move || assert!(port.send(7)));
        let answer = outcome(&mut asked, || answerer.join().unwrap());
        assert_eq!(answer, Ok(7));
    });
}

#[test]
fn an_answer_races_with_a_changed_waker() {
    loom::model(|| {
        let (port, mut asked) = question();
        let first = Waker::from(Arc::new(TestWaker::default()));
        assert!(asked.poll(&Context::from_waker(&first)).is_pending());
        let answerer = thread::spawn(move || port.send(7));
        let wake_count = Arc::new(TestWaker::default());
        let waker = Waker::from(wake_count.clone());
        let pending = asked.poll(&Context::from_waker(&waker)).is_pending();
        assert!(answerer.join().unwrap());
        if pending {
            assert_eq!(
                wake_count.0.load(Ordering::SeqCst),
                1,
                "the last waker counts"
            );
            assert_eq!(asked.look(), Some(Ok(7)));
        }
    });
}

#[test]
fn an_answer_races_with_a_repeated_poll() {
    loom::model(|| {
        let (port, mut asked) = question();
        let wake_count = Arc::new(TestWaker::default());
        let waker = Waker::from(wake_count.clone());
        assert!(asked.poll(&Context::from_waker(&waker)).is_pending());
        let answerer = thread::spawn(move || port.send(7));
        let again = asked.poll(&Context::from_waker(&waker));
        assert!(answerer.join().unwrap());
        assert_eq!(wake_count.0.load(Ordering::SeqCst), 1);
        if again.is_pending() {
            assert_eq!(asked.look(), Some(Ok(7)));
        }
        drop((asked, waker));
        assert_eq!(Arc::strong_count(&wake_count), 1, "the waker is let go");
    });
}

#[test]
fn an_answer_races_with_a_changed_waker_and_a_cancelled_call() {
    loom::model(|| {
        let bells = [
            Arc::new(TestWaker::default()),
            Arc::new(TestWaker::default()),
        ];
        let (port, mut asked) = question();
        let wakers = bells.clone().map(Waker::from);
        assert!(asked.poll(&Context::from_waker(&wakers[0])).is_pending());
        let answerer = thread::spawn(move || port.send(7));
        let _ = asked.poll(&Context::from_waker(&wakers[1]));
        drop((asked, wakers));
        answerer.join().unwrap();
        for wake_count in &bells {
            assert_eq!(
                Arc::strong_count(wake_count),
                1,
                "each waker is let go once"
            );
        }
    });
}

#[test]
fn an_answer_races_with_the_deadline() {
    loom::model(|| {
        let drops = drops();
        let (port, mut asked) = question();
        let (slot, value) = (asked.slot(), Counted::new(&drops));
        let answerer = thread::spawn(move || port.send(value));
        let wheel = thread::spawn(move || slot.fail(CallError::Timeout));
        let mut answered = false;
        let answer = outcome(&mut asked, || {
            answered = answerer.join().unwrap();
            wheel.join().unwrap();
        });
        match answer {
            Ok(_value) => assert!(answered),
            Err(error) => {
                assert_eq!(error, CallError::Timeout);
                assert!(!answered);
            }
        }
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_answer_races_with_a_cancelled_call() {
    loom::model(|| {
        let drops = drops();
        let (port, asked) = question();
        let value = Counted::new(&drops);
        let answerer = thread::spawn(move || port.send(value));
        drop(asked);
        answerer.join().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_answer_races_with_the_cancellation_of_a_waiting_call() {
    loom::model(|| {
        let (drops, wake_count) = (drops(), Arc::new(TestWaker::default()));
        let (port, mut asked) = question();
        let waker = Waker::from(wake_count.clone());
        assert!(asked.poll(&Context::from_waker(&waker)).is_pending());
        drop(waker);
        let (slot, value) = (asked.slot(), Counted::new(&drops));
        let answerer = thread::spawn(move || port.send(value));
        let wheel = thread::spawn(move || slot.fail(CallError::Timeout));
        drop(asked);
        answerer.join().unwrap();
        wheel.join().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        assert_eq!(Arc::strong_count(&wake_count), 1, "the waker is let go");
    });
}

/// A server that may be ending, like a process: a dropped port is ignored while it ends. It counts its observers, and
/// the ports it was notified of.
#[derive(Default)]
struct Server(AtomicBool, AtomicUsize, AtomicUsize);

impl Server {
    /// Like `keep_question`.
    fn observe(self: &Arc<Self>, question: &dyn OpenReply) {
        self.1.fetch_add(1, Ordering::Relaxed);
        if !question.observed(named(self), 7) {
            self.unobserve(7);
        }
    }

    fn observers(&self) -> usize {
        self.1.load(Ordering::SeqCst)
    }
}

impl Replier for Server {
    fn unobserve(&self, key: u64) {
        assert_eq!(key, 7);
        self.1.fetch_sub(1, Ordering::Relaxed);
    }

    fn port_dropped(&self, question: Arc<dyn OpenReply>) {
        self.2.fetch_add(1, Ordering::Relaxed);
        if !self.0.load(Ordering::Acquire) {
            question.fail(CallError::NoReply);
        }
    }
}

#[test]
fn the_drop_of_a_port_races_with_the_exit_of_its_server() {
    loom::model(|| {
        let server = Arc::new(Server::default());
        let (port, mut asked) = question::<u8>();
        asked.sent_to(named(&server), None);
        let wake_count = Arc::new(TestWaker::default());
        let waker = Waker::from(wake_count.clone());
        assert!(asked.poll(&Context::from_waker(&waker)).is_pending());
        let slot = asked.slot();
        slot.taken();
        let dropper = thread::spawn(move || drop(port));
        server.0.store(true, Ordering::Release);
        slot.exited(&ExitReason::Shutdown);
        dropper.join().unwrap();
        assert_eq!(wake_count.0.load(Ordering::SeqCst), 1);
        let answer = asked.look().expect("it was woken with an answer");
        let exited = CallError::Exited {
            reason: ExitReason::Shutdown,
            executed: Executed::Maybe,
        };
        assert!(
            [Err(CallError::NoReply), Err(exited)].contains(&answer),
            "{answer:?}"
        );
    });
}

#[test]
fn transferring_a_request_races_with_its_cancellation() {
    loom::model(|| {
        let (first, next) = (Arc::new(Server::default()), Arc::new(Server::default()));
        let (port, asked) = question::<u8>();
        asked.sent_to(named(&first), None);
        // The slot outlives both ends, as in a pool.
        let (slot, pooled, heir) = (asked.slot(), asked.slot(), named(&next));
        let keeper = thread::spawn(move || slot.carried_to(heir));
        drop(asked);
        keeper.join().unwrap();
        assert!(pooled.sent().is_none(), "who has gone is nobody's caller");
        assert!(pooled.rare.lock().sent.is_none(), "nothing is left of it");
        drop(port);
    });
}

#[test]
fn transferring_a_request_races_with_the_drop_of_its_port() {
    loom::model(|| {
        let (ending, next) = (Arc::new(Server::default()), Arc::new(Server::default()));
        ending.0.store(true, Ordering::Relaxed);
        let (port, mut asked) = question::<u8>();
        asked.sent_to(named(&ending), None);
        let (slot, heir) = (asked.slot(), named(&next));
        let keeper = thread::spawn(move || slot.carried_to(heir));
        let dropper = thread::spawn(move || drop(port));
        keeper.join().unwrap();
        dropper.join().unwrap();
        // Before it was moved, the end of the first server would have been the answer.
        let answer = asked.look();
        assert!([None, Some(Err(CallError::NoReply))].contains(&answer));
        asked.close();
    });
}

/// A port that is dropped while its question is sent is judged once, by the server.
#[test]
fn the_drop_of_a_port_races_with_the_send() {
    loom::model(|| {
        let server = Arc::new(Server::default());
        let (port, mut asked) = question::<u8>();
        let dropper = thread::spawn(move || drop(port));
        asked.sent_to(named(&server), None);
        let answer = outcome(&mut asked, || dropper.join().unwrap());
        assert_eq!(answer, Err(CallError::NoReply));
        assert_eq!(server.2.load(Ordering::SeqCst), 1, "notified once");
    });
}

#[test]
fn the_drop_of_a_port_races_with_a_resend_to_another_server() {
    loom::model(|| {
        let (gone, next) = (Arc::new(Server::default()), Arc::new(Server::default()));
        gone.0.store(true, Ordering::Relaxed);
        let (port, mut asked) = question::<u8>();
        asked.sent_to(named(&gone), None);
        let dropper = thread::spawn(move || drop(port));
        asked.sent_to(named(&next), None);
        dropper.join().unwrap();
        let notified = gone.2.load(Ordering::SeqCst) + next.2.load(Ordering::SeqCst);
        assert!(notified > 0, "no waiter was notified");
        let answer = asked.look();
        assert!([None, Some(Err(CallError::NoReply))].contains(&answer));
        asked.close();
    });
}

#[test]
fn registering_a_request_as_observer_races_with_its_cancellation() {
    loom::model(|| {
        let server = Arc::new(Server::default());
        let (port, asked) = question::<u8>();
        asked.sent_to(named(&server), None);
        let (slot, known) = (asked.slot(), server.clone());
        let runner = thread::spawn(move || {
            slot.taken();
            known.observe(&*slot);
            drop(port);
        });
        drop(asked);
        runner.join().unwrap();
        assert_eq!(server.observers(), 0, "no observer is left behind");
    });
}

#[test]
fn registering_a_request_as_observer_races_with_the_deadline() {
    loom::model(|| {
        let server = Arc::new(Server::default());
        let (port, mut asked) = question::<u8>();
        asked.sent_to(named(&server), None);
        let (slot, known, wheel) = (asked.slot(), server.clone(), asked.slot());
        let runner = thread::spawn(move || {
            known.observe(&*slot);
            port.send(1)
        });
        let wheel = thread::spawn(move || wheel.fail(CallError::Timeout));
        let answer = outcome(&mut asked, || {
            runner.join().unwrap();
            wheel.join().unwrap();
        });
        assert!([Ok(1), Err(CallError::Timeout)].contains(&answer));
        drop(asked);
        assert_eq!(server.observers(), 0, "no observer is left behind");
    });
}
