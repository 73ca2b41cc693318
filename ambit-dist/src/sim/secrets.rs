//! What TLS leaves to chance, from the seed of the run instead.
//!
//! Nobody in a run reads the bytes of a datagram, and yet they matter: whether one that comes to a host in its next life is
//! taken for the first of a connection depends on bits that encryption makes. So each run has the same bytes each time.

use std::sync::Arc;

use rustls::crypto::{
    ActiveKeyExchange, CryptoProvider, GetRandomFailed, SecureRandom, SharedSecret,
    SupportedKxGroup,
};
use rustls::ffdhe_groups::FfdheGroup;
use rustls::{Error, NamedGroup, PeerMisbehaved};
use sha2::{Digest, Sha256};

use super::stage;

/// The cryptography of real nodes, with the chance of the run this thread is in.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![&Exchanges],
        secure_random: &Chance,
        ..rustls::crypto::ring::default_provider()
    })
}

#[derive(Debug)]
struct Chance;

impl SecureRandom for Chance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        let filled = stage::with(|stage| {
            for part in bytes.chunks_mut(8) {
                let roll = stage.secrets.roll().to_le_bytes();
                part.copy_from_slice(&roll[..part.len()]);
            }
        });
        filled.ok_or(GetRandomFailed)
    }
}

/// In the place of X25519, whose keys nobody can choose: both sides know the secret by what they have sent each other, and so
/// does everybody who has heard them. There is nobody else in a run.
#[derive(Debug)]
struct Exchanges;

impl SupportedKxGroup for Exchanges {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let mut key = [0; 32];
        Chance.fill(&mut key)?;
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
