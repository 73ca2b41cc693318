//! What goes next, in which order, and what it costs.

use std::task::{Context, Poll, Waker};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::message::{Budget, Contract, DecodeError, EncodeError, Form};
use crate::node::protocol_binding::ProtocolBinding;
use crate::node::remote_proxy::{Peer, Session};
use crate::node::send_buffer::SendBuffer;
use crate::system::System;

/// Nothing is read or written here.
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

/// Of so many bytes, each of which costs one.
fn parcel(id: u64, bytes: usize) -> RemoteEnvelope<Mute> {
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
    SendEntry::Parcel(parcel(id, bytes))
}

fn place(id: u64, ticket: &Arc<QueueTicket>) -> SendEntry<Mute> {
    let ticket = ticket.clone();
    SendEntry::Place { id, ticket }
}

fn stop() -> SendEntry<Mute> {
    let reason = ExitReason::Shutdown;
    let from = Pid::NOBODY;
    SendEntry::Stop { from, reason }
}

fn gate(window: u32) -> SendQueue<Mute> {
    let account = CreditWindow::default();
    account.open(window, window);
    SendQueue::new(Arc::new(account))
}

/// The number of what goes next, 0 for a request to stop, and what was paid for it.
fn next(gate: &mut SendQueue<Mute>) -> Option<(u64, u32)> {
    let cost = |bytes| u32::try_from(bytes).unwrap();
    let (entry, paid) = gate.next(cost)?;
    Some((entry.id().unwrap_or(0), paid))
}

#[test]
fn what_comes_later_waits_behind_what_is_there_although_there_is_credit() {
    let mut gate = gate(8);
    assert!(gate.is_open() && gate.enter(6));
    gate.wait(message(1, 3));
    assert!(!gate.is_open() && !gate.enter(1));
    assert_eq!((gate.queued(), gate.credits()), (1, 2));
    assert_eq!(next(&mut gate), None, "more than there is");
    gate.put_back(7);
    assert_eq!(gate.credits(), 8, "never more than the window");
    assert_eq!(gate.withdraw(1).and_then(|(entry, _)| entry.id()), Some(1));
    assert!(gate.enter(4) && gate.enter(4));
    assert!(!gate.is_open() && !gate.enter(1), "nothing is left");
    gate.put_back(2);
    assert_eq!(gate.credits(), 2);
}

#[test]
fn what_waits_goes_in_its_order_and_pays_what_it_costs() {
    let mut gate = gate(8);
    assert!(gate.enter(3));
    let ticket = Arc::default();
    for entry in [message(1, 2), place(2, &ticket), message(3, 3), stop()] {
        gate.wait(entry);
    }
    assert_eq!(next(&mut gate), Some((1, 2)));
    assert_eq!(next(&mut gate), Some((2, 1)));
    assert_eq!((next(&mut gate), gate.credits()), (None, 2));
    gate.put_back(1);
    assert_eq!((next(&mut gate), gate.credits()), (Some((3, 3)), 0));
    assert_eq!(next(&mut gate), Some((0, 0)), "a stop needs no credit");
    assert_eq!((next(&mut gate), gate.queued()), (None, 0));
}

#[test]
fn what_has_a_place_goes_before_everything_else() {
    let mut gate = gate(11);
    let ticket = Arc::default();
    for id in 10..15 {
        gate.wait(place(id, &ticket));
        assert_eq!(next(&mut gate), Some((id, 1)));
    }
    gate.wait(message(1, 3));
    // The place itself has been paid for.
    assert!(gate.enter_in_place(1) && gate.enter_in_place(0));
    assert_eq!(gate.credits(), 6);
    assert!(gate.enter_in_place(4));
    assert_eq!(gate.credits(), 3);
    assert!(!gate.enter_in_place(5));
    assert_eq!(gate.credits(), 4, "whatever must wait gives its place back");
    gate.wait_in_place(parcel(2, 2));
    gate.wait_in_place(parcel(3, 1));
    assert!(!gate.enter_in_place(1), "it would overtake another");
    assert_eq!(gate.queued(), 3);
    assert_eq!(next(&mut gate), Some((2, 2)));
    gate.put_back(2);
    gate.wait_first(parcel(2, 2));
    assert_eq!(next(&mut gate), Some((2, 2)), "it is still the first");
    assert_eq!(next(&mut gate), Some((3, 1)));
    assert_eq!((next(&mut gate), gate.queued()), (None, 1));
}

#[test]
fn whatever_waits_can_be_taken_back_by_its_number_and_a_stop_has_none() {
    let mut gate = gate(0);
    let ticket = Arc::default();
    for entry in [stop(), message(1, 1), place(2, &ticket)] {
        gate.wait(entry);
    }
    gate.wait_in_place(parcel(3, 1));
    gate.wait_in_place(parcel(4, 1));
    assert!(gate.withdraw(5).is_none());
    for id in [4, 2, 3, 1] {
        let entry = gate.withdraw(id);
        assert_eq!(entry.and_then(|(entry, _)| entry.id()), Some(id));
        assert!(gate.withdraw(id).is_none(), "{id} a second time");
    }
    assert_eq!((gate.queued(), next(&mut gate)), (1, Some((0, 0))));
}

#[test]
fn all_that_waits_is_given_back_at_the_end_in_order_and_whoever_waits_is_told() {
    let mut gate = gate(3);
    let ticket = Arc::new(QueueTicket::default());
    gate.wait(message(2, 9));
    gate.wait(place(3, &ticket));
    gate.wait(stop());
    gate.wait_in_place(parcel(1, 9));
    let (all, _) = gate.close();
    let ids: Vec<_> = all.iter().map(SendEntry::id).collect();
    assert_eq!(ids, [Some(1), Some(2), Some(3), None]);
    assert_eq!((gate.queued(), gate.credits()), (0, 0));
    assert!(!gate.is_open() && !gate.enter(1));
    for entry in all {
        entry.refuse(TicketOutcome::Lost, &NEVER_LEFT);
    }
    let told = ticket.poll(&Context::from_waker(Waker::noop()));
    assert_eq!(told, Poll::Ready(TicketOutcome::Lost));
}

/// A node that is out of reach.
struct Unreachable;

impl Peer<Mute> for Unreachable {
    fn session(&self) -> Option<Arc<dyn Session<Mute>>> {
        None
    }

    fn forget(&self, _: Pid) {}
}

/// Two credits now and four at most, and a send buffer of these bytes.
fn buffered(bytes: usize) -> (SendQueue<Mute>, Arc<CreditWindow>, Arc<SendBuffer>) {
    let buffer = Arc::new(SendBuffer::default());
    buffer.set_limit(bytes);
    let account = Arc::new(CreditWindow::new(buffer.clone()));
    account.open(2, 4);
    (SendQueue::new(account.clone()), account, buffer)
}

fn remote(account: &Arc<CreditWindow>) -> Arc<RemoteProxy<Mute>> {
    let system = System::current().unwrap();
    let pid = Pid::NOBODY;
    RemoteProxy::new(
        &system,
        Arc::new(Unreachable),
        pid,
        || "lamp",
        account.clone(),
    )
}

fn cost(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap()
}

#[tokio::test]
async fn messages_wait_without_their_senders_up_to_the_window_and_the_buffer() {
    let (mut gate, account, buffer) = buffered(100);
    let shadow = remote(&account);
    assert!(gate.enter(1) && gate.enter(1));
    for id in 1..=2 {
        assert!(gate.is_open());
        assert!(gate.accept(parcel(id, 1), 1, &shadow).is_ok());
    }
    assert!(!gate.is_open());
    assert!(
        gate.accept(parcel(3, 1), 1, &shadow).is_err(),
        "four in all"
    );
    assert_eq!((buffer.bytes(), gate.queued()), (2, 2));
    assert_eq!(account.grant(1), Ok(()));
    assert_eq!(next(&mut gate), Some((1, 1)));
    assert!(gate.left(Some(1), 1).is_none());
    // A sender that waited and went on can take its message back.
    gate.wait(message(4, 1));
    drop(gate.let_go_on(cost, &shadow));
    assert!(gate.withdraw(4).is_some_and(|(_, kept)| kept.is_none()));
    assert_eq!((buffer.bytes(), gate.queued()), (1, 1));
    // The last one that leaves gives back what was kept for it.
    assert_eq!(account.grant(1), Ok(()));
    assert_eq!(next(&mut gate), Some((2, 1)));
    let kept = gate.left(Some(1), 1);
    assert!(kept.is_some_and(|kept| Arc::ptr_eq(&kept, &shadow)));
    assert_eq!((buffer.bytes(), gate.queued()), (0, 0));

    let (mut gate, account, _) = buffered(1);
    assert!(gate.enter(2));
    assert!(gate.accept(parcel(1, 1), 1, &remote(&account)).is_ok());
    assert!(
        gate.accept(parcel(2, 1), 1, &shadow).is_err(),
        "the buffer is full"
    );
    drop(gate.close());
}

#[tokio::test]
async fn senders_that_wait_go_on_in_their_order_before_later_ones() {
    let (mut gate, account, _) = buffered(100);
    let shadow = remote(&account);
    assert!(gate.enter(2) && gate.accept(parcel(1, 2), 2, &shadow).is_ok());
    let tickets: Vec<_> = (0..2).map(|_| Arc::new(QueueTicket::default())).collect();
    for (id, ticket) in (2..).zip(&tickets) {
        let ticket = Some(ticket.clone());
        gate.wait(SendEntry::Parcel(RemoteEnvelope {
            ticket,
            ..parcel(id, 1)
        }));
    }
    gate.wait(stop());
    let is_let = |at: usize| {
        tickets[at]
            .poll(&Context::from_waker(Waker::noop()))
            .is_ready()
    };
    drop(gate.let_go_on(cost, &shadow));
    assert!(!is_let(0), "there is no capacity");
    // The first message is handled there, and the second leaves.
    assert_eq!(account.grant(2), Ok(()));
    assert_eq!(next(&mut gate), Some((1, 2)));
    drop(gate.left(Some(2), 2));
    assert!(
        gate.accept(parcel(9, 1), 1, &shadow).is_err(),
        "others were there before"
    );
    drop(gate.let_go_on(cost, &shadow));
    assert!(is_let(0) && is_let(1));
    assert_eq!(account.grant(2), Ok(()));
    let order: Vec<_> = std::iter::from_fn(|| next(&mut gate))
        .map(|(id, _)| id)
        .collect();
    assert_eq!(order, [2, 3, 0], "the stop comes last");
    drop(gate.close());
}
