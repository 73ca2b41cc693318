//! Monitors of groups.

use std::time::Duration;

use ambit::prelude::*;
use ambit::test::fill_mailbox;
use ambit_dist::ClusterGroupEvent;

use super::support::{cluster, cut, eventually, heal};
use crate::distribution::support::Net;

/// Returns whether the event is a join, and the group.
fn told<P: ?Sized>(event: &ClusterGroupEvent<P>) -> (bool, String) {
    let has_joined = matches!(event, ClusterGroupEvent::Joined(_));
    (has_joined, event.change().group().to_owned())
}

#[ambit::test]
async fn a_monitor_reports_joins_and_leaves_of_all_nodes_in_order() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (first, second) = (b.probe::<String>(), b.probe::<String>());
    b.groups().join("jobs", &first.subject()).unwrap();
    eventually("a sees the first", || a.count("jobs") == 1).await;

    let mut watcher = a.probe::<ClusterGroupEvent<String>>();
    let (members, monitor) = a.groups().monitor::<String>("jobs", watcher.recipient());
    assert_eq!(members, a.groups().members::<String>("jobs"));
    b.groups().join("other", &second.subject()).unwrap();
    let mut pids = Vec::new();
    for number in 0..6 {
        // A membership that ends at once may never be seen by other nodes, so each event is awaited.
        match number % 2 {
            0 => b.groups().join("jobs", &second.subject()).unwrap(),
            _ => b.groups().leave("jobs", &second.subject()).unwrap(),
        }
        let event = watcher.expect().await;
        assert_eq!(told(&event), (number % 2 == 0, "jobs".into()));
        assert_eq!(event.change().node(), b.node.id());
        pids.push(event.change().pid());
    }
    pids.dedup();
    assert_eq!(pids.len(), 1);
    drop(first);
    assert_eq!(told(&watcher.expect().await), (false, "jobs".into()));

    assert!(monitor.demonitor());
    assert!(!monitor.demonitor());
    b.groups().join("jobs", &second.subject()).unwrap();
    eventually("a sees the join", || a.count("jobs") == 1).await;
    watcher.refute_within(Duration::from_secs(10)).await;
}

#[ambit::test]
async fn a_monitor_of_a_scope_sees_the_loss_and_the_return_of_a_node() {
    let net = Net::new();
    let [a, b] = cluster(&net).await;
    let (one, other) = (b.probe::<String>(), b.probe::<String>());
    b.groups().join("one", &one.subject()).unwrap();
    eventually("a sees a member", || a.count("one") == 1).await;
    let mut watcher = a.probe::<ClusterGroupEvent<String>>();
    let (groups, _monitor) = a.groups().monitor_scope::<String>(watcher.recipient());
    assert_eq!(groups["one"].len(), 1);
    b.groups().join("other", &other.subject()).unwrap();
    assert_eq!(told(&watcher.expect().await), (true, "other".into()));

    cut(&net, &a, &b).await;
    // The last one that joined is lost first.
    for name in ["other", "one"] {
        assert_eq!(told(&watcher.expect().await), (false, name.into()));
    }
    heal(&net, &a, &b).await;
    for name in ["one", "other"] {
        assert_eq!(told(&watcher.expect().await), (true, name.into()));
    }
}

#[ambit::test]
async fn a_full_watcher_misses_nothing_and_gets_nothing_after_its_monitor_ended() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let member = a.probe::<String>();
    let mut watcher = a.probe::<ClusterGroupEvent<String>>();
    let mut ended = a.probe::<ClusterGroupEvent<String>>();
    let (_, _monitor) = a.groups().monitor::<String>("jobs", watcher.recipient());
    let (_, monitor) = a.groups().monitor::<String>("jobs", ended.recipient());
    let full = [
        fill_mailbox(watcher.subject()),
        fill_mailbox(ended.subject()),
    ];
    a.groups().join("jobs", &member.subject()).unwrap();
    drop(member);
    eventually("the member is gone", || a.count("jobs") == 0).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(monitor.demonitor());
    drop(full);
    assert!(told(&watcher.expect().await).0);
    assert!(!told(&watcher.expect().await).0);
    ended.refute_within(Duration::from_secs(10)).await;
}

#[ambit::test]
async fn a_monitor_ends_with_the_node() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let member = a.probe::<String>();
    let mut watcher = a.probe::<ClusterGroupEvent<String>>();
    // The handle outlives the node.
    let groups = a.groups();
    let (_, monitor) = groups.monitor::<String>("jobs", watcher.recipient());
    groups.join("jobs", &member.subject()).unwrap();
    assert!(told(&watcher.expect().await).0);
    a.node.leave().await;
    drop(member);
    watcher.refute_within(Duration::from_secs(10)).await;
    assert!(!monitor.demonitor());
}

/// A server that monitors its own group.
struct Peer {
    others: usize,
}

#[gen_server(remote = "test.groups.peer")]
impl Peer {
    #[init]
    fn new() -> Self {
        Self { others: 0 }
    }

    #[info]
    fn changed(&mut self, event: ClusterGroupEvent<Peer>) {
        match event {
            ClusterGroupEvent::Joined(_) => self.others += 1,
            ClusterGroupEvent::Left(_) => self.others -= 1,
        }
    }

    #[call]
    fn others(&self) -> usize {
        self.others
    }

    #[cast]
    fn ping(&mut self) {}
}

#[ambit::test]
async fn a_server_may_monitor_its_own_group() {
    let net = Net::new();
    let [a] = cluster(&net).await;
    let peer = a.run(async { Peer::start().await.unwrap() }).await;
    let groups = a.groups();
    let (_, _monitor) = groups.monitor::<Peer>("peers", peer.recipient());
    groups.join("peers", &peer).unwrap();
    groups.join("peers", &peer).unwrap();
    while peer.others().await.unwrap() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    groups.leave("peers", &peer).unwrap();
    while peer.others().await.unwrap() > 1 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Refuses every second event, which becomes a dead letter.
struct Narrow;

#[gen_server(mailbox = 1, overflow = drop_newest, in_place = never)]
impl Narrow {
    #[info]
    fn changed(&mut self, _event: ClusterGroupEvent<Peer>) {}

    #[cast]
    async fn block(&mut self, until: tokio::sync::oneshot::Receiver<()>) {
        until.await.ok();
    }
}

#[test]
fn a_dead_letter_listener_may_end_the_monitor() {
    let (done, over) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        runtime.block_on(async {
            let net = Net::new();
            let [a] = cluster(&net).await;
            let (peer, narrow) = a
                .run(async { (Peer::start().await.unwrap(), Narrow.start().await.unwrap()) })
                .await;
            let (_end, until) = tokio::sync::oneshot::channel();
            narrow.block(until).now().unwrap();
            let groups = a.groups();
            let (_, monitor) = groups.monitor::<Peer>("peers", narrow.recipient());
            let _listening = a.system.on_dead_letter(move |letter| {
                if letter.why() == ambit::process::Undelivered::Overflow {
                    done.send(monitor.demonitor()).ok();
                }
            });
            for _ in 0..4 {
                groups.join("peers", &peer).unwrap();
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
    });
    let first = over.recv_timeout(Duration::from_secs(20));
    assert_eq!(first, Ok(true), "the listener hangs");
}
