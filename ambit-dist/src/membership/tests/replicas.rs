//! The reports of the membership, as the replicated tables receive them.

use std::time::Duration;

use super::net::Net;
use crate::membership::core::Action;
use crate::membership::event::MemberLoss;
use crate::replica::limits::{ReplicaLimits, ReplicaSettings};
use crate::replica::origin::Origin;
use crate::replica::store::Store;

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Returns whether the entries of `of` are visible at `at`, with this grace.
fn is_visible(net: &Net, at: &str, of: &str, grace: Duration) -> bool {
    let (peer, of) = (&net.peers[&Net::name(at)], &net.peers[&Net::name(of)].id);
    let own = Origin {
        id: peer.id.clone(),
        renewal: 0,
    };
    let settings = ReplicaSettings {
        grace,
        ..ReplicaSettings::default()
    };
    let mut store = Store::new(own, settings, ReplicaLimits::default(), 7);
    for (now, action) in &peer.reports {
        store.timer(*now);
        match action {
            Action::Up(member) | Action::Renewed(member) => store.member_up(*now, member.origin()),
            Action::Down(member, loss) => {
                let has_ended = matches!(loss, MemberLoss::Left | MemberLoss::Restarted);
                store.member_down(*now, &member.origin(), has_ended);
            }
            _ => {}
        }
    }
    store.timer(net.now);
    store.is_visible(of)
}

fn returns(net: &Net) {
    net.assert_complete();
    for grace in [30 * SECOND, 3 * HOUR] {
        for [at, of] in [["n0", "n2"], ["n1", "n2"], ["n2", "n0"], ["n2", "n1"]] {
            assert!(is_visible(net, at, of, grace), "{of} at {at}, {grace:?}");
        }
    }
}

#[test]
fn entries_return_after_a_partition_that_the_membership_has_forgotten() {
    for time in [60 * SECOND, 2 * HOUR] {
        let mut net = Net::cluster(1, 3);
        net.run(5 * SECOND);
        net.cut("n2", "n0");
        net.cut("n2", "n1");
        net.run(time);
        assert_eq!(net.state("n2", "n0").is_none(), time > HOUR);
        assert!(!is_visible(&net, "n0", "n2", 3 * HOUR));
        net.heal();
        net.run(10 * SECOND);
        returns(&net);
    }
}

#[test]
fn entries_return_after_a_refusal_that_the_membership_has_forgotten() {
    let mut net = Net::cluster(1, 3);
    net.run(5 * SECOND);
    let (now, n2) = (net.now, Net::name("n2"));
    let n0 = Net::name("n0");
    net.peers.get_mut(&n0).unwrap().core.refuse(now, &n2);
    net.cut("n0", "n2");
    net.run(2 * HOUR);
    assert_eq!(net.state("n2", "n0"), None);
    assert!(!is_visible(&net, "n0", "n2", 3 * HOUR));
    let now = net.now;
    net.peers.get_mut(&n0).unwrap().core.readmit(now, &n2);
    net.heal();
    net.run(10 * SECOND);
    returns(&net);
}
