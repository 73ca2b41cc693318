//! Discovery on a simulated network, with crashes and lookups that fail.

use std::io;
use std::time::Duration;

use ambit_dist::discovery::Dns;
use ambit_dist::sim::{Chaos, Host, Sweep, always, sometimes};

const PORT: u16 = 9_000;
const HOSTS: [&str; 3] = ["n1", "n2", "n3"];
/// The end of the faults.
const CALM: Duration = Duration::from_secs(15);
/// The time by which all nodes are connected again.
const FORMED: Duration = Duration::from_secs(60);

/// Returns a source that lists the hosts. A third of the lookups fail.
fn dns(host: &Host) -> Dns {
    let addresses = HOSTS.map(|name| host.address_of(name, PORT));
    let rng = std::sync::Mutex::new(host.rng("lookups"));
    Dns::new("shop.test", PORT).resolve_with(move |_, _| {
        let fails = rng.lock().unwrap().below(3) == 0;
        async move {
            match fails {
                true => Err(io::Error::other("unknown name")),
                false => Ok(addresses.to_vec()),
            }
        }
    })
}

async fn run(host: Host) {
    let node = host.node(PORT).discover(dns(&host)).start().await.unwrap();
    sometimes!(host.incarnation() > 1, "a node restarts");
    tokio::time::sleep(FORMED.saturating_sub(host.now())).await;
    // A host has the client and the two other hosts; the client has all hosts.
    always!(node.peers().len() == HOSTS.len(), "all are connected");
    if host.name() == "web" {
        tokio::time::sleep(Duration::from_secs(1)).await;
    } else {
        std::future::pending::<()>().await;
    }
    drop(node);
}

#[test]
fn a_cluster_forms_by_discovery_whatever_happened() {
    let report = Sweep::over(0..3).run(|sim| {
        sim.hosts(HOSTS.len(), run);
        sim.client("web", run);
        sim.chaos(Chaos::until(CALM).crashes(true));
        sim.limit(FORMED * 2);
    });
    report.assert_passed();
}
