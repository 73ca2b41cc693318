//! Names without partitions, in memory and on a paused clock.

use std::time::Duration;

use ambit::error::LookupError;
use ambit::prelude::*;
use ambit_dist::{ClusterRegistry, NameEvent, Node, RegisterNameError, Timeouts};
use tokio::time::timeout;

use super::support::{Counter, CounterCast, CounterSubject, Other, all_see, reports, until};
use crate::distribution::support::Net;
use crate::membership::support::{cluster, complete};

#[tokio::test(start_paused = true)]
async fn glob_01_a_registered_name_is_resolved_by_every_connected_node() {
    let net = Net::new();
    let nodes: [Node; 4] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    nodes[1].names().register("c", &counter).await.unwrap();
    for (index, node) in (1..).zip(&nodes) {
        let found = node.names().whereis::<Counter>("c").expect("at once");
        assert_eq!(found.add(1).await.unwrap(), index);
        assert_eq!(node.names().registered(), ["c"]);
        assert_eq!(node.names().node_of("c").as_ref(), Some(nodes[1].id()));
    }
}

#[tokio::test(start_paused = true)]
async fn glob_01_a_node_that_connects_during_registrations_resolves_them() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    let joining = net.builder("c").seeds([Net::at("a")]).start();
    let names = a.names();
    let register = async {
        for index in 0..100 {
            names.register(format!("n{index}"), &counter).await.unwrap();
        }
    };
    let (c, ()) = tokio::join!(joining, register);
    let c = c.unwrap();
    complete(&[&a, &b, &c]).await;
    until("all names at c", || c.names().registered().len() == 100).await;
}

#[tokio::test(start_paused = true)]
async fn glob_02_a_taken_name_is_refused_on_every_node() {
    let net = Net::new();
    let nodes: [Node; 3] = cluster(&net).await;
    let [first, second] = [
        Counter::start(1).await.unwrap(),
        Counter::start(2).await.unwrap(),
    ];
    nodes[0].names().register("c", &first).await.unwrap();
    let node = nodes[0].id().clone();
    for other in &nodes {
        let refused = other.names().register("c", &second).await;
        assert_eq!(
            refused,
            Err(RegisterNameError::Taken { node: node.clone() })
        );
    }
    assert!(!nodes[1].names().unregister("c"), "it is not its own");
    assert!(!nodes[0].names().unregister_subject("c", &second));
    assert!(nodes[0].names().unregister_subject("c", &first));
    all_see(&nodes.each_ref(), "c", None).await;
    nodes[1].names().register("c", &second).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn glob_02_of_registrations_at_once_exactly_one_succeeds() {
    let net = Net::new();
    let nodes: [Node; 5] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    for round in 0..50 {
        let name = format!("r{round}");
        let registrations = nodes
            .iter()
            .map(|node| tokio::spawn(node.names().register(&name, &counter).into_future()));
        let mut winners = Vec::new();
        for (node, registration) in nodes.iter().zip(registrations.collect::<Vec<_>>()) {
            match registration.await.unwrap() {
                Ok(()) => winners.push(node.id()),
                Err(RegisterNameError::Taken { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
        let [winner] = winners[..] else {
            panic!("{winners:?}")
        };
        all_see(&nodes.each_ref(), &name, Some(winner)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_handle_of_a_name_without_a_process_is_refused_as_such() {
    let net = Net::new();
    let [a, _b] = cluster(&net).await;
    let nobody = CounterSubject::named("nobody");
    let refused = a.names().register("c", &nobody).await;
    assert_eq!(refused, Err(RegisterNameError::NoProcess));
}

#[tokio::test(start_paused = true)]
async fn a_name_registered_through_a_name_stays_with_its_process() {
    let net = Net::new();
    let [a, _b] = cluster(&net).await;
    let [first, second] = [
        Counter::start(1).await.unwrap(),
        Counter::start(2).await.unwrap(),
    ];
    let followed = "followed by a name of the cluster";
    ambit::register(followed, &first).unwrap();
    let follower = CounterSubject::named(followed);
    a.names().register("c", &follower).await.unwrap();
    ambit::unregister(followed).unwrap();
    ambit::register(followed, &second).unwrap();
    let found = a.names().whereis::<Counter>("c").unwrap();
    assert_eq!(found.add(1).await.unwrap(), 2);
    assert!(a.names().unregister("c"));
    let only = a.names().register("d", &first).only_name().await;
    assert_eq!(only, Ok(()));
    ambit::unregister(followed).unwrap();
}

#[tokio::test(start_paused = true)]
async fn glob_04_a_name_moves_and_the_earlier_process_is_not_watched() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let [first, second] = [
        Counter::start(1).await.unwrap(),
        Counter::start(2).await.unwrap(),
    ];
    a.names().register("c", &first).await.unwrap();
    let mut events = c.names().events();
    let follower = CounterSubject::via(&c.names(), "c");
    assert_eq!(follower.add(10).await.unwrap(), 11);
    b.names().re_register("c", &second).await.unwrap();
    all_see(&[&a, &b, &c], "c", Some(b.id())).await;
    assert_eq!(follower.add(10).await.unwrap(), 12);
    let moved = NameEvent::Registered {
        name: "c".to_owned(),
        node: b.id().clone(),
    };
    reports(&mut events, &moved).await;
    ambit::exit(&first, ExitReason::Kill);
    first.closed().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    all_see(&[&a, &b, &c], "c", Some(b.id())).await;
    // The same node can move it too.
    let third = Counter::start(3).await.unwrap();
    b.names().re_register("c", &third).await.unwrap();
    assert_eq!(
        b.names().whereis::<Counter>("c").unwrap().pid(),
        third.pid()
    );
    ambit::exit(&second, ExitReason::Kill);
    second.closed().await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    all_see(&[&a, &b, &c], "c", Some(b.id())).await;
    for (node, value) in [&a, &b, &c].into_iter().zip(4..) {
        let holder = node.names().whereis::<Counter>("c").expect("the third");
        assert_eq!(holder.add(1).await.unwrap(), value);
    }
}

#[tokio::test(start_paused = true)]
async fn glob_04_a_name_that_moves_several_times_at_once_ends_no_process() {
    let net = Net::new();
    let nodes: [Node; 4] = cluster(&net).await;
    let mut counters = Vec::new();
    for value in 0..4 {
        counters.push(Counter::start(value).await.unwrap());
    }
    nodes[0].names().register("c", &counters[0]).await.unwrap();
    for round in 1..40 {
        let moves = (0..4).map(|index| {
            let names = nodes[(index + round) % 4].names();
            let moved = names.re_register("c", &counters[(index + round) % 4]);
            tokio::spawn(moved.into_future())
        });
        for moved in moves.collect::<Vec<_>>() {
            match moved.await.unwrap() {
                Ok(()) | Err(RegisterNameError::Taken { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    let agree = || {
        let holders = nodes.iter().map(|node| node.names().node_of("c"));
        let holders: Vec<_> = holders.collect();
        holders[0].is_some() && holders.iter().all(|holder| *holder == holders[0])
    };
    until("all agree", agree).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!(counters.iter().all(|counter| counter.is_alive()));
    assert!(agree());
}

#[tokio::test(start_paused = true)]
async fn glob_05_messages_reach_the_holder_from_every_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    a.names().register("c", &counter).await.unwrap();
    for node in [&a, &b] {
        let to = node.names().via::<Counter>("c");
        to.note(5).await.unwrap();
        to.send(CounterCast::Note { amount: 5 }).await.unwrap();
    }
    let b_names = b.names();
    let far = b_names.lookup::<Counter>("c").await.unwrap();
    // A call arrives after the casts of its sender.
    assert_eq!(far.add(0).await.unwrap(), 20);
    let unknown = b_names.via::<Counter>("nothing").add(1).await;
    assert!(unknown.is_err(), "{unknown:?}");
    let missing = b_names.lookup::<Counter>("nothing");
    let missing = missing.timeout(Duration::from_millis(10)).await;
    assert_eq!(missing.unwrap_err(), LookupError::Timeout);
    let wrong = b_names.lookup::<Other>("c").await;
    assert_eq!(wrong.unwrap_err(), LookupError::WrongType);
    assert!(b_names.whereis::<Other>("c").is_none());
}

#[tokio::test(start_paused = true)]
async fn glob_13_a_process_can_be_limited_to_one_name() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    a.names()
        .register("first", &counter)
        .only_name()
        .await
        .unwrap();
    let refused = a.names().register("second", &counter).only_name().await;
    assert_eq!(refused, Err(RegisterNameError::AlreadyNamed));
    assert_eq!(b.names().registered(), ["first"]);
    // The same name again is no other name.
    let again = a.names().re_register("first", &counter).only_name().await;
    assert_eq!(again, Ok(()));
    a.names().register("second", &counter).await.unwrap();
    let again = a.names().re_register("first", &counter).only_name().await;
    assert_eq!(again, Err(RegisterNameError::AlreadyNamed));
    assert!(a.names().unregister("first"));
    all_see(&[&a, &b], "first", None).await;
    all_see(&[&a, &b], "second", Some(a.id())).await;
    ambit::exit(&counter, ExitReason::Kill);
    all_see(&[&a, &b], "second", None).await;
}

#[tokio::test(start_paused = true)]
async fn glob_16_a_registration_waits_for_a_silent_member_and_then_completes() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    for other in [&a, &b] {
        net.cut(other.local_addr(), c.local_addr());
    }
    let mut register = a.names().register("c", &counter).into_future();
    let wait = Duration::from_millis(10);
    assert!(timeout(wait, &mut register).await.is_err(), "it waits");
    let d = net.builder("d").seeds([Net::at("a")]).start().await;
    let d = d.unwrap();
    assert!(timeout(wait, &mut register).await.is_err(), "it waits");
    // The lost member is down at some point.
    let minute = Duration::from_secs(60);
    timeout(minute, register).await.unwrap().unwrap();
    all_see(&[&a, &b, &d], "c", Some(a.id())).await;
    for other in [&a, &b] {
        net.heal(other.local_addr(), c.local_addr());
    }
    all_see(&[&a, &b, &c, &d], "c", Some(a.id())).await;
}

#[tokio::test(start_paused = true)]
async fn glob_16_a_registration_completes_when_a_silent_member_answers_again() {
    let net = Net::new();
    let [a, b, c] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    net.hold(c.local_addr(), a.local_addr());
    let mut register = a.names().register("c", &counter).into_future();
    let wait = Duration::from_millis(500);
    assert!(timeout(wait, &mut register).await.is_err(), "it waits");
    let d = net.builder("d").seeds([Net::at("b")]).start().await;
    let d = d.unwrap();
    assert!(timeout(wait, &mut register).await.is_err(), "it waits");
    net.heal(c.local_addr(), a.local_addr());
    timeout(wait, register).await.unwrap().unwrap();
    all_see(&[&a, &b, &c, &d], "c", Some(a.id())).await;
    assert_eq!(a.membership().up().len(), 4, "no member was lost");
}

#[tokio::test(start_paused = true)]
async fn x62_names_of_a_hidden_node_do_not_mix_with_those_of_the_cluster() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let hidden = net.builder("h").hidden().start().await.unwrap();
    hidden.connect(a.local_addr()).await.unwrap();
    let counter = Counter::start(0).await.unwrap();
    a.names().register("c", &counter).await.unwrap();
    hidden.names().register("c", &counter).await.unwrap();
    all_see(&[&a, &b], "c", Some(a.id())).await;
    assert_eq!(hidden.names().node_of("c").as_ref(), Some(hidden.id()));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_registration_leaves_no_name() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    net.cut(a.local_addr(), b.local_addr());
    let register = a.names().register("c", &counter).into_future();
    let early = timeout(Duration::from_millis(10), register).await;
    assert!(early.is_err(), "it waits for the silent member");
    assert!(a.names().registered().is_empty());
    net.heal(a.local_addr(), b.local_addr());
    complete(&[&a, &b]).await;
    assert!(b.names().registered().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_reserved_name_is_taken_and_has_no_process() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    let reserved = a.names().reserve("c").await.unwrap();
    let refused = b.names().register("c", &counter).await;
    let node = a.id().clone();
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
    assert!(b.names().whereis::<Counter>("c").is_none());
    let b_names = b.names();
    let waiting = b_names.lookup::<Counter>("c").into_future();
    let (found, registered) = tokio::join!(waiting, reserved.register(&counter));
    registered.unwrap();
    assert_eq!(found.unwrap().add(1).await.unwrap(), 1);
    drop(a.names().reserve("d").await.unwrap());
    // The release reaches the other node a moment later.
    for _ in 0..1_000 {
        match b.names().register("d", &counter).await {
            Ok(()) => return,
            Err(error) => assert_eq!(
                error,
                RegisterNameError::Taken {
                    node: a.id().clone()
                }
            ),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("the name is not released");
}

#[tokio::test(start_paused = true)]
async fn a_registration_that_is_withdrawn_before_it_is_acknowledged_says_so() {
    let net = Net::new();
    let [a, _b]: [Node; 2] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    let names = a.names();
    let withdrawn = async { assert!(names.unregister("c")) };
    let (registered, ()) = tokio::join!(names.register("c", &counter), withdrawn);
    assert_eq!(registered, Err(RegisterNameError::Withdrawn));
    assert!(counter.is_alive());
    let killed = async { ambit::exit(&counter, ExitReason::Kill) };
    let (registered, _) = tokio::join!(names.register("c", &counter), killed);
    assert_eq!(registered, Err(RegisterNameError::NoProcess));
}

#[tokio::test(start_paused = true)]
async fn events_of_names_end_when_the_node_leaves() {
    let net = Net::new();
    let [a, b]: [Node; 2] = cluster(&net).await;
    let mut events = a.names().events();
    let mut late = {
        let registry = ClusterRegistry::<u64, Counter>::open(&a, "rooms");
        registry.events()
    };
    a.leave().await;
    let minute = Duration::from_secs(60);
    assert_eq!(timeout(minute, events.next()).await, Ok(None));
    assert_eq!(timeout(minute, late.next()).await, Ok(None));
    let mut after = a.names().events();
    assert_eq!(timeout(minute, after.next()).await, Ok(None));
    b.leave().await;
}

#[tokio::test(start_paused = true)]
async fn a_look_up_without_a_limit_waits_until_the_name_is_registered() {
    let net = Net::new();
    let [a, b]: [Node; 2] = cluster(&net).await;
    let names = a.names();
    let lookup = names.lookup::<Counter>("late").timeout(Duration::MAX);
    let found = tokio::spawn(lookup.into_future());
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(!found.is_finished());
    let counter = Counter::start(0).await.unwrap();
    b.names().register("late", &counter).await.unwrap();
    assert_eq!(found.await.unwrap().unwrap().add(2).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn a_look_up_without_a_limit_ends_when_its_node_leaves() {
    let net = Net::new();
    let [a, b]: [Node; 2] = cluster(&net).await;
    let names = a.names();
    let found = tokio::spawn(
        names
            .lookup::<Counter>("never")
            .timeout(Duration::MAX)
            .into_future(),
    );
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!found.is_finished());
    a.leave().await;
    let minute = Duration::from_secs(60);
    let ended = timeout(minute, found).await.unwrap().unwrap();
    assert_eq!(ended.err(), Some(LookupError::NotFound));
    b.leave().await;
}

#[tokio::test(start_paused = true)]
async fn the_entries_of_a_lost_member_may_be_kept_for_ever() {
    let net = Net::new();
    let timeouts = Timeouts::default().grace(Duration::MAX);
    let a = net.builder("a").timeouts(timeouts).start().await.unwrap();
    let b = net
        .builder("b")
        .seeds([Net::at("a")])
        .start()
        .await
        .unwrap();
    a.membership().wait_until(|up| up.len() == 2).await;
    net.cut(a.local_addr(), b.local_addr());
    a.membership().wait_until(|up| up.len() == 1).await;
    let counter = Counter::start(0).await.unwrap();
    a.names().register("c", &counter).await.unwrap();
    assert_eq!(a.names().node_of("c").as_ref(), Some(a.id()));
}

/// Each write wakes the task that sends it, so that it is always ready.
#[tokio::test(start_paused = true)]
async fn a_burst_of_writes_does_not_hold_up_a_registration_on_another_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    let registration = tokio::spawn(async move {
        b.names().register("c", &counter).await.unwrap();
        b
    });
    let members = [
        Counter::start(0).await.unwrap(),
        Counter::start(0).await.unwrap(),
    ];
    let mut writes = 0;
    while !registration.is_finished() {
        for member in &members {
            a.groups().join("jobs", member).unwrap();
            tokio::task::yield_now().await;
            a.groups().leave("jobs", member).unwrap();
        }
        writes += 1;
        assert!(writes < 10_000, "the registration waits");
    }
    registration.await.unwrap();
}
