//! The worker and its node, which connects to the foreman's node and allows remote starts of workers.

use std::error::Error;
use std::future::pending;
use std::net::SocketAddr;

use ambit::prelude::*;
use ambit_dist::{Auth, Node};

/// The message to the first process when a job hangs.
pub(crate) const STUCK: &str = "stuck";

/// The range of numbers in a job.
const NUMBERS: u64 = 1_000;

pub(crate) struct Worker;

#[gen_server(remote = "remote_worker.worker")]
impl Worker {
    #[init]
    fn new() -> Self {
        Self
    }

    /// Counts the primes in the thousand numbers of this job. Two of the jobs fail at their first attempt.
    #[call]
    pub(crate) async fn primes(&self, job: u64, attempt: u32) -> u64 {
        assert!((job, attempt) != (3, 1), "a bit has flipped");
        if attempt == 1 && job % 4 == 1 && job > 1 {
            println!("{STUCK}");
            pending::<()>().await;
        }
        let first = (job - 1) * NUMBERS;
        let primes = (first..first + NUMBERS).filter(|number| is_prime(*number));
        primes.count() as u64
    }
}

fn is_prime(number: u64) -> bool {
    let mut divisors = (2..).take_while(|divisor| divisor * divisor <= number);
    number > 1 && divisors.all(|divisor| !number.is_multiple_of(divisor))
}

/// Runs the process of a worker's node.
pub(crate) async fn run(name: &str, foreman: SocketAddr) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(name).auth(Auth::cookie(larger_examples::cookie()?));
    // A seed is dialled until it answers, and again after a connection loss.
    let node = node.seeds([foreman]).timeouts(larger_examples::impatient());
    let node = node.start().await?;
    node.expose::<Worker>();
    larger_examples::first_has_ended().await?;
    node.leave().await;
    Ok(())
}
