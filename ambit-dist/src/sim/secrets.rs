//! Makes cryptography deterministic: TLS draws its random numbers from the seed of the run.
//!
//! The bytes of datagrams must be reproducible, although the code under test does not read them: encrypted bits
//! determine whether a restarted host interprets a datagram as the first of a connection.

use std::sync::Arc;

use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, SecureRandom, SharedSecret,
    SupportedKxGroup,
};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved};
use sha2::{Digest, Sha256};

use super::current_run;

/// Returns the cryptography of real nodes, with the random source of this thread's run.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![&Exchanges],
        secure_random: &SeededRandom,
        ..rustls::crypto::ring::default_provider()
    })
}

#[derive(Debug)]
struct SeededRandom;

impl SecureRandom for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        let filled = current_run::with(|run| {
            for part in bytes.chunks_mut(8) {
                let next_u64 = run.secrets.next_u64().to_le_bytes();
                part.copy_from_slice(&next_u64[..part.len()]);
            }
        });
        filled.ok_or(GetRandomFailed)
    }
}

/// Replaces X25519, whose keys cannot be chosen. The shared secret is computed from the exchanged public values alone,
/// so it is not secret; a run has no eavesdroppers.
#[derive(Debug)]
struct Exchanges;

impl SupportedKxGroup for Exchanges {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut key = [0; 32];
        SeededRandom.fill(&mut key)?;
        Ok(Box::new(Exchange(key)))
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

struct Exchange([u8; 32]);

impl ActiveKeyExchange for Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        if peer.len() != self.0.len() {
            return Err(PeerMisbehaved::InvalidKeyShare.into());
        }
        let own = &self.0[..];
        let secret = Sha256::new()
            .chain_update(own.min(peer))
            .chain_update(own.max(peer))
            .finalize();
        Ok(SharedSecret::from(&secret[..]))
    }

    fn pub_key(&self) -> &[u8] {
        &self.0
    }

    fn ffdhe_group(&self) -> Option<FfdheGroup<'static>> {
        None
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}
