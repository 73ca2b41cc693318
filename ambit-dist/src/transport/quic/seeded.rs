//! Everything that QUIC leaves to chance, from a seed instead: then the same run has the same bytes each time.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use quinn::{ClientConfig, ConnectionId, ConnectionIdGenerator, EndpointConfig, ServerConfig};
use ring::{hkdf, hmac};

use crate::dice::Dice;

/// How many bytes a connection is named by.
const LENGTH: usize = 8;
/// As good as never. An endpoint with names from chance knows which names it cannot have made, and is silent about them.
const NEVER: Duration = Duration::from_secs(1 << 32);

/// Lets what these three would choose by chance follow from a seed.
pub(crate) fn choose(
    seed: [u8; 32],
    endpoint: &mut EndpointConfig,
    server: &mut ServerConfig,
    client: &mut ClientConfig,
) {
    let mut dice = dice(&seed);
    let (own, others) = (dice.roll(), dice.roll());
    endpoint
        .rng_seed(Some(seed))
        .reset_key(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &seed)))
        .min_reset_interval(NEVER)
        .cid_generator(move || Box::new(Names(Dice::new(own))));
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]);
    server.token_key(Arc::new(salt.extract(&seed)));
    let others = Mutex::new(Names(Dice::new(others)));
    client.initial_dst_cid_provider(Arc::new(move || others.lock().generate_cid()));
}

fn dice(seed: &[u8; 32]) -> Dice {
    let parts = seed.chunks_exact(8).map(|part| {
        let part = part.try_into().unwrap_or_default();
        u64::from_le_bytes(part)
    });
    Dice::new(parts.fold(0, |all, part| Dice::new(all ^ part).roll()))
}

/// Names for connections.
struct Names(Dice);

impl ConnectionIdGenerator for Names {
    fn generate_cid(&mut self) -> ConnectionId {
        ConnectionId::new(&self.0.roll().to_le_bytes())
    }

    fn cid_len(&self) -> usize {
        LENGTH
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}
