//! Fragmented messages.

use std::collections::BTreeMap;

use ambit_dist::wire::{CloseCode, Fragments, Frame, Kind, Limits, Outgoing, Splitter, WireError};
use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;
use crate::sample::encoded;

fn small() -> Limits {
    Limits::default()
        .chunk(100)
        .max_message(5000)
        .partials(3)
        .partial_bytes(0)
}

fn reply(req: u64, payload: &[u8]) -> Bytes {
    encoded(&Frame::Reply {
        req,
        framed: false,
        payload,
    })
}

/// The first byte of a message.
const TELL: u8 = 0x10;

proptest! {
    #![proptest_config(cases(200))]

    /// Fragments of several messages and whole frames are interleaved, and every message arrives complete, in the order of
    /// its end.
    #[test]
    fn messages_in_pieces_arrive_whole_between_others(payloads in vec(vec(any::<u8>(), 0..2000), 1..8)) {
        let mut outgoing = Outgoing::new(small());
        let mut fragments = Fragments::new(small());
        let mut splitter = Splitter::new(&small());
        let mut waiting = payloads.iter().enumerate();
        let mut next = waiting.next();
        let mut arrived = BTreeMap::new();
        let mut pings = 0;
        loop {
            while let Some((req, payload)) = next {
                if outgoing.start(&reply(req as u64, payload)).unwrap().is_none() {
                    break;
                }
                next = waiting.next();
            }
            let mut out = BytesMut::new();
            Frame::Ping { nonce: 0 }.encode(&mut out);
            if outgoing.write(&mut out).is_none() {
                break;
            }
            splitter.feed(out.freeze());
            while let Some(raw) = splitter.pop().unwrap() {
                let Ok(Some(Frame::Frag { id, last, chunk })) = raw.decode() else {
                    pings += 1;
                    continue;
                };
                if let Some(message) = fragments.push(id, last, chunk).unwrap() {
                    let Ok(Some(Frame::Reply { req, payload, .. })) = message.decode() else {
                        panic!("only answers were sent: {message:?}");
                    };
                    prop_assert_eq!(arrived.insert(req, payload.to_vec()), None);
                }
            }
            prop_assert!(fragments.held() <= small().share());
        }
        prop_assert!(pings >= payloads.len());
        prop_assert!(outgoing.is_empty());
        prop_assert_eq!(fragments.held(), 0);
        prop_assert_eq!(arrived.into_values().collect::<Vec<_>>(), payloads);
    }

    /// For any input, the buffered bytes stay within the limits or the connection is closed.
    #[test]
    fn hostile_pieces_never_hold_more_than_the_share(pieces in vec((0..5u32, any::<bool>(), 0..130usize), 0..200)) {
        let limits = small().max_message(300);
        let mut fragments = Fragments::new(limits.clone());
        for (id, last, length) in pieces {
            if fragments.push(id, last, &vec![TELL; length]).is_err() {
                break;
            }
            prop_assert!(fragments.held() <= limits.share());
        }
    }
}

#[test]
fn a_message_above_the_limit_is_not_taken() {
    let limits = small();
    let payload = vec![0; limits.message() - 3];
    let mut outgoing = Outgoing::new(limits.clone());
    assert_eq!(outgoing.start(&reply(1, &payload)), Ok(Some(0)));
    let longer = reply(1, &vec![0; limits.message() - 2]);
    let error = outgoing.start(&longer).unwrap_err();
    assert_eq!(error.close_code(), CloseCode::TooLarge);
}

#[test]
fn a_message_waits_while_others_use_the_share_or_all_slots() {
    let long = reply(1, &[0; 4000]);
    let mut outgoing = Outgoing::new(small());
    assert_eq!(outgoing.start(&long), Ok(Some(0)));
    assert_eq!(outgoing.start(&long), Ok(None));
    let short = reply(2, &[0; 150]);
    assert_eq!(outgoing.start(&short), Ok(Some(1)));
    assert_eq!(outgoing.start(&short), Ok(Some(2)));
    assert_eq!(outgoing.start(&short), Ok(None));
    let mut out = BytesMut::new();
    let last = std::iter::from_fn(|| outgoing.write(&mut out)).find(|piece| piece.last);
    assert_eq!(last.map(|piece| piece.id), Some(1));
    assert_eq!(outgoing.start(&short), Ok(Some(3)));
}

/// Returns the error of the last fragment of a script.
fn refused(limits: Limits, script: &[(u32, bool, usize)]) -> WireError {
    let mut fragments = Fragments::new(limits);
    let (last, before) = script.split_last().expect("a script has a last piece");
    for (id, last, length) in before {
        assert_eq!(fragments.push(*id, *last, &vec![TELL; *length]), Ok(None));
    }
    let error = fragments.push(last.0, last.1, &vec![TELL; last.2]);
    error.expect_err("the last piece is one too many")
}

#[test]
fn a_peer_that_exceeds_a_fragment_limit_is_closed_as_too_large() {
    let limits = small().max_message(0).partials(2);
    let codes = [
        refused(limits.clone(), &[(1, false, 101)]),
        refused(
            limits.clone(),
            &[(1, false, 9), (2, false, 9), (3, false, 9)],
        ),
        refused(limits.clone(), &[(1, false, 100); 11]),
        refused(
            limits,
            &[[(1, false, 100); 6], [(2, false, 100); 6]].concat()[..11],
        ),
    ];
    for error in codes {
        assert_eq!(error.close_code(), CloseCode::TooLarge, "{error}");
    }
}

#[test]
fn a_piece_of_nothing_and_a_message_without_its_flags_are_truncated() {
    assert_eq!(refused(small(), &[(1, false, 0)]), WireError::Truncated);
    assert_eq!(
        refused(small(), &[(1, false, 5), (1, true, 0)]),
        WireError::Truncated
    );
    assert_eq!(refused(small(), &[(1, true, 1)]), WireError::Truncated);
}

#[test]
fn short_frames_and_definitions_are_not_fragmented() {
    for kind in Kind::all() {
        let read = Fragments::new(small()).push(1, true, &[kind.number(), 0]);
        let long = "TELL ASK REPLY REPLY_ERR DOWN EXIT STOP EXIT_AHEAD";
        if long.split(' ').any(|name| name == kind.name()) {
            assert!(matches!(read, Ok(Some(_))));
        } else {
            let kind = kind.number();
            assert_eq!(read, Err(WireError::NotInPieces { kind }));
        }
    }
}

#[test]
fn a_small_piece_does_not_keep_the_chunk_it_came_in() {
    let chunk = Bytes::from(vec![TELL; 100]);
    let mut fragments = Fragments::new(small());
    assert_eq!(fragments.push(1, false, &chunk.slice(..1)), Ok(None));
    assert!(chunk.is_unique());
    assert_eq!(fragments.held(), 1);
}
