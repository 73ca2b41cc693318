//! Damaged bytes decode to a typed error or to another value.

use ambit::message::{Budget, Codec, DecodeError, Form};
use ambit_dist::{Bincode, Postcard};

use crate::codecs::foreign::{Tree, tree};
use crate::codecs::rng::TestRng;
use crate::codecs::sample::{Sample, sample};
use crate::codecs::{FORMS, read, travels, write};

#[test]
fn the_sample_travels() {
    travels(&sample());
}

#[test]
fn bytes_cut_anywhere_are_truncated() {
    fn cut<C: Codec>() {
        for form in FORMS {
            let whole = write::<C, _>(&sample(), form).unwrap();
            for length in 0..whole.len() {
                let read = read::<C, Sample>(&whole[..length], form);
                assert_eq!(read, Err(DecodeError::Truncated), "{length} {form:?}");
            }
        }
    }
    cut::<Bincode>();
    cut::<Postcard>();
}

#[test]
fn a_foreign_value_cut_anywhere_is_truncated() {
    fn cut<C: Codec>() {
        let mut whole = Vec::new();
        C::default().put(&tree(), &mut whole).unwrap();
        for length in 0..whole.len() {
            assert_eq!(
                foreign::<C>(&whole[..length]),
                Err(DecodeError::Truncated),
                "{length}"
            );
        }
    }
    cut::<Bincode>();
    cut::<Postcard>();
}

fn foreign<C: Codec>(mut bytes: &[u8]) -> Result<Tree, DecodeError> {
    let mut budget = Budget::for_bytes(bytes.len());
    C::default().take_any(&mut bytes, &mut budget)
}

/// Decodes the bytes. A decoded value must survive a round trip.
fn bear<C: Codec>(bytes: &[u8], form: Form) -> bool {
    let Ok(value) = read::<C, Sample>(bytes, form) else {
        return false;
    };
    let again = write::<C, _>(&value, form).unwrap();
    assert_eq!(read::<C, Sample>(&again, form), Ok(value));
    true
}

#[test]
fn each_byte_may_be_any_other() {
    fn each<C: Codec>() {
        for form in FORMS {
            let mut bytes = write::<C, _>(&sample(), form).unwrap();
            let mut readable = 0;
            for at in 0..bytes.len() {
                let was = bytes[at];
                // All values of the first bytes, which contain lengths and tags; then every eleventh.
                let step = if at < 64 { 1 } else { 11 };
                for other in (0..=u8::MAX).step_by(step) {
                    bytes[at] = other;
                    readable += usize::from(bear::<C>(&bytes, form));
                }
                bytes[at] = was;
            }
            assert!(readable > 100, "hardly anything was read");
        }
    }
    each::<Bincode>();
    each::<Postcard>();
}

/// Applies random changes: modifies, removes, inserts, truncates or repeats bytes.
fn damage(bytes: &mut Vec<u8>, rng: &mut TestRng) {
    for _ in 0..=rng.below(3_usize) {
        if bytes.is_empty() {
            return;
        }
        let at = rng.below(bytes.len());
        match rng.below(7_u32) {
            0 => bytes[at] = rng.next_u64() as u8,
            1 => bytes[at] ^= 1 << rng.below(8_u32),
            2 => bytes[at] = [0, 1, 127, 128, 250, 251, 252, 253, 254, 255][rng.below(10_usize)],
            3 => bytes.insert(at, rng.next_u64() as u8),
            4 => drop(bytes.remove(at)),
            5 => bytes.truncate(at),
            _ => {
                let end = at + rng.below(bytes.len() - at + 1);
                bytes.extend_from_within(at..end);
            }
        }
    }
}

#[test]
fn damaged_bytes_are_an_error_or_a_value() {
    fn many<C: Codec>(seed: u64) {
        let mut rng = TestRng::new(seed);
        for form in FORMS {
            let whole = write::<C, _>(&sample(), form).unwrap();
            for _ in 0..12_000 {
                let mut bytes = whole.clone();
                damage(&mut bytes, &mut rng);
                bear::<C>(&bytes, form);
            }
        }
    }
    many::<Bincode>(1);
    many::<Postcard>(2);
}

#[test]
fn damaged_foreign_bytes_are_an_error_or_a_value() {
    fn many<C: Codec>(seed: u64) {
        let mut rng = TestRng::new(seed);
        let mut whole = Vec::new();
        C::default().put(&tree(), &mut whole).unwrap();
        for _ in 0..25_000 {
            let mut bytes = whole.clone();
            damage(&mut bytes, &mut rng);
            if let Ok(value) = foreign::<C>(&bytes) {
                let mut again = Vec::new();
                C::default().put(&value, &mut again).unwrap();
                assert_eq!(foreign::<C>(&again), Ok(value));
            }
        }
    }
    many::<Bincode>(3);
    many::<Postcard>(4);
}

#[test]
fn noise_is_an_error_or_a_value() {
    let mut rng = TestRng::new(5);
    for _ in 0..10_000 {
        let bytes: Vec<u8> = (0..rng.below(64_usize))
            .map(|_| rng.next_u64() as u8)
            .collect();
        for form in FORMS {
            bear::<Bincode>(&bytes, form);
            bear::<Postcard>(&bytes, form);
        }
        let _: Result<Tree, DecodeError> = foreign::<Bincode>(&bytes);
        let _: Result<Tree, DecodeError> = foreign::<Postcard>(&bytes);
    }
}
