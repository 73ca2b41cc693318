//! Ordinary servers on simulated hosts, without code for the simulator.

use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::sim::{Fault, Sim, note, replay};

struct Counter {
    count: u64,
}

#[gen_server]
impl Counter {
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.count += by;
        self.count
    }

    #[call]
    async fn add_later(&mut self, by: u64, after: Duration) -> u64 {
        tokio::time::sleep(after).await;
        self.count += by;
        self.count
    }
}

#[test]
fn a_server_runs_on_the_virtual_clock() {
    let mut sim = Sim::new(1);
    sim.client("c", |host| async move {
        let counter = Counter { count: 1 }.start().await.unwrap();
        let day = Duration::from_secs(3_600);
        let answer = counter.add_later(2, day).timeout(2 * day).await;
        assert_eq!(answer.unwrap(), 3);
        assert!(host.now() >= day);
    });
    sim.limit(Duration::from_secs(7_200))
        .tick(Duration::from_secs(1));
    sim.run().unwrap();
}

#[test]
fn each_incarnation_of_a_host_starts_with_new_processes() {
    let mut sim = Sim::new(1);
    sim.host("s", |host| async move {
        let counter = Counter { count: 0 }.start().await.unwrap();
        assert_eq!(counter.add(1).await.unwrap(), 1);
        note!(
            "life {} has {} processes",
            host.incarnation(),
            host.system().process_count()
        );
    });
    sim.at(Duration::from_secs(1), Fault::Bounce("s".into()))
        .limit(Duration::from_secs(2))
        .keep_events(true);
    let outcome = sim.run().unwrap();
    let told: Vec<String> = outcome.events.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|line| line.ends_with("life 2 has 1 processes")),
        "{told:?}"
    );
}

#[test]
fn supervisors_and_their_random_delays_come_from_the_seed() {
    replay(9, |sim| {
        sim.hosts(3, |host| async move {
            let counter = Counter { count: 0 }.start().await.unwrap();
            let mut rng = host.rng("work");
            for _ in 0..20 {
                let pause = Duration::from_millis(rng.below(50));
                let count = counter.add_later(rng.below(9), pause).await.unwrap();
                note!("{count}");
            }
        });
        sim.limit(Duration::from_secs(3));
    })
    .unwrap();
}
