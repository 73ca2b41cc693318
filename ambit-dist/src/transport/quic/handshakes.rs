//! Limits the unfinished incoming handshakes, in total and per address.
//!
//! Each handshake holds keys and packets until it ends or times out. The limit per address prevents one address from
//! excluding the others.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

use super::QuicSettings;

/// The origin of a handshake: an IPv4 address, or an IPv6 network of 64 bits, within which one machine may choose its
/// address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin(IpAddr);

impl Origin {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(four) => IpAddr::V4(four),
            IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        })
    }
}

/// The decision about a new handshake.
#[derive(Debug)]
pub(super) enum Decision {
    /// It continues, and counts until this value is dropped.
    GoOn(HandshakePermit),
    /// The peer must first prove its address.
    Retry,
    Refuse,
}

/// All unfinished handshakes of one endpoint.
#[derive(Debug)]
pub(super) struct Handshakes {
    limits: QuicSettings,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    /// Handshakes whose address is proved: only these can be counted against an address.
    by_origin: BTreeMap<Origin, Count>,
    /// Whether it was logged that there are too many; reset when half of them have ended.
    warned: bool,
}

#[derive(Debug, Default)]
struct Count {
    unfinished: usize,
    /// Whether it was logged that these are too many.
    warned: bool,
}

impl Handshakes {
    pub(super) fn new(limits: QuicSettings) -> Arc<Self> {
        let counts = Mutex::default();
        Arc::new(Self { limits, counts })
    }

    pub(super) fn unfinished(&self) -> usize {
        self.counts.lock().all
    }

    /// Decides about a handshake from this address, which the other side may have proved to be its own.
    pub(super) fn decide(self: &Arc<Self>, from: IpAddr, is_proved: bool) -> Decision {
        let limits = &self.limits;
        let mut counts = self.counts.lock();
        let all = counts.all;
        if all >= limits.max_handshakes {
            if !std::mem::replace(&mut counts.warned, true) {
                tracing::warn!(unfinished = all, %from, "too many handshakes are unfinished: others are refused");
            }
            return Decision::Refuse;
        }
        if !is_proved && all >= limits.handshakes_before_retry {
            return Decision::Retry;
        }
        let origin = is_proved.then(|| Origin::of(from));
        if let Some(origin) = origin {
            // Many nodes of one machine may start at once, as long as that excludes no other address.
            let is_scarce = all >= limits.max_handshakes / 2;
            let count = counts.by_origin.entry(origin).or_default();
            if is_scarce && count.unfinished >= limits.handshakes_per_address {
                let unfinished = count.unfinished;
                if !std::mem::replace(&mut count.warned, true) {
                    tracing::warn!(%from, unfinished, all, "too many handshakes from this address are unfinished: others from there are refused");
                }
                if unfinished == 0 {
                    counts.by_origin.remove(&origin);
                }
                return Decision::Refuse;
            }
            count.unfinished += 1;
        }
        counts.all += 1;
        let handshakes = self.clone();
        Decision::GoOn(HandshakePermit { handshakes, origin })
    }
}

/// One unfinished handshake.
#[derive(Debug)]
pub(super) struct HandshakePermit {
    handshakes: Arc<Handshakes>,
    origin: Option<Origin>,
}

impl Drop for HandshakePermit {
    fn drop(&mut self) {
        let mut counts = self.handshakes.counts.lock();
        counts.all -= 1;
        counts.warned &= counts.all >= self.handshakes.limits.max_handshakes / 2;
        let Some(origin) = self.origin else {
            return;
        };
        if let Some(count) = counts.by_origin.get_mut(&origin) {
            count.unfinished -= 1;
            if count.unfinished == 0 {
                counts.by_origin.remove(&origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handshakes() -> Arc<Handshakes> {
        Handshakes::new(QuicSettings::default())
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Starts handshakes from a proved address. Returns those that continue.
    fn begin(handshakes: &Arc<Handshakes>, from: IpAddr, count: usize) -> Vec<HandshakePermit> {
        let decisions = (0..count).map(|_| handshakes.decide(from, true));
        decisions
            .filter_map(|decision| match decision {
                Decision::GoOn(permit) => Some(permit),
                Decision::Retry | Decision::Refuse => None,
            })
            .collect()
    }

    #[test]
    fn one_address_gets_half_of_all_slots_and_others_share_the_rest() {
        let handshakes = handshakes();
        let flood = begin(&handshakes, address("10.0.0.1"), 1_000);
        assert_eq!(flood.len(), 128);
        let mut others = Vec::new();
        for last in 0..100 {
            let other = begin(&handshakes, IpAddr::from([10, 0, 1, last]), 1);
            assert_eq!(other.len(), 1, "address {last}");
            others.extend(other);
        }
        let second = begin(&handshakes, address("10.0.0.2"), 1_000);
        assert_eq!(second.len(), 16);
        drop((flood, others, second));
        assert_eq!(handshakes.unfinished(), 0);
        assert!(handshakes.counts.lock().by_origin.is_empty());
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_have_one_share_and_mapped_ones_are_ipv4() {
        let handshakes = handshakes();
        let mut places = begin(&handshakes, address("192.0.2.1"), 128);
        for host in 0..100 {
            let from = address(&format!("2001:db8:1:2::{host:x}"));
            places.extend(begin(&handshakes, from, 1));
        }
        assert_eq!(places.len(), 128 + 16);
        places.extend(begin(&handshakes, address("2001:db8:1:3::1"), 100));
        assert_eq!(places.len(), 128 + 32);
        places.extend(begin(&handshakes, address("::ffff:192.0.2.1"), 1));
        assert_eq!(places.len(), 128 + 32);
    }

    #[test]
    fn unvalidated_addresses_share_one_limit_and_soon_require_a_retry() {
        let handshakes = handshakes();
        let from = address("10.0.0.1");
        let unproved: Vec<_> = (0..40).map(|_| handshakes.decide(from, false)).collect();
        let go_on = |decision: &&Decision| matches!(decision, Decision::GoOn(_));
        assert_eq!(unproved.iter().filter(go_on).count(), 32);
        assert!(matches!(unproved[39], Decision::Retry));
        // The owner of the address still has its share.
        let others = begin(&handshakes, address("10.0.0.2"), 96);
        assert_eq!(begin(&handshakes, from, 100).len(), 16);
        drop(others);
    }
}
