//! The near node of a cluster: starts the other two, runs the workload.

use std::future::Future;
use std::time::{Duration, Instant};

use ambit::prelude::*;
use ambit_dist::{ClusterGroupEvent, Node};
use tokio::sync::oneshot;

use super::member::{self, Helper, HelperSubject, NAMES};
use super::sinks::{self, Tick};
use super::{HELPERS, NODES, PING, PONG, SINKS, TICKS};
use crate::memory;
use crate::remote::pair::Far;
use crate::remote::pki::Secrets;
use crate::remote::rows::{ClusterWork, Row};
use crate::remote::system::Failure;
use crate::rows::Sample;
use crate::runtime;

/// The name of a process that the lookups find.
const TARGET: &str = "target";

pub(crate) fn run(
    row: &'static Row,
    work: ClusterWork,
    operations: u64,
) -> Result<Sample, Failure> {
    let (near, far) = Secrets::pair()?;
    let entries = match work {
        ClusterWork::Sync | ClusterWork::SyncMemory => operations / (NODES - 1),
        _ => 0,
    };
    let [b, c] = NAMES;
    let b = Far::member(&[b, &entries.to_string()], &far)?;
    let c = Far::member(&[c, &entries.to_string(), &b.address.to_string()], &far)?;
    runtime::run(async move {
        let seeds = [b.address.to_string(), c.address.to_string()];
        let seeds = seeds.each_ref().map(String::as_str);
        let sample = match work {
            ClusterWork::Sync | ClusterWork::SyncMemory => {
                let (took, grown) = sync(&near, seeds, entries).await?;
                match work {
                    ClusterWork::SyncMemory => (took, grown as f64 / operations as f64),
                    _ => (took, row.value(operations, took)),
                }
            }
            work => {
                let node = member::start("a", &near, seeds).await?;
                let took = on_cluster(node, work, operations).await?;
                (took, row.value(operations, took))
            }
        };
        drop((b, c));
        let (took, figure) = sample;
        let figures = vec![figure];
        Ok(Sample { took, figures })
    })
}

/// Starts this node, and waits until it has the entries of the other two. Returns the grown memory too.
async fn sync(
    secrets: &Secrets,
    seeds: [&str; 2],
    entries: u64,
) -> Result<(Duration, u64), Failure> {
    let before = memory::resident();
    let began = Instant::now();
    member::start("a", secrets, seeds).await?;
    for name in NAMES {
        member::has_entries(name, entries).await;
    }
    let took = began.elapsed();
    Ok((took, memory::resident().saturating_sub(before)))
}

/// Runs the work as a process, when all nodes are connected with each other.
async fn on_cluster(
    node: &'static Node,
    work: ClusterWork,
    operations: u64,
) -> Result<Duration, Failure> {
    member::is_complete(NODES).await;
    let mut helpers = Vec::new();
    for name in NAMES {
        let helper = node.on(name).start::<Helper>(()).await?;
        helper.complete(NODES).await?;
        helpers.push(helper);
    }
    match work {
        ClusterWork::Register { callers } => register(node, operations, callers).await,
        ClusterWork::Lookup => lookup(node, operations, &helpers).await,
        ClusterWork::LocalLookup => local_lookup(operations).await,
        ClusterWork::Join => join(node, operations, &helpers).await,
        ClusterWork::Broadcast => broadcast(node, operations, &helpers).await,
        ClusterWork::MultiCall => multi_call(node, operations).await,
        ClusterWork::Sync | ClusterWork::SyncMemory => Err("this work starts its own node".into()),
    }
}

async fn timed(work: impl Future<Output = Result<(), Failure>>) -> Result<Duration, Failure> {
    let began = Instant::now();
    work.await?;
    Ok(began.elapsed())
}

/// Registers processes, each under its own name.
async fn register(node: &'static Node, names: u64, callers: u64) -> Result<Duration, Failure> {
    let each = names.div_ceil(callers);
    let processes = |count: u64| (0..count).map(|_| ambit::spawn(member::idle)).collect();
    register_all(node, 0, processes(8)).await?;
    let shares: Vec<(u64, Vec<_>)> = (1..=callers).map(|one| (one, processes(each))).collect();
    timed(async {
        let register = |(caller, share)| tokio::spawn(register_all(node, caller, share));
        let callers: Vec<_> = shares.into_iter().map(register).collect();
        for caller in callers {
            caller.await??;
        }
        Ok(())
    })
    .await
}

async fn register_all(
    node: &'static Node,
    caller: u64,
    processes: Vec<Subject<Tick>>,
) -> Result<(), Failure> {
    for (index, process) in processes.iter().enumerate() {
        let name = format!("{caller}-{index}");
        node.names().register(name, process).await?;
    }
    Ok(())
}

/// Looks up a name of a process on another node.
async fn lookup(node: &Node, lookups: u64, helpers: &[HelperSubject]) -> Result<Duration, Failure> {
    helpers[0].be_called(TARGET.to_owned()).await??;
    node.names().lookup::<Helper>(TARGET).await?;
    timed(async {
        for _ in 0..lookups {
            node.names()
                .whereis::<Helper>(TARGET)
                .ok_or("the name is gone")?;
        }
        Ok(())
    })
    .await
}

/// Looks up a name of a process of this system.
async fn local_lookup(lookups: u64) -> Result<Duration, Failure> {
    let _helper = Helper::start().name(TARGET).await?;
    timed(async {
        for _ in 0..lookups {
            ambit::whereis::<Helper>(TARGET)?;
        }
        Ok(())
    })
    .await
}

/// Joins and leaves a group, each until the answer of another node is here.
async fn join(
    node: &'static Node,
    operations: u64,
    helpers: &[HelperSubject],
) -> Result<Duration, Failure> {
    helpers[0].answer().await?;
    let (sender, result) = oneshot::channel();
    ambit::spawn(move |inbox| async move {
        // The receiver waits below.
        let _ = sender.send(join_and_leave(node, operations, inbox).await);
    });
    result.await?
}

async fn join_and_leave(
    node: &Node,
    operations: u64,
    mut inbox: Inbox<ClusterGroupEvent<Tick>>,
) -> Result<Duration, Failure> {
    let groups = node.groups();
    let member = ambit::spawn(member::idle);
    groups.monitor(PONG, inbox.subject().recipient());
    timed(async {
        for _ in 0..operations {
            groups.join(PING, &member)?;
            inbox.recv().await.ok_or("this process is stopped")?;
            groups.leave(PING, &member)?;
            inbox.recv().await.ok_or("this process is stopped")?;
        }
        Ok(())
    })
    .await
}

/// Sends to all members, and waits each time until all have received it.
async fn broadcast(
    node: &'static Node,
    broadcasts: u64,
    helpers: &[HelperSubject],
) -> Result<Duration, Failure> {
    let [b, c] = helpers else {
        return Err("there are two helpers".into());
    };
    let each = SINKS / NODES;
    let own = SINKS - 2 * each;
    sinks::add(own)?;
    b.add_sinks(each).await??;
    c.add_sinks(each).await??;
    while node.groups().members::<Tick>(TICKS).len() as u64 != SINKS {
        tokio::time::sleep(super::PAUSE).await;
    }
    let all = async |first: u64, count: u64| {
        for round in first..first + count {
            node.groups().broadcast::<Tick>(TICKS, Tick);
            let (done, ours) = ((round + 1) * each, (round + 1) * own);
            let ((), b, c) =
                tokio::join!(sinks::received(ours), b.received(done), c.received(done));
            b?;
            c?;
        }
        Ok::<(), Failure>(())
    };
    all(0, 8).await?;
    timed(all(8, broadcasts)).await
}

/// Calls one server on each node.
async fn multi_call(node: &'static Node, calls: u64) -> Result<Duration, Failure> {
    while node.groups().members::<Helper>(HELPERS).len() as u64 != NODES {
        tokio::time::sleep(super::PAUSE).await;
    }
    timed(async {
        for _ in 0..calls {
            let helpers = node.groups().multi_call::<Helper>(HELPERS);
            let answered = helpers
                .call(|helper| async move { helper.ping().await })
                .await;
            if answered.replies.len() as u64 != NODES {
                return Err(format!("only some replied: {:?}", answered.failures).into());
            }
        }
        Ok(())
    })
    .await
}
