//! Fragmented messages.

use std::collections::BTreeMap;

use bytes::BytesMut;

use crate::wire::{Fragments, Frame, Limits, Outgoing};

/// Interprets the bytes first as fragments of messages, and then as one message that is split into fragments. Checks
/// that reassembled messages equal their fragments, and that memory stays within the limits.
pub fn fragments(bytes: &[u8]) {
    script(bytes);
    round_trip(bytes);
}

fn limits() -> Limits {
    let limits = Limits::default().chunk(200).partial_bytes(4000);
    limits.max_message(600).partials(3).lanes(2)
}

/// Each fragment is a byte with the number of its message (three bits) and whether it is the last (the fourth bit), a
/// byte with its length, and its bytes.
fn script(mut bytes: &[u8]) {
    let limits = limits();
    let mut fragments = Fragments::new(limits.clone());
    let mut model: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    while let Some((&[which, length], rest)) = bytes.split_first_chunk() {
        let (chunk, rest) = rest.split_at(rest.len().min(length.into()));
        bytes = rest;
        let (id, last) = (u32::from(which & 7), which & 8 != 0);
        let Ok(message) = fragments.push(id, last, chunk) else {
            return;
        };
        model.entry(id).or_default().extend(chunk);
        let expected = if last { model.remove(&id) } else { None };
        let found = message.map(|raw| [&[raw.kind, raw.flags], &*raw.body].concat());
        assert_eq!(found, expected);
        let held: usize = model.values().map(Vec::len).sum();
        assert_eq!(fragments.held(), held);
        assert!(fragments.held() <= limits.share());
        assert!(model.len() <= limits.partials);
    }
}

fn round_trip(payload: &[u8]) {
    let sent = Frame::Reply {
        req: 7,
        framed: true,
        payload,
    };
    let mut out = BytesMut::new();
    sent.encode(&mut out);
    let frame = out.freeze();
    let limits = limits().max_message(frame.len());
    let mut outgoing = Outgoing::new(limits.clone());
    assert_eq!(outgoing.start(&frame), Ok(Some(0)));
    let mut fragments = Fragments::new(limits);
    let mut out = BytesMut::new();
    while let Some(piece) = outgoing.write(&mut out) {
        let Ok(Some(Frame::Frag { id, last, chunk })) = Frame::decode(out[4], out[5], &out[6..])
        else {
            panic!("only pieces are written: {out:?}");
        };
        assert_eq!((id, last), (piece.id, piece.last));
        let message = fragments.push(id, last, chunk);
        let message = message.expect("both sides have the same limits");
        assert_eq!(message.is_some(), last);
        if let Some(message) = message {
            assert_eq!(message.decode(), Ok(Some(sent)));
        }
        out.clear();
    }
    assert_eq!(fragments.held(), 0);
}
