//! First messages of nodes: a valid one, and others that are nearly valid.

use crate::corpus::made::{Made, by_hand};

/// Magic and versions, cluster and name, incarnation; no address, no feature, one codec, no limit, a heartbeat, no
/// software.
const WHOLE: &[u8] = b"ambit\x01\x01\x04shop\x01c\x07\x00\x00\x01\x07bincode\x00\xe8\x07\x00";

pub(crate) fn handshakes() -> Vec<Made> {
    let with = |from: &[u8], to: &[u8]| {
        let at = WHOLE.windows(from.len()).position(|part| part == from);
        let at = at.expect("it is a part of the whole");
        [&WHOLE[..at], to, &WHOLE[at + from.len()..]].concat()
    };
    let addresses =
        b"\x07\x02\x04\x7f\x00\x00\x01\x28\x23\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x28\x23\x00";
    let limits = b"bincode\x0c\xff\x01\xff\x01\x02\xff\x01\x0a\x0a\x0a\x0a\x0a\x0a\x10\x02";
    let endless = b"\x07\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    let cases: [(&str, Vec<u8>); 13] = [
        ("whole", WHOLE.to_vec()),
        ("of-a-later-version", [WHOLE, b"more"].concat()),
        ("with-addresses", with(b"\x07\x00\x00", addresses)),
        ("with-limits", with(b"bincode\x00", limits)),
        (
            "a-limit-of-nothing",
            with(b"bincode\x00", b"bincode\x01\x00"),
        ),
        (
            "other-codecs",
            with(b"\x01\x07bincode", b"\x02\x08postcard\x04json"),
        ),
        ("no-codec", with(b"\x01\x07bincode", b"\x00")),
        ("slow-heartbeat", with(b"\xe8\x07", b"\xc0\xcf\x24")),
        ("other-cluster", with(b"shop", b"stop")),
        ("other-versions", with(b"ambit\x01\x01", b"ambit\x02\x09")),
        ("name-with-escapes", with(b"\x01c", b"\x03\x1b[m")),
        ("addresses-without-end", with(b"\x07\x00", endless)),
        (
            "software-that-turns-around",
            with(b"\xe8\x07\x00", b"\xe8\x07\x07a\xe2\x80\xaeb\n\x07"),
        ),
    ];
    let cases = cases.iter().map(|(name, bytes)| (*name, &**bytes));
    by_hand("handshake", cases).collect()
}
