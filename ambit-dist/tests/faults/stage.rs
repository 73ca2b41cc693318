//! The test's own node, and helpers for waiting.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use ambit_dist::{Cookie, DownReason, Node, NodeEvent, NodeEvents, NodeId};

use crate::process::Far;
use crate::program::Setup;
use crate::proxy::Proxy;
use crate::servers::{Log, LogSubject};

/// The silence after which a node counts as lost in tests that wait for it: well above the scheduling delays of a busy
/// machine.
pub(crate) const SILENCE: Duration = Duration::from_secs(2);
/// The silence in tests that must not lose a node.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The maximum wait of a test.
const MOST: Duration = Duration::from_secs(60);

pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(MOST, future).await {
        Ok(done) => done,
        Err(_) => panic!("{what} does not come"),
    }
}

/// A node in this program.
pub(crate) struct Near {
    pub(crate) node: Node,
    events: NodeEvents,
}

impl Near {
    pub(crate) async fn start(setup: &Setup) -> Self {
        let node = setup.start().await;
        let events = node.events();
        Self { node, events }
    }

    async fn next(&mut self) -> NodeEvent {
        let event = within("an event", self.events.next()).await;
        event.expect("the node runs")
    }

    /// Checks that the next event is the `Up` of this node.
    pub(crate) async fn up(&mut self, name: &str) -> NodeId {
        match self.next().await {
            NodeEvent::Up { node } if node.name.as_str() == name => node,
            other => panic!("{other:?} instead of an up of {name}"),
        }
    }

    /// Checks that the next event is the `Down` of this node, and returns the reason.
    pub(crate) async fn down(&mut self, name: &str) -> DownReason {
        match self.next().await {
            NodeEvent::Down { node, reason } if node.name.as_str() == name => reason,
            other => panic!("{other:?} instead of a down of {name}"),
        }
    }

    /// Checks that there are no further events.
    pub(crate) async fn nothing_else(&mut self) {
        let next = tokio::time::timeout(Duration::ZERO, self.events.next());
        if let Ok(event) = next.await {
            panic!("{event:?} instead of nothing");
        }
    }

    /// Starts a log on another node.
    pub(crate) async fn log_on(&self, name: &str) -> LogSubject {
        let log = self.node.on(name).start::<Log>(());
        log.await.unwrap()
    }
}

pub(crate) fn cookie() -> String {
    Cookie::generate().unwrap().reveal().to_string()
}

/// Starts a node `a` on loopback in this program.
pub(crate) async fn near(cookie: &str, silence: Duration) -> Near {
    Near::start(&Setup {
        name: "a".to_owned(),
        cookie: cookie.to_owned(),
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        seeds: Vec::new(),
        silence,
    })
    .await
}

/// A node `a` here, a node `b` in its own process, and an impaired network between them. They are connected.
pub(crate) struct Two {
    pub(crate) near: Near,
    pub(crate) proxy: Proxy,
    pub(crate) far: Far,
    pub(crate) cookie: String,
}

impl Two {
    pub(crate) async fn connected(silence: Duration, seed: u64) -> Self {
        let cookie = cookie();
        let mut far = Far::on_loopback("b", &cookie, silence, &[]).await;
        let proxy = Proxy::new(far.address, seed).await;
        let mut near = near(&cookie, silence).await;
        near.node.connect(proxy.address()).await.unwrap();
        near.up("b").await;
        far.up("a").await;
        Self {
            near,
            proxy,
            far,
            cookie,
        }
    }
}
