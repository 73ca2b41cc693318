//! The same over QUIC on loopback.

use std::time::Duration;

use ambit_dist::{Auth, ConnectError, Cookie, DownReason, Node, NodeBuilder, NodeError, Timeouts};

use crate::distribution::support::{down, up};

fn node(name: &str, cookie: &str) -> NodeBuilder {
    let timeouts = Timeouts::default().heartbeat(Duration::from_millis(200));
    Node::builder(name)
        .auth(Auth::cookie(cookie))
        .timeouts(timeouts)
}

fn cookie() -> String {
    Cookie::generate().unwrap().reveal().to_string()
}

#[tokio::test]
async fn nodes_with_one_cookie_connect_and_part() {
    let cookie = cookie();
    let a = node("a", &cookie).start().await.unwrap();
    let b = node("b", &cookie)
        .listen("127.0.0.1:0")
        .start()
        .await
        .unwrap();
    let mut events = (a.events(), b.events());
    assert_eq!(a.connect(b.local_addr()).await.as_ref(), Ok(b.id()));
    assert_eq!(&up(&mut events.0).await, b.id());
    assert_eq!(&up(&mut events.1).await, a.id());
    a.ping("b").await.unwrap();
    let peer = a.peer("b").unwrap();
    assert!(peer.transport.rtt > Duration::ZERO && peer.transport.mtu >= 1200);
    assert!(a.disconnect("b").await);
    assert_eq!(down(&mut events.0).await, DownReason::Disconnected);
    assert_eq!(down(&mut events.1).await, DownReason::Closed);
    assert_eq!(b.connect(a.local_addr()).await.as_ref(), Ok(a.id()));
    up(&mut events.0).await;
    up(&mut events.1).await;
    b.leave().await;
    assert_eq!(down(&mut events.0).await, DownReason::Left);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_simultaneous_dials_exactly_one_stays() {
    let cookie = cookie();
    let a = node("a", &cookie).start().await.unwrap();
    let b = node("b", &cookie).start().await.unwrap();
    let mut events = (a.events(), b.events());
    for round in 0..50 {
        let both = tokio::join!(a.connect(b.local_addr()), b.connect(a.local_addr()));
        assert_eq!(
            (both.0.as_ref(), both.1.as_ref()),
            (Ok(b.id()), Ok(a.id())),
            "round {round}"
        );
        up(&mut events.0).await;
        up(&mut events.1).await;
        assert_ne!(a.peers()[0].dialled, b.peers()[0].dialled, "round {round}");
        // The connection is stable: the next event is the disconnect.
        let (one, other) = if round % 2 == 0 { (&a, "b") } else { (&b, "a") };
        assert!(one.disconnect(other).await);
        let expected = [DownReason::Disconnected, DownReason::Closed];
        let reasons = [down(&mut events.0).await, down(&mut events.1).await];
        assert!(
            reasons == expected || reasons == [expected[1].clone(), expected[0].clone()],
            "{reasons:?}"
        );
    }
}

#[tokio::test]
async fn a_wrong_cookie_or_cluster_is_rejected_and_the_error_names_the_remedy() {
    let cookie = cookie();
    let a = node("a", &cookie).start().await.unwrap();
    for stranger in [
        node("b", &self::cookie()).start().await.unwrap(),
        node("b", &cookie).cluster("other").start().await.unwrap(),
    ] {
        let error = stranger.connect(a.local_addr()).await.unwrap_err();
        assert!(
            matches!(
                error,
                ConnectError::Untrusted { .. } | ConnectError::WrongNode { .. }
            ),
            "{error:?}"
        );
        assert!(!error.to_string().contains('\n'));
        assert_eq!((a.peers().len(), stranger.peers().len()), (0, 0));
    }
    let error = node("b", &self::cookie()).start().await.unwrap();
    let error = error.connect(a.local_addr()).await.unwrap_err();
    assert!(error.to_string().contains("same cookie"), "{error}");
}

#[tokio::test]
async fn a_port_in_use_is_named_in_the_start_error() {
    let cookie = cookie();
    let a = node("a", &cookie).start().await.unwrap();
    let error = node("b", &cookie)
        .listen(a.local_addr())
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, NodeError::Bind(_)), "{error:?}");
    let port = a.local_addr().port().to_string();
    assert!(error.to_string().contains(&port), "{error}");
}

#[tokio::test]
async fn an_unanswered_address_is_reported_in_time() {
    let cookie = cookie();
    let timeouts = Timeouts::default().dial(Duration::from_millis(300));
    let a = node("a", &cookie).timeouts(timeouts).start().await.unwrap();
    // A socket without a reader.
    let mute = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let error = a.connect(mute.local_addr().unwrap()).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::Unreachable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_lost_node_is_redialled() {
    let cookie = cookie();
    let a = node("a", &cookie).start().await.unwrap();
    let other = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let start = other.spawn(node("b", &cookie).start());
    let b = start.await.unwrap().unwrap();
    let (address, first) = (b.local_addr(), b.id().clone());
    let mut events = a.events();
    a.connect(address).await.unwrap();
    assert_eq!(up(&mut events).await, first);
    // Ending its runtime simulates a crash: when the handle is dropped, no task runs that could leave.
    let ends = move || other.shutdown_timeout(Duration::from_secs(10));
    tokio::task::spawn_blocking(ends).await.unwrap();
    drop(b);
    let reason = down(&mut events).await;
    assert!(
        matches!(reason, DownReason::Reset(_) | DownReason::TimedOut),
        "{reason:?}"
    );
    let b = node("b", &cookie).listen(address).start().await.unwrap();
    assert_eq!(&up(&mut events).await, b.id());
    assert!(*b.id() > first);
}
