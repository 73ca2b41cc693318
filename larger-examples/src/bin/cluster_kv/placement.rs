//! Placement: the shard of a key, and the node of a shard. All nodes compute the same.

/// The number of shards.
pub(crate) const SHARDS: usize = 8;

/// Returns the shard of a key.
pub(crate) fn shard_of(key: &str) -> usize {
    (hash(key) % SHARDS as u64) as usize
}

/// Returns the node that owns a shard while these nodes are up: the one with the highest score (rendezvous hashing).
/// The loss of a node moves only its own shards, and spreads them over the others.
pub(crate) fn owner<'a>(shard: usize, nodes: &[&'a str]) -> Option<&'a str> {
    let score = |node: &&str| hash(&format!("{node}/{shard}"));
    nodes.iter().copied().max_by_key(score)
}

/// FNV-1a with a final mix: short, and equal on all nodes, which the hashes of `std` are not.
fn hash(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODES: [&str; 3] = ["n1", "n2", "n3"];

    #[test]
    fn keys_are_spread_over_all_shards() {
        let mut keys = [0; SHARDS];
        for number in 0..800 {
            keys[shard_of(&format!("key-{number}"))] += 1;
        }
        assert!(keys.iter().all(|&count| count > 50), "{keys:?}");
    }

    #[test]
    fn each_node_owns_a_shard() {
        for node in NODES {
            let owns = |shard| owner(shard, &NODES) == Some(node);
            assert!((0..SHARDS).any(owns), "{node}");
        }
    }

    #[test]
    fn the_loss_of_a_node_moves_only_its_shards() {
        for lost in NODES {
            let left: Vec<_> = NODES.into_iter().filter(|node| *node != lost).collect();
            for shard in 0..SHARDS {
                let before = owner(shard, &NODES).unwrap();
                let after = owner(shard, &left).unwrap();
                assert!(after != lost && (before == lost || before == after));
            }
        }
    }

    #[test]
    fn the_order_of_the_nodes_does_not_matter() {
        for shard in 0..SHARDS {
            assert_eq!(owner(shard, &NODES), owner(shard, &["n3", "n1", "n2"]));
        }
        assert_eq!(owner(0, &[]), None);
    }
}
