//! `chrono`: dates, times and durations. `DateTime<Local>` is excluded, since its zone is that of one machine; send it
//! in UTC.

use ::chrono::{
    DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc,
};

opaque! {
    DateTime<Utc> = "ambit.chrono.DateTimeUtc",
    DateTime<FixedOffset> = "ambit.chrono.DateTimeFixedOffset",
    NaiveDateTime = "ambit.chrono.NaiveDateTime",
    NaiveDate = "ambit.chrono.NaiveDate",
    NaiveTime = "ambit.chrono.NaiveTime",
    TimeDelta = "ambit.chrono.TimeDelta",
}

// Days, counted from 1 for the first day of the year 1.
through!(
    NaiveDate as i32,
    |date| date.num_days_from_ce(),
    "no day of chrono's calendar",
    Self::from_num_days_from_ce_opt
);

// Seconds of the day, and nanoseconds, which exceed one second in a leap second: after any second, since in a time zone
// whose offset has seconds, a leap second does not follow the last second of a minute.
through!(
    NaiveTime as (u32, u32),
    |time| (time.num_seconds_from_midnight(), time.nanosecond()),
    "no time of a day",
    |(seconds, nanos)| Self::from_num_seconds_from_midnight_opt(seconds, 0)?.with_nanosecond(nanos)
);

through!(
    NaiveDateTime as (NaiveDate, NaiveTime),
    |point| (point.date(), point.time()),
    |(date, time)| Self::new(date, time)
);

through!(
    DateTime<Utc> as NaiveDateTime, |point| point.naive_utc(),
    |point| point.and_utc()
);

// The time in UTC, and the offset of the local time in seconds.
through!(
    DateTime<FixedOffset> as (NaiveDateTime, i32), |point| (point.naive_utc(), point.offset().local_minus_utc()),
    "no point in time, or no offset from UTC", |(point, ahead)| {
        let offset = FixedOffset::east_opt(ahead)?;
        // A value beyond the calendar could be created, and would panic when it is formatted.
        point.checked_add_offset(offset)?;
        Some(Self::from_naive_utc_and_offset(point, offset))
    }
);

// Whole seconds, rounded down, and the nanoseconds that follow.
through!(
    TimeDelta as (i64, u32),
    |delta| {
        let (seconds, nanos) = (delta.num_seconds(), delta.subsec_nanos());
        match u32::try_from(nanos) {
            Ok(nanos) => (seconds, nanos),
            Err(_) => (
                seconds - 1,
                nanos.wrapping_add(1_000_000_000).unsigned_abs(),
            ),
        }
    },
    "more time than chrono can count",
    |(seconds, nanos)| Self::new(seconds, nanos)
);
