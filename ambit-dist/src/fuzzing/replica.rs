//! The replicated store: frames of other nodes in any order, between sessions, reports and writes.

mod fixture;
mod seed_corpus;

use self::fixture::ReplicaFixture;
pub use self::seed_corpus::replicas;

/// Interprets the bytes as a script: repeatedly a byte for a step, and for a frame also a byte with its length, and the
/// frame. The last two bits of a step name a node: the store itself, or another one; the others are the kind of step.
/// Checks that every view sees puts and removals alternate, that memory stays within the limits, and that nothing is
/// left in the end.
///
/// # Panics
/// Panics if a check fails.
pub fn replica(bytes: &[u8]) {
    let mut fixture = ReplicaFixture::new();
    let mut rest = bytes;
    while let Some((&step, after)) = rest.split_first() {
        rest = fixture.play(step, after);
        fixture.check();
    }
    fixture.end();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: if cfg!(miri) { 4 } else { 1_000 },
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        /// Parts of the seeds in any order, with some wrong bytes.
        #[test]
        fn mixed_seeds_keep_the_promises(
            parts in prop::collection::vec((any::<prop::sample::Index>(), 0..200_usize, 0..200_usize), 1..12),
            wrong in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let seeds = replicas();
            let mut script = Vec::new();
            for (seed, from, length) in parts {
                let seed = &seed.get(&seeds).1;
                let from = if from < 100 { 0 } else { from.min(seed.len()) };
                script.extend(seed[from..].iter().take(length + 50));
            }
            for (at, byte) in wrong {
                if !script.is_empty() {
                    let at = at.index(script.len());
                    script[at] = byte;
                }
            }
            replica(&script);
        }
    }
}
