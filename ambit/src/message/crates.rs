//! Types of common crates, each behind the feature of its crate's name. None needs the crate's own feature `serde`.

#[cfg(any(
    feature = "json",
    feature = "chrono",
    feature = "time",
    feature = "url",
    feature = "uuid"
))]
#[macro_use]
mod opaque;
#[cfg(any(feature = "chrono", feature = "time"))]
#[macro_use]
mod through;

#[cfg(feature = "bytes")]
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "indexmap")]
mod indexmap;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "smallvec")]
mod smallvec;
#[cfg(feature = "time")]
mod time;
#[cfg(feature = "url")]
mod url;
#[cfg(feature = "uuid")]
mod uuid;
