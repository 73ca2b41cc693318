//! Registrations on nodes that do not have all names of the other nodes yet.

use ambit_dist::RegisterNameError;

use super::support::Counter;
use crate::distribution::support::Net;
use crate::membership::support::cluster;

/// Returns a name that fills half a chunk of a transfer.
fn long_name(index: usize) -> String {
    format!("{index}{}", "x".repeat(30 * 1024))
}

#[tokio::test(start_paused = true)]
async fn glob_02_a_taken_name_is_refused_on_a_node_that_still_receives_the_names() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let counter = Counter::start(0).await.unwrap();
    for index in 0..200 {
        let name = long_name(index);
        a.names().register(&name, &counter).await.unwrap();
    }
    a.names().register("c", &counter).await.unwrap();
    let b = net.builder("b").seeds([Net::at("a")]).start().await;
    let b = b.unwrap();
    for node in [&a, &b] {
        node.membership().wait_until(|up| up.len() == 2).await;
    }
    assert_eq!(b.names().node_of("c"), None, "it is still received");
    let second = Counter::start(0).await.unwrap();
    let refused = b.names().register("c", &second).await;
    let node = a.id().clone();
    assert_eq!(refused, Err(RegisterNameError::Taken { node }));
}

#[tokio::test(start_paused = true)]
async fn glob_02_of_registrations_at_once_one_succeeds_although_many_names_are_not_yet_sent() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let filler = Counter::start(0).await.unwrap();
    for round in 0..10 {
        let counters = [
            Counter::start(1).await.unwrap(),
            Counter::start(2).await.unwrap(),
        ];
        let fill = (0..20).map(|index| {
            let name = long_name(100 * round + index);
            tokio::spawn(a.names().register(&name, &filler).into_future())
        });
        let fill: Vec<_> = fill.collect();
        let name = format!("r{round}");
        let [first, second] = counters;
        let registrations = [(&a, first), (&b, second)].map(|(node, counter)| {
            tokio::spawn(node.names().register(&name, &counter).into_future())
        });
        let mut results = Vec::new();
        for registration in registrations {
            results.push(registration.await.unwrap());
        }
        results.sort_by_key(Result::is_err);
        let is_taken = matches!(results[1], Err(RegisterNameError::Taken { .. }));
        assert!(results[0].is_ok() && is_taken, "{results:?}");
        for filled in fill {
            filled.await.unwrap().unwrap();
        }
    }
}
