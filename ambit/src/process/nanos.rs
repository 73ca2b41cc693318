//! The JSON form of a time: nanoseconds, as a number.

pub(crate) fn nanos<S: serde::Serializer>(
    time: &std::time::Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}
