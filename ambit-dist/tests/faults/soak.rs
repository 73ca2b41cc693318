//! Three nodes under random faults: lines are cut and impaired, processes frozen, killed and restarted. The guarantees
//! must hold throughout, and all nodes must be connected in the end.
//!
//! `FAULTS` sets the duration in seconds, `FAULTS_SEED` the seed.

mod traffic;

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::fate::Conditions;
use crate::process::Far;
use crate::program::Setup;
use crate::proxy::Proxy;
use crate::rng::TestRng;
use crate::stage::{Near, cookie, near, within};

use traffic::{alternates, from_there, hear, to_there};

/// Short, so that many events occur.
const SILENCE: Duration = Duration::from_secs(1);
const SECONDS: u64 = 5;

/// Another node, and the line to it.
struct Peer {
    setup: Setup,
    far: Far,
    proxy: Proxy,
    kills: u64,
}

impl Peer {
    async fn start(name: &str, cookie: &str, seeds: Vec<SocketAddr>, seed: u64) -> Self {
        let mut setup = Setup {
            name: name.to_owned(),
            cookie: cookie.to_owned(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            seeds,
            silence: SILENCE,
        };
        let far = Far::start(&setup).await;
        setup.listen = far.address;
        let proxy = Proxy::new(far.address, seed).await;
        Self {
            setup,
            far,
            proxy,
            kills: 0,
        }
    }

    /// Checks the order of the events that it has printed so far.
    fn looked_back(&mut self) {
        let said = std::iter::from_fn(|| self.far.process.says_more());
        alternates(said.collect());
    }

    /// Injects or removes one fault.
    async fn strike(&mut self, rng: &mut TestRng) {
        let some = |most: u64, rng: &mut TestRng| Duration::from_millis(rng.next_u64() % most);
        match rng.next_u64() % 8 {
            0 | 1 => self.proxy.set(Conditions {
                delay: some(20, rng),
                jitter: some(20, rng),
                lost: (rng.next_u64() % 300) as u32,
                repeated: 30,
                damaged: 30,
                late: 30,
                rate: 0,
            }),
            2 => self.proxy.set(Conditions::CUT),
            3 => self.proxy.set_each(Conditions::CUT, Conditions::GOOD),
            4 => self.proxy.set_each(Conditions::GOOD, Conditions::CUT),
            5 => self.proxy.set(Conditions::GOOD),
            6 => {
                self.kills += 1;
                self.far.process.kill();
                self.looked_back();
                sleep(some(500, rng)).await;
                self.far = Far::start(&self.setup).await;
            }
            _ => {
                self.far.process.freeze().await;
                sleep(some(3_000, rng)).await;
                self.far.process.thaw();
            }
        }
    }
}

/// Injects faults for a while, and then removes all of them.
async fn strike_all(peers: &mut [Peer], rng: &mut TestRng, time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        let peer = (rng.next_u64() % peers.len() as u64) as usize;
        peers[peer].strike(rng).await;
        sleep(Duration::from_millis(rng.next_u64() % 700)).await;
    }
    for peer in peers {
        peer.proxy.set(Conditions::GOOD);
    }
}

/// Waits until the node is connected with all of them. Returns the time taken.
async fn all_found(near: &Near, names: &[&str]) -> Duration {
    let begin = Instant::now();
    let found = async {
        while !names.iter().all(|name| near.node.peer(name).is_some()) {
            sleep(Duration::from_millis(20)).await;
        }
    };
    within("a connection with all", found).await;
    begin.elapsed()
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[ambit::test(real_time)]
async fn messages_never_repeat_or_reorder_and_all_nodes_reconnect_after_faults() {
    let seed = number_of("FAULTS_SEED").unwrap_or(1);
    let time = Duration::from_secs(number_of("FAULTS").unwrap_or(SECONDS));
    println!("FAULTS_SEED={seed}");
    let mut rng = TestRng::new(seed);
    let cookie = cookie();
    let b = Peer::start("b", &cookie, Vec::new(), rng.next_u64()).await;
    let c = Peer::start("c", &cookie, vec![b.proxy.address()], rng.next_u64()).await;
    let mut peers = [b, c];
    let near = near(&cookie, SILENCE).await;
    let events = tokio::spawn(hear(near.node.events()));
    for peer in &peers {
        near.node.connect(peer.proxy.address()).await.unwrap();
    }
    let (over, is_over) = watch::channel(false);
    let struck = async {
        strike_all(&mut peers, &mut rng, time).await;
        let took = all_found(&near, &["b", "c"]).await;
        over.send_replace(true);
        took
    };
    let node = &near.node;
    let (took, b, from_b, c, from_c) = tokio::join!(
        struck,
        to_there(node, "b", is_over.clone()),
        from_there(node, "b", is_over.clone()),
        to_there(node, "c", is_over.clone()),
        from_there(node, "c", is_over.clone()),
    );
    for (peer, (logs, sent)) in peers.iter().zip([b, c]) {
        println!("{sent}; {} kills", peer.kills);
        assert!(
            logs <= peer.kills + 1,
            "logs have ended that were not killed"
        );
    }
    println!("{from_b}\n{from_c}");
    near.node.leave().await;
    let events = within("the end of the events", events).await.unwrap();
    println!("{events} events; all found again after {took:.2?}");
    for peer in &mut peers {
        peer.looked_back();
    }
}
