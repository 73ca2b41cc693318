//! The sources from which credentials take time, randomness and cipher suites.

use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use rustls::crypto::CryptoProvider;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use zeroize::Zeroizing;

use super::error::AuthError;

/// The sources of time and randomness of credentials.
pub(crate) struct Sources {
    /// The seed of the node's key when its certificate is derived from a cookie. The key also depends on the node's
    /// name, so nodes can share a seed.
    pub(crate) leaf_seed: Zeroizing<[u8; 32]>,
    /// The clock by which certificates are verified.
    pub(crate) time: Arc<dyn TimeProvider>,
    /// The cipher suites of connections and the source of their keys.
    pub(crate) provider: Arc<CryptoProvider>,
}

impl Sources {
    /// Returns the sources of the operating system.
    pub(crate) fn system() -> Result<Self, AuthError> {
        let mut leaf_seed = Zeroizing::new([0; 32]);
        fill_random(leaf_seed.as_mut_slice())?;
        Ok(Self {
            leaf_seed,
            time: Arc::new(DefaultTimeProvider),
            provider: provider(),
        })
    }
}

/// Returns an explicit provider. The default of the process is ambiguous when the build contains two.
pub(super) fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "aws-lc-rs")]
    return Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(not(feature = "aws-lc-rs"))]
    Arc::new(rustls::crypto::ring::default_provider())
}

pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), AuthError> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| AuthError::Randomness)
}
