//! The tag of a name on the wire.

/// Returns the tag that identifies `name` on the wire: its 32-bit FNV-1a hash. If two names in one enum, struct or
/// protocol have the same tag, the macros report a compile error.
///
/// ```
/// assert_eq!(ambit::message::tag("paid"), 0x8e44_7707);
/// ```
#[must_use]
pub const fn tag(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    hash
}
