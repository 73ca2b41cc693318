//! A key-value store on three nodes, each in a process of its own. With `--chaos`, nodes are killed and restarted,
//! while two clients check every answer.
//!
//! One command starts all of them: `cargo run -p larger-examples --bin cluster_kv -- --chaos --seconds 20`.
//!
//! - The keys are spread over eight shards. Each [`shard`] is a server under a name of the cluster, on one node.
//! - The [`keeper`] of each node watches members and names. When a node is lost, the others start its shards.
//! - The values are in the memory of three [`replica`]s. A write is acknowledged once two of them have it; a read asks
//!   two, which therefore include one with the last acknowledged write.
//!
//! Names alone would not be enough for this: during a partition both sides can register the same shard. The majority
//! decides, so even then no acknowledged write is lost. Each key has one writer, which numbers its versions. The values
//! survive the loss of one node at a time. If a second node is lost before the first one has recovered, the nodes that
//! return wait for each other: the store stops, instead of giving wrong answers.
#![forbid(unsafe_code)]

mod checker;
mod client;
mod cluster;
mod keeper;
mod placement;
mod replica;
mod shard;
mod store_node;

use std::env;
use std::error::Error;
use std::time::Duration;

use ambit_dist::{Auth, Cookie, Node};
use tokio::time::{Instant, timeout};

use crate::client::{CLIENTS, Client, Counts};
use crate::cluster::{Cluster, Faults};

/// The time limit for the start, the recovery after the last kill, and the last reads together.
const RECOVERY: Duration = Duration::from_secs(120);

/// The time limit for the last reads.
const LAST_READS: Duration = Duration::from_secs(20);

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Only the processes that this program starts have a cookie.
    if larger_examples::cookie().is_ok()
        && let Some((name, first)) = larger_examples::role()?
    {
        let is_new = env::args().all(|arg| arg != store_node::AGAIN);
        return store_node::run(&name, first, is_new).await;
    }
    let (has_chaos, seconds) = settings()?;
    let run = all(has_chaos, seconds);
    timeout(Duration::from_secs(seconds) + RECOVERY, run).await?
}

/// Reads `--chaos` and `--seconds N`.
fn settings() -> Result<(bool, u64), Box<dyn Error>> {
    let (mut has_chaos, mut seconds) = (false, 20);
    let mut args = env::args().skip(1);
    while let Some(arg) = args.next() {
        match (arg.as_str(), args.size_hint().0) {
            ("--chaos", _) => has_chaos = true,
            ("--seconds", 1..) => {
                let text = args.next().unwrap_or_default();
                let number = text.parse::<u32>();
                let number =
                    number.map_err(|_| format!("--seconds needs a number, not `{text}`"))?;
                seconds = u64::from(number);
            }
            _ => return Err("usage: cluster_kv [--chaos] [--seconds N]".into()),
        }
    }
    Ok((has_chaos, seconds))
}

async fn all(has_chaos: bool, seconds: u64) -> Result<(), Box<dyn Error>> {
    let cookie = Cookie::generate()?;
    let node = Node::builder("clients").auth(Auth::cookie(cookie.clone()));
    let node = node.timeouts(store_node::timeouts()).start().await?;
    let mut cluster = Cluster::start(node.clone(), cookie).await?;

    let until = Instant::now() + Duration::from_secs(seconds);
    let client = Client::new(&node.names());
    let [ann, bob] = CLIENTS.map(|name| client.clone().run(name, until));
    let chaos = async {
        match has_chaos {
            true => cluster.chaos(until).await,
            false => Ok(Faults::default()),
        }
    };
    let (mut counts, bob, faults) = tokio::join!(ann, bob, chaos);
    counts.add(bob);
    let faults = faults?;
    // All acknowledged writes are still there.
    let last = client.read_all(Instant::now() + LAST_READS).await;
    counts.add(last.ok_or("the store does not answer any more")?);
    print(seconds, faults, counts);
    node.leave().await;
    match counts.wrong {
        0 => Ok(()),
        _ => Err("the store gave a wrong answer".into()),
    }
}

fn print(seconds: u64, faults: Faults, counts: Counts) {
    println!("three nodes, eight shards, two clients, {seconds} s");
    let lines = [
        ("killed nodes", faults.kills),
        ("moved shards", faults.moves),
        ("writes", counts.writes),
        ("reads", counts.reads),
        ("failed calls", counts.failed),
        ("wrong answers", counts.wrong),
    ];
    for (label, count) in lines {
        println!("{label:<14}{count:>8}");
    }
}
