//! Invalid and nearly valid packets.

use super::COUNT_OF_GARBAGE as COUNT;

/// Random choices, which their seed determines.
struct Dice(fastrand::Rng);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0.usize(..below)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.roll(256) as u8).collect()
    }

    /// Returns one of the packets.
    fn pick(&mut self, packets: &[Vec<u8>]) -> Vec<u8> {
        packets[self.roll(packets.len())].clone()
    }
}

/// Returns garbage of all kinds, some of it made from real first packets.
pub(crate) fn garbage(real: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let dice = &mut Dice(fastrand::Rng::with_seed(1));
    (0..COUNT)
        .map(|number| match number % 8 {
            0 | 1 => random(dice),
            2 => cut(dice, real),
            3 => flipped(dice, real),
            4 => long(dice, 0),
            5 => long(dice, 0x0a0b_0c0d),
            6 => long(dice, 1),
            _ => short(dice),
        })
        .collect()
}

fn random(dice: &mut Dice) -> Vec<u8> {
    let length = 1 + dice.roll(1_200);
    dice.bytes(length)
}

/// Returns a truncated real packet.
fn cut(dice: &mut Dice, real: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = dice.pick(real);
    packet.truncate(1 + dice.roll(packet.len()));
    packet
}

/// Returns a real packet with one flipped bit.
fn flipped(dice: &mut Dice, real: &[Vec<u8>]) -> Vec<u8> {
    let mut packet = dice.pick(real);
    let bit = dice.roll(packet.len() * 8);
    packet[bit / 8] ^= 1 << (bit % 8);
    packet
}

/// Returns a packet with a long header. Version 0 is a version negotiation, 1 is that of nodes, and others cause a version
/// negotiation.
fn long(dice: &mut Dice, version: u32) -> Vec<u8> {
    let mut packet = vec![0xc0 | dice.roll(64) as u8];
    packet.extend(version.to_be_bytes());
    for _ in 0..2 {
        let id = dice.roll(21);
        packet.push(id as u8);
        packet.extend(dice.bytes(id));
    }
    packet.extend(dice.bytes(1_200));
    packet
}

/// Returns a packet of a connection that does not exist.
fn short(dice: &mut Dice) -> Vec<u8> {
    let length = 20 + dice.roll(1_180);
    let mut packet = dice.bytes(length);
    packet[0] = 0x40 | packet[0] & 0x3f;
    packet
}
