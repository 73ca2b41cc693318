//! Reproducible random numbers.

/// Returns the next number of a sequence that its first state determines.
pub(crate) fn next_random(state: &mut u64) -> u64 {
    let mut rng = fastrand::Rng::with_seed(*state);
    let number = rng.u64(..);
    *state = rng.get_seed();
    number
}
