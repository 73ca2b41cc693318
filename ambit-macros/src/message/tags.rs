//! The number that a name has on the wire.

/// FNV-1a of 32 bits, as `ambit::message::tag` computes it; the tests of `ambit-dist` compare the two.
pub(super) fn tag(name: &str) -> u32 {
    let mix = |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    name.bytes().fold(0x811c_9dc5, mix)
}
