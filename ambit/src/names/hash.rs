//! The hash of names and keys: a multiplication per eight bytes, with two secret numbers of each table.
//!
//! Names may come from strangers, so nobody may be able to find many that fall into one place. Both halves of a product
//! with a secret number go into the next step, so what a difference between two names becomes depends on the secret.

use std::hash::{BuildHasher, Hasher};

use crate::rt;

/// The secrets of one table.
#[derive(Clone, Debug)]
pub(crate) struct Keyed {
    seed: u64,
    factor: u64,
}

impl Default for Keyed {
    fn default() -> Self {
        Self {
            seed: rt::entropy(),
            // An even factor would lose the highest bit of what it is multiplied with.
            factor: rt::entropy() | 1,
        }
    }
}

impl BuildHasher for Keyed {
    type Hasher = Folding;

    #[inline]
    fn build_hasher(&self) -> Folding {
        Folding {
            state: self.seed,
            factor: self.factor,
        }
    }
}

pub(crate) struct Folding {
    state: u64,
    factor: u64,
}

impl Folding {
    #[inline]
    fn fold(&mut self, word: u64) {
        let product = u128::from(self.state ^ word) * u128::from(self.factor);
        // The lower half of it, and the upper one.
        self.state = (product as u64) ^ ((product >> 64) as u64).rotate_left(32);
    }
}

/// The first eight bytes, or fewer: then those that there are.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return u64::from(first) | u64::from(last) << 32;
    }
    match bytes {
        [] => 0,
        [first, .., last] => {
            let middle = bytes[bytes.len() / 2];
            u64::from(*first) | u64::from(middle) << 8 | u64::from(*last) << 16
        }
        [only] => u64::from(*only),
    }
}

impl Hasher for Folding {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        // The length tells apart what would overlap to the same words.
        self.state = self.state.wrapping_add(bytes.len() as u64);
        let mut rest = bytes;
        while rest.len() > 8 {
            self.fold(word(rest));
            rest = &rest[8..];
        }
        self.fold(word(rest));
    }

    #[inline]
    fn write_u8(&mut self, number: u8) {
        self.fold(number.into());
    }

    #[inline]
    fn write_u32(&mut self, number: u32) {
        self.fold(number.into());
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        self.fold(number);
    }

    #[inline]
    fn write_usize(&mut self, number: usize) {
        self.fold(number as u64);
    }

    #[inline]
    fn finish(&self) -> u64 {
        let mut last = Self {
            state: self.state,
            factor: self.factor,
        };
        last.fold(self.factor.rotate_left(32));
        last.state
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Short names, numbers and texts that differ in one byte: as many hashes as things, also in the bits that a table
    /// looks at.
    #[test]
    fn what_differs_has_another_hash() {
        let keyed = Keyed::default();
        let mut texts = vec![String::new()];
        for length in 1..40 {
            for place in 0..length {
                let text = (0..length).map(|n| if n == place { 'b' } else { 'a' });
                texts.push(text.collect());
            }
        }
        texts.extend((0..20_000).map(|number| format!("server {number}")));
        let hashes: HashSet<_> = texts.iter().map(|text| keyed.hash_one(text)).collect();
        assert_eq!(hashes.len(), texts.len());
        for shift in [0, 48] {
            let places: HashSet<_> = hashes.iter().map(|hash| (hash >> shift) & 0xffff).collect();
            let spread = places.len();
            // Thrown at random they would fall into about 18 000 of the 65 536 places.
            assert!((17_000..20_000).contains(&spread), "{spread} places");
        }
    }

    #[test]
    fn each_table_has_its_own() {
        let of = |keyed: Keyed| keyed.hash_one("server");
        assert_ne!(of(Keyed::default()), of(Keyed::default()));
    }
}
