//! One run with three nodes.

use std::time::Duration;

use super::nodes::Node;
use crate::remote::pki::Secrets;
use crate::remote::rows::{ClusterWork, Row};
use crate::remote::system::{Failure, Id};
use crate::rows::Sample;

/// The module with the workloads.
const MODULE: &str = "cluster";

pub(crate) fn run(
    id: Id,
    row: &Row,
    work: ClusterWork,
    operations: u64,
) -> Result<Sample, Failure> {
    let (name, callers, entries) = match work {
        ClusterWork::Register { callers } => ("register", callers, 0),
        ClusterWork::Lookup => ("lookup", 1, 0),
        ClusterWork::LocalLookup => ("local_lookup", 1, 0),
        ClusterWork::Join => ("join", 1, 0),
        ClusterWork::Broadcast => ("broadcast", 1, 0),
        ClusterWork::MultiCall => ("multi_call", 1, 0),
        ClusterWork::Sync | ClusterWork::SyncMemory => ("sync", 1, operations / 2),
    };
    let (near, far) = Secrets::pair()?;
    let has_tls = id == Id::ErlangTls;
    let held = entries.to_string();
    let mut b = Node::start(MODULE, "member", "b", &far, has_tls, &["b", &held])?;
    b.wait_until_ready()?;
    let seed = b.name.clone();
    let mut c = Node::start(
        MODULE,
        "member",
        "c",
        &far,
        has_tls,
        &["c", &held, "b", &seed],
    )?;
    c.wait_until_ready()?;
    let count = if entries > 0 { entries } else { operations };
    let [callers, count] = [callers, count].map(|number| number.to_string());
    let arguments = [seed.as_str(), &c.name, name, &callers, &count];
    let mut a = Node::start(MODULE, "near", "a", &near, has_tls, &arguments)?;
    let line = a.line()?;
    let figures = line.split_once(' ').and_then(|(took, grown)| {
        let took = took.parse().ok().map(Duration::from_nanos)?;
        Some((took, grown.parse::<u64>().ok()?))
    });
    let (took, grown) = figures.ok_or_else(|| a.complaint())?;
    let figure = match work {
        ClusterWork::SyncMemory => grown as f64 / operations as f64,
        _ => row.value(operations, took),
    };
    Ok(Sample {
        took,
        figures: vec![figure],
    })
}
