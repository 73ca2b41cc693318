//! Notices about the end of processes.

use crate::exit_reason::ExitReason;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Shape, Variant};
use crate::message::tag::tag;
use crate::message::wire::Wire;
use crate::pid::Pid;
use crate::signal::{Down, Exit, MonitorRef, Watched};

parts!(struct Exit = "ambit.exit" { from: Pid, reason: ExitReason });
parts!(struct Down = "ambit.down" { monitor: MonitorRef, target: Watched, reason: ExitReason });

parts!(enum Watched = "ambit.watched" {
    Process = "process" { 0 as pid: Pid },
    Name = "name" { 0 as name: String },
});

/// Encoded as its number in the system of its process.
impl Schema for MonitorRef {
    fn shape(types: &mut Types) -> Shape {
        types.define::<Self>("ambit.monitor_ref".to_owned(), 1, |types| {
            Body::Struct(vec![u64::field(types, "0", false)])
        })
    }
}

impl Wire for MonitorRef {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.record(1)?;
        out.field(const { tag("0") }, &self.0)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let mut record = input.record()?;
        let number = record.field("0", const { tag("0") })?;
        record.end();
        Ok(Self(number))
    }
}
