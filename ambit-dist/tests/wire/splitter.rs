//! Streams split into chunks at any position.

use ambit_dist::wire::{CloseCode, Frame, Kind, Limits, RawFrame, Splitter, WireError};
use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::cases;
use crate::sample::{encoded, samples};

fn small() -> Limits {
    Limits::default().chunk(200).contract(500).name(50)
}

/// Feeds chunks, and pops all frames after each.
fn split<'a>(
    limits: &Limits,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<RawFrame>, WireError> {
    let mut splitter = Splitter::new(limits);
    let mut frames = Vec::new();
    for chunk in chunks {
        splitter.feed(Bytes::copy_from_slice(chunk));
        while let Some(frame) = splitter.pop()? {
            frames.push(frame);
        }
    }
    splitter.finish()?;
    Ok(frames)
}

/// Splits a complete stream in the same way.
fn naive(limits: &Limits, mut stream: &[u8]) -> Result<Vec<RawFrame>, WireError> {
    let mut frames = Vec::new();
    while !stream.is_empty() {
        let (head, rest) = stream
            .split_first_chunk::<6>()
            .ok_or(WireError::Truncated)?;
        let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let limit = if [1, 2].contains(&head[4]) {
            limits.definition()
        } else {
            limits.frame()
        };
        if length > limit {
            let what = "a frame";
            return Err(WireError::TooLarge {
                what,
                length,
                limit,
            });
        }
        let fields = length.checked_sub(2).ok_or(WireError::Truncated)?;
        let (body, rest) = rest.split_at_checked(fields).ok_or(WireError::Truncated)?;
        let body = Bytes::copy_from_slice(body);
        frames.push(RawFrame {
            kind: head[4],
            flags: head[5],
            body,
        });
        stream = rest;
    }
    Ok(frames)
}

/// Splits `stream` into chunks of these lengths, cyclically.
fn chunks<'a>(mut stream: &'a [u8], lengths: &[usize]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    for length in lengths.iter().cycle() {
        let (part, rest) = stream.split_at(stream.len().min(*length));
        parts.push(part);
        stream = rest;
        if stream.is_empty() {
            break;
        }
    }
    parts
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_stream_has_the_same_frames_however_it_is_cut(samples in vec(samples(150), 0..6), lengths in vec(1..400usize, 1..5)) {
        let mut stream = BytesMut::new();
        for sample in &samples {
            sample.frame().encode(&mut stream);
        }
        let frames = split(&small(), chunks(&stream, &lengths)).unwrap();
        prop_assert_eq!(frames.len(), samples.len());
        for (frame, sample) in frames.iter().zip(&samples) {
            prop_assert_eq!(frame.decode(), Ok(Some(sample.frame())));
        }
    }

    #[test]
    fn any_bytes_give_what_a_naive_reader_finds(
        lengths in vec(1..40usize, 1..5),
        frames in vec((0..260u32, 0..3u8, vec(any::<u8>(), 0..20)), 0..8),
    ) {
        let mut stream = Vec::new();
        for (length, kind, bytes) in frames {
            stream.extend(length.to_le_bytes());
            stream.push(kind);
            stream.extend(bytes);
        }
        let limits = small().chunk(1).max_message(1);
        prop_assert_eq!(split(&limits, chunks(&stream, &lengths)), naive(&limits, &stream));
    }
}

#[test]
fn a_cut_at_every_byte_gives_the_same_frames() {
    let payload = [7; 30];
    let mut stream = BytesMut::new();
    Frame::Reply {
        req: 1,
        framed: false,
        payload: &payload,
    }
    .encode(&mut stream);
    Frame::GoAway.encode(&mut stream);
    Frame::TypeDef {
        id: 1,
        name: "a",
        fingerprint: 2,
        contract: &payload,
    }
    .encode(&mut stream);
    let whole = naive(&small(), &stream).unwrap();
    assert_eq!(whole.len(), 3);
    for at in 0..=stream.len() {
        let (first, second) = stream.split_at(at);
        assert_eq!(split(&small(), [first, second]), Ok(whole.clone()));
        for further in at..=stream.len() {
            let parts = [first, &stream[at..further], &stream[further..]];
            assert_eq!(split(&small(), parts), Ok(whole.clone()));
        }
    }
}

#[test]
fn a_frame_within_one_chunk_is_not_copied() {
    let frame = encoded(&Frame::Hello(b"hello"));
    let mut splitter = Splitter::new(&small());
    splitter.feed(frame.clone());
    let raw = splitter.pop().unwrap().unwrap();
    assert_eq!(raw.body.as_ptr(), frame[6..].as_ptr());
}

#[test]
fn unread_frames_are_kept_when_the_next_chunk_arrives() {
    let mut splitter = Splitter::new(&small());
    for nonce in 0..3 {
        splitter.feed(encoded(&Frame::Ping { nonce }));
    }
    for nonce in 0..3 {
        let raw = splitter.pop().unwrap().unwrap();
        assert_eq!(raw.decode(), Ok(Some(Frame::Ping { nonce })));
    }
    assert_eq!((splitter.pop(), splitter.finish()), (Ok(None), Ok(())));
}

/// Builds a header with this length and kind.
fn header(length: u32, kind: u8) -> Bytes {
    let [a, b, c, d] = length.to_le_bytes();
    vec![a, b, c, d, kind, 0].into()
}

#[test]
fn a_length_above_the_limit_is_refused_by_its_header_alone() {
    let limits = Limits::default();
    let (frame, definition) = (limits.frame() as u32, limits.definition() as u32);
    let tell = Kind::Tell.number();
    let of_type = Kind::TypeDef.number();
    for (length, kind) in [
        (frame + 1, tell),
        (u32::MAX, tell),
        (u32::MAX, 0xff),
        (definition + 1, of_type),
    ] {
        let mut splitter = Splitter::new(&limits);
        splitter.feed(header(length, kind));
        let error = splitter.pop().unwrap_err();
        assert_eq!(error.close_code(), CloseCode::TooLarge);
        assert_eq!(splitter.pop(), Err(error));
    }
    for (length, kind) in [(frame, tell), (definition, of_type)] {
        let mut splitter = Splitter::new(&limits);
        splitter.feed(header(length, kind));
        assert_eq!(splitter.pop(), Ok(None));
    }
}

#[test]
fn a_length_too_short_for_kind_and_flags_is_rejected() {
    for length in [0, 1] {
        let mut splitter = Splitter::new(&small());
        splitter.feed(header(length, 0x43));
        assert_eq!(splitter.pop(), Err(WireError::Truncated));
    }
}

#[test]
fn a_stream_that_ends_inside_a_frame_is_truncated() {
    let ping = encoded(&Frame::Ping { nonce: 1 });
    for length in 1..ping.len() {
        let mut splitter = Splitter::new(&small());
        splitter.feed(ping.slice(..length));
        assert_eq!(splitter.pop(), Ok(None));
        assert_eq!(splitter.finish(), Err(WireError::Truncated));
        splitter.feed(ping.slice(length..));
        assert!(splitter.pop().unwrap().is_some());
        assert_eq!(splitter.finish(), Ok(()));
    }
}
