//! A limited number of slots of which no address can occupy all.
//!
//! While less than half of the slots are in use, any address may take one, so that many nodes of one machine can start
//! at once. Beyond that, each address has a share.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use parking_lot::Mutex;

/// The origin of a connection: an IPv4 address, or an IPv6 network of 64 bits, within which one machine may choose its
/// address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Origin(IpAddr);

impl Origin {
    fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(four) => IpAddr::V4(four),
            IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
        })
    }
}

/// The reason why no slot is free. `is_new` is true for the first refusal in a row, which is worth a warning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSlot {
    /// All slots are in use.
    All { in_use: usize, is_new: bool },
    /// The address uses its share.
    Share {
        of_address: usize,
        in_use: usize,
        is_new: bool,
    },
}

/// The slots and their use.
#[derive(Debug)]
pub(crate) struct AddressShares {
    slots: usize,
    per_address: usize,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    all: usize,
    by_origin: BTreeMap<Origin, Count>,
    /// Whether it was reported that all slots are in use; reset when half of them are free.
    has_reported: bool,
}

#[derive(Debug, Default)]
struct Count {
    in_use: usize,
    /// Whether it was reported that these are too many.
    has_reported: bool,
}

impl AddressShares {
    pub(crate) fn new(slots: usize, per_address: usize) -> Arc<Self> {
        Arc::new(Self {
            slots,
            per_address,
            counts: Mutex::default(),
        })
    }

    pub(crate) fn in_use(&self) -> usize {
        self.counts.lock().all
    }

    /// Takes a slot until the returned value is dropped. Only a proved address may be passed: a slot without one counts
    /// against no address.
    pub(crate) fn take(self: &Arc<Self>, from: Option<IpAddr>) -> Result<Slot, NoSlot> {
        let mut counts = self.counts.lock();
        let in_use = counts.all;
        if in_use >= self.slots {
            let is_new = !std::mem::replace(&mut counts.has_reported, true);
            return Err(NoSlot::All { in_use, is_new });
        }
        let origin = from.map(Origin::of);
        if let Some(origin) = origin {
            let is_scarce = in_use >= self.slots / 2;
            let count = counts.by_origin.entry(origin).or_default();
            let of_address = count.in_use;
            if is_scarce && of_address >= self.per_address {
                let is_new = !std::mem::replace(&mut count.has_reported, true);
                if of_address == 0 {
                    counts.by_origin.remove(&origin);
                }
                return Err(NoSlot::Share {
                    of_address,
                    in_use,
                    is_new,
                });
            }
            count.in_use += 1;
        }
        counts.all += 1;
        let shares = self.clone();
        Ok(Slot { shares, origin })
    }

    fn give_back(&self, origin: Option<Origin>) {
        let mut counts = self.counts.lock();
        counts.all -= 1;
        counts.has_reported &= counts.all >= self.slots / 2;
        let Some(origin) = origin else {
            return;
        };
        if let Some(count) = counts.by_origin.get_mut(&origin) {
            count.in_use -= 1;
            if count.in_use == 0 {
                counts.by_origin.remove(&origin);
            }
        }
    }
}

/// One slot in use.
#[derive(Debug)]
pub(crate) struct Slot {
    shares: Arc<AddressShares>,
    origin: Option<Origin>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.shares.give_back(self.origin);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// Takes slots for an address. Returns those that were free.
    fn take(shares: &Arc<AddressShares>, from: IpAddr, count: usize) -> Vec<Slot> {
        let slots = (0..count).map(|_| shares.take(Some(from)));
        slots.filter_map(Result::ok).collect()
    }

    #[test]
    fn one_address_gets_half_of_all_slots_and_others_share_the_rest() {
        let shares = AddressShares::new(256, 16);
        let flood = take(&shares, address("10.0.0.1"), 1_000);
        assert_eq!(flood.len(), 128);
        let mut others = Vec::new();
        for last in 0..100 {
            let other = take(&shares, IpAddr::from([10, 0, 1, last]), 1);
            assert_eq!(other.len(), 1, "address {last}");
            others.extend(other);
        }
        let second = take(&shares, address("10.0.0.2"), 1_000);
        assert_eq!(second.len(), 16);
        drop((flood, others, second));
        assert_eq!(shares.in_use(), 0);
        assert!(shares.counts.lock().by_origin.is_empty());
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_have_one_share_and_mapped_ones_are_ipv4() {
        let shares = AddressShares::new(256, 16);
        let mut slots = take(&shares, address("192.0.2.1"), 128);
        for host in 0..100 {
            let from = address(&format!("2001:db8:1:2::{host:x}"));
            slots.extend(take(&shares, from, 1));
        }
        assert_eq!(slots.len(), 128 + 16);
        slots.extend(take(&shares, address("2001:db8:1:3::1"), 100));
        assert_eq!(slots.len(), 128 + 32);
        slots.extend(take(&shares, address("::ffff:192.0.2.1"), 1));
        assert_eq!(slots.len(), 128 + 32);
    }

    #[test]
    fn the_first_refusal_in_a_row_is_new() {
        let shares = AddressShares::new(4, 1);
        let (one, other) = (address("10.0.0.1"), address("10.0.0.2"));
        let mut slots = take(&shares, one, 2);
        let refused = |is_new| NoSlot::Share {
            of_address: 2,
            in_use: 2,
            is_new,
        };
        for is_new in [true, false] {
            assert_eq!(shares.take(Some(one)).err(), Some(refused(is_new)));
        }
        slots.extend(take(&shares, other, 1));
        slots.extend(shares.take(None));
        let all = |is_new| NoSlot::All { in_use: 4, is_new };
        for is_new in [true, false] {
            assert_eq!(shares.take(None).err(), Some(all(is_new)));
        }
        drop(slots);
        assert!(shares.take(Some(one)).is_ok());
    }
}
