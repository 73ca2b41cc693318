//! Establishing connections, one for each pair of nodes.

use std::time::Duration;

use ambit_dist::{ConnectError, Node, NodeEvent, PingError};
use tokio::time::{Instant, sleep, timeout};

use crate::distribution::support::{Net, down, next, up};

#[tokio::test(start_paused = true)]
async fn a_connection_is_seen_from_both_sides() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    let (of_a, of_b) = (a.peers(), b.peers());
    assert_eq!((&of_a[0].id, &of_b[0].id), (b.id(), a.id()));
    assert_eq!((of_a[0].dialled, of_b[0].dialled), (true, false));
    assert_eq!((of_a[0].reconnects, of_a[0].codec), (0, "bincode"));
    assert_eq!(of_b[0].advertised, [a.local_addr()]);
    assert!(of_a[0].software.starts_with("ambit-dist "));
    a.ping("b").await.unwrap();
    b.ping("a").await.unwrap();
    assert!(
        a.peer("b")
            .is_some_and(|peer| peer.rtt.is_some() && peer.traffic.bytes_in > 0)
    );
    assert!(a.peer("c").is_none());
    let name = "c".to_owned();
    assert_eq!(a.ping("c").await, Err(PingError::NotConnected { name }));
}

#[tokio::test(start_paused = true)]
async fn to_connect_twice_gives_the_same_connection() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    let mut events = (a.events(), b.events());
    assert_eq!(a.connect(b.local_addr()).await.as_ref(), Ok(b.id()));
    assert_eq!(b.connect(a.local_addr()).await.as_ref(), Ok(a.id()));
    let quiet = timeout(Duration::from_secs(60), async {
        tokio::select! { event = events.0.next() => event, event = events.1.next() => event }
    });
    assert!(quiet.await.is_err(), "nothing comes or goes");
    assert_eq!((a.peers().len(), b.peers().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn of_simultaneous_dials_exactly_one_stays_two_hundred_times() {
    let mut dialled = [0, 0];
    for round in 0..200 {
        let net = Net::new();
        let (a, b) = (net.node("a").await, net.node("b").await);
        let mut events = (a.events(), b.events());
        // The first dialler differs between rounds.
        let (first, second) = (round % 7, (round / 7) % 7);
        let dial = |from: Node, to: Node, steps: u32| async move {
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            from.connect(to.local_addr()).await
        };
        let (one, other) = tokio::join!(
            dial(a.clone(), b.clone(), first),
            dial(b.clone(), a.clone(), second)
        );
        assert_eq!(
            (one.as_ref(), other.as_ref()),
            (Ok(b.id()), Ok(a.id())),
            "round {round}"
        );
        assert_eq!(&up(&mut events.0).await, b.id());
        assert_eq!(&up(&mut events.1).await, a.id());
        sleep(Duration::from_secs(20)).await;
        let (of_a, of_b) = (a.peers(), b.peers());
        assert_ne!(
            of_a[0].dialled, of_b[0].dialled,
            "round {round}: both mean the same one"
        );
        dialled[usize::from(of_b[0].dialled)] += 1;
        a.leave().await;
        b.leave().await;
        let reason = ambit_dist::DownReason::Left;
        let node = b.id().clone();
        assert_eq!(next(&mut events.0).await, NodeEvent::Down { node, reason });
        assert_eq!(events.0.next().await, None);
        assert_eq!(down(&mut events.1).await, ambit_dist::DownReason::Left);
        assert_eq!(events.1.next().await, None);
    }
    assert!(dialled[0] > 0, "{dialled:?}");
}

#[tokio::test(start_paused = true)]
async fn x86_an_unreachable_node_is_reported_without_waiting() {
    let net = Net::new();
    let a = net.node("a").await;
    let begin = Instant::now();
    let address = Net::at("b");
    let error = a.connect(address).await.unwrap_err();
    assert!(matches!(error, ConnectError::Unreachable { .. }), "{error}");
    assert!(begin.elapsed() <= Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn seeds_are_dialled_until_they_answer() {
    let net = Net::new();
    let a = net
        .builder("a")
        .seeds([Net::at("b")])
        .start()
        .await
        .unwrap();
    let mut events = a.events();
    sleep(Duration::from_secs(30)).await;
    assert_eq!(a.peers().len(), 0);
    let b = net.node("b").await;
    assert_eq!(&up(&mut events).await, b.id());
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_dialled_again() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    let mut events = a.events();
    net.0.cut(a.local_addr(), b.local_addr());
    down(&mut events).await;
    sleep(Duration::from_secs(120)).await;
    net.0.heal(a.local_addr(), b.local_addr());
    let begin = Instant::now();
    assert_eq!(
        &up(&mut events).await,
        b.id(),
        "the same incarnation is back"
    );
    assert!(
        begin.elapsed() <= Duration::from_secs(16),
        "{:?}",
        begin.elapsed()
    );
    assert_eq!(a.peers()[0].reconnects, 1);
}
