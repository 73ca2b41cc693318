//! Decodes frames. Declared lengths never cause an allocation.

use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;

use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::replica::change::EntryId;
use crate::replica::frame::encode::{
    ACK, ANSWER, COMPLETE, DELTA, DIGEST, FULL, MORE, NOTHING, PULL,
};
use crate::replica::frame::{Coverage, Delta, Frame, FrameError, Op, OpKind, Summary};
use crate::replica::limits::ReplicaLimits;
use crate::replica::origin::Origin;
use crate::wire::{WireError, varint};

impl Frame {
    /// # Errors
    /// Fails if the bytes are not exactly one frame within the limits.
    pub(crate) fn decode(bytes: &Bytes, limits: &ReplicaLimits) -> Result<Self, FrameError> {
        bounded("a sync frame", bytes.len(), limits.frame())?;
        let mut fields = Fields {
            frame: bytes,
            rest: bytes,
            limits,
        };
        let frame = match fields.byte()? {
            DELTA => Self::Delta(fields.delta()?),
            PULL => fields.pull()?,
            NOTHING => Self::Nothing {
                origin: fields.origin()?,
                coverage: coverage(fields.flags(NOTHING, COMPLETE)?),
            },
            ACK => Self::Ack {
                version: fields.number()?,
                sender_version: fields.number()?,
            },
            DIGEST => Self::Digest(fields.list(Fields::summary)?),
            kind => return Err(FrameError::UnknownKind { kind }),
        };
        match fields.rest.len() {
            0 => Ok(frame),
            left => Err(WireError::TrailingBytes { left }.into()),
        }
    }
}

fn bounded(what: &'static str, length: usize, limit: usize) -> Result<(), WireError> {
    if length > limit {
        return Err(WireError::TooLarge {
            what,
            length,
            limit,
        });
    }
    Ok(())
}

/// The unread part of a frame.
struct Fields<'a> {
    frame: &'a Bytes,
    rest: &'a [u8],
    limits: &'a ReplicaLimits,
}

impl<'a> Fields<'a> {
    fn number(&mut self) -> Result<u64, WireError> {
        varint::take(&mut self.rest)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], WireError> {
        let split = self.rest.split_at_checked(length);
        let (taken, rest) = split.ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn byte(&mut self) -> Result<u8, WireError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn bytes(&mut self, what: &'static str, limit: usize) -> Result<&'a [u8], WireError> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        bounded(what, length, limit)?;
        self.take(length)
    }

    fn text(&mut self, what: &'static str, limit: usize) -> Result<&'a str, WireError> {
        std::str::from_utf8(self.bytes(what, limit)?).map_err(|_| WireError::NotText)
    }

    /// Every item has at least one byte, so a false length ends with the frame.
    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, FrameError>,
    ) -> Result<Vec<T>, FrameError> {
        let length = self.number()?;
        let mut items = Vec::new();
        for _ in 0..length {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn origin(&mut self) -> Result<Origin, FrameError> {
        let name = self.text("the name of a node", usize::MAX)?;
        let name = NodeName::from_str(name)?;
        let incarnation = Incarnation(u64::from_le_bytes(self.array()?));
        let renewal = varint::take_u32(&mut self.rest)?;
        let id = NodeId { name, incarnation };
        Ok(Origin { id, renewal })
    }

    fn flags(&mut self, kind: u8, known: u8) -> Result<u8, FrameError> {
        let flags = self.byte()?;
        if flags & !known != 0 {
            return Err(FrameError::WrongFlags { kind, flags });
        }
        Ok(flags)
    }

    fn pull(&mut self) -> Result<Frame, FrameError> {
        let origin = self.origin()?;
        let flags = self.flags(PULL, FULL)?;
        Ok(Frame::Pull {
            origin,
            full: self.start(flags)?,
            have: self.number()?,
        })
    }

    fn start(&mut self, flags: u8) -> Result<Option<u64>, WireError> {
        let is_full = flags & FULL != 0;
        is_full.then(|| self.number()).transpose()
    }

    fn summary(&mut self) -> Result<Summary, FrameError> {
        Ok(Summary {
            origin: self.origin()?,
            version: self.number()?,
            hash: u64::from_le_bytes(self.array()?),
        })
    }

    fn delta(&mut self) -> Result<Delta, FrameError> {
        let origin = self.origin()?;
        let flags = self.flags(DELTA, FULL | MORE | ANSWER | COMPLETE)?;
        let answer = (flags & ANSWER != 0).then(|| coverage(flags));
        if answer.is_none() && flags & COMPLETE != 0 {
            return Err(FrameError::WrongFlags { kind: DELTA, flags });
        }
        let full = self.start(flags)?;
        let from = self.number()?;
        let to = from.checked_add(self.number()?);
        let to = to.ok_or(FrameError::BadVersions)?;
        let tables = self.list(Self::table)?;
        let mut previous = from;
        let ops = self.list(|fields| {
            let op = fields.op(previous, to, &tables)?;
            previous = op.version;
            Ok(op)
        })?;
        check_ids(&ops)?;
        let more = flags & MORE != 0;
        // The receiver pulls again after each such delta, so each must contain something.
        if more && (ops.is_empty() || previous != to) {
            return Err(FrameError::NoProgress);
        }
        Ok(Delta {
            origin,
            from,
            to,
            full,
            more,
            answer,
            ops,
        })
    }

    fn table(&mut self) -> Result<Arc<str>, FrameError> {
        let name = self.text("the name of a table", self.limits.table_name)?;
        if name.is_empty() {
            return Err(FrameError::EmptyTable);
        }
        Ok(name.into())
    }

    fn op(&mut self, previous: u64, to: u64, tables: &[Arc<str>]) -> Result<Op, FrameError> {
        let step = self.number()?;
        let version = previous.checked_add(step >> 1).filter(|at| *at <= to);
        let version = version.filter(|at| *at > previous);
        let version = version.ok_or(FrameError::BadVersions)?;
        let id = EntryId(self.number()?);
        if step & 1 != 0 {
            let kind = OpKind::Remove;
            return Ok(Op { version, id, kind });
        }
        let index = self.number()?;
        let table = usize::try_from(index).ok().and_then(|at| tables.get(at));
        let defined = tables.len();
        let table = table.ok_or(FrameError::UnknownTable { index, defined })?;
        let body = self.bytes("the body of an entry", self.limits.body)?;
        let kind = OpKind::Put {
            table: table.clone(),
            body: self.frame.slice_ref(body),
        };
        Ok(Op { version, id, kind })
    }
}

fn coverage(flags: u8) -> Coverage {
    match flags & COMPLETE {
        0 => Coverage::Partial,
        _ => Coverage::Complete,
    }
}

fn check_ids(ops: &[Op]) -> Result<(), FrameError> {
    let mut ids: Vec<_> = ops.iter().map(|op| op.id).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(FrameError::RepeatedId { id: pair[0] }),
        None => Ok(()),
    }
}
