//! Members on several nodes.

use ambit::group::NotJoined;
use ambit::prelude::*;
use ambit_dist::{ClusterGroupEvent, JoinGroupError};

use super::support::{Machine, cluster, eventually};
use crate::distribution::support::Net;

#[ambit::test]
async fn pg_07_members_that_joined_on_either_node_are_seen_on_both() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (on_a, on_b, later) = (
        a.probe::<String>(),
        b.probe::<String>(),
        b.probe::<String>(),
    );
    b.groups().join("jobs", &on_b.subject()).unwrap();
    b.groups().join("jobs", &later.subject()).unwrap();
    a.groups().join("jobs", &on_a.subject()).unwrap();
    assert_eq!(a.groups().local_members::<String>("jobs"), [on_a.subject()]);
    eventually("both see three members", || {
        a.count("jobs") == 3 && b.count("jobs") == 3
    })
    .await;

    // The members of the asking node come first, and those of one node are in join order.
    let seen: Vec<Subject<String>> = a.groups().members::<String>("jobs");
    assert_eq!(seen[0], on_a.subject());
    let seen = b.groups().members::<String>("jobs");
    assert_eq!(seen[..2], [on_b.subject(), later.subject()]);
    assert_eq!(b.groups().local_members::<String>("jobs"), seen[..2]);

    // A handle to a remote member sends to it.
    let mut on_b = on_b;
    let member = a.groups().members::<String>("jobs")[1].clone();
    member.send("hello".into()).await.unwrap();
    assert_eq!(on_b.expect().await, "hello");

    drop(on_b);
    eventually("the death is seen", || a.count("jobs") == 2).await;
    assert_eq!(b.count("jobs"), 2);
}

#[ambit::test]
async fn pg_04_a_group_ends_everywhere_when_its_last_member_on_another_node_does() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (leaves, ends) = (b.probe::<String>(), b.probe::<String>());
    b.groups().join("left", &leaves.subject()).unwrap();
    b.groups().join("ended", &ends.subject()).unwrap();
    eventually("a sees both", || a.groups().names() == ["ended", "left"]).await;
    b.groups().leave("left", &leaves.subject()).unwrap();
    drop(ends);
    eventually("b sees none", || b.groups().names().is_empty()).await;
    eventually("a sees none", || a.groups().names().is_empty()).await;
}

#[ambit::test]
async fn pg_05_a_process_of_another_node_is_refused_and_so_is_a_list_with_one() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (on_a, on_b) = (a.probe::<String>(), b.probe::<String>());
    b.groups().join("jobs", &on_b.subject()).unwrap();
    eventually("a sees the member", || a.count("jobs") == 1).await;
    let remote = a.groups().members::<String>("jobs").remove(0);
    let refused = a.groups().join("mine", &remote);
    assert_eq!(refused, Err(JoinGroupError::Elsewhere));
    let list = [on_a.subject(), remote.clone()];
    let refused = a.groups().join_all("mine", list);
    assert_eq!(refused, Err(JoinGroupError::Elsewhere));
    assert!(a.groups().names() == ["jobs"]);
    assert_eq!(a.groups().leave("jobs", &remote), Err(NotJoined));
}

#[ambit::test]
async fn pg_06_a_leave_that_races_with_an_exit_leaves_no_stale_member() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let kept = b.probe::<String>();
    for _ in 0..100 {
        let racing = b.probe::<String>();
        let subject = racing.subject();
        b.groups().join("jobs", &subject).unwrap();
        b.groups().join("jobs", &subject).unwrap();
        drop(racing);
        // The process may still run, be ending, or have ended.
        b.groups().leave("jobs", &subject).ok();
    }
    b.groups().join("jobs", &kept.subject()).unwrap();
    eventually("one member is left on b", || b.count("jobs") == 1).await;
    eventually("one member is left on a", || a.count("jobs") == 1).await;
}

#[ambit::test]
async fn pg_08_a_node_that_connects_later_learns_all_groups() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (on_a, on_b) = (a.probe::<String>(), b.probe::<String>());
    for number in 0..50 {
        let name = format!("group-{number:02}");
        a.groups().join(&name, &on_a.subject()).unwrap();
        b.groups().join(&name, &on_b.subject()).unwrap();
    }
    let c = Machine::start(net.builder("c").seeds([Net::at("a")])).await;
    eventually("c sees all members", || {
        let names = c.groups().names();
        names.len() == 50 && names.iter().all(|name| c.count(name) == 2)
    })
    .await;
    // In the order of the names of the nodes.
    let seen = c.groups().members::<String>("group-00");
    seen[0].send("to a".into()).await.unwrap();
    seen[1].send("to b".into()).await.unwrap();
    let (mut on_a, mut on_b) = (on_a, on_b);
    assert_eq!(
        (on_a.expect().await, on_b.expect().await),
        ("to a".into(), "to b".into())
    );
}

#[ambit::test]
async fn x55_equal_names_in_two_scopes_or_of_two_protocols_are_unrelated() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (text, number) = (b.probe::<String>(), b.probe::<u8>());
    b.groups()
        .scope("chat")
        .join("lobby", &text.subject())
        .unwrap();
    b.groups()
        .scope("game")
        .join("lobby", &number.subject())
        .unwrap();
    b.groups()
        .scope("game")
        .join("arena", &text.subject())
        .unwrap();
    let (chat, game) = (a.groups().scope("chat"), a.groups().scope("game"));
    eventually("a sees both scopes", || game.names().len() == 2).await;
    assert_eq!(chat.names(), ["lobby"]);
    assert_eq!(game.names(), ["arena", "lobby"]);
    assert!(a.groups().names().is_empty());
    assert_eq!(game.members::<u8>("lobby").len(), 1);
    assert!(game.members::<String>("lobby").is_empty());
}

#[ambit::test]
async fn x56_entries_of_a_node_that_is_no_member_are_ignored() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let hidden = Machine::start(net.builder("h").hidden()).await;
    hidden.node.connect(a.node.local_addr()).await.unwrap();
    let (inside, outside) = (b.probe::<String>(), hidden.probe::<String>());
    hidden.groups().join("jobs", &outside.subject()).unwrap();
    b.groups().join("jobs", &inside.subject()).unwrap();
    eventually("a sees the member of b", || a.count("jobs") == 1).await;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!((a.count("jobs"), hidden.count("jobs")), (1, 1));
    assert_eq!(
        hidden.groups().members::<String>("jobs"),
        [outside.subject()]
    );
}

#[ambit::test]
async fn x57_a_join_is_served_at_once_among_ten_thousand_groups_and_queued_syncs() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (on_a, on_b) = (a.probe::<String>(), b.probe::<String>());
    for number in 0..10_000 {
        let name = format!("group-{number}");
        b.groups().join(&name, &on_b.subject()).unwrap();
    }
    eventually("a sees all groups", || a.groups().names().len() == 10_000).await;
    for _ in 0..2_000 {
        b.groups().leave("group-0", &on_b.subject()).unwrap();
        b.groups().join("group-0", &on_b.subject()).unwrap();
    }
    // Nothing is awaited: the join needs no other node and no task.
    a.groups().join("group-0", &on_a.subject()).unwrap();
    assert_eq!(a.groups().members::<String>("group-0")[0], on_a.subject());
    eventually("b sees the join behind the syncs", || {
        b.count("group-0") == 2
    })
    .await;
    assert_eq!(a.count("group-0"), 2);
}

#[ambit::test]
async fn a_process_that_has_ended_is_not_added_and_a_node_that_has_left_accepts_none() {
    let net = Net::new();
    let a = Machine::start(net.builder("a")).await;
    let ended = a.probe::<String>();
    let subject = ended.subject();
    drop(ended);
    subject.closed().await;
    assert_eq!(a.groups().join("jobs", &subject), Ok(()));
    assert!(a.groups().names().is_empty());
    a.node.leave().await;
    let late = a.probe::<String>();
    eventually("a node that has left accepts no joins", || {
        a.groups().join("jobs", &late.subject()) == Err(JoinGroupError::Left)
    })
    .await;
}

#[ambit::test]
async fn a_node_that_has_left_sees_no_members_of_other_nodes() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (on_a, on_b) = (a.probe::<String>(), b.probe::<String>());
    a.groups().join("jobs", &on_a.subject()).unwrap();
    b.groups().join("jobs", &on_b.subject()).unwrap();
    eventually("a sees both", || a.count("jobs") == 2).await;
    let mut events = a.probe::<ClusterGroupEvent<String>>();
    let _seen = a.groups().monitor("jobs", events.recipient());
    a.node.leave().await;
    assert_eq!(a.groups().members::<String>("jobs"), [on_a.subject()]);
    let event = events.expect().await;
    assert!(matches!(event, ClusterGroupEvent::Left(_)), "{event:?}");
}
