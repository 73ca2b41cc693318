//! Calls from other nodes, whose tickets the mailbox resolves.

use std::task::Context;

use super::*;

#[test]
fn the_ticket_of_a_watched_call_leaves_with_it() {
    let mut mailbox: Mailbox<u64, Tick> = Mailbox::new(1, Overflow::Wait);
    mailbox.push(envelope(0));
    let ids = [1, 2, 3].map(|number| mailbox.wait(envelope(number), None));
    let tickets = ids.map(|id| {
        let ticket = Arc::<QueueTicket>::default();
        assert!(mailbox.watch_call(id, &ticket));
        ticket
    });
    let withdrawn = mailbox.withdraw(ids[1]).and_then(|call| call.ticket);
    assert!(withdrawn.is_some_and(|ticket| Arc::ptr_eq(&ticket, &tickets[1])));
    mailbox.begun(1);
    assert!(!mailbox.admit(&mut WakeList::new()));
    let cx = Context::from_waker(Waker::noop());
    assert!(tickets[0].poll(&cx).is_ready(), "it is in the queue");
    assert!(tickets[2].poll(&cx).is_pending());
    for id in &ids[..2] {
        assert!(!mailbox.watch_call(*id, &tickets[0]), "it waits no more");
    }
    mailbox.close();
    let rest = mailbox.drain().expect("two calls");
    assert_eq!((rest.waiting.len(), rest.tickets.len()), (1, 1));
    assert!(Arc::ptr_eq(&rest.tickets[0], &tickets[2]));
}
