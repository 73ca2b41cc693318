//! Decodes frames.

use crate::wire::error::{WireError, bounded};
use crate::wire::frame::address::{Cause, ProcessAddress};
use crate::wire::frame::kind::{FRAMED, HAS_TRACE, Kind, LAST, OPTIONAL};
use crate::wire::frame::trace::Trace;
use crate::wire::frame::{Frame, HELLO_MAX};
use crate::wire::varint;

impl<'a> Frame<'a> {
    /// Decodes a frame from its kind, flags and body, as found by a [`Splitter`](crate::wire::Splitter). Returns `None`
    /// for an unknown frame that may be skipped.
    ///
    /// # Errors
    /// Fails with a [`WireError`] if the frame is malformed; close the connection with [`WireError::close_code`].
    pub fn decode(kind: u8, flags: u8, body: &'a [u8]) -> Result<Option<Self>, WireError> {
        let optional = flags & OPTIONAL != 0;
        let Some(known) = Kind::from_number(kind) else {
            return if optional {
                Ok(None)
            } else {
                Err(WireError::UnknownKind { kind })
            };
        };
        // An unknown flag may change the layout of the body, so the whole frame is skipped.
        if flags & !(known.flags() | OPTIONAL) != 0 {
            return if optional {
                Ok(None)
            } else {
                Err(WireError::WrongFlags { kind, flags })
            };
        }
        let mut body = FrameBody(body);
        let frame = body.frame(known, flags)?;
        body.end()?;
        Ok(Some(frame))
    }
}

/// The sender, the receiver, the cause and the encoded reason of an exit signal.
type ExitFields<'a> = (Option<ProcessAddress>, ProcessAddress, Cause, &'a [u8]);

/// The unread part of a body.
struct FrameBody<'a>(&'a [u8]);

impl<'a> FrameBody<'a> {
    /// Decodes the fields in the order in which the struct literals name them.
    fn frame(&mut self, kind: Kind, flags: u8) -> Result<Frame<'a>, WireError> {
        match kind {
            Kind::TypeDef => self.type_def(),
            Kind::NodeDef => self.node_def(),
            Kind::Tell => self.tell(flags),
            Kind::Ask => self.ask(flags),
            Kind::Reply => self.reply(flags),
            Kind::ReplyErr => {
                let (req, error) = (self.long()?, self.rest());
                Ok(Frame::ReplyErr { req, error })
            }
            Kind::Cancel => self.long().map(|req| Frame::Cancel { req }),
            Kind::Link => {
                let (from, to) = (self.local()?, self.local()?);
                Ok(Frame::Link { from, to })
            }
            Kind::Unlink => {
                let (from, to) = (self.local()?, self.local()?);
                Ok(Frame::Unlink { from, to })
            }
            Kind::Monitor => {
                let (from, to, reference) = self.monitor()?;
                Ok(Frame::Monitor {
                    from,
                    to,
                    reference,
                })
            }
            Kind::Demonitor => {
                let (from, to, reference) = self.monitor()?;
                Ok(Frame::Demonitor {
                    from,
                    to,
                    reference,
                })
            }
            Kind::Down => self.down(),
            Kind::Exit => self.exit(),
            Kind::ExitAhead => self.exit_ahead(),
            Kind::Stop => self.stop(),
            Kind::Frag => {
                let (id, last, chunk) = (self.short()?, flags & LAST != 0, self.rest());
                Ok(Frame::Frag { id, last, chunk })
            }
            Kind::Hello => self.hello().map(Frame::Hello),
            Kind::HelloAck => self.hello().map(Frame::HelloAck),
            Kind::Credit => {
                let (to, count) = (self.local()?, self.short()?);
                Ok(Frame::Credit { to, count })
            }
            Kind::Ping => self.fixed().map(|nonce| Frame::Ping { nonce }),
            Kind::Pong => self.fixed().map(|nonce| Frame::Pong { nonce }),
            Kind::GoAway => Ok(Frame::GoAway),
        }
    }

    fn type_def(&mut self) -> Result<Frame<'a>, WireError> {
        Ok(Frame::TypeDef {
            id: self.short()?,
            name: self.text()?,
            fingerprint: self.fixed()?,
            contract: self.rest(),
        })
    }

    fn node_def(&mut self) -> Result<Frame<'a>, WireError> {
        Ok(Frame::NodeDef {
            id: self.short()?,
            name: self.text()?,
            incarnation: self.fixed()?,
        })
    }

    fn tell(&mut self, flags: u8) -> Result<Frame<'a>, WireError> {
        Ok(Frame::Tell {
            framed: flags & FRAMED != 0,
            trace: self.trace(flags)?,
            to: self.local()?,
            from: self.maybe()?,
            ty: self.short()?,
            method: self.bytes().map(u32::from_le_bytes)?,
            payload: self.rest(),
        })
    }

    fn ask(&mut self, flags: u8) -> Result<Frame<'a>, WireError> {
        Ok(Frame::Ask {
            framed: flags & FRAMED != 0,
            trace: self.trace(flags)?,
            req: self.long()?,
            to: self.local()?,
            from: self.maybe()?,
            ty: self.short()?,
            method: self.bytes().map(u32::from_le_bytes)?,
            deadline_ms: self.one_less()?,
            payload: self.rest(),
        })
    }

    fn reply(&mut self, flags: u8) -> Result<Frame<'a>, WireError> {
        Ok(Frame::Reply {
            framed: flags & FRAMED != 0,
            req: self.long()?,
            payload: self.rest(),
        })
    }

    fn monitor(&mut self) -> Result<(Option<ProcessAddress>, ProcessAddress, u64), WireError> {
        Ok((self.maybe()?, self.local()?, self.long()?))
    }

    fn down(&mut self) -> Result<Frame<'a>, WireError> {
        Ok(Frame::Down {
            from: self.local()?,
            to: self.maybe()?,
            reference: self.long()?,
            reason: self.rest(),
        })
    }

    fn exit(&mut self) -> Result<Frame<'a>, WireError> {
        let (from, to, cause, reason) = self.exit_fields()?;
        Ok(Frame::Exit {
            from,
            to,
            cause,
            reason,
        })
    }

    fn exit_ahead(&mut self) -> Result<Frame<'a>, WireError> {
        let (from, to, cause, reason) = self.exit_fields()?;
        Ok(Frame::ExitAhead {
            from,
            to,
            cause,
            reason,
        })
    }

    fn exit_fields(&mut self) -> Result<ExitFields<'a>, WireError> {
        let (from, to, [cause]) = (self.maybe()?, self.local()?, self.bytes()?);
        Ok((from, to, Cause::from_number(cause)?, self.rest()))
    }

    fn stop(&mut self) -> Result<Frame<'a>, WireError> {
        Ok(Frame::Stop {
            from: self.maybe()?,
            to: self.local()?,
            reason: self.rest(),
        })
    }

    fn hello(&mut self) -> Result<&'a [u8], WireError> {
        bounded("the handshake", self.0.len(), HELLO_MAX)?;
        Ok(self.rest())
    }
}

/// Decoding of single fields.
impl<'a> FrameBody<'a> {
    fn long(&mut self) -> Result<u64, WireError> {
        varint::take(&mut self.0)
    }

    fn short(&mut self) -> Result<u32, WireError> {
        varint::take_u32(&mut self.0)
    }

    /// Reads an optional number, encoded as the value plus 1 or as 0.
    fn one_less(&mut self) -> Result<Option<u32>, WireError> {
        let Some(number) = self.long()?.checked_sub(1) else {
            return Ok(None);
        };
        let number = u32::try_from(number).map_err(|_| WireError::BadNumber)?;
        Ok(Some(number))
    }

    fn local(&mut self) -> Result<ProcessAddress, WireError> {
        let (slot, generation) = (self.short()?, self.short()?);
        Ok(ProcessAddress { slot, generation })
    }

    fn maybe(&mut self) -> Result<Option<ProcessAddress>, WireError> {
        let Some(slot) = self.one_less()? else {
            return Ok(None);
        };
        let generation = self.short()?;
        Ok(Some(ProcessAddress { slot, generation }))
    }

    fn trace(&mut self, flags: u8) -> Result<Option<Trace>, WireError> {
        if flags & HAS_TRACE == 0 {
            return Ok(None);
        }
        let (trace_id, span_id, [flags]) = (self.bytes()?, self.bytes()?, self.bytes()?);
        Ok(Some(Trace {
            trace_id,
            span_id,
            flags,
        }))
    }

    fn fixed(&mut self) -> Result<u64, WireError> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(WireError::Truncated)?;
        self.0 = rest;
        Ok(*bytes)
    }

    fn text(&mut self) -> Result<&'a str, WireError> {
        let length = usize::try_from(self.long()?).map_err(|_| WireError::Truncated)?;
        let (text, rest) = self
            .0
            .split_at_checked(length)
            .ok_or(WireError::Truncated)?;
        self.0 = rest;
        str::from_utf8(text).map_err(|_| WireError::NotText)
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn end(&self) -> Result<(), WireError> {
        match self.0.len() {
            0 => Ok(()),
            left => Err(WireError::TrailingBytes { left }),
        }
    }
}
