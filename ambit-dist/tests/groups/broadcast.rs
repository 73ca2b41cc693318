//! Casts to all members of a group.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Node, NodeName};

use super::support::{Machine, cluster, eventually};
use crate::distribution::support::Net;

/// Returns how many messages a node has sent to another one.
fn sent(from: &Node, to: &Node) -> u64 {
    from.peer(to.name()).unwrap().traffic.messages_out
}

#[ambit::test]
async fn a_broadcast_reaches_each_membership_once_with_one_copy_per_node() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let mut on_a = a.probe::<String>();
    let mut on_b: Vec<_> = (0..20).map(|_| b.probe::<String>()).collect();
    let other = c.probe::<String>();
    a.groups().join("jobs", &on_a.subject()).unwrap();
    for probe in &on_b {
        b.groups().join("jobs", &probe.subject()).unwrap();
    }
    b.groups().join("jobs", &on_b[0].subject()).unwrap();
    c.groups().join("other", &other.subject()).unwrap();
    eventually("a sees all", || {
        a.count("jobs") == 22 && a.count("other") == 1
    })
    .await;

    let before = (sent(&a.node, &b.node), sent(&a.node, &c.node));
    assert_eq!(a.groups().broadcast::<String>("jobs", "go".into()), 22);
    assert_eq!(on_a.expect().await, "go");
    for probe in &mut on_b {
        assert_eq!(probe.expect().await, "go");
    }
    assert_eq!(on_b[0].expect().await, "go");
    let after = (sent(&a.node, &b.node), sent(&a.node, &c.node));
    assert_eq!(after, (before.0 + 1, before.1));

    assert_eq!(
        b.groups().local_broadcast::<String>("jobs", "near".into()),
        21
    );
    assert_eq!(on_b[1].expect().await, "near");
    on_a.refute_within(Duration::from_secs(10)).await;
    assert_eq!(a.groups().broadcast::<String>("none", "x".into()), 0);
}

#[ambit::test]
async fn a_direct_broadcast_reaches_the_members_of_one_node() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let (mut on_a, mut on_b) = (a.probe::<String>(), b.probe::<String>());
    let mut on_c = c.probe::<String>();
    a.groups().join("jobs", &on_a.subject()).unwrap();
    b.groups().join("jobs", &on_b.subject()).unwrap();
    c.groups().join("jobs", &on_c.subject()).unwrap();
    eventually("a sees all", || a.count("jobs") == 3).await;
    let direct = |node: &str, text: &str| {
        a.groups()
            .direct_broadcast::<String>(node, "jobs", text.into())
    };
    assert_eq!(direct(b.node.name().as_str(), "to b"), 1);
    assert_eq!(on_b.expect().await, "to b");
    assert_eq!(direct(a.node.name().as_str(), "to a"), 1);
    assert_eq!(on_a.expect().await, "to a");
    assert_eq!(direct("unknown", "to nobody"), 0);
    for probe in [&mut on_a, &mut on_b, &mut on_c] {
        probe.refute_within(Duration::from_secs(10)).await;
    }
}

#[ambit::test]
async fn a_sender_can_be_excluded_on_any_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (mut on_a, mut on_b, mut also) = (
        a.probe::<String>(),
        b.probe::<String>(),
        b.probe::<String>(),
    );
    a.groups().join("jobs", &on_a.subject()).unwrap();
    b.groups().join("jobs", &on_b.subject()).unwrap();
    b.groups().join("jobs", &also.subject()).unwrap();
    eventually("a sees all", || a.count("jobs") == 3).await;
    let groups = a.groups();
    assert_eq!(
        groups.broadcast_from::<String>(on_a.pid(), "none", "1".into()),
        0
    );
    assert_eq!(
        groups.broadcast_from::<String>(on_a.pid(), "jobs", "near".into()),
        2
    );
    let remote = groups.members::<String>("jobs")[1].pid();
    assert_eq!(
        groups.broadcast_from::<String>(remote, "jobs", "far".into()),
        3
    );
    assert_eq!(on_a.expect().await, "far");
    assert_eq!(on_b.expect().await, "near");
    assert_eq!(
        (also.expect().await, also.expect().await),
        ("near".into(), "far".into())
    );
    on_b.refute_within(Duration::from_secs(10)).await;
    // A process of a system without a node here is no member.
    let unknown = ambit::system::System::builder().build().unwrap();
    let unknown = unknown
        .within(|| ambit::spawn(|_: Inbox<()>| async {}))
        .pid();
    assert_eq!(
        groups.broadcast_from::<String>(unknown, "jobs", "all".into()),
        3
    );
    assert_eq!(on_b.expect().await, "all");
    assert_eq!(groups.dropped(b.node.name()), 0);
}

#[ambit::test]
async fn casts_of_one_sender_arrive_in_order() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let mut on_b = b.probe::<u32>();
    b.groups().join("numbers", &on_b.subject()).unwrap();
    eventually("a sees it", || {
        a.groups().members::<u32>("numbers").len() == 1
    })
    .await;
    for number in 0..500 {
        assert_eq!(a.groups().broadcast::<u32>("numbers", number), 1);
    }
    for number in 0..500 {
        assert_eq!(on_b.expect().await, number);
    }
}

/// A server whose casts contain a handle.
struct Answerer;

#[gen_server(remote = "test.groups.answerer")]
impl Answerer {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    async fn answer(&mut self, to: Subject<String>, text: String) {
        to.send(text).await.ok();
    }
}

#[ambit::test]
async fn a_cast_with_a_handle_is_encoded_for_each_node() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    for machine in [&a, &b, &c] {
        let answerer = machine
            .run(async { Answerer::start().await.unwrap() })
            .await;
        machine.groups().join("answerers", &answerer).unwrap();
    }
    let groups = a.groups();
    eventually("a sees all", || {
        groups.members::<Answerer>("answerers").len() == 3
    })
    .await;
    let mut to = a.probe::<String>();
    let cast = AnswererCast::Answer {
        to: to.subject(),
        text: "here".into(),
    };
    assert_eq!(groups.broadcast::<Answerer>("answerers", cast), 3);
    for _ in 0..3 {
        assert_eq!(to.expect().await, "here");
    }
}

mod other_version {
    use ambit::prelude::*;

    /// Has the wire name of the [`Answerer`](super::Answerer), and another cast.
    pub(super) struct Answerer;

    #[gen_server(remote = "test.groups.answerer")]
    impl Answerer {
        #[init]
        pub(super) fn new() -> Self {
            Self
        }

        #[cast]
        fn answer(&mut self, _to: u64, _text: u64) {
            panic!("a cast of another version was delivered");
        }
    }
}

#[ambit::test]
async fn a_cast_that_another_version_cannot_read_is_refused_and_counted() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let answerer = b
        .run(async { other_version::Answerer::start().await.unwrap() })
        .await;
    b.groups().join("answerers", &answerer).unwrap();
    let groups = a.groups();
    eventually("a sees it", || {
        groups.members::<Answerer>("answerers").len() == 1
    })
    .await;
    let to = a.probe::<String>();
    let cast = AnswererCast::Answer {
        to: to.subject(),
        text: "here".into(),
    };
    groups.broadcast::<Answerer>("answerers", cast);
    let name: NodeName = "b".parse().unwrap();
    eventually("the refusal is counted", || groups.dropped(&name) == 1).await;
    assert!(ambit::inspect::is_alive(&answerer));
}

#[ambit::test]
async fn a_slow_node_drops_its_copies_and_delays_no_other() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let (mut on_b, on_c) = (b.probe::<String>(), c.probe::<String>());
    b.groups().join("jobs", &on_b.subject()).unwrap();
    c.groups().join("jobs", &on_c.subject()).unwrap();
    eventually("a sees both", || a.count("jobs") == 2).await;
    net.cut(a.node.local_addr(), c.node.local_addr());
    let (long, mut counted) = ("x".repeat(512 * 1024), 0);
    for _ in 0..20 {
        counted += a.groups().broadcast::<String>("jobs", long.clone());
        assert_eq!(on_b.expect().await.len(), long.len());
    }
    let (quick, slow): (NodeName, NodeName) = ("b".parse().unwrap(), "c".parse().unwrap());
    let dropped = a.groups().dropped(&slow);
    assert!((10..20).contains(&dropped), "{dropped}");
    assert_eq!(counted as u64, 40 - dropped);
    assert_eq!(a.groups().dropped(&quick), 0);
}

/// A server whose casts contain a handle and a text of any length.
struct Measurer;

#[gen_server(remote = "test.groups.measurer")]
impl Measurer {
    #[init]
    fn new() -> Self {
        Self
    }

    #[cast]
    async fn measure(&mut self, to: Subject<u64>, text: String) {
        to.send(text.len() as u64).await.ok();
    }
}

/// The length of a cast with a handle is known only once it is encoded for its node.
#[ambit::test]
async fn casts_with_handles_to_a_slow_node_are_bounded_too() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    for machine in [&b, &c] {
        let measurer = machine
            .run(async { Measurer::start().await.unwrap() })
            .await;
        machine.groups().join("measurers", &measurer).unwrap();
    }
    let groups = a.groups();
    eventually("a sees both", || {
        groups.members::<Measurer>("measurers").len() == 2
    })
    .await;
    net.cut(a.node.local_addr(), c.node.local_addr());
    let (mut lengths, mut counted) = (a.probe::<u64>(), 0);
    for _ in 0..20 {
        let cast = MeasurerCast::Measure {
            to: lengths.subject(),
            text: "x".repeat(512 * 1024),
        };
        counted += groups.broadcast::<Measurer>("measurers", cast);
        assert_eq!(lengths.expect().await, 512 * 1024);
    }
    let (quick, slow): (NodeName, NodeName) = ("b".parse().unwrap(), "c".parse().unwrap());
    let dropped = groups.dropped(&slow);
    assert!((10..20).contains(&dropped), "{dropped}");
    assert_eq!(counted as u64, 40 - dropped);
    assert_eq!(groups.dropped(&quick), 0);
}

#[ambit::test]
async fn a_handle_does_not_keep_the_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let on_b = b.probe::<String>();
    b.groups().join("jobs", &on_b.subject()).unwrap();
    eventually("a sees it", || a.count("jobs") == 1).await;
    let groups = b.groups();
    let Machine { node, system } = b;
    drop(node);
    eventually("b has left", || a.count("jobs") == 0).await;
    assert_eq!(groups.broadcast::<String>("jobs", "last".into()), 1);
    drop((system, on_b));
}
