//! Invalid frames, and frames in the wrong place.

use ambit_dist::wire::{CloseCode, Frame, Kind, ProcessAddress};
use bytes::Bytes;

use crate::hostile::stranger::{
    address, ask, bytes, definition, node_def, process, raw, tell, type_def,
};
use crate::hostile::target::Target;

fn all(parts: &[Bytes]) -> Bytes {
    parts.concat().into()
}

/// Returns bytes for a lane, each with a word of the reason why they are malformed.
#[expect(clippy::too_many_lines, reason = "a table")]
fn malformed(till: ProcessAddress) -> Vec<(Bytes, &'static str)> {
    let long_name = "n".repeat(64);
    let nobody = process(4_000_000);
    let mut cases = vec![
        (vec![0; 6].into(), "ends inside"),
        (vec![1, 0, 0, 0, 0x10, 0].into(), "ends inside"),
        (raw(0x7e, 0, b"?"), "0x7e"),
        (raw(0x10, 0x80, b"?"), "0x80"),
        (raw(0x12, 0x08, b"?"), "flags"),
        (raw(0x10, 0, &[0x80]), "ends inside"),
        (raw(0x14, 0, &[1, 2]), "follow"),
        (raw(0x14, 0, &[0x81, 0x00]), "shortest"),
        (raw(0x25, 0, &[0, 1, 0, 9]), "cause"),
        (raw(0x30, 0x08, &[1, 0x20, 0]), "fragmented"),
        (
            type_def(2, "a", b""),
            "2 is defined out of order: expected 1",
        ),
        (
            all(&[definition(1), definition(1)]),
            "1 is defined out of order: expected 2",
        ),
        (type_def(1, "a", b"\xff"), "UTF-8"),
        (raw(0x01, 0, &[1, 1, 0xff]), "UTF-8"),
        (
            node_def(1, "No Node"),
            "node name in a definition is invalid",
        ),
        (
            node_def(1, &long_name),
            "node name in a definition is invalid",
        ),
        (tell(till, 1, "note", b""), "before it is defined"),
        (
            all(&[definition(1), tell(till, 2, "note", b"")]),
            "before it is defined",
        ),
        (
            bytes(&[Frame::Stop {
                from: None,
                to: till,
                reason: b"?",
            }]),
            "cannot be read",
        ),
        (
            bytes(&[Frame::Exit {
                from: None,
                to: till,
                cause: ambit_dist::wire::Cause::Sent,
                reason: &[0xff; 9],
            }]),
            "cannot be read",
        ),
        (
            bytes(&[Frame::ExitAhead {
                from: None,
                to: till,
                cause: ambit_dist::wire::Cause::Sent,
                reason: &[0xff; 9],
            }]),
            "cannot be read",
        ),
        (
            bytes(&[Frame::Down {
                from: nobody,
                to: None,
                reference: 1,
                reason: b"",
            }]),
            "cannot be read",
        ),
    ];
    let control = [
        Frame::Ping { nonce: 1 },
        Frame::Pong { nonce: 1 },
        Frame::GoAway,
        Frame::Hello(b"ambit"),
        Frame::HelloAck(b"ambit"),
        Frame::Credit { to: till, count: 1 },
    ];
    cases.extend(control.iter().map(|frame| (bytes(&[*frame]), "kind")));
    cases
}

#[ambit::test(real_time)]
async fn dist_18_a_lane_with_a_frame_that_is_none_is_malformed() {
    let target = Target::new().await;
    let till = address(&target.till);
    for (number, (what, word)) in malformed(till).into_iter().enumerate() {
        let mut stranger = target.stranger().await;
        stranger.write(number % 4, what).await;
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::Malformed, "{number}: {text}");
        assert!(text.contains(word), "{number}: {text}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn dist_18_the_control_stream_accepts_only_control_frames() {
    let target = Target::new().await;
    let till = address(&target.till);
    let lanes = Kind::all().filter(|kind| !kind.is_control());
    let mut cases: Vec<Bytes> = vec![
        raw(0x7e, 0, b"?"),
        raw(0x40, 0, b"again"),
        raw(0x41, 0, b"again"),
        raw(0x43, 0, &[0; 7]),
        tell(till, 1, "note", b""),
        definition(1),
    ];
    cases.extend(lanes.map(|kind| raw(kind.number(), 0, &[])));
    for (number, what) in cases.into_iter().enumerate() {
        let mut stranger = target.stranger().await;
        stranger.say(what).await;
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::Malformed, "{number}: {text}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn two_lanes_that_define_a_number_differently_are_malformed() {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    stranger.write(0, type_def(1, "a", b"{}")).await;
    stranger.write(1, type_def(1, "b", b"{}")).await;
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed);
    assert!(text.contains("different ways"), "{text}");
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn unknown_frames_are_skipped_if_marked_as_skippable() {
    let target = Target::new().await;
    let mut stranger = target.stranger().await;
    stranger
        .write(0, raw(0x7e, 0x04, b"of a later version"))
        .await;
    stranger
        .write(0, raw(0x10, 0x84, b"of a later version"))
        .await;
    stranger.say(raw(0x7e, 0x04, b"of a later version")).await;
    stranger.write(0, definition(1)).await;
    stranger.is_served(address(&target.till)).await;
    stranger.is_kept().await;
    drop(stranger);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn frames_for_unknown_targets_are_ignored() {
    let target = Target::new().await;
    let till = address(&target.till);
    let mut stranger = target.stranger().await;
    let nobody = process(4_000_000);
    let down = |reference| Frame::Demonitor {
        from: None,
        to: till,
        reference,
    };
    let frames = [
        // Replies to calls that were never made, and a cancellation of an unknown call.
        Frame::Reply {
            req: 99,
            framed: false,
            payload: b"what?",
        },
        Frame::Cancel { req: 99 },
        // Ends of processes without a monitor.
        down(1),
        Frame::Unlink {
            from: nobody,
            to: till,
        },
        // Processes that do not exist or were never exported.
        Frame::Link {
            from: nobody,
            to: nobody,
        },
        Frame::Monitor {
            from: None,
            to: nobody,
            reference: 1,
        },
    ];
    stranger.write(0, definition(1)).await;
    stranger.write(0, bytes(&frames)).await;
    let wrong = tell(nobody, 1, "note", b"\0\0\0\0\0\0\0\0");
    stranger.write(0, wrong).await;
    // Invalid arguments, and an unknown method.
    stranger.write(0, tell(till, 1, "note", &[0xff; 3])).await;
    stranger.write(0, tell(till, 1, "steal", b"")).await;
    // Nested as deeply as the message is long.
    stranger.write(0, ask(till, 1, "nest", &[1; 60_000])).await;
    // The answer to the last call proves that all frames have been read.
    let mut lane = stranger.answers().await;
    let answer = lane.next(0x13).await;
    assert_eq!(answer.body[0], 1);
    stranger.is_kept().await;
    let name = target.node.peers();
    let peer = name.iter().find(|peer| peer.id.name.as_str() != "honest");
    let traffic = &peer.unwrap().traffic;
    assert!(traffic.decode_errors >= 3, "{traffic:?}");
    assert!(traffic.undelivered >= 1, "{traffic:?}");
    drop(stranger);
    target.unharmed().await;
}
