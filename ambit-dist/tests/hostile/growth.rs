//! Unbounded input: fragments, definitions, calls, monitors, pings.

use ambit_dist::Limits;
use ambit_dist::transport::{Closed, SendHalf};
use ambit_dist::wire::{CloseCode, Frame};

use crate::hostile::stranger::{
    address, ask, bytes, definition, node_def, paper, process, raw, tell, type_def, value,
};
use crate::hostile::target::Target;

/// Returns a node with low limits.
async fn small() -> Target {
    let limits = Limits::default()
        .max_message(256 << 10)
        .chunk(16 << 10)
        .partial_bytes(1 << 20)
        .types(8)
        .contract(64 << 10)
        .definition_bytes(128 << 10)
        .asks(4)
        .monitors(4)
        .answers(64 << 10);
    Target::with(limits).await
}

fn piece(id: u32, last: bool, chunk: &[u8]) -> ::bytes::Bytes {
    bytes(&[Frame::Frag { id, last, chunk }])
}

#[ambit::test(real_time)]
async fn dist_18_a_frame_or_message_that_is_too_long_is_too_large() {
    let target = small().await;
    let frame = u32::try_from(17 << 10).unwrap().to_le_bytes();
    // The declared length alone is refused.
    let mut claimed = frame.to_vec();
    claimed[1] += 1;
    for head in [claimed, vec![0xff; 4]] {
        let mut stranger = target.stranger().await;
        let what: Vec<u8> = head.iter().copied().chain([0x10, 0]).collect();
        stranger.write(0, what.into()).await;
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::TooLarge, "{text}");
    }
    let mut stranger = target.stranger().await;
    for _ in 0..40 {
        stranger.write(0, piece(0, false, &[0x10; 16 << 10])).await;
    }
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::TooLarge, "{text}");
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn dist_18_messages_that_never_end_are_few_and_their_bytes_are_counted() {
    let target = small().await;
    let mut stranger = target.stranger().await;
    for id in 0..3 {
        stranger.write(0, piece(id, false, &[0x10; 10])).await;
    }
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::TooLarge, "{text}");
    // Two incomplete messages per lane are kept indefinitely.
    let mut stranger = target.stranger().await;
    for lane in 0..4 {
        stranger.write(lane, piece(0, false, &[0x10; 10])).await;
        stranger.write(lane, piece(1, false, &[0x10; 10])).await;
    }
    stranger.write(0, definition(1)).await;
    stranger.is_served(address(&target.till)).await;
    drop(stranger);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn definitions_without_end_are_too_large() {
    let target = small().await;
    let define = |id, contract: &[u8]| type_def(id, &format!("type-{id}"), contract);
    let long = vec![b'x'; 65 << 10];
    let half = vec![b'x'; 60 << 10];
    let cases = [
        (1..=9).map(|id| define(id, b"{}")).collect::<Vec<_>>(),
        vec![define(1, &long)],
        (1..=3).map(|id| define(id, &half)).collect(),
        (1..=9).map(|id| node_def(id, "made-up")).collect(),
    ];
    for (number, definitions) in cases.into_iter().enumerate() {
        let mut stranger = target.stranger().await;
        for definition in definitions {
            stranger.write(0, definition).await;
        }
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::TooLarge, "{number}: {text}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn monitors_and_links_without_end_are_too_large() {
    let target = small().await;
    let to = address(&target.till);
    let mut stranger = target.stranger().await;
    // Removed monitors do not count.
    for reference in 1..100 {
        let (from, to) = (None, to);
        stranger
            .send(Frame::Monitor {
                from,
                to,
                reference,
            })
            .await;
        stranger
            .send(Frame::Demonitor {
                from,
                to,
                reference,
            })
            .await;
        // Monitors on missing processes do not count either.
        let to = process(77);
        stranger
            .send(Frame::Monitor {
                from,
                to,
                reference,
            })
            .await;
    }
    stranger.write(0, definition(1)).await;
    stranger.is_served(to).await;
    stranger.is_kept().await;
    for slot in 1..3 {
        let (reference, watcher) = (slot.into(), Some(process(slot)));
        let monitor = Frame::Monitor {
            from: watcher,
            to,
            reference,
        };
        let link = Frame::Link {
            from: process(slot),
            to,
        };
        stranger.write(0, bytes(&[monitor, link])).await;
    }
    stranger.is_kept().await;
    let end = target.till.monitor();
    let link = Frame::Link {
        from: process(9),
        to,
    };
    stranger.write(0, bytes(&[link])).await;
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::TooLarge, "{text}");
    assert!(text.contains("monitors and links"), "{text}");
    // The links end with the loss: the till does not trap exits and ends with them.
    assert_eq!(end.await.reason, ambit::process::ExitReason::NoConnection);
}

#[ambit::test(real_time)]
async fn calls_without_end_are_answered_with_full() {
    let target = small().await;
    let to = address(&target.till);
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    for req in 0..5 {
        stranger.write(0, ask(to, req, "never", b"")).await;
    }
    let refused = stranger.answers().await.next(0x13).await;
    assert_eq!(refused.body[0], 4, "the fifth");
    stranger.is_kept().await;
    drop(stranger);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn unread_answers_are_buffered_only_up_to_a_limit() {
    let target = small().await;
    let to = address(&target.till);
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    // Each answer is 200 KiB, and the peer does not read the streams that carry them.
    let length = value(&(200_u64 << 10));
    for req in 1..200 {
        stranger.write(0, ask(to, req, "paper", &length)).await;
        stranger.is_kept().await;
    }
    let queued = target.node.peers();
    let queued: usize = queued.iter().map(|peer| peer.traffic.bytes_queued).sum();
    // One lane: the limit, one more answer, and the one being written.
    assert!(queued < 1 << 20, "{queued} bytes wait");
    drop(stranger);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_peer_that_does_not_read_errors_cannot_overload_the_node() {
    let target = small().await;
    let nobody = process(77);
    let calls: Vec<u8> = (0..1_000)
        .flat_map(|req| ask(nobody, req, "notes", b"").to_vec())
        .collect();
    for _ in 0..3 {
        let mut stranger = target.stranger().await;
        stranger.write(0, definition(1)).await;
        assert!(is_stopped(&mut stranger.lanes[0], calls.clone()).await);
        match stranger.end().await {
            Closed::Peer { code, text } => {
                assert_eq!(code, CloseCode::Overloaded, "{text}");
                return target.unharmed().await;
            }
            // The packet with the code is lost if the buffer of the flooded socket is full.
            closed => println!("tried again: the code of the close was lost ({closed:?})"),
        }
    }
    panic!("the node closed three connections without a code");
}

#[ambit::test(real_time)]
async fn pings_with_unread_answers_exceed_the_limit_eventually() {
    let target = small().await;
    let mut stranger = target.stranger().await;
    let ping = raw(0x43, 0, &[0; 8]);
    let pings: Vec<u8> = (0..1_000).flat_map(|_| ping.to_vec()).collect();
    let (control, _) = stranger.control.as_mut().unwrap();
    assert!(is_stopped(control, pings).await);
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::TooLarge, "{text}");
    target.unharmed().await;
}

/// Writes the bytes repeatedly until the stream is stopped.
async fn is_stopped(stream: &mut Box<dyn SendHalf>, what: Vec<u8>) -> bool {
    let what = ::bytes::Bytes::from(what);
    let endless = async { while stream.write(what.clone()).await.is_ok() {} };
    let minute = std::time::Duration::from_secs(60);
    tokio::time::timeout(minute, endless).await.is_ok()
}

#[ambit::test(real_time)]
async fn casts_that_cannot_be_read_are_counted_and_not_kept() {
    let target = small().await;
    let to = address(&target.till);
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    let wrong = tell(to, 1, "nothing", &paper(8));
    for _ in 0..2_000 {
        stranger.write(0, wrong.clone()).await;
    }
    stranger.is_served(to).await;
    let peers = target.node.peers();
    let errors = peers.iter().map(|peer| peer.traffic.decode_errors).max();
    assert_eq!(errors, Some(2_000));
    drop(stranger);
    target.unharmed().await;
}

/// Otherwise a node could answer without end while counting one call.
#[ambit::test(real_time)]
async fn dist_18_a_call_number_in_use_is_malformed() {
    let target = Target::new().await;
    let till = address(&target.till);
    let mut stranger = target.stranger().await;
    stranger.write(0, definition(1)).await;
    let mut answers = stranger.answers().await;
    // A number is free again once its call is answered.
    for _ in 0..2 {
        stranger.write(0, ask(till, 7, "notes", b"")).await;
        assert_eq!(answers.next(0x12).await.body[0], 7);
    }
    stranger.write(0, ask(till, 8, "never", b"")).await;
    stranger.is_kept().await;
    stranger.write(0, ask(till, 8, "never", b"")).await;
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("call 8"), "{text}");
    target.unharmed().await;
}
