//! The hash of a log, which compares two replicas with equal versions.
//!
//! It is the wrapping sum of a hash of each entry, so that a change costs the same for any number of entries and their
//! order does not matter. The hash of an entry is FNV-1a with 64 bits over its fields, finished with the mixer of
//! MurmurHash3. It detects drift; it is not a defence against a chosen collision.

use crate::replica::change::EntryId;

const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// Returns the hash of one entry.
pub(super) fn entry(id: EntryId, version: u64, table: &str, body: &[u8]) -> u64 {
    let mut hash = BASIS;
    let length = table.len() as u64;
    for number in [id.0, version, length] {
        hash = bytes(hash, &number.to_le_bytes());
    }
    hash = bytes(hash, table.as_bytes());
    mix(bytes(hash, body))
}

fn bytes(start: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    bytes.iter().fold(start, step)
}

fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ hash >> 33
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_entry_is_the_same_on_every_machine() {
        assert_eq!(mix(bytes(BASIS, b"")), mix(BASIS));
        // A published value of FNV-1a with 64 bits.
        assert_eq!(bytes(BASIS, b"foobar"), 0x8594_4171_f739_67e8);
        // A published value of the mixer.
        assert_eq!(mix(1), 0xb456_bcfc_34c2_cb2c);
    }

    #[test]
    fn each_field_changes_the_hash() {
        let all = [
            entry(EntryId(1), 2, "t", b"b"),
            entry(EntryId(2), 2, "t", b"b"),
            entry(EntryId(1), 3, "t", b"b"),
            entry(EntryId(1), 2, "u", b"b"),
            entry(EntryId(1), 2, "t", b"c"),
            entry(EntryId(1), 2, "tb", b""),
            entry(EntryId(1), 2, "", b"tb"),
        ];
        for (one, hash) in all.iter().enumerate() {
            assert!(!all[one + 1..].contains(hash), "field {one}");
        }
    }
}
