//! Invalid and nearly valid packets.

use super::COUNT_OF_GARBAGE as COUNT;

/// Random choices, which their seed determines.
struct TestRng(fastrand::Rng);

impl TestRng {
    fn below(&mut self, below: usize) -> usize {
        self.0.usize(..below)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.below(256) as u8).collect()
    }

    /// Returns one of the packets.
    fn pick(&mut self, packets: &[Vec<u8>]) -> Vec<u8> {
        packets[self.below(packets.len())].clone()
    }
}

/// Returns garbage of all kinds, some of it made from real first packets.
pub(crate) fn garbage(real: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let rng = &mut TestRng(fastrand::Rng::with_seed(1));
    (0..COUNT)
        .map(|number| match number % 8 {
            0 | 1 => random(rng),
            2 => cut(rng, real),
            3 => flipped(rng, real),
            4 => long(rng, 0),
            5 => long(rng, 0x0a0b_0c0d),
            6 => long(rng, 1),
            _ => short(rng),
        })
        .collect()
}

fn random(rng: &mut TestRng) -> Vec<u8> {
    let length = 1 + rng.below(1_200);
    rng.bytes(length)
}

/// Returns a truncated real packet.
fn cut(rng: &mut TestRng, real: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = rng.pick(real);
    packet.truncate(1 + rng.below(packet.len()));
    packet
}

/// Returns a real packet with one flipped bit.
fn flipped(rng: &mut TestRng, real: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = rng.pick(real);
    let bit = rng.below(packet.len() * 8);
    packet[bit / 8] ^= 1 << (bit % 8);
    packet
}

/// Returns a packet with a long header. Version 0 is a version negotiation, 1 is that of nodes, and others cause a
/// version negotiation.
fn long(rng: &mut TestRng, version: u32) -> Vec<u8> {
    let mut packet = vec![0xc0 | rng.below(64) as u8];
    packet.extend(version.to_be_bytes());
    for _ in 0..2 {
        let id = rng.below(21);
        packet.push(id as u8);
        packet.extend(rng.bytes(id));
    }
    packet.extend(rng.bytes(1_200));
    packet
}

/// Returns a packet of a connection that does not exist.
fn short(rng: &mut TestRng) -> Vec<u8> {
    let length = 20 + rng.below(1_180);
    let mut packet = rng.bytes(length);
    packet[0] = 0x40 | packet[0] & 0x3f;
    packet
}
