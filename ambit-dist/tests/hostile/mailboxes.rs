//! Signals that wait in the mailbox of a process that takes none. They need no credits.

use std::time::Duration;

use ambit::process::ExitReason;
use ambit_dist::wire::{Cause, CloseCode, Frame, ProcessAddress};
use ambit_dist::{Limits, NodeEvent};
use bytes::Bytes;

use crate::hostile::hello::Hello;
use crate::hostile::stranger::{Stranger, address, bytes, definition, exit, process, tell, value};
use crate::hostile::target::Target;

/// The bytes of signals that may wait, enough for 512 short ones.
const WAITING: usize = 64 << 10;

/// Returns a node whose till traps exits.
async fn trapping() -> Target {
    let target = Target::with(Limits::default().signal_bytes(WAITING)).await;
    target.till.trap_exits().await.unwrap();
    target.till.notes().await.unwrap();
    target
}

/// Makes the till wait. Signals that follow in this lane arrive afterwards.
async fn hang(target: &Target, stranger: &mut Stranger) {
    stranger.write(0, definition(1)).await;
    let wait = tell(address(&target.till), 1, "wait", b"");
    stranger.write(0, wait).await;
}

/// Sends signals to a till that waits; they are too many.
async fn floods(target: &Target, signals: &[Frame<'_>]) {
    let mut stranger = target.stranger().await;
    hang(target, &mut stranger).await;
    stranger.write(0, bytes(signals)).await;
    overloads(&stranger).await;
}

async fn overloads(stranger: &Stranger) {
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Overloaded, "{text}");
    assert!(text.contains("wait in mailboxes"), "{text}");
}

fn link(slot: u32, to: ProcessAddress) -> Frame<'static> {
    let from = process(slot);
    Frame::Link { from, to }
}

#[ambit::test(real_time)]
async fn stops_of_a_process_that_handles_none_are_limited() {
    let target = trapping().await;
    let to = address(&target.till);
    let reason = &value(&ExitReason::Normal);
    let from = None;
    let stops = [Frame::Stop { from, to, reason }; 600];
    floods(&target, &stops).await;
    assert!(target.till.is_alive());
    target.gate.add_permits(1);
    target.till.closed().await;
}

#[ambit::test(real_time)]
async fn exits_to_a_process_that_takes_none_are_limited() {
    let target = trapping().await;
    let to = address(&target.till);
    let short = value(&ExitReason::Shutdown);
    let long = value(&ExitReason::shutdown_with("x".repeat(8 << 10)));
    for (reason, count) in [(short, 600), (long, 10)] {
        let exits = vec![exit(process(9), to, Cause::Sent, &reason); count];
        floods(&target, &exits).await;
        target.gate.add_permits(1);
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn exits_of_links_count_though_their_links_have_ended() {
    let target = trapping().await;
    let to = address(&target.till);
    let reason = &value(&ExitReason::Shutdown);
    let pair = |slot| [link(slot, to), exit(process(slot), to, Cause::Link, reason)];
    let pairs: Vec<_> = (1..=600).flat_map(pair).collect();
    floods(&target, &pairs).await;
    target.gate.add_permits(1);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn exits_of_lost_sessions_count_in_the_next_one() {
    let target = trapping().await;
    let to = address(&target.till);
    let links: Vec<_> = (1..=300).map(|slot| link(slot, to)).collect();
    let links: Bytes = bytes(&links);
    let (name, mut events) = (target.name(), target.node.events());
    let mut hello = Hello::of(&name);
    for incarnation in 1..=2 {
        hello.incarnation = incarnation;
        let mut stranger = target.caller(&name).await;
        stranger.meet(&hello).await;
        if incarnation == 1 {
            hang(&target, &mut stranger).await;
        }
        stranger.write(0, links.clone()).await;
        let mut answers = stranger.answers().await;
        // Refused after the links before it.
        stranger.send(link(1, process(77))).await;
        answers.next(0x25).await;
        drop(stranger);
        let lost = async { while !matches!(events.next().await, Some(NodeEvent::Down { .. })) {} };
        let lost = tokio::time::timeout(Duration::from_secs(60), lost).await;
        lost.expect("the session is lost");
    }
    hello.incarnation = 3;
    let mut stranger = target.caller(&name).await;
    stranger.meet(&hello).await;
    stranger.send(link(1, to)).await;
    overloads(&stranger).await;
    target.gate.add_permits(1);
    target.unharmed().await;
}
