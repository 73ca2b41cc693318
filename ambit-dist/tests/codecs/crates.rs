//! Types of common crates, behind their features.

use std::hash::RandomState;

use ambit::Message;
use ambit::message::{Body, Codec, DecodeError, EncodeError, Form, Schema, Shape, Types, Wire};
use ambit_dist::{Bincode, Postcard};

use crate::codecs::{read, refused, travels, write};

/// These types are also messages, so plain processes can receive them.
fn is_message<T: Message + Wire>() {}

/// Decodes the bytes of `parts` as a `T`.
fn made_of<T: Wire>(parts: &impl Wire) -> Result<T, DecodeError> {
    let bytes = write::<Postcard, _>(parts, Form::Compact).unwrap();
    read::<Postcard, T>(&bytes, Form::Compact)
}

#[track_caller]
fn invalid<T: Wire + std::fmt::Debug>(parts: &impl Wire, why: &str) {
    let made = made_of::<T>(parts).unwrap_err();
    assert_eq!(made, DecodeError::Invalid(why.to_owned()));
}

#[test]
fn bytes_travel_as_a_list() {
    use bytes::{Bytes, BytesMut};
    is_message::<(Bytes, BytesMut)>();
    travels(&Bytes::from_static(b"blob"));
    travels(&BytesMut::new());
    travels(&Bytes::from(vec![7; 100_000]));
    let mut types = Types::default();
    assert_eq!(Bytes::shape(&mut types), Vec::<u8>::shape(&mut types));
    assert_eq!(made_of(&vec![1_u8, 2]), Ok(Bytes::from_static(&[1, 2])));
    assert_eq!(made_of(&Bytes::from_static(&[1, 2])), Ok(vec![1_u8, 2]));
    refused::<Bytes>(&[3, 1, 2], &DecodeError::Truncated);
}

#[test]
fn uuids_travel_as_their_bytes() {
    use uuid::Uuid;
    is_message::<Uuid>();
    travels(&Uuid::nil());
    let uuid = Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10);
    travels(&uuid);
    let bytes = write::<Bincode, _>(&uuid, Form::Compact).unwrap();
    assert_eq!(bytes, (1..=16).collect::<Vec<u8>>());
    let mut types = Types::default();
    let shape = Uuid::shape(&mut types);
    assert_eq!(shape, Shape::Named("ambit.uuid.Uuid".to_owned()));
    let definitions = types.into_definitions().unwrap();
    assert_eq!(definitions["ambit.uuid.Uuid"].version, 1);
    assert_eq!(definitions["ambit.uuid.Uuid"].body, Body::Opaque);
}

#[test]
fn urls_travel_and_are_parsed_again() {
    use url::Url;
    is_message::<Url>();
    for text in [
        "https://user:pw@example.org:8080/a/b?c=d&e#f",
        "mailto:a@b.c",
        "http://[::1]/",
        "https://bücher.example/ü?ü",
    ] {
        travels(&Url::parse(text).unwrap());
    }
    invalid::<Url>(
        &"no scheme".to_owned(),
        "no url: relative URL without a base",
    );
}

#[test]
fn times_of_chrono_travel() {
    use chrono::{
        DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc,
    };
    is_message::<(DateTime<Utc>, DateTime<FixedOffset>, NaiveDateTime)>();
    is_message::<(NaiveDate, NaiveTime, TimeDelta)>();
    for date in [NaiveDate::MIN, NaiveDate::default(), NaiveDate::MAX] {
        travels(&date);
    }
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap();
    let in_any_second = NaiveTime::MIN.with_nanosecond(1_500_000_000).unwrap();
    for time in [NaiveTime::MIN, leap, in_any_second] {
        travels(&time);
        travels(&NaiveDate::default().and_time(time));
    }
    travels(&NaiveDateTime::MIN);
    travels(&DateTime::<Utc>::MIN_UTC);
    travels(&DateTime::<Utc>::MAX_UTC);
    let zone = FixedOffset::west_opt(3 * 3600 + 1).unwrap();
    let there = DateTime::<Utc>::UNIX_EPOCH.with_timezone(&zone);
    travels(&there);
    let leap = NaiveDate::default().and_time(leap).and_local_timezone(zone);
    travels(&leap.unwrap());
    // Equality compares only the point in time.
    assert_eq!(
        made_of::<DateTime<FixedOffset>>(&there).unwrap().offset(),
        &zone
    );
    for delta in [
        TimeDelta::MIN,
        TimeDelta::nanoseconds(-1),
        TimeDelta::milliseconds(-1_500),
        TimeDelta::zero(),
        TimeDelta::milliseconds(1_500),
        TimeDelta::MAX,
    ] {
        travels(&delta);
    }
}

#[test]
fn times_that_chrono_does_not_have_are_refused() {
    use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
    invalid::<NaiveDate>(&i32::MAX, "no day of chrono's calendar");
    invalid::<NaiveTime>(&(86_400_u32, 0_u32), "no time of a day");
    invalid::<NaiveTime>(&(0_u32, 2_000_000_000_u32), "no time of a day");
    invalid::<TimeDelta>(&(i64::MAX, 0_u32), "more time than chrono can count");
    invalid::<TimeDelta>(
        &(0_i64, 1_000_000_000_u32),
        "more time than chrono can count",
    );
    let offset = "no point in time, or no offset from UTC";
    invalid::<DateTime<FixedOffset>>(&(NaiveDateTime::default(), 86_400), offset);
    invalid::<DateTime<FixedOffset>>(&(NaiveDateTime::MAX, 3600), offset);
}

#[test]
fn times_of_time_travel() {
    use time::{Date, Duration, OffsetDateTime, PrimitiveDateTime, Time, UtcDateTime, UtcOffset};
    is_message::<(OffsetDateTime, UtcDateTime, PrimitiveDateTime, Date)>();
    is_message::<(Time, UtcOffset, Duration)>();
    travels(&Date::MIN);
    travels(&Date::MAX);
    travels(&Time::MIDNIGHT);
    travels(&Time::from_hms_nano(23, 59, 59, 999_999_999).unwrap());
    travels(&PrimitiveDateTime::MIN);
    travels(&PrimitiveDateTime::MAX);
    travels(&UtcDateTime::MAX);
    let offset = UtcOffset::from_hms(-3, -30, -1).unwrap();
    travels(&offset);
    let there = OffsetDateTime::UNIX_EPOCH.to_offset(offset);
    travels(&there);
    assert_eq!(made_of::<OffsetDateTime>(&there).unwrap().offset(), offset);
    for time in [
        Duration::MIN,
        Duration::nanoseconds(-1),
        Duration::ZERO,
        Duration::MAX,
    ] {
        travels(&time);
    }
}

#[test]
fn times_that_time_does_not_have_are_refused() {
    use time::{Date, Duration, OffsetDateTime, Time, UtcOffset};
    invalid::<Date>(&i32::MAX, "no day of the calendar of `time`");
    invalid::<Time>(&((24_u8, 0_u8, 0_u8), 0_u32), "no time of a day");
    invalid::<UtcOffset>(&i32::MIN, "no offset from UTC");
    let part = "nanoseconds that are no part of the seconds before them";
    invalid::<Duration>(&(i64::MAX, 1_000_000_000), part);
    invalid::<Duration>(&(1_i64, -1), part);
    invalid::<Duration>(&(0_i64, i32::MIN), part);
    let ahead = UtcOffset::from_hms(1, 0, 0).unwrap();
    invalid::<OffsetDateTime>(
        &(Date::MIN, Time::MIDNIGHT, ahead),
        "a point in time that UTC has no date for",
    );
}

#[test]
fn small_vectors_are_lists() {
    use smallvec::SmallVec;
    type Few = SmallVec<[String; 2]>;
    is_message::<Few>();
    for length in 0..5 {
        let few: Few = (0..length).map(|at| format!("{at}")).collect();
        travels(&few);
        let bytes = write::<Bincode, _>(&few, Form::Compact).unwrap();
        let back: Few = read::<Bincode, _>(&bytes, Form::Compact).unwrap();
        assert_eq!(back.spilled(), length > 2);
        assert_eq!(made_of::<Vec<String>>(&few), Ok(few.into_vec()));
    }
    refused::<SmallVec<[u8; 4]>>(&[3, 1], &DecodeError::Truncated);
    refused::<SmallVec<[u8; 4]>>(&[200, 1], &DecodeError::Truncated);
}

#[test]
fn index_maps_keep_their_order() {
    use indexmap::{IndexMap, IndexSet};
    is_message::<(IndexMap<u8, u8, RandomState>, IndexSet<u8, RandomState>)>();
    let keys = [3_u8, 1, 2];
    let map: IndexMap<u8, String, RandomState> =
        keys.iter().map(|key| (*key, format!("{key}"))).collect();
    travels(&map);
    let back: IndexMap<u8, String, RandomState> = made_of(&map).unwrap();
    assert!(back.keys().eq(&keys));
    let set: IndexSet<u8, RandomState> = keys.into_iter().collect();
    travels(&set);
    assert!(
        made_of::<IndexSet<u8, RandomState>>(&set)
            .unwrap()
            .iter()
            .eq(&keys)
    );
    refused::<IndexMap<u8, u8, RandomState>>(&[2, 1, 1], &DecodeError::Truncated);
}

#[test]
fn json_travels_kind_by_kind() {
    use serde_json::{Value, json};
    is_message::<Value>();
    travels(&json!({
        "nothing": null,
        "flags": [true, false],
        "numbers": [0, 1, -1, u64::MAX, i64::MIN, 0.1, -1e300, 5e-324],
        "nested": [{"a": [{}]}, [], "grüße"],
    }));
    // When parsed from text, this number differs unless serde_json is configured to be exact.
    travels(&json!(31.245270191439438));
    invalid::<Value>(&9_u8, "9 is no kind of JSON");
    invalid::<Value>(&(5_u8, f64::NAN), "no number of JSON");
}

#[test]
fn json_is_read_down_to_the_depth() {
    use serde_json::{Value, json};
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    travels(&nested(128));
    for form in crate::codecs::FORMS {
        let deep = Err(EncodeError::TooDeep { limit: 128 });
        assert_eq!(write::<Postcard, _>(&nested(129), form), deep);
        let maps = (0..129).fold(json!(1), |inner, _| json!({ "a": inner }));
        assert_eq!(write::<Bincode, _>(&maps, form), deep);
    }
    fn deep<C: Codec>(bytes: &[u8]) {
        let read = read::<C, Value>(bytes, Form::Framed);
        assert_eq!(read, Err(DecodeError::TooDeep { limit: 128 }));
    }
    let lists = [7_u8, 1].repeat(100_000);
    let maps = [8_u8, 1, 0].repeat(100_000);
    deep::<Bincode>(&lists);
    deep::<Postcard>(&lists);
    deep::<Bincode>(&maps);
    deep::<Postcard>(&maps);
}
