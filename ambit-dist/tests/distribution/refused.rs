//! Refusals of nodes, and their texts.

use ambit_dist::{ConnectError, Limits, Node, NodeError, Timeouts};
use std::time::Duration;

use crate::distribution::support::{Net, up};

#[tokio::test(start_paused = true)]
async fn nodes_of_different_clusters_do_not_connect() {
    let net = Net::new();
    let a = net.builder("a").cluster("one").start().await.unwrap();
    let b = net.builder("b").cluster("two").start().await.unwrap();
    let error = a.connect(b.local_addr()).await.unwrap_err();
    assert!(matches!(error, ConnectError::Cluster { .. }), "{error:?}");
    let text = error.to_string();
    assert!(
        text.contains("`one`") && text.contains("`two`") && text.contains("cluster(..)"),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_does_not_connect_to_itself_or_its_namesake() {
    let net = Net::new();
    let a = net.node("a").await;
    let address = a.local_addr();
    assert_eq!(
        a.connect(address).await,
        Err(ConnectError::Itself { address })
    );
    let other = net.0.bind("10.0.0.200:1".parse().unwrap()).unwrap();
    let other = Node::builder("a").transport(other).start().await.unwrap();
    let error = other.connect(address).await.unwrap_err();
    assert!(
        matches!(error, ConnectError::NameRefused { .. }),
        "{error:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn only_allowed_addresses_are_dialled() {
    let net = Net::new();
    let a = net
        .builder("a")
        .allow_addresses(["10.0.0.0/24"])
        .start()
        .await
        .unwrap();
    let address = "10.0.1.1:9000".parse().unwrap();
    assert_eq!(
        a.connect(address).await,
        Err(ConnectError::NotAllowed { address })
    );
    let b = net.node("b").await;
    a.connect(b.local_addr()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_allowed_seeds_are_dialled() {
    let net = Net::new();
    let (b, c) = (net.node("b").await, net.node("c").await);
    let only_c = format!("{}/32", c.local_addr().ip());
    let a = net.builder("a").allow_addresses([&*only_c]);
    let a = a.seeds([b.local_addr(), c.local_addr()]);
    let a = a.start().await.unwrap();
    let mut events = a.events();
    up(&mut events).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(a.peer("c").is_some());
    assert_eq!(b.peers().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_full_node_takes_no_more() {
    let net = Net::new();
    let limits = Limits::default().peers(1);
    let a = net.builder("a").limits(limits).start().await.unwrap();
    let (b, c) = (net.node("b").await, net.node("c").await);
    let mut events = a.events();
    b.connect(a.local_addr()).await.unwrap();
    up(&mut events).await;
    let address = a.local_addr();
    let reason = "`a` has reached its limit of connections".to_owned();
    assert_eq!(
        c.connect(address).await,
        Err(ConnectError::Overloaded { address, reason })
    );
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_the_greeting_is_given_up() {
    let net = Net::new();
    let a = net.node("a").await;
    let mute = net.0.bind(Net::at("b")).unwrap();
    let accepting = tokio::spawn(async move {
        let incoming = ambit_dist::transport::Transport::accept(&mute)
            .await
            .unwrap();
        let connection = incoming.finish().await.unwrap();
        connection.closed().await
    });
    let address = Net::at("b");
    assert_eq!(
        a.connect(address).await,
        Err(ConnectError::TimedOut { address })
    );
    let closed = accepting.await.unwrap();
    assert!(
        closed.to_string().contains("no answer to the greeting"),
        "{closed}"
    );
}

#[tokio::test(start_paused = true)]
async fn dist_18_a_connection_without_a_hello_is_closed_and_leaves_nothing_behind() {
    use ambit_dist::transport::{Dial, Transport};
    let net = Net::new();
    let a = net.node("a").await;
    let stranger = net.0.bind(Net::at("x")).unwrap();
    for (bytes, expected) in [
        (&b"GET / HTTP/1.1\r\n"[..], "malformed bytes"),
        (&b"\x01\xff\xff\xff\xff"[..], "malformed bytes"),
        (&b"\x01\x02\0\0\0\x43\0"[..], "malformed bytes"),
        (&b"\x01\x06\0\0\0\x40\0ambi"[..], "malformed"),
        (&b"\x01"[..], "the handshake took too long"),
    ] {
        let server_name = "any.ambit.ambit".to_owned();
        let address = a.local_addr();
        let dial = Dial {
            address,
            server_name,
        };
        let connection = stranger.dial(dial).await.unwrap();
        let (mut send, _receive) = connection.open_bi().await.unwrap();
        send.write(bytes.into()).await.unwrap();
        let closed = connection.closed().await.to_string();
        assert!(closed.contains(expected), "{bytes:?}: {closed}");
    }
    let b = net.node("b").await;
    b.connect(a.local_addr()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_invalid_node_configuration_is_reported_at_the_start() {
    let text = |result: Result<Node, NodeError>| result.err().map(|error| error.to_string());
    let told = text(Node::builder("a").start().await).unwrap();
    for word in ["Auth::cookie", "Auth::pki", "Auth::dev"] {
        assert!(told.contains(word), "{told}");
    }
    let net = Net::new();
    for (name, builder) in [
        ("`A b`", Node::builder("A b")),
        ("`x.y`", Node::builder("a").cluster("x.y")),
        ("`nowhere`", Node::builder("a").listen("nowhere")),
        ("`10.0.0.1`", Node::builder("a").seeds(["10.0.0.1"])),
        (
            "`:9`",
            Node::builder("a").advertise(":9").advertise("1.2.3.4:5"),
        ),
        ("`10/8`", Node::builder("a").allow_addresses(["10/8"])),
        (
            "`heartbeat`",
            Node::builder("a").timeouts(Timeouts::default().heartbeat(Duration::ZERO)),
        ),
        (
            "`window`",
            Node::builder("a").limits(Limits::default().window(0)),
        ),
    ] {
        let transport = net.0.bind("10.0.0.1:0".parse().unwrap()).unwrap();
        let told = text(builder.transport(transport).start().await).unwrap();
        assert!(told.contains(name), "{name}: {told}");
    }
}

#[tokio::test(start_paused = true)]
async fn x66_periods_that_contradict_each_other_are_refused() {
    let net = Net::new();
    let start = |timeouts: Timeouts| {
        let transport = net.0.bind("10.0.0.1:0".parse().unwrap()).unwrap();
        let node = Node::builder("a").transport(transport);
        node.timeouts(timeouts).start()
    };
    let refused = start(Timeouts::default().missed(1)).await.unwrap_err();
    assert!(matches!(refused, NodeError::Missed { missed: 1 }));
    assert!(refused.to_string().contains("2 or more"), "{refused}");
    for zero in [
        Timeouts::default().missed(0),
        Timeouts::default().grace(Duration::ZERO),
        Timeouts::default().probe(Duration::ZERO),
    ] {
        let refused = start(zero).await.unwrap_err();
        assert!(matches!(refused, NodeError::Timeout { .. }), "{refused}");
    }
    for heartbeat in [Duration::from_micros(999), Duration::from_secs(601)] {
        let refused = start(Timeouts::default().heartbeat(heartbeat)).await;
        assert!(matches!(refused, Err(NodeError::Heartbeat { .. })));
    }
    for probe in [Duration::from_micros(999), Duration::MAX] {
        let refused = start(Timeouts::default().probe(probe)).await;
        assert!(matches!(refused, Err(NodeError::Probe { .. })));
    }
    start(Timeouts::default().heartbeat(Duration::from_secs(600)))
        .await
        .unwrap();
    start(Timeouts::default().missed(2)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn times_that_no_clock_reaches_are_no_limit() {
    let net = Net::new();
    let start = |name, address: &str| {
        let transport = net.0.bind(address.parse().unwrap()).unwrap();
        let never = Duration::MAX;
        let timeouts = Timeouts::default()
            .leave(never)
            .handshake(never)
            .grace(never);
        let node = Node::builder(name).transport(transport);
        node.timeouts(timeouts).start()
    };
    let a = start("a", "10.0.0.1:9000").await.unwrap();
    let b = start("b", "10.0.0.2:9000").await.unwrap();
    a.connect(b.local_addr()).await.unwrap();
    a.leave().await;
    let down = async {
        while !b.peers().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(1), down)
        .await
        .unwrap();
}

/// Starts a node with these limits.
async fn start_within(net: &Net, limits: Limits) -> Result<Node, NodeError> {
    let transport = net.0.bind("10.0.0.1:0".parse().unwrap()).unwrap();
    let node = Node::builder("a").transport(transport);
    node.limits(limits).start().await
}

#[tokio::test(start_paused = true)]
async fn more_lanes_than_a_connection_has_streams_for_are_refused() {
    let net = Net::new();
    let start = |lanes| start_within(&net, Limits::default().lanes(lanes));
    let refused = start(33).await.unwrap_err();
    assert!(
        matches!(refused, NodeError::Lanes { lanes: 33 }),
        "{refused}"
    );
    start(32).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_maximum_message_without_capacity_for_arguments_is_refused() {
    let net = Net::new();
    let start = |max_message| start_within(&net, Limits::default().max_message(max_message));
    let refused = start(1_024).await.unwrap_err();
    assert!(matches!(
        refused,
        NodeError::MaxMessage { max_message: 1_024 }
    ));
    assert!(refused.to_string().contains("1,025 or more"), "{refused}");
    start(1_025).await.unwrap();
}

#[test]
fn a_node_outside_of_a_runtime_is_refused_also_with_a_system() {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    let system = runtime.block_on(async { ambit::system::System::current().unwrap() });
    let transport = Net::new().0.bind("10.0.0.1:0".parse().unwrap()).unwrap();
    let node = Node::builder("a").transport(transport).system(system);
    let mut start = std::pin::pin!(node.start());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match start.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(NodeError::NoRuntime)) => {}
        other => panic!("{other:?}"),
    }
}
