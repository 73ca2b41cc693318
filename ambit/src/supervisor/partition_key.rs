//! Maps keys to partitions.

use std::hash::{Hash, Hasher};

/// Returns the partition of a key.
pub(crate) fn partition<K: Hash + ?Sized>(key: &K, partitions: usize) -> u64 {
    digest(key) % partitions as u64
}

/// Returns the number that determines it, independent of the number of partitions.
pub(crate) fn digest<K: Hash + ?Sized>(key: &K) -> u64 {
    let mut hasher = KeyHasher::default();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Hashes an integer to its absolute value, anything else to FNV-1a of its bytes.
struct KeyHasher {
    hash: u64,
    integer: Option<u64>,
    writes: u32,
}

impl Default for KeyHasher {
    fn default() -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            integer: None,
            writes: 0,
        }
    }
}

macro_rules! integers {
    ($($method:ident($integer:ty) $absolute:expr;)*) => {
        $(fn $method(&mut self, integer: $integer) {
            self.write(&integer.to_le_bytes());
            let absolute: fn($integer) -> u64 = $absolute;
            self.integer = Some(absolute(integer));
        })*
    };
}

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.writes += 1;
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    integers! {
        write_u8(u8) u64::from;
        write_u16(u16) u64::from;
        write_u32(u32) u64::from;
        write_u64(u64) |n| n;
        write_usize(usize) |n| n as u64;
        write_i8(i8) |n| u64::from(n.unsigned_abs());
        write_i16(i16) |n| u64::from(n.unsigned_abs());
        write_i32(i32) |n| u64::from(n.unsigned_abs());
        write_i64(i64) i64::unsigned_abs;
        write_isize(isize) |n| n.unsigned_abs() as u64;
    }

    fn finish(&self) -> u64 {
        match self.integer {
            Some(integer) if self.writes == 1 => integer,
            _ => self.hash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_go_by_their_absolute_value_and_the_rest_by_a_hash_that_stays() {
        assert_eq!(partition(&7_u64, 4), 3);
        assert_eq!(partition(&-7_i32, 4), 3);
        assert_eq!(partition(&i64::MIN, 7), i64::MIN.unsigned_abs() % 7);
        assert_eq!(partition("ada", 1000), partition(&"ada".to_owned(), 1000));
        // FNV-1a of "ada" and the 0xff that ends text: fixed here, so that it never changes.
        assert_eq!(partition("ada", 1000), 332);
        assert_ne!(
            partition(&(1_u8, 2_u8), 1000),
            partition(&(2_u8, 1_u8), 1000)
        );
    }
}
