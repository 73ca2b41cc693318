//! Limits the unfinished incoming handshakes, in total and per address.
//!
//! Each handshake holds keys and packets until it ends or times out. The limit per address prevents one address from
//! excluding the others.

use std::net::IpAddr;
use std::sync::Arc;

use super::QuicSettings;
use crate::transport::address_shares::{AddressShares, NoSlot, Slot};

/// The decision about a new handshake.
#[derive(Debug)]
pub(super) enum Decision {
    /// It continues, and counts until this value is dropped.
    GoOn(Slot),
    /// The peer must first prove its address.
    Retry,
    Refuse,
}

/// All unfinished handshakes of one endpoint.
#[derive(Debug)]
pub(super) struct Handshakes {
    limits: QuicSettings,
    slots: Arc<AddressShares>,
}

impl Handshakes {
    pub(super) fn new(limits: QuicSettings) -> Self {
        let slots = AddressShares::new(limits.max_handshakes, limits.handshakes_per_address);
        Self { limits, slots }
    }

    pub(super) fn unfinished(&self) -> usize {
        self.slots.in_use()
    }

    /// Decides about a handshake from this address, which the other side may have proved to be its own.
    pub(super) fn decide(&self, from: IpAddr, is_proved: bool) -> Decision {
        let before_retry = self.limits.handshakes_before_retry;
        let unfinished = before_retry..self.limits.max_handshakes;
        if !is_proved && unfinished.contains(&self.slots.in_use()) {
            return Decision::Retry;
        }
        match self.slots.take(is_proved.then_some(from)) {
            Ok(slot) => Decision::GoOn(slot),
            Err(no_slot) => {
                warn(from, no_slot);
                Decision::Refuse
            }
        }
    }
}

fn warn(from: IpAddr, no_slot: NoSlot) {
    match no_slot {
        NoSlot::All {
            in_use,
            is_new: true,
        } => {
            tracing::warn!(unfinished = in_use, %from, "too many handshakes are unfinished: others are refused");
        }
        NoSlot::Share {
            of_address,
            in_use,
            is_new: true,
        } => {
            tracing::warn!(%from, unfinished = of_address, all = in_use, "too many handshakes from this address are unfinished: others from there are refused");
        }
        NoSlot::All { .. } | NoSlot::Share { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unvalidated_addresses_share_one_limit_and_soon_require_a_retry() {
        let handshakes = Handshakes::new(QuicSettings::default());
        let from = IpAddr::from([10, 0, 0, 1]);
        let decide = |from, is_proved, count| -> Vec<Decision> {
            let decisions = (0..count).map(|_| handshakes.decide(from, is_proved));
            decisions.collect()
        };
        let go_on = |decisions: &[Decision]| {
            let all = decisions.iter();
            all.filter(|decision| matches!(decision, Decision::GoOn(_)))
                .count()
        };
        let unproved = decide(from, false, 40);
        assert_eq!(go_on(&unproved), 32);
        assert!(matches!(unproved[39], Decision::Retry));
        // The owner of the address still has its share.
        let others = decide(IpAddr::from([10, 0, 0, 2]), true, 96);
        let own = decide(from, true, 100);
        assert_eq!((go_on(&others), go_on(&own)), (96, 16));
        assert!(matches!(own[99], Decision::Refuse));
        drop((unproved, others, own));
        assert_eq!(handshakes.unfinished(), 0);
    }
}
