//! Single frames.

use ambit_dist::wire::{CloseCode, Frame, Kind, ProcessAddress, Trace, WireError};
use proptest::prelude::*;

use crate::cases;
use crate::sample::{encoded, samples};

const HAS_TRACE: u8 = 1;
const OPTIONAL: u8 = 4;
const TO: ProcessAddress = ProcessAddress {
    slot: 3,
    generation: 1,
};

fn parts(frame: &[u8]) -> (u8, u8, &[u8]) {
    (frame[4], frame[5], &frame[6..])
}

fn refused(kind: Kind, flags: u8, body: &[u8]) -> WireError {
    let read = Frame::decode(kind.number(), flags, body);
    read.expect_err("these bytes are no frame")
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn every_frame_round_trips(sample in samples(100)) {
        let frame = sample.frame();
        let bytes = encoded(&frame);
        let (kind, flags, body) = parts(&bytes);
        prop_assert_eq!(usize::try_from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])), Ok(bytes.len() - 4));
        prop_assert_eq!(Frame::decode(kind, flags, body), Ok(Some(frame)));
    }

    /// Each decoded frame has exactly one encoding, so all readers agree on the meaning of bytes.
    #[test]
    fn whatever_is_read_is_written_alike(kind in any::<u8>(), flags in 0..16u8, body in proptest::collection::vec(any::<u8>(), 0..60)) {
        if let Ok(Some(frame)) = Frame::decode(kind, flags, &body) {
            let bytes = encoded(&frame);
            let (_, written, fields) = parts(&bytes);
            let optional = if frame.kind().is_optional() { OPTIONAL } else { 0 };
            prop_assert_eq!((written, fields), (flags & !OPTIONAL | optional, &body[..]));
        }
    }

    #[test]
    fn a_damaged_frame_is_another_frame_or_refused(sample in samples(30), at in any::<proptest::sample::Index>(), bit in 0..8u8) {
        let mut bytes = encoded(&sample.frame()).to_vec();
        let at = at.index(bytes.len());
        bytes[at] ^= 1u8 << bit;
        let (kind, flags, body) = parts(&bytes);
        if let Ok(Some(frame)) = Frame::decode(kind, flags, body) {
            let written = encoded(&frame);
            prop_assert_eq!(parts(&written).2, body);
        }
    }

    /// The open end is excluded, because only the length of the frame bounds it; before it, no byte may be missing.
    #[test]
    fn a_frame_that_ends_inside_its_fields_is_truncated(mut sample in samples(0)) {
        sample.tail.clear();
        let bytes = encoded(&sample.frame());
        let (kind, flags, body) = parts(&bytes);
        for length in 0..body.len() {
            let read = Frame::decode(kind, flags, &body[..length]);
            prop_assert_eq!(read, Err(WireError::Truncated));
        }
    }
}

#[test]
fn the_layout_of_a_message_is_this() {
    let trace = Trace {
        trace_id: [1; 16],
        span_id: [2; 8],
        flags: 1,
    };
    let frame = Frame::Ask {
        req: 300,
        to: TO,
        from: None,
        ty: 1,
        method: 0x0a0b_0c0d,
        deadline_ms: Some(0),
        framed: true,
        trace: Some(trace),
        payload: b"hi",
    };
    let mut expected = vec![41, 0, 0, 0, 0x11, 3];
    expected.extend([[1; 16].as_slice(), &[2; 8], &[1]].concat());
    expected.extend([0xac, 2, 3, 1, 0, 1, 0x0d, 0x0c, 0x0b, 0x0a, 1, b'h', b'i']);
    expected[0] = u8::try_from(expected.len() - 4).unwrap();
    assert_eq!(encoded(&frame)[..], expected);
}

#[test]
fn the_last_slot_is_not_mistaken_for_an_absent_sender() {
    let from = Some(ProcessAddress {
        slot: u32::MAX,
        generation: 0,
    });
    let frame = Frame::Stop {
        from,
        to: TO,
        reason: &[],
    };
    let bytes = encoded(&frame);
    let (kind, flags, body) = parts(&bytes);
    assert_eq!(Frame::decode(kind, flags, body), Ok(Some(frame)));
    let beyond = [0x81, 0x80, 0x80, 0x80, 0x10, 0, 3, 1];
    assert_eq!(refused(Kind::Stop, 0, &beyond), WireError::BadNumber);
}

#[test]
fn an_unknown_kind_is_skipped_if_it_may_be() {
    assert_eq!(Frame::decode(0x7f, OPTIONAL, b"?"), Ok(None));
    let error = Frame::decode(0x7f, 0, b"?").unwrap_err();
    assert_eq!(error, WireError::UnknownKind { kind: 0x7f });
    assert_eq!(error.close_code(), CloseCode::Malformed);
}

#[test]
fn an_unknown_flag_is_refused_unless_the_frame_may_be_skipped() {
    let ping = [0; 8];
    for flags in [0x10, 0x80, HAS_TRACE, 2, 8] {
        let kind = Kind::Ping.number();
        let error = refused(Kind::Ping, flags, &ping);
        assert_eq!(error, WireError::WrongFlags { kind, flags });
        assert_eq!(error.close_code(), CloseCode::Malformed);
        assert_eq!(Frame::decode(kind, flags | OPTIONAL, &ping), Ok(None));
    }
}

#[test]
fn a_known_frame_that_may_be_skipped_is_read_all_the_same() {
    let read = Frame::decode(Kind::Ping.number(), OPTIONAL, &[0; 8]);
    assert_eq!(read, Ok(Some(Frame::Ping { nonce: 0 })));
}

#[test]
fn bytes_behind_the_fields_are_refused() {
    let error = refused(Kind::GoAway, 0, &[1, 2]);
    assert_eq!(error, WireError::TrailingBytes { left: 2 });
    assert_eq!(error.close_code(), CloseCode::Malformed);
}

#[test]
fn a_number_in_a_longer_form_than_it_needs_is_refused() {
    assert_eq!(refused(Kind::Cancel, 0, &[0x81, 0]), WireError::BadNumber);
}

#[test]
fn a_name_longer_than_its_frame_is_truncated_whatever_it_claims() {
    let mut claims = vec![1];
    claims.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    assert_eq!(refused(Kind::TypeDef, 0, &claims), WireError::Truncated);
    assert_eq!(
        refused(Kind::TypeDef, 0, &[1, 2, b'a']),
        WireError::Truncated
    );
}

#[test]
fn a_non_text_name_and_an_unknown_cause_are_rejected() {
    let name = [1, 2, 0xff, 0xfe, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(refused(Kind::NodeDef, 0, &name), WireError::NotText);
    let exit = [0, 3, 1, 2];
    let unknown = WireError::UnknownCause { cause: 2 };
    assert_eq!(refused(Kind::Exit, 0, &exit), unknown);
}

#[test]
fn a_handshake_above_four_kib_is_too_large() {
    let bytes = [0; 4097];
    assert_eq!(
        Frame::decode(0x40, 0, &bytes[1..]),
        Ok(Some(Frame::Hello(&bytes[1..])))
    );
    let error = refused(Kind::HelloAck, 0, &bytes);
    assert_eq!(error.close_code(), CloseCode::TooLarge);
}
