//! Tests of the order of the send queue, and of its costs.

use std::task::{Context, Poll, Waker};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::distribution::protocol_binding::ProtocolBinding;
use crate::distribution::send_buffer::SendBuffer;
use crate::message::{Budget, Contract, DecodeError, EncodeError, Form};
use crate::process::node_signal::Cause;

/// A codec that reads and writes nothing.
#[derive(Clone, Copy, Debug, Default)]
struct Mute;

impl Codec for Mute {
    fn name(&self) -> &'static str {
        "mute"
    }

    fn put<T: Serialize + ?Sized>(&self, _: &T, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError::NoNode)
    }

    fn take_any<T: DeserializeOwned>(
        &self,
        _: &mut &[u8],
        _: &mut Budget,
    ) -> Result<T, DecodeError> {
        Err(DecodeError::Truncated)
    }
}

/// A queue that keeps a reference which is counted.
type MuteQueue = CreditQueue<Mute, Arc<()>>;

/// Returns an envelope of this many bytes, each of which costs one credit.
fn envelope(id: u64, bytes: usize) -> RemoteEnvelope<Mute> {
    RemoteEnvelope {
        id,
        to: Pid::NOBODY,
        from: Pid::NOBODY,
        protocol: Arc::new(ProtocolBinding::new("lamp", Contract::default())),
        method: 0,
        form: Form::Compact,
        payload: vec![0; bytes],
        request: None,
        trace: None,
        ticket: None,
        accepted: None,
    }
}

fn message(id: u64, bytes: usize) -> SendEntry<Mute> {
    SendEntry::Envelope(envelope(id, bytes))
}

fn place(id: u64, ticket: &Arc<QueueTicket>) -> SendEntry<Mute> {
    let ticket = ticket.clone();
    SendEntry::Reservation { id, ticket }
}

fn stop() -> SendEntry<Mute> {
    let reason = ExitReason::Shutdown;
    let from = Pid::NOBODY;
    SendEntry::Stop { from, reason }
}

fn credit_queue(credits: u32) -> MuteQueue {
    let window = CreditWindow::default();
    window.open(credits, credits);
    CreditQueue::new(Arc::new(window))
}

/// Returns the number of the next message, 0 for a request to stop, and the credits paid for it.
fn next(queue: &mut MuteQueue) -> Option<(u64, u32)> {
    let cost = |bytes| u32::try_from(bytes).unwrap();
    let (entry, paid) = queue.next(cost)?;
    Some((entry.id().unwrap_or(0), paid))
}

#[test]
fn later_messages_wait_behind_queued_ones_despite_available_credit() {
    let mut queue = credit_queue(8);
    assert!(queue.is_open() && queue.enter(6));
    queue.wait(message(1, 3));
    assert!(!queue.is_open() && !queue.enter(1));
    assert_eq!((queue.queued(), queue.credits()), (1, 2));
    assert_eq!(next(&mut queue), None, "more than there is");
    queue.put_back(7);
    assert_eq!(queue.credits(), 8, "never more than the window");
    assert_eq!(queue.withdraw(1).and_then(|(entry, _)| entry.id()), Some(1));
    assert!(queue.enter(4) && queue.enter(4));
    assert!(!queue.is_open() && !queue.enter(1), "nothing is left");
    queue.put_back(2);
    assert_eq!(queue.credits(), 2);
}

#[test]
fn waiting_entries_leave_in_order_and_pay_their_cost() {
    let mut queue = credit_queue(8);
    assert!(queue.enter(3));
    let ticket = Arc::default();
    for entry in [message(1, 2), place(2, &ticket), message(3, 3), stop()] {
        queue.wait(entry);
    }
    assert_eq!(next(&mut queue), Some((1, 2)));
    assert_eq!(next(&mut queue), Some((2, 1)));
    assert_eq!((next(&mut queue), queue.credits()), (None, 2));
    queue.put_back(1);
    assert_eq!((next(&mut queue), queue.credits()), (Some((3, 3)), 0));
    assert_eq!(next(&mut queue), Some((0, 0)), "a stop needs no credit");
    assert_eq!((next(&mut queue), queue.queued()), (None, 0));
}

#[test]
fn messages_with_a_reserved_slot_precede_the_senders_that_wait() {
    let mut queue = credit_queue(11);
    let ticket = Arc::default();
    for id in 10..15 {
        queue.wait(place(id, &ticket));
        assert_eq!(next(&mut queue), Some((id, 1)));
    }
    queue.wait(message(1, 3));
    // The reserved slot itself has been paid for.
    assert!(queue.enter_inline(1) && queue.enter_inline(0));
    assert_eq!(queue.credits(), 6);
    assert!(queue.enter_inline(4));
    assert_eq!(queue.credits(), 3);
    assert!(!queue.enter_inline(5));
    assert_eq!(
        queue.credits(),
        4,
        "whatever must wait gives its place back"
    );
    queue.wait_inline(envelope(2, 2), &Arc::new(()));
    queue.wait_inline(envelope(3, 1), &Arc::new(()));
    assert!(!queue.enter_inline(1), "it would overtake another");
    assert_eq!(queue.queued(), 3);
    assert_eq!(next(&mut queue), Some((2, 2)));
    queue.put_back(2);
    queue.wait_first(envelope(2, 2));
    assert_eq!(next(&mut queue), Some((2, 2)), "it is still the first");
    assert_eq!(next(&mut queue), Some((3, 1)));
    assert_eq!((next(&mut queue), queue.queued()), (None, 1));
}

#[test]
fn a_message_with_a_reserved_slot_follows_the_buffered_ones() {
    let ((mut queue, ..), keep) = (buffered(10), Arc::new(()));
    let ticket = Arc::default();
    queue.wait(place(9, &ticket));
    assert_eq!(next(&mut queue), Some((9, 1)));
    assert!(queue.enter(1));
    assert!(queue.accept(envelope(1, 1), 1, &keep).is_ok());
    assert!(!queue.enter_inline(1), "the buffered one was sent before");
    queue.wait_inline(envelope(2, 1), &keep);
    queue.wait(message(3, 1));
    queue.put_back(3);
    for expected in [1, 2, 3] {
        assert_eq!(next(&mut queue), Some((expected, 1)));
    }
}

#[test]
fn a_message_of_a_permit_that_waits_is_kept_and_precedes_signals_of_its_sender() {
    let (mut queue, keep) = (credit_queue(1), Arc::new(()));
    queue.wait_inline(envelope(1, 9), &keep);
    assert_eq!(Arc::strong_count(&keep), 2, "no handle needs to be left");
    assert!(queue.has_accepted_of(Pid::NOBODY));
    assert_eq!(queue.window.buffer().bytes(), 9);
    let Some((SendEntry::Envelope(envelope), 9)) = queue.next(|bytes| bytes as u32) else {
        panic!("half a window is enough for it")
    };
    drop(queue.left(envelope.accepted, envelope.payload.len()));
    assert_eq!((Arc::strong_count(&keep), queue.queued()), (1, 0));
    assert_eq!(queue.window.buffer().bytes(), 0);
    assert!(!queue.has_accepted_of(Pid::NOBODY));
}

#[test]
fn a_later_signal_of_a_sender_does_not_overtake_its_queued_one() {
    let mut queue = credit_queue(1);
    queue.wait_inline(envelope(1, 1), &Arc::new(()));
    let (from, reason) = (Pid::NOBODY, ExitReason::Shutdown);
    let cause = Cause::Sent;
    queue.wait_behind_accepted(Signal::Exit {
        from,
        reason,
        cause,
    });
    assert_eq!(next(&mut queue), Some((1, 1)));
    assert!(queue.has_accepted_of(from), "the exit is still queued");
    assert!(matches!(queue.next(|_| 1), Some((SendEntry::Signal(_), 0))));
    assert!(!queue.has_accepted_of(from));
    queue.wait(stop());
    assert!(queue.has_accepted_of(from), "a request to stop is queued");
}

#[test]
fn whatever_waits_can_be_taken_back_by_its_number_and_a_stop_has_none() {
    let mut queue = credit_queue(0);
    let ticket = Arc::default();
    for entry in [stop(), message(1, 1), place(2, &ticket)] {
        queue.wait(entry);
    }
    queue.wait_inline(envelope(3, 1), &Arc::new(()));
    queue.wait_inline(envelope(4, 1), &Arc::new(()));
    assert!(queue.withdraw(5).is_none());
    for id in [4, 2, 3, 1] {
        let entry = queue.withdraw(id);
        assert_eq!(entry.and_then(|(entry, _)| entry.id()), Some(id));
        assert!(queue.withdraw(id).is_none(), "{id} a second time");
    }
    assert_eq!((queue.queued(), next(&mut queue)), (1, Some((0, 0))));
}

#[test]
fn closing_the_queue_returns_all_entries_in_order_and_notifies_the_waiters() {
    let mut queue = credit_queue(3);
    let ticket = Arc::new(QueueTicket::default());
    queue.wait(message(2, 9));
    queue.wait(place(3, &ticket));
    queue.wait(stop());
    queue.wait_inline(envelope(1, 9), &Arc::new(()));
    let (all, _) = queue.close();
    let ids: Vec<_> = all.iter().map(SendEntry::id).collect();
    assert_eq!(ids, [Some(1), Some(2), Some(3), None]);
    assert_eq!((queue.queued(), queue.credits()), (0, 0));
    assert!(!queue.is_open() && !queue.enter(1));
    for entry in all {
        entry.refuse(TicketOutcome::Lost, &NEVER_LEFT);
    }
    let notified = ticket.poll(&Context::from_waker(Waker::noop()));
    assert_eq!(notified, Poll::Ready(TicketOutcome::Lost));
}

/// Returns a queue with two credits now and at most four, and a send buffer of `bytes`.
fn buffered(bytes: usize) -> (MuteQueue, Arc<CreditWindow>, Arc<SendBuffer>) {
    let buffer = Arc::new(SendBuffer::default());
    buffer.set_limit(bytes);
    let window = Arc::new(CreditWindow::new(buffer.clone()));
    window.open(2, 4);
    (CreditQueue::new(window.clone()), window, buffer)
}

fn cost(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap()
}

#[test]
fn messages_wait_without_their_senders_up_to_the_window_and_the_buffer() {
    let (mut queue, window, buffer) = buffered(100);
    let receiver = Arc::new(());
    assert!(queue.enter(1) && queue.enter(1));
    for id in 1..=2 {
        assert!(queue.is_open());
        assert!(queue.accept(envelope(id, 1), 1, &receiver).is_ok());
    }
    assert!(!queue.is_open());
    assert!(
        queue.accept(envelope(3, 1), 1, &receiver).is_err(),
        "four in all"
    );
    assert_eq!((buffer.bytes(), queue.queued()), (2, 2));
    assert_eq!(window.grant(1), Ok(()));
    assert_eq!(next(&mut queue), Some((1, 1)));
    assert!(queue.left(Some(1), 1).is_none());
    // A sender that waited and was released can withdraw its message.
    queue.wait(message(4, 1));
    drop(queue.let_go_on(cost, &receiver));
    assert!(queue.withdraw(4).is_some_and(|(_, kept)| kept.is_none()));
    assert_eq!((buffer.bytes(), queue.queued()), (1, 1));
    // The last message that leaves releases the reference that was kept for it.
    assert_eq!(window.grant(1), Ok(()));
    assert_eq!(next(&mut queue), Some((2, 1)));
    let kept = queue.left(Some(1), 1);
    assert!(kept.is_some_and(|kept| Arc::ptr_eq(&kept, &receiver)));
    assert_eq!((buffer.bytes(), queue.queued()), (0, 0));

    let (mut queue, _, _) = buffered(1);
    assert!(queue.enter(2));
    assert!(queue.accept(envelope(1, 1), 1, &Arc::new(())).is_ok());
    assert!(
        queue.accept(envelope(2, 1), 1, &receiver).is_err(),
        "the buffer is full"
    );
    drop(queue.close());
}

#[test]
fn senders_that_wait_go_on_in_their_order_before_later_ones() {
    let (mut queue, window, _) = buffered(100);
    let receiver = Arc::new(());
    assert!(queue.enter(2) && queue.accept(envelope(1, 2), 2, &receiver).is_ok());
    let tickets: Vec<_> = (0..2).map(|_| Arc::new(QueueTicket::default())).collect();
    for (id, ticket) in (2..).zip(&tickets) {
        let ticket = Some(ticket.clone());
        queue.wait(SendEntry::Envelope(RemoteEnvelope {
            ticket,
            ..envelope(id, 1)
        }));
    }
    queue.wait(stop());
    let is_let = |at: usize| {
        tickets[at]
            .poll(&Context::from_waker(Waker::noop()))
            .is_ready()
    };
    drop(queue.let_go_on(cost, &receiver));
    assert!(!is_let(0), "there is no capacity");
    // The other node handles the first message, and the second is sent.
    assert_eq!(window.grant(2), Ok(()));
    assert_eq!(next(&mut queue), Some((1, 2)));
    drop(queue.left(Some(2), 2));
    assert!(
        queue.accept(envelope(9, 1), 1, &receiver).is_err(),
        "others were there before"
    );
    drop(queue.let_go_on(cost, &receiver));
    assert!(is_let(0) && is_let(1));
    assert_eq!(window.grant(2), Ok(()));
    let order: Vec<_> = std::iter::from_fn(|| next(&mut queue))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(order, [2, 3, 0], "the stop comes last");
    drop(queue.close());
}
