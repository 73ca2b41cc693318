//! Samples of all kinds of frames.

use ambit_dist::wire::{Cause, Frame, Kind, ProcessAddress, Trace};
use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// The data of a frame; each kind uses a part of it.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) tail: Vec<u8>,
    pub(crate) to: ProcessAddress,
    pub(crate) from: ProcessAddress,
    pub(crate) maybe: Option<ProcessAddress>,
    pub(crate) short: u32,
    pub(crate) tag: u32,
    pub(crate) long: u64,
    pub(crate) deadline_ms: Option<u32>,
    pub(crate) trace: Option<Trace>,
    pub(crate) flag: bool,
}

impl Sample {
    #[expect(clippy::too_many_lines, reason = "one arm for each kind")]
    pub(crate) fn frame(&self) -> Frame<'_> {
        let Self {
            to,
            from,
            maybe,
            short,
            tag: method,
            long,
            deadline_ms,
            trace,
            flag,
            ..
        } = *self;
        let (name, tail) = (&*self.name, &*self.tail);
        let cause = if flag { Cause::Link } else { Cause::Sent };
        match self.kind {
            Kind::TypeDef => Frame::TypeDef {
                id: short,
                name,
                fingerprint: long,
                contract: tail,
            },
            Kind::NodeDef => Frame::NodeDef {
                id: short,
                name,
                incarnation: long,
            },
            Kind::Tell => Frame::Tell {
                to,
                from: maybe,
                ty: short,
                method,
                framed: flag,
                trace,
                payload: tail,
            },
            Kind::Ask => Frame::Ask {
                req: long,
                to,
                from: maybe,
                ty: short,
                method,
                deadline_ms,
                framed: flag,
                trace,
                payload: tail,
            },
            Kind::Reply => Frame::Reply {
                req: long,
                framed: flag,
                payload: tail,
            },
            Kind::ReplyErr => Frame::ReplyErr {
                req: long,
                error: tail,
            },
            Kind::Cancel => Frame::Cancel { req: long },
            Kind::Link => Frame::Link { from, to },
            Kind::Unlink => Frame::Unlink { from, to },
            Kind::Monitor => Frame::Monitor {
                from: maybe,
                to,
                reference: long,
            },
            Kind::Demonitor => Frame::Demonitor {
                from: maybe,
                to,
                reference: long,
            },
            Kind::Down => Frame::Down {
                from,
                to: maybe,
                reference: long,
                reason: tail,
            },
            Kind::Exit => Frame::Exit {
                from: maybe,
                to,
                cause,
                reason: tail,
            },
            Kind::ExitAhead => Frame::ExitAhead {
                from: maybe,
                to,
                cause,
                reason: tail,
            },
            Kind::Stop => Frame::Stop {
                from: maybe,
                to,
                reason: tail,
            },
            Kind::Frag => Frame::Frag {
                id: short,
                last: flag,
                chunk: tail,
            },
            Kind::Hello => Frame::Hello(tail),
            Kind::HelloAck => Frame::HelloAck(tail),
            Kind::Credit => Frame::Credit { to, count: short },
            Kind::Ping => Frame::Ping { nonce: long },
            Kind::Pong => Frame::Pong { nonce: long },
            Kind::GoAway => Frame::GoAway,
            other => panic!("no sample has the kind {other:?}"),
        }
    }
}

/// Generates the boundaries of encoded lengths as often as other numbers.
fn short() -> impl Strategy<Value = u32> {
    prop_oneof![
        0..300u32,
        any::<u32>(),
        select(vec![127, 128, u32::MAX - 1, u32::MAX])
    ]
}

fn long() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..300u64,
        any::<u64>(),
        select(vec![u64::MAX, 1 << 63, u64::from(u32::MAX)])
    ]
}

fn local() -> impl Strategy<Value = ProcessAddress> {
    (short(), short()).prop_map(|(slot, generation)| ProcessAddress { slot, generation })
}

fn trace() -> impl Strategy<Value = Trace> {
    any::<([u8; 16], [u8; 8], u8)>().prop_map(|(trace_id, span_id, flags)| Trace {
        trace_id,
        span_id,
        flags,
    })
}

/// Generates samples whose open end has at most this many bytes.
pub(crate) fn samples(tail: usize) -> impl Strategy<Value = Sample> {
    let kinds = select(Kind::all().collect::<Vec<_>>());
    let texts = (kinds, ".{0,40}", vec(any::<u8>(), 0..=tail));
    let ids = (local(), local(), proptest::option::of(local()));
    let numbers = (short(), any::<u32>(), long(), proptest::option::of(short()));
    let flags = (proptest::option::of(trace()), any::<bool>());
    (texts, ids, numbers, flags).prop_map(|(texts, ids, numbers, flags)| Sample {
        kind: texts.0,
        name: texts.1,
        tail: texts.2,
        to: ids.0,
        from: ids.1,
        maybe: ids.2,
        short: numbers.0,
        tag: numbers.1,
        long: numbers.2,
        deadline_ms: numbers.3,
        trace: flags.0,
        flag: flags.1,
    })
}

/// Encodes a frame with its header.
pub(crate) fn encoded(frame: &Frame<'_>) -> Bytes {
    let mut out = BytesMut::new();
    frame.encode(&mut out);
    out.freeze()
}
