//! `time`: dates, times and durations.

use ::time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};

opaque! {
    OffsetDateTime = "ambit.time.OffsetDateTime",
    UtcDateTime = "ambit.time.UtcDateTime",
    PrimitiveDateTime = "ambit.time.PrimitiveDateTime",
    Date = "ambit.time.Date",
    Time = "ambit.time.Time",
    UtcOffset = "ambit.time.UtcOffset",
    Duration = "ambit.time.Duration",
}

// The Julian day.
through!(
    Date as i32,
    |date| date.to_julian_day(),
    "no day of the calendar of `time`",
    |day| Self::from_julian_day(day).ok()
);

through!(
    Time as ((u8, u8, u8), u32),
    |time| {
        let (hour, minute, second, nanos) = time.as_hms_nano();
        ((hour, minute, second), nanos)
    },
    "no time of a day",
    |((hour, minute, second), nanos)| Self::from_hms_nano(hour, minute, second, nanos).ok()
);

through!(
    PrimitiveDateTime as (Date, Time),
    |point| (point.date(), point.time()),
    |(date, time)| Self::new(date, time)
);

through!(
    UtcDateTime as (Date, Time),
    |point| (point.date(), point.time()),
    |(date, time)| Self::new(date, time)
);

// The offset of the local time from UTC, in seconds.
through!(
    UtcOffset as i32,
    |offset| offset.whole_seconds(),
    "no offset from UTC",
    |seconds| Self::from_whole_seconds(seconds).ok()
);

through!(
    OffsetDateTime as (Date, Time, UtcOffset),
    |point| (point.date(), point.time(), point.offset()),
    "a point in time that UTC has no date for",
    |(date, time, offset)| {
        let point = PrimitiveDateTime::new(date, time).assume_offset(offset);
        // A value beyond the calendar can be created, and panics when it is converted.
        point.checked_to_offset(UtcOffset::UTC)?;
        Some(point)
    }
);

// Seconds and nanoseconds, with the same sign.
through!(
    Duration as (i64, i32),
    |time| (time.whole_seconds(), time.subsec_nanoseconds()),
    "nanoseconds that are no part of the seconds before them",
    |(seconds, nanos)| {
        let agree = seconds.signum() * i64::from(nanos.signum()) >= 0;
        let part = nanos.unsigned_abs() < 1_000_000_000;
        (agree && part).then(|| Self::new(seconds, nanos))
    }
);
