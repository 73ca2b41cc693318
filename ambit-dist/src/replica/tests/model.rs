//! Stores against a model: random writes, sessions, reports and crashes, and agreement in the end.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::net::Net;
use super::*;

/// The time within which all agree after the last fault: four digests.
const AGREEMENT: Duration = Duration::from_secs(20);

const HOSTS: usize = 3;

#[derive(Clone, Debug)]
enum Step {
    Insert(usize, usize),
    Update(usize, usize),
    Remove(usize, usize),
    Flush(usize),
    Deliver(usize),
    Connect(usize, usize),
    Cut(usize, usize),
    Learn(usize, usize),
    LearnEarlier(usize, usize),
    Suspect(usize, usize),
    Renew(usize),
    Crash(usize),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let host = 0..HOSTS;
    let pair = (host.clone(), host.clone());
    let which = (host.clone(), 0..64_usize);
    let step = prop_oneof![
        12 => which.clone().prop_map(|(host, which)| Step::Insert(host, which)),
        4 => which.clone().prop_map(|(host, which)| Step::Update(host, which)),
        8 => which.prop_map(|(host, which)| Step::Remove(host, which)),
        8 => host.clone().prop_map(Step::Flush),
        30 => (0..64_usize).prop_map(Step::Deliver),
        8 => pair.clone().prop_map(|(one, other)| Step::Connect(one, other)),
        5 => pair.clone().prop_map(|(one, other)| Step::Cut(one, other)),
        3 => pair.clone().prop_map(|(one, other)| Step::Learn(one, other)),
        1 => pair.clone().prop_map(|(one, other)| Step::LearnEarlier(one, other)),
        2 => pair.prop_map(|(one, other)| Step::Suspect(one, other)),
        2 => host.clone().prop_map(Step::Renew),
        1 => host.prop_map(Step::Crash),
        6 => (0..12_000_u64).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..150)
}

/// Limits at which short scripts reach chunks, forgotten removals and missed pushes.
fn tight() -> ReplicaLimits {
    ReplicaLimits {
        chunk: 440,
        tombstones: 3,
        unacknowledged: 600,
        body: 300,
        ..ReplicaLimits::default()
    }
}

/// The entries of each host, as it wrote them.
#[derive(Default)]
struct Written {
    entries: Vec<BTreeMap<EntryId, Bytes>>,
    earlier: Vec<Origin>,
}

impl Written {
    fn pick(&self, host: usize, which: usize) -> Option<EntryId> {
        let entries = &self.entries[host];
        let at = which.checked_rem(entries.len())?;
        entries.keys().nth(at).copied()
    }
}

fn run(net: &mut Net, steps: &[Step]) -> Written {
    let mut written = Written {
        entries: vec![BTreeMap::new(); HOSTS],
        earlier: (0..HOSTS).map(|host| net.origin(host)).collect(),
    };
    for (number, step) in steps.iter().enumerate() {
        play(net, &mut written, number, step);
    }
    written
}

fn play(net: &mut Net, written: &mut Written, number: usize, step: &Step) {
    match *step {
        Step::Insert(host, which) => {
            let text = body(&format!("{number}{}", "x".repeat(which * 3)));
            let table = ["names", "rooms"][which % 2];
            let id = net.hosts[host].store.insert(table, text.clone()).unwrap();
            written.entries[host].insert(id, text);
            net.act(host);
        }
        Step::Update(host, which) => {
            if let Some(id) = written.pick(host, which) {
                let text = body(&format!("{number}"));
                net.hosts[host].store.update(id, text.clone()).unwrap();
                written.entries[host].insert(id, text);
                net.act(host);
            }
        }
        Step::Remove(host, which) => {
            if let Some(id) = written.pick(host, which) {
                assert!(net.hosts[host].store.remove(id));
                written.entries[host].remove(&id);
                net.act(host);
            }
        }
        Step::Flush(host) => {
            net.hosts[host].store.flush();
            net.act(host);
        }
        Step::Deliver(route) => {
            net.deliver(route);
        }
        Step::Connect(one, other) => net.connect(one, other),
        Step::Cut(one, other) => net.cut(one, other),
        Step::Learn(one, other) => net.learn(one, other),
        Step::LearnEarlier(one, other) => {
            let earlier = written.earlier[other].clone();
            net.hosts[one].store.member_up(net.now, earlier);
            net.act(one);
        }
        Step::Suspect(one, other) => net.suspect(one, other),
        Step::Renew(host) => net.renew(host),
        Step::Crash(host) => {
            written.entries[host].clear();
            written.earlier[host] = net.origin(host);
            net.crash(host);
        }
        Step::Wait(millis) => net.wait(Duration::from_millis(millis)),
    }
    for host in &net.hosts {
        check_memory(&host.store);
    }
}

/// Every member keeps at most the removals of the limit, and requests are bounded by members and peers.
fn check_memory(store: &Store) {
    let counts = store.counts();
    assert!(counts.tombstones <= 3 * (counts.members + 1));
    assert!(counts.pulls <= counts.members.max(HOSTS) * HOSTS);
    assert!(counts.transfers <= counts.members);
}

/// Ends all faults: every host is a member for every other again.
fn heal(net: &mut Net, sessions: &[(usize, usize)]) {
    for host in 0..HOSTS {
        net.renew(host);
        net.hosts[host].store.flush();
        net.act(host);
    }
    for host in 0..HOSTS {
        (0..HOSTS).for_each(|other| net.learn(host, other));
        (0..HOSTS).for_each(|other| net.cut(host, other));
    }
    for (one, other) in sessions {
        net.connect(*one, *other);
    }
    net.wait(AGREEMENT);
}

/// Checks that each host shows exactly what each writer has.
fn check_agreement(net: &Net, written: &Written) {
    for host in &net.hosts {
        let mut expected = BTreeMap::new();
        for (of, entries) in written.entries.iter().enumerate() {
            let id = net.origin(of).id;
            expected.extend(
                entries
                    .iter()
                    .map(|(entry, body)| ((id.clone(), *entry), body)),
            );
        }
        let shown = host.view.0.iter();
        let shown: BTreeMap<_, _> = shown.map(|(key, (_, body))| (key.clone(), body)).collect();
        assert_eq!(shown, expected, "at {}", host.store.own().id);
        let mut late = net::View::default();
        for table in ["names", "rooms"] {
            let puts = host.store.open_table(table);
            puts.into_iter().for_each(|put| late.apply(put));
        }
        assert_eq!(late.0, host.view.0, "a view that was opened late");
        let counts = host.store.counts();
        assert_eq!((counts.hidden, counts.staged, counts.transfers), (0, 0, 0));
        assert_eq!(counts.events.violations, 0, "{:?}", host.closed);
        assert_eq!(counts.events.drifts, 0);
        assert_eq!(counts.events.false_claims, 0);
    }
}

fn check_acknowledged(net: &Net) {
    for host in &net.hosts {
        let version = host.store.version();
        assert!(host.store.acknowledged(version));
        assert_eq!(host.acknowledged, version);
    }
}

/// Removes all entries and members, and checks that nothing is left.
fn end(net: &mut Net, written: &Written) {
    for host in 0..HOSTS {
        for id in written.entries[host].keys() {
            net.hosts[host].store.remove(*id);
        }
        net.act(host);
        for other in 0..HOSTS {
            net.cut(host, other);
            let origin = net.origin(other);
            net.hosts[host].store.member_down(net.now, &origin, true);
            net.act(host);
        }
    }
    for host in &net.hosts {
        assert!(host.view.0.is_empty());
        assert_eq!(host.store.deadline(), None);
        let counts = host.store.counts();
        let left = crate::replica::counts::Counts {
            remembered: HOSTS - 1,
            events: counts.events,
            ..Default::default()
        };
        assert_eq!(counts, left);
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases: if cfg!(miri) { 2 } else { cases },
        max_shrink_iters: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// With all sessions up again, each host shows exactly what each writer has, and acknowledges it.
    #[test]
    fn replicas_agree_in_the_end_whatever_happens(steps in steps()) {
        let mut net = Net::with(HOSTS, &tight(), &patient()).connect_all();
        let written = run(&mut net, &steps);
        heal(&mut net, &[(0, 1), (1, 2), (0, 2)]);
        check_agreement(&net, &written);
        check_acknowledged(&net);
        end(&mut net, &written);
    }

    /// The same with two hosts that never connect, but both have a session with the third.
    #[test]
    fn pres_17_replicas_agree_through_a_relay_whatever_happens(steps in steps()) {
        let mut net = Net::with(HOSTS, &tight(), &patient()).connect_all();
        let written = run(&mut net, &steps);
        heal(&mut net, &[(0, 1), (1, 2)]);
        check_agreement(&net, &written);
        end(&mut net, &written);
    }
}
