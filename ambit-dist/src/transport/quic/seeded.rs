//! Derives every random choice of QUIC from a seed, so that repeated runs send the same bytes.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use quinn::{ClientConfig, ConnectionId, ConnectionIdGenerator, EndpointConfig, ServerConfig};
use ring::{hkdf, hmac};

use crate::rt::Rng;

/// The length of a connection ID, in bytes.
const LENGTH: usize = 8;
/// Practically never. An endpoint with random connection IDs knows which IDs it cannot have issued, and does not answer
/// them.
const NEVER: Duration = Duration::from_secs(1 << 32);

/// Makes a seed determine the random choices of these three configurations.
pub(crate) fn choose(
    seed: [u8; 32],
    endpoint: &mut EndpointConfig,
    server: &mut ServerConfig,
    client: &mut ClientConfig,
) {
    let mut rng = rng(&seed);
    let (ids, others) = (rng.u64(..), rng.u64(..));
    endpoint
        .rng_seed(Some(seed))
        .reset_key(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &seed)))
        .min_reset_interval(NEVER)
        .cid_generator(move || Box::new(SeededConnectionIds(Rng::with_seed(ids))));
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]);
    server.token_key(Arc::new(salt.extract(&seed)));
    let others = Mutex::new(SeededConnectionIds(Rng::with_seed(others)));
    client.initial_dst_cid_provider(Arc::new(move || others.lock().generate_cid()));
}

fn rng(seed: &[u8; 32]) -> Rng {
    let parts = seed.chunks_exact(8).map(|part| {
        let part = part.try_into().unwrap_or_default();
        u64::from_le_bytes(part)
    });
    Rng::with_seed(parts.fold(0, |all, part| Rng::with_seed(all ^ part).u64(..)))
}

/// Generates connection IDs.
struct SeededConnectionIds(Rng);

impl ConnectionIdGenerator for SeededConnectionIds {
    fn generate_cid(&mut self) -> ConnectionId {
        ConnectionId::new(&self.0.u64(..).to_le_bytes())
    }

    fn cid_len(&self) -> usize {
        LENGTH
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}
