//! Members after a split, a restart, and the stop of a scope.

use ambit_dist::{Incarnation, JoinGroupError, Node};

use super::support::{Machine, cluster, cut, eventually, heal};
use crate::distribution::support::Net;

#[ambit::test]
async fn pg_10_healing_does_not_restore_a_process_that_has_left() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (before, during, stays) = (b.probe::<String>(), b.probe(), b.probe());
    for probe in [&before, &during, &stays] {
        b.groups().join("jobs", &probe.subject()).unwrap();
    }
    eventually("a sees three", || a.count("jobs") == 3).await;
    b.groups().leave("jobs", &before.subject()).unwrap();
    cut(&net, &a, &b).await;
    assert_eq!(
        a.count("jobs"),
        0,
        "the members of a node that is down are gone"
    );
    b.groups().leave("jobs", &during.subject()).unwrap();
    heal(&net, &a, &b).await;
    eventually("a sees the one that stayed", || a.count("jobs") == 1).await;
    assert_eq!(b.groups().members::<String>("jobs"), [stays.subject()]);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(a.count("jobs"), 1);
}

#[ambit::test]
async fn pg_13_the_state_of_a_peer_is_replaced_and_own_members_stay() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (own, stale, missing) = (
        a.probe::<String>(),
        b.probe::<String>(),
        b.probe::<String>(),
    );
    a.groups().join("own", &own.subject()).unwrap();
    b.groups().join("stale", &stale.subject()).unwrap();
    eventually("a sees both", || a.groups().names() == ["own", "stale"]).await;
    cut(&net, &a, &b).await;
    b.groups().leave("stale", &stale.subject()).unwrap();
    b.groups().join("missing", &missing.subject()).unwrap();
    heal(&net, &a, &b).await;
    for machine in [&a, &b] {
        eventually("the contradiction is resolved", || {
            machine.groups().names() == ["missing", "own"]
        })
        .await;
    }
}

#[ambit::test]
async fn members_of_an_earlier_incarnation_do_not_come_back() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let old = b.probe::<String>();
    b.groups().join("old", &old.subject()).unwrap();
    eventually("a sees the member", || a.count("old") == 1).await;
    let incarnation = b.node.id().incarnation;
    b.node.leave().await;
    eventually("a sees none", || a.groups().names().is_empty()).await;
    let next = Incarnation::new((incarnation.get() >> 16) + 1, 0);
    let transport = net.0.bind(Net::at("z")).unwrap();
    let builder = Node::builder("b").transport(transport);
    let builder = builder.incarnation(next).seeds([Net::at("a")]);
    let again = Machine::start(builder).await;
    let new = again.probe::<String>();
    again.groups().join("new", &new.subject()).unwrap();
    eventually("a sees the new one", || a.groups().names() == ["new"]).await;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(a.groups().names(), ["new"]);
}

#[ambit::test]
async fn pg_11_a_scope_that_was_stopped_forgets_its_own_members_and_sees_others() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (on_a, on_b) = (a.probe::<String>(), b.probe::<String>());
    let scopes = [a.groups().scope("jobs"), b.groups().scope("jobs")];
    scopes[0].join("all", &on_a.subject()).unwrap();
    scopes[1].join("all", &on_b.subject()).unwrap();
    eventually("both are seen", || {
        scopes
            .iter()
            .all(|scope| scope.members::<String>("all").len() == 2)
    })
    .await;
    scopes[0].stop();
    scopes[0].start();
    assert!(scopes[0].local_members::<String>("all").is_empty());
    assert_eq!(scopes[0].members::<String>("all").len(), 1);
    eventually("b sees the stop", || {
        scopes[1].members::<String>("all") == [on_b.subject()]
    })
    .await;
    scopes[0].join("all", &on_a.subject()).unwrap();
    eventually("b sees the next join", || {
        scopes[1].members::<String>("all").len() == 2
    })
    .await;
}

#[ambit::test]
async fn pg_12_a_scope_may_be_stopped_and_started_while_disconnected() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (on_a, on_b) = (a.probe::<String>(), b.probe::<String>());
    a.groups().join("jobs", &on_a.subject()).unwrap();
    eventually("b sees the member", || b.count("jobs") == 1).await;
    cut(&net, &a, &b).await;
    b.groups().stop();
    let refused = b.groups().join("jobs", &on_b.subject());
    assert_eq!(refused, Err(JoinGroupError::Stopped));
    assert!(b.groups().leave("jobs", &on_b.subject()).is_err());
    b.groups().start();
    b.groups().join("jobs", &on_b.subject()).unwrap();
    heal(&net, &a, &b).await;
    eventually("both see both", || {
        a.count("jobs") == 2 && b.count("jobs") == 2
    })
    .await;
}

#[ambit::test]
async fn x54_three_nodes_agree_after_a_reconnect() {
    let net = Net::new();
    let machines: [Machine; 3] = cluster(&net).await;
    let [a, b, c] = &machines;
    let pairs = [(a, b), (a, c), (b, c)];
    let probes: Vec<_> = machines.iter().map(Machine::probe::<String>).collect();
    for (machine, probe) in machines.iter().zip(&probes) {
        machine.groups().join("before", &probe.subject()).unwrap();
    }
    eventually("all see three", || {
        machines.iter().all(|one| one.count("before") == 3)
    })
    .await;
    for (one, other) in pairs {
        net.cut(one.node.local_addr(), other.node.local_addr());
    }
    for machine in &machines {
        eventually("each is alone", || machine.count("before") == 1).await;
    }
    for (machine, probe) in machines.iter().zip(&probes) {
        machine.groups().leave("before", &probe.subject()).unwrap();
        machine.groups().join("after", &probe.subject()).unwrap();
    }
    // Two nodes first, the third one later.
    heal(&net, a, b).await;
    eventually("two agree", || {
        a.count("after") == 2 && b.count("after") == 2
    })
    .await;
    heal(&net, a, c).await;
    heal(&net, b, c).await;
    eventually("three agree", || {
        machines.iter().all(|one| one.count("after") == 3)
    })
    .await;
    for machine in &machines {
        assert_eq!(machine.groups().names(), ["after"]);
    }
}
