//! Encodes frames.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes, BytesMut};

use crate::replica::frame::{Coverage, Delta, Frame, Op, OpKind, Summary};
use crate::replica::origin::Origin;
use crate::wire::varint;

/// The numbers of the kinds.
pub(super) const DELTA: u8 = 1;
pub(super) const PULL: u8 = 2;
pub(super) const NOTHING: u8 = 3;
pub(super) const ACK: u8 = 4;
pub(super) const DIGEST: u8 = 5;

/// The flags of deltas, pulls and empty answers.
pub(super) const FULL: u8 = 1;
pub(super) const MORE: u8 = 2;
pub(super) const ANSWER: u8 = 4;
pub(super) const COMPLETE: u8 = 8;

impl Frame {
    pub(crate) fn encode(&self) -> Bytes {
        let mut out = BytesMut::new();
        match self {
            Self::Delta(delta) => {
                out.put_u8(DELTA);
                put_delta(delta, &mut out);
            }
            Self::Pull { origin, have, full } => {
                out.put_u8(PULL);
                put_origin(origin, &mut out);
                put_flags(&[(full.is_some(), FULL)], &mut out);
                put_start(*full, &mut out);
                varint::put(*have, &mut out);
            }
            Self::Nothing { origin, coverage } => {
                out.put_u8(NOTHING);
                put_origin(origin, &mut out);
                put_flags(&[(*coverage == Coverage::Complete, COMPLETE)], &mut out);
            }
            Self::Ack {
                version,
                sender_version,
            } => {
                out.put_u8(ACK);
                varint::put(*version, &mut out);
                varint::put(*sender_version, &mut out);
            }
            Self::Digest(summaries) => {
                out.put_u8(DIGEST);
                varint::put(summaries.len() as u64, &mut out);
                for summary in summaries {
                    put_summary(summary, &mut out);
                }
            }
        }
        out.freeze()
    }
}

fn put_bytes(bytes: &[u8], out: &mut BytesMut) {
    varint::put(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

fn put_origin(origin: &Origin, out: &mut BytesMut) {
    put_bytes(origin.id.name.as_str().as_bytes(), out);
    out.put_u64_le(origin.id.incarnation.get());
    varint::put(origin.renewal.into(), out);
}

fn put_flags(flags: &[(bool, u8)], out: &mut BytesMut) {
    let set = flags.iter().filter(|(is_set, _)| *is_set);
    out.put_u8(set.fold(0, |all, (_, flag)| all | flag));
}

fn put_start(full: Option<u64>, out: &mut BytesMut) {
    if let Some(start) = full {
        varint::put(start, out);
    }
}

fn put_summary(summary: &Summary, out: &mut BytesMut) {
    put_origin(&summary.origin, out);
    varint::put(summary.version, out);
    out.put_u64_le(summary.hash);
}

fn put_delta(delta: &Delta, out: &mut BytesMut) {
    put_origin(&delta.origin, out);
    let flags = [
        (delta.full.is_some(), FULL),
        (delta.more, MORE),
        (delta.answer.is_some(), ANSWER),
        (delta.answer == Some(Coverage::Complete), COMPLETE),
    ];
    put_flags(&flags, out);
    put_start(delta.full, out);
    varint::put(delta.from, out);
    varint::put(delta.to.saturating_sub(delta.from), out);
    let mut indices = BTreeMap::new();
    let mut names = BytesMut::new();
    for op in &delta.ops {
        if let OpKind::Put { table, .. } = &op.kind {
            let next = indices.len() as u64;
            indices.entry(table.as_ref()).or_insert_with(|| {
                put_bytes(table.as_bytes(), &mut names);
                next
            });
        }
    }
    varint::put(indices.len() as u64, out);
    out.extend_from_slice(&names);
    varint::put(delta.ops.len() as u64, out);
    let mut previous = delta.from;
    for op in &delta.ops {
        put_op(op, previous, &indices, out);
        previous = op.version;
    }
}

fn put_op(op: &Op, previous: u64, indices: &BTreeMap<&str, u64>, out: &mut BytesMut) {
    let distance = op.version.saturating_sub(previous);
    match &op.kind {
        OpKind::Put { table, body } => {
            varint::put(distance << 1, out);
            varint::put(op.id.0, out);
            let index = indices.get(table.as_ref()).copied();
            varint::put(index.unwrap_or_default(), out);
            put_bytes(body, out);
        }
        OpKind::Remove => {
            varint::put(distance << 1 | 1, out);
            varint::put(op.id.0, out);
        }
    }
}
