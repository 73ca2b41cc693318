//! The memory that a hostile member costs a node stays within the limits, and none of it remains.

use ambit::process::ExitReason;
use ambit_dist::Limits;
use ambit_dist::wire::{Cause, CloseCode, Frame, Outgoing};
use bytes::{Bytes, BytesMut};

use crate::stranger::{
    Stranger, address, ask, bytes, definition, node_def, paper, process, tell, type_def, value,
};
use crate::target::Target;
use crate::{SCALES, held, held_at_last, hello};

const MIB: usize = 1 << 20;
/// The maximum memory while a stranger is connected, including its own buffers: the fragments of four lanes, and the
/// buffers of the transport on both sides. Without limits each flood would take several hundred.
const MOST: usize = 192 * MIB;
/// The maximum memory that remains: tables that do not shrink.
const REST: usize = 32 * MIB;

/// Fragments a message.
fn pieces(message: &Bytes) -> Bytes {
    let mut outgoing = Outgoing::new(Limits::default());
    outgoing.start(message).unwrap().unwrap();
    let mut out = BytesMut::new();
    while outgoing.write(&mut out).is_some() {}
    out.freeze()
}

/// Sends long messages to a process that handles none.
async fn messages(target: &Target, stranger: &mut Stranger) -> CloseCode {
    stranger.write(0, definition(1)).await;
    let till = address(&target.till);
    let long = pieces(&tell(till, 1, "note", &paper(MIB)));
    for _ in 0..300 {
        stranger.write(0, long.clone()).await;
    }
    stranger.closed().await.0
}

/// Sends definitions of the maximum length.
async fn definitions(stranger: &mut Stranger) -> CloseCode {
    let contract = vec![b'x'; 1_000_000];
    for id in 1..300 {
        let define = type_def(id, &format!("type-{id}"), &contract);
        stranger.write(0, define).await;
    }
    stranger.closed().await.0
}

/// Sends fragmented messages without a last fragment.
async fn unfinished(stranger: &mut Stranger) -> CloseCode {
    let chunk = &vec![0x10; 64 << 10][..];
    for round in 0..300 {
        for lane in 0..4 {
            let (id, last) = (round % 2, false);
            let piece = Frame::Frag { id, last, chunk };
            stranger.write(lane, bytes(&[piece])).await;
        }
    }
    stranger.closed().await.0
}

/// Defines nodes that do not exist, each with a process.
async fn nodes(target: &Target, stranger: &mut Stranger) -> CloseCode {
    let to = address(&target.till);
    stranger.write(0, definition(1)).await;
    for id in 1..=65_537 {
        let node = node_def(id, &format!("made-up-{id}"));
        stranger.write(0, node).await;
        // A handle to the third node, which the till keeps.
        let mut handle = Vec::new();
        hello::number(u64::from(id) + 1, &mut handle);
        handle.extend([1, 1, 1]);
        if id % 128 == 0 {
            stranger.write(0, tell(to, 1, "befriend", &handle)).await;
        }
    }
    stranger.closed().await.0
}

/// Sends messages that cannot be decoded, and calls of unknown methods.
async fn nonsense(target: &Target, stranger: &mut Stranger) -> CloseCode {
    let to = address(&target.till);
    stranger.write(0, definition(1)).await;
    let wrong = tell(to, 1, "nothing", &paper(100));
    let all: Vec<u8> = (0..1_000).flat_map(|_| wrong.to_vec()).collect();
    let mut answers = stranger.answers().await;
    for _ in 0..50 {
        stranger.write(0, all.clone().into()).await;
        stranger.write(0, ask(to, 1, "nothing", b"")).await;
        answers.next(0x13).await;
    }
    stranger.say(bytes(&[Frame::GoAway])).await;
    for lane in &mut stranger.lanes {
        lane.finish();
    }
    stranger.closed().await.0
}

#[ambit::test(real_time)]
async fn floods_of_a_member_stay_within_the_limits_and_leave_nothing_behind() {
    let _alone = SCALES.lock().await;
    let target = Target::new().await;
    let mut weights = Vec::new();
    let mut highest = 0;
    for round in 0..3 {
        target.till.wait().await.unwrap();
        let mut stranger = target.stranger().await;
        assert_eq!(
            messages(&target, &mut stranger).await,
            CloseCode::FlowViolation
        );
        highest = highest.max(held());
        target.gate.add_permits(1);
        let served = target.till.notes().await.unwrap();
        assert!(served <= 32 * (round + 1), "{served} were delivered");
        let mut stranger = target.stranger().await;
        assert_eq!(definitions(&mut stranger).await, CloseCode::TooLarge);
        highest = highest.max(held());
        let mut stranger = target.stranger().await;
        assert_eq!(unfinished(&mut stranger).await, CloseCode::TooLarge);
        highest = highest.max(held());
        let mut stranger = target.stranger().await;
        assert_eq!(nodes(&target, &mut stranger).await, CloseCode::TooLarge);
        let mut stranger = target.stranger().await;
        assert_eq!(nonsense(&target, &mut stranger).await, CloseCode::GoAway);
        drop(stranger);
        target.till.notes().await.unwrap();
        let first = weights.first().copied();
        weights.push(held_at_last(first.map_or(usize::MAX, |first| first + REST)).await);
    }
    println!("{weights:?}, at most {highest}");
    let most = highest.saturating_sub(weights[0]);
    assert!(most <= MOST, "{most} bytes more while a stranger is there");
    let rest = weights[2].saturating_sub(weights[0]);
    assert!(rest <= REST, "{rest} bytes more after two more rounds");
}

/// The number of invented incarnations, twice as many as a node remembers.
const INCARNATIONS: u32 = 8_192;

#[ambit::test(real_time)]
async fn ended_incarnations_that_a_member_invents_are_forgotten() {
    let _alone = SCALES.lock().await;
    let limits = Limits::default().types(INCARNATIONS as usize);
    let target = Target::with(limits.clone()).await;
    let name = target.name();
    let mut stranger = target.caller(&name).await;
    let mut hello = hello::Hello::of(&name);
    hello.limits = hello::limits(&limits);
    hello.incarnation = u64::from(INCARNATIONS) + 1;
    stranger.meet(&hello).await;
    let mut answers = stranger.answers().await;
    stranger.write(0, definition(1)).await;
    let mut pids = value(&u64::from(INCARNATIONS));
    for id in 1..=INCARNATIONS {
        stranger.write(0, node_def(id, &name)).await;
        hello::number(u64::from(id) + 1, &mut pids);
        pids.extend([9, 0]);
    }
    let mut before = 0;
    // Each incarnation is forgotten and made again in each round.
    for round in 0..23 {
        if round == 3 {
            before = held();
        }
        let call = ask(address(&target.till), round, "pids", &pids);
        stranger.write(0, call).await;
        answers.next(0x12).await;
    }
    let more = held().saturating_sub(before);
    println!("{more} bytes more after 163,840 invented incarnations");
    assert!(more <= MIB, "{more} bytes more");
}

/// The bytes of signals that may wait in mailboxes, enough for 8,192 short ones.
const WAITING: usize = MIB;

#[ambit::test(real_time)]
async fn exits_in_a_mailbox_take_little_more_than_their_limit() {
    let _alone = SCALES.lock().await;
    let target = Target::with(Limits::default().signal_bytes(WAITING)).await;
    target.till.trap_exits().await.unwrap();
    target.till.notes().await.unwrap();
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    let to = address(&target.till);
    stranger.write(0, tell(to, 1, "wait", b"")).await;
    let reason = &value(&ExitReason::shutdown_with("x".repeat(100)));
    let exit = Frame::Exit {
        from: Some(process(9)),
        to,
        cause: Cause::Sent,
        reason,
    };
    let exits = bytes(&[exit; 1_000]);
    let before = held();
    for _ in 0..100 {
        stranger.write(0, exits.clone()).await;
    }
    let code = stranger.closed().await.0;
    let more = held().saturating_sub(before);
    println!("{more} bytes more");
    assert_eq!(code, CloseCode::Overloaded);
    assert!(more <= 4 * MIB, "{more} bytes more");
    target.gate.add_permits(1);
    target.till.notes().await.unwrap();
}
