//! The same with pools: calls to their slots, and checkouts.

use ambit::supervisor::Backoff;
use std::collections::VecDeque;

use ambit::pool::{CheckoutError, Lease, Pool};

use super::*;

const SIZE: usize = 2;
/// The number of steps of a script: pools have more kinds of events than children.
const STEPS: usize = 12;
const POOLS: [&str; 2] = ["eager", "lazy"];

struct Pools;

#[supervisor(restarts = 1000)]
impl Pools {
    #[child]
    fn eager(&self) -> ChildSpec<Pool<Worker>> {
        let pool = Pool::builder(worker()).size(SIZE).restarts(1000, SECOND);
        pool.child_spec().backoff(Backoff::constant(SECOND))
    }

    #[child]
    fn lazy(&self) -> ChildSpec<Pool<Worker>> {
        let pool = Pool::builder(worker()).size(SIZE).restarts(1000, SECOND);
        pool.lazy().child_spec().backoff(Backoff::constant(SECOND))
    }
}

type Checked = Result<Lease<Worker>, CheckoutError>;

/// The clients of one pool: the waiting ones, in order, and the leases of the others.
struct Clients {
    pool: Pool<Worker>,
    waiting: VecDeque<JoinHandle<Checked>>,
    leases: Vec<Lease<Worker>>,
}

impl Clients {
    fn checkout(&self) -> JoinHandle<Checked> {
        let checkout = self.pool.checkout().timeout(PATIENCE);
        tokio::spawn(checkout)
    }

    /// Asserts that a waiting client has a worker if a fresh one would get one, and that none was overtaken by a later
    /// one.
    async fn check(&mut self, what: &str) {
        let mut behind = 0;
        for call in std::mem::take(&mut self.waiting) {
            if !call.is_finished() {
                self.waiting.push_back(call);
                continue;
            }
            match call.await.unwrap() {
                Ok(lease) => {
                    behind += self.waiting.len();
                    self.leases.push(lease);
                }
                Err(CheckoutError::Exited(_) | CheckoutError::NoProcess) => {}
                Err(error) => panic!("{what}: {error:?}"),
            }
        }
        assert_eq!(behind, 0, "{what}: served out of turn");
        let fresh = self.checkout();
        settle().await;
        if fresh.is_finished() {
            let (fresh, waiting) = (fresh.await.unwrap(), self.waiting.len());
            let is_due = matches!(fresh, Ok(_) | Err(CheckoutError::NoProcess));
            assert!(is_due, "{what}: {fresh:?}");
            assert_eq!(waiting, 0, "{what}: they wait, a fresh one got {fresh:?}");
        } else {
            fresh.abort();
            let free = self.pool.status().free;
            assert_eq!(free, 0, "{what}: a checkout waits, but not for a worker");
        }
    }
}

struct Script {
    random: Random,
    top: PoolsSubject,
    clients: [Clients; 2],
    calls: Calls,
    log: Vec<String>,
}

impl Script {
    async fn new(seed: u64) -> Self {
        let top = Pools.start().await.unwrap();
        let clients = [top.eager(), top.lazy()].map(|pool| Clients {
            pool,
            waiting: VecDeque::new(),
            leases: Vec::new(),
        });
        Self {
            random: Random(seed),
            top,
            clients,
            calls: Calls::default(),
            log: Vec::new(),
        }
    }

    async fn step(&mut self) {
        let (which, place) = (self.random.below(2), self.random.below(SIZE + 1));
        let (name, what) = (POOLS[which], self.random.below(18));
        let clients = &mut self.clients[which];
        let leased = self.random.below(clients.leases.len().max(1));
        let done = match what {
            0..=2 => {
                let workers = clients.pool.workers();
                let pid = workers.get(place).and_then(|worker| worker.pid);
                if let Some(pid) = pid {
                    kill(pid);
                }
                format!("kill worker {place} of the {name} pool: {pid:?}")
            }
            3 | 4 => {
                let size = 1 + place;
                let resized = clients.pool.resize(size);
                format!("resize the {name} pool to {size}: {resized:?}")
            }
            5 => {
                if let Some(pool) = ambit::process_info(&clients.pool) {
                    // Its workers, their supervisor and the manager end with it.
                    for worker in clients.pool.workers() {
                        expect_crash(&worker.handle);
                    }
                    let own = pool.links.iter().filter(|link| **link != self.top.pid());
                    own.for_each(expect_crash);
                    kill(&clients.pool);
                }
                format!("kill the {name} pool")
            }
            6 => format!(
                "terminate the {name} pool: {:?}",
                self.top.terminate_child(name).await
            ),
            7 => format!(
                "start the {name} pool again: {:?}",
                self.top.restart_child(name).await.is_ok()
            ),
            8 | 9 => {
                tokio::time::sleep(SECOND).await;
                "a second".into()
            }
            10 | 11 => {
                clients.waiting.push_back(clients.checkout());
                format!("check out of the {name} pool")
            }
            12 if !clients.leases.is_empty() => {
                drop(clients.leases.swap_remove(leased));
                format!("return worker {leased} to the {name} pool")
            }
            13 if !clients.leases.is_empty() => {
                let lease = clients.leases.swap_remove(leased);
                lease.replace(ExitReason::Shutdown);
                format!("replace worker {leased} of the {name} pool")
            }
            14 => {
                let handle = clients.pool.worker_for(&place);
                self.calls.hold(&format!("{name} {place}"), &handle)
            }
            15 => {
                let handle = clients.pool.worker();
                self.calls.wait(&format!("{name}, any"), &handle)
            }
            _ => {
                let (pool, pid) = (clients.pool.clone(), clients.pool.pid());
                let place = place % pool.status().size.max(1);
                let handle = pool.worker_for(&place);
                let same = handle.clone();
                // A smaller pool has no such slot, and another pool has different ones.
                let again = move || {
                    let is_there = pool.pid() == pid && place < pool.status().size;
                    if is_there {
                        pool.worker_for(&place)
                    } else {
                        same.clone()
                    }
                };
                (self.calls).wait_with(&format!("{name} {place}"), &handle, again)
            }
        };
        self.log.push(done);
        settle().await;
    }

    async fn check(&mut self, seed: u64) {
        self.calls.check(seed, &self.log).await;
        for (clients, name) in self.clients.iter_mut().zip(POOLS) {
            let what = format!("SEED={seed}: the {name} pool, {:#?}", self.log);
            clients.check(&what).await;
        }
    }

    /// All pools are restarted and get their workers back: the waiting checkouts are served in order.
    async fn end(mut self, seed: u64) {
        for (name, clients) in POOLS.into_iter().zip(&mut self.clients) {
            drop(self.top.restart_child(name).await);
            tokio::time::sleep(2 * SECOND).await;
            let what = format!("SEED={seed}: the end of the {name} pool, {:#?}", self.log);
            clients.check(&what).await;
            while !clients.waiting.is_empty() {
                let before = clients.waiting.len();
                clients.leases.clear();
                settle().await;
                tokio::time::sleep(2 * SECOND).await;
                clients.check(&what).await;
                assert!(clients.waiting.len() < before, "{what}: they wait for ever");
            }
            clients.leases.clear();
        }
        self.top.stop().await.unwrap();
    }
}

#[ambit::test]
async fn a_client_of_a_pool_that_waits_ends_as_a_fresh_one_would() {
    for seed in seeds() {
        let mut script = Script::new(seed).await;
        for _ in 0..STEPS {
            script.step().await;
            script.check(seed).await;
        }
        script.end(seed).await;
    }
}
