//! Points in time, and durations. `Instant` is excluded: another machine's clock cannot read it.

use std::time::{Duration, SystemTime};

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Leaf, Shape};
use crate::message::wire::Wire;

const NANOS: u32 = 1_000_000_000;

impl Schema for Duration {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::Interval)
    }
}

/// Whole seconds, and the remaining nanoseconds.
impl Wire for Duration {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        self.as_secs().put(out)?;
        self.subsec_nanos().put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(Self::new(u64::take(input)?, nanos(input)?))
    }
}

fn nanos<C: Codec>(input: &mut In<'_, C>) -> Result<u32, DecodeError> {
    match u32::take(input)? {
        nanos if nanos < NANOS => Ok(nanos),
        nanos => Err(DecodeError::Invalid(format!(
            "{nanos} nanoseconds are no part of a second"
        ))),
    }
}

impl Schema for SystemTime {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::Time)
    }
}

/// Whole seconds since 1970, negative before it, and the nanoseconds after them.
impl Wire for SystemTime {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        let (seconds, nanos) = match self.duration_since(Self::UNIX_EPOCH) {
            Ok(after) => (i128::from(after.as_secs()), after.subsec_nanos()),
            Err(error) => match error.duration() {
                whole if whole.subsec_nanos() == 0 => (-i128::from(whole.as_secs()), 0),
                before => (
                    -i128::from(before.as_secs()) - 1,
                    NANOS - before.subsec_nanos(),
                ),
            },
        };
        let seconds = i64::try_from(seconds).map_err(|_| {
            EncodeError::Refused(format!("{seconds} seconds since 1970 are too many"))
        })?;
        seconds.put(out)?;
        nanos.put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let seconds = i64::take(input)?;
        let nanos = nanos(input)?;
        let whole = Duration::from_secs(seconds.unsigned_abs());
        let point = match seconds < 0 {
            true => Self::UNIX_EPOCH.checked_sub(whole),
            false => Self::UNIX_EPOCH.checked_add(whole),
        };
        let point = point.and_then(|point| point.checked_add(Duration::from_nanos(nanos.into())));
        point.ok_or_else(|| {
            DecodeError::Invalid(format!(
                "the clock here has no {seconds} seconds since 1970"
            ))
        })
    }
}
