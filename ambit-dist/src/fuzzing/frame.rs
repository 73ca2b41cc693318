//! A stream of frames.

use bytes::{Bytes, BytesMut};

use crate::wire::{Limits, RawFrame, Splitter, WireError};

/// The flag that has no meaning on a known frame.
const OPTIONAL: u8 = 4;

/// Interprets the bytes after the first as a stream, and the first byte as the chunk size. Checks that the frames and
/// the error do not depend on the chunk size, that at most one frame is buffered, and that decoded frames encode to the
/// same bytes.
pub fn frame(bytes: &[u8]) {
    let Some((cut, stream)) = bytes.split_first() else {
        return;
    };
    let whole = split(stream, stream.len().max(1));
    assert_eq!(split(stream, usize::from(*cut) + 1), whole);
    for raw in &whole.0 {
        written_alike(raw);
    }
}

fn limits() -> Limits {
    Limits::default().chunk(300).contract(2000).name(60)
}

/// Returns all frames of a stream in chunks of this length, and the error after them.
fn split(stream: &[u8], length: usize) -> (Vec<RawFrame>, Result<(), WireError>) {
    let limits = limits();
    let mut splitter = Splitter::new(&limits);
    let mut frames = Vec::new();
    for chunk in stream.chunks(length) {
        splitter.feed(Bytes::copy_from_slice(chunk));
        loop {
            match splitter.pop() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(error) => return (frames, Err(error)),
            }
        }
        assert!(splitter.buffered() < limits.definition() + 4);
    }
    (frames, splitter.finish())
}

fn written_alike(raw: &RawFrame) {
    let Ok(Some(frame)) = raw.decode() else {
        return;
    };
    let mut out = BytesMut::new();
    frame.encode(&mut out);
    let (head, body) = out.split_at(6);
    let marked = if frame.kind().is_optional() {
        OPTIONAL
    } else {
        0
    };
    assert_eq!(head[4..], [raw.kind, raw.flags & !OPTIONAL | marked]);
    assert_eq!(body, raw.body);
}
