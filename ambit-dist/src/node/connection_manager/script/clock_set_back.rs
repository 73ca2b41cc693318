//! A node that comes back with a clock that was set back.

use super::*;

/// Connects host 1 with host `dialler`, then restarts it with a clock that was set back.
fn set_back(dialler: usize) -> Net {
    let mut net = Net::new(2);
    net.restart(1);
    let now = net.now;
    net.hosts[dialler].peers.seed(now, address(1 - dialler));
    net.settle();
    net.begins(1, 1);
    net
}

#[test]
fn a_node_with_a_clock_set_back_is_accepted_without_help() {
    let mut net = set_back(1);
    net.hosts[1].peers.connect(address(0), CallerId(0));
    net.act(1);
    net.settle();
    net.check_agreement();
    let host = &net.hosts[1];
    assert_eq!(
        (host.ups, host.answers.len(), host.renewed.len()),
        (1, 1, 1)
    );
    assert!(host.answers[0].is_ok(), "{:?}", host.answers);
    assert!(
        host.renewed[0] > Incarnation(11),
        "later than what was seen"
    );
}

#[test]
fn a_node_with_a_clock_set_back_is_reachable_for_peers_that_dial_it() {
    let mut net = set_back(0);
    net.settle();
    net.check_agreement();
    assert_eq!((net.hosts[1].ups, net.hosts[1].renewed.len()), (1, 1));
}
