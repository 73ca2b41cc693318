//! Digests, and the drift that they find.

use super::net::Net;
use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn digests(store: &mut Store) -> Vec<(String, Vec<Summary>)> {
    let digest = |(to, frame)| match frame {
        Frame::Digest(summaries) => Some((to, summaries)),
        _ => None,
    };
    sent(store).into_iter().filter_map(digest).collect()
}

#[test]
fn one_random_peer_receives_a_digest_every_five_seconds() {
    let mut a = store("a");
    assert_eq!(a.deadline(), None, "alone");
    join(&mut a, "b");
    join(&mut a, "c");
    insert(&mut a, "t", "x");
    let mut receivers = Vec::new();
    for round in 1..=32 {
        let at = 5 * round * SECOND;
        assert_eq!(a.deadline(), Some(at));
        a.timer(at - SECOND);
        assert!(digests(&mut a).is_empty());
        a.timer(at);
        let mut sent = digests(&mut a);
        assert_eq!(sent.len(), 1);
        let (to, summaries) = sent.remove(0);
        assert_eq!(summaries[0].version, 1, "with its own version");
        receivers.push(to);
    }
    assert!(receivers.contains(&"b".into()) && receivers.contains(&"c".into()));
    a.disconnected(NOW, &name("b"));
    assert!(a.deadline().is_some());
    a.member_down(NOW, &origin("b", 1, 0), true);
    a.disconnected(NOW, &name("c"));
    a.member_down(NOW, &origin("c", 1, 0), true);
    assert_eq!(a.deadline(), None);
}

#[test]
fn a_digest_has_the_members_that_are_up() {
    let mut net = Net::connected(3, &ReplicaLimits::default());
    net.insert(1, "x");
    net.insert(2, "x");
    net.deliver_all();
    let expected = |net: &mut Net| {
        let at = net.hosts[0].store.deadline().unwrap();
        net.hosts[0].store.timer(at);
        let digest = digests(&mut net.hosts[0].store).remove(0).1;
        digest
            .into_iter()
            .map(|one| one.origin.id.name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(expected(&mut net), ["a", "b", "c"]);
    net.suspect(0, 1);
    assert_eq!(expected(&mut net), ["a", "c"]);
}

#[test]
fn a_member_without_changes_is_in_no_digest() {
    let mut a = store("a");
    join(&mut a, "b");
    let at = a.deadline().unwrap();
    a.timer(at);
    let (_, summaries) = digests(&mut a).remove(0);
    let origins: Vec<_> = summaries.into_iter().map(|one| one.origin).collect();
    assert_eq!(origins, [origin("a", 1, 0)]);
}

#[test]
fn an_equal_or_earlier_version_at_a_third_node_requests_nothing() {
    let mut net = Net::connected(3, &ReplicaLimits::default());
    net.insert(1, "x");
    net.deliver_all();
    let at = net.hosts[2].store.deadline().unwrap();
    net.hosts[2].store.timer(at);
    let (_, equal) = digests(&mut net.hosts[2].store).remove(0);
    let earlier = Summary {
        origin: origin("b", 1, 0),
        version: 0,
        hash: 0,
    };
    let a = &mut net.hosts[0].store;
    a.take_actions();
    for digest in [equal, vec![earlier]] {
        receive(a, "c", &Frame::Digest(digest));
        assert_eq!(sent(a), []);
    }
}

#[test]
fn a_lost_push_is_found_by_the_next_digest() {
    let mut net = Net::connected(2, &ReplicaLimits::default());
    insert(&mut net.hosts[0].store, "t", "x");
    net.hosts[0].store.flush();
    assert_eq!(sent(&mut net.hosts[0].store).len(), 1, "lost");
    net.act(0);
    net.deliver_all();
    assert!(net.shown(1, 0).is_empty());
    net.wait(5 * SECOND);
    assert_eq!(net.shown(1, 0), ["x"]);
}

#[test]
fn drift_is_repaired_by_the_origin() {
    let mut net = Net::connected(2, &ReplicaLimits::default());
    net.insert(0, "x");
    net.deliver_all();
    // Another body under the same version.
    let mut lie = Store::new(origin("a", 1, 0), patient(), ReplicaLimits::default(), 1);
    join(&mut lie, "b");
    insert(&mut lie, "t", "drifted");
    insert(&mut lie, "t", "ghost");
    lie.flush();
    net.hosts[1].store = Store::new(origin("b", 1, 0), patient(), ReplicaLimits::default(), 1);
    net.hosts[1].view.0.clear();
    net.hosts[1].store.member_up(NOW, origin("a", 1, 0));
    net.hosts[1].store.connected(NOW, &id("a", 1));
    net.hosts[1].store.take_actions();
    receive(&mut net.hosts[1].store, "a", &sent(&mut lie)[0].1);
    net.act(1);
    assert_eq!(net.shown(1, 0), ["drifted", "ghost"]);
    net.insert(0, "y");
    net.wait(5 * SECOND);
    assert_eq!(net.shown(1, 0), ["x", "y"]);
    let events = net.hosts[1].store.counts().events;
    assert_eq!((events.drifts, events.replacements), (1, 1));
    net.wait(60 * SECOND);
    assert_eq!(net.hosts[1].store.counts().events, events);
}

/// Between two chunks, copies of one version may differ.
#[test]
fn the_hash_of_a_relay_proves_no_drift() {
    for has_session in [false, true] {
        let mut a = store("a");
        a.member_up(NOW, origin("b", 1, 0));
        if has_session {
            a.connected(NOW, &id("b", 1));
        }
        join(&mut a, "c");
        sent(&mut a);
        let other = Summary {
            origin: origin("b", 1, 0),
            version: 0,
            hash: 1,
        };
        receive(&mut a, "c", &Frame::Digest(vec![other.clone()]));
        // No pull, only the first acknowledgement of the session.
        let first = has_session.then(|| ("b".into(), ack(0)));
        assert_eq!(sent(&mut a), Vec::from_iter(first));
        assert_eq!(a.counts().events.drifts, 0);
        receive(&mut a, "b", &Frame::Digest(vec![other]));
        assert_eq!(a.counts().events.drifts, u64::from(has_session));
    }
}

#[test]
fn a_digest_of_many_members_fits_in_a_chunk() {
    let limits = ReplicaLimits {
        chunk: 1_280,
        ..ReplicaLimits::default()
    };
    let mut a = limited("a", limits.clone());
    let mut seen = std::collections::BTreeSet::new();
    for number in 0..30 {
        let peer = format!("{}-{number}", "n".repeat(60));
        join(&mut a, &peer);
        let mut b = store(&peer);
        join(&mut b, "a");
        insert(&mut b, "t", "x");
        b.flush();
        receive(&mut a, &peer, &sent(&mut b)[0].1);
    }
    a.take_actions();
    for _ in 0..100 {
        let at = a.deadline().unwrap();
        a.timer(at);
        for action in a.take_actions() {
            let Action::Send { bytes, .. } = action else {
                continue;
            };
            assert!(bytes.len() <= limits.chunk);
            let Ok(Frame::Digest(summaries)) = Frame::decode(&bytes, &limits) else {
                panic!("only digests are sent");
            };
            assert_eq!(
                (summaries.len(), summaries[0].origin.clone()),
                (10, origin("a", 1, 0))
            );
            seen.extend(summaries.into_iter().map(|one| one.origin));
        }
    }
    assert_eq!(seen.len(), 31, "every member is in some digest");
}
