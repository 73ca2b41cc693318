//! Five members of a cluster, each a process in a network namespace of its own, under random faults: partitions, cuts
//! of one direction, loss, kills and pauses of up to 30 s. Their events alternate, and in the end all see each other.
//!
//! `MEMBERS` sets the duration in seconds, 120 in CI, and `FAULTS_SEED` the seed.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::process::Process;
use crate::program::Setup;
use crate::rng::TestRng;
use crate::stage::cookie;
use crate::switch::Switch;

const COUNT: usize = 5;
const PORT: u16 = 9_000;
const SECONDS: u64 = 8;
/// The time after the last fault in which all see each other: the longest pause between dials, a dial, and the time to
/// declare a member down.
const CALM: Duration = Duration::from_secs(30);

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

fn name(number: usize) -> String {
    format!("m{number}")
}

/// A member, and the members that its events have left up.
struct Member {
    process: Process,
    up: BTreeSet<String>,
    losses: BTreeMap<String, u64>,
}

struct Cluster {
    switch: Switch,
    cookie: String,
    members: Vec<Member>,
    kills: u64,
    pauses: u64,
}

impl Cluster {
    fn start(&self, number: usize) -> Member {
        let seeds = [0, 1].map(|seed| SocketAddr::new(Switch::address(seed), PORT));
        let setup = Setup {
            name: name(number),
            cookie: self.cookie.clone(),
            listen: SocketAddr::new(Switch::address(number), PORT),
            seeds: seeds.to_vec(),
            silence: Duration::from_secs(3),
        };
        Member {
            process: self
                .switch
                .start(number, "program::member", &setup.variables()),
            up: BTreeSet::new(),
            losses: BTreeMap::new(),
        }
    }

    /// Reads the events that have been printed so far.
    fn read(&mut self) {
        for (number, member) in self.members.iter_mut().enumerate() {
            while let Some(line) = member.process.says_more() {
                let (what, other) = line.split_once(' ').unwrap();
                let is_new = match what {
                    "up" => member.up.insert(other.to_owned()),
                    "down" => {
                        *member.losses.entry(other.to_owned()).or_default() += 1;
                        member.up.remove(other)
                    }
                    _ => continue,
                };
                assert!(is_new, "`{line}` comes twice at {}", name(number));
            }
        }
    }

    /// Returns which members do not see all others.
    fn incomplete(&mut self) -> Vec<(String, BTreeSet<String>)> {
        self.read();
        let others = |number: usize| (0..COUNT).filter(move |other| *other != number).map(name);
        let members = self.members.iter().enumerate();
        let wrong = members.filter(|(number, member)| member.up != others(*number).collect());
        wrong
            .map(|(number, member)| (name(number), member.up.clone()))
            .collect()
    }

    /// Waits until all members see all others. Returns the time taken.
    async fn converges(&mut self, within: Duration) -> Duration {
        let begin = Instant::now();
        loop {
            let incomplete = self.incomplete();
            if incomplete.is_empty() {
                return begin.elapsed();
            }
            assert!(begin.elapsed() < within, "after {within:?}: {incomplete:?}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    fn heal(&self) {
        for end in 0..COUNT {
            self.switch.drops(end, &[], 0).unwrap();
        }
    }

    /// Injects or removes one fault.
    async fn strike(&mut self, rng: &mut TestRng, longest_pause: u64) {
        let victim = (rng.next_u64() % COUNT as u64) as usize;
        let some = |most: u64, rng: &mut TestRng| Duration::from_millis(rng.next_u64() % most);
        match rng.next_u64() % 6 {
            0 => {
                let border = 1 + victim % (COUNT - 1);
                for end in 0..COUNT {
                    let is_other = |other: &usize| (*other < border) != (end < border);
                    let others: Vec<usize> = (0..COUNT).filter(is_other).collect();
                    self.switch.drops(end, &others, 0).unwrap();
                }
            }
            1 => {
                let other = (victim + 1) % COUNT;
                self.switch.drops(victim, &[other], 0).unwrap();
            }
            2 => {
                let percent = (rng.next_u64() % 30) as u32;
                self.switch.drops(victim, &[], percent).unwrap();
            }
            3 => self.heal(),
            4 => {
                self.kills += 1;
                self.read();
                self.members[victim].process.kill();
                sleep(some(2_000, rng)).await;
                let member = self.start(victim);
                self.members[victim] = member;
            }
            _ => {
                self.pauses += 1;
                self.members[victim].process.freeze().await;
                sleep(some(longest_pause, rng)).await;
                self.members[victim].process.thaw();
            }
        }
        self.read();
    }
}

#[ambit::test(real_time)]
async fn members_in_namespaces_see_each_other_after_faults() {
    let switch = match Switch::new(COUNT) {
        Ok(switch) => switch,
        Err(why) => return println!("SKIPPED: no network namespaces here: {why}"),
    };
    let seed = number_of("FAULTS_SEED").unwrap_or(1);
    let time = Duration::from_secs(number_of("MEMBERS").unwrap_or(SECONDS));
    println!("FAULTS_SEED={seed}");
    let mut rng = TestRng::new(seed);
    let mut cluster = Cluster {
        switch,
        cookie: cookie(),
        members: Vec::new(),
        kills: 0,
        pauses: 0,
    };
    for number in 0..COUNT {
        let member = cluster.start(number);
        cluster.members.push(member);
    }
    let formed = cluster.converges(CALM).await;
    // A pause longer than the run would be all there is.
    let longest_pause = u64::try_from(time.as_millis() / 4).unwrap().min(30_000);
    let end = Instant::now() + time;
    while Instant::now() < end {
        cluster.strike(&mut rng, longest_pause).await;
        sleep(Duration::from_millis(rng.next_u64() % 2_000)).await;
    }
    cluster.heal();
    let found = cluster.converges(CALM).await;
    // A crash is seen by all.
    cluster.members[4].process.kill();
    let begin = Instant::now();
    while cluster.members[..4]
        .iter()
        .any(|member| member.up.contains("m4"))
    {
        assert!(begin.elapsed() < Duration::from_secs(15), "a crash is seen");
        cluster.read();
        sleep(Duration::from_millis(20)).await;
    }
    let seen = begin.elapsed();
    let losses: u64 = cluster
        .members
        .iter()
        .flat_map(|member| member.losses.values())
        .sum();
    let (kills, pauses) = (cluster.kills, cluster.pauses);
    println!(
        "formed in {formed:.2?}; {kills} kills, {pauses} pauses, {losses} losses seen; complete again after {found:.2?}; a crash seen after {seen:.2?}"
    );
}
