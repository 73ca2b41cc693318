//! The near process of a run: starts the far one, runs the workload, prints its time.

use super::ambit::Ambit;
use super::cluster;
use super::erlang;
use super::pair::Far;
use super::pki::Secrets;
use super::quic::Quinn;
use super::rows::{Row, Work};
use super::system::{Failure, Id, System};
use super::tcp::Tcp;
use super::workloads;
use crate::rows::Sample;
use crate::{cell, runtime};

/// The first argument of such a process.
pub(crate) const COMMAND: &str = "near";

/// `near SYSTEM ROW OPERATIONS`: prints the time of the measured part in nanoseconds, and the figure of the row.
pub(crate) fn main(system: &str, row: &str, operations: &str) -> Result<(), String> {
    let id = Id::named(system).ok_or_else(|| format!("there is no system `{system}`"))?;
    let row = Row::keyed(row).ok_or_else(|| format!("there is no row `{row}`"))?;
    let operations = operations
        .parse()
        .map_err(|_| format!("`{operations}` is no number"))?;
    let sample = match id {
        Id::Tcp => run::<Tcp>(id, row, operations),
        Id::Quinn => run::<Quinn>(id, row, operations),
        Id::Ambit => match row.work {
            Work::Cluster(work) => cluster::run(row, work, operations),
            _ => run::<Ambit>(id, row, operations),
        },
        #[cfg(feature = "ractor-cluster")]
        Id::Ractor => run::<super::ractor::Ractor>(id, row, operations),
        #[cfg(not(feature = "ractor-cluster"))]
        Id::Ractor => Err("built without the feature `ractor-cluster`".into()),
        #[cfg(feature = "kameo-remote")]
        Id::Kameo => super::kameo::run(row, operations),
        #[cfg(not(feature = "kameo-remote"))]
        Id::Kameo => Err("built without the feature `kameo-remote`".into()),
        Id::Erlang | Id::ErlangTls => erlang::run(id, row, operations),
    };
    let sample = sample.map_err(|error| error.to_string())?;
    println!("{}", cell::print(&sample));
    // Ends without waiting for the remaining tasks; the far side has already ended.
    std::process::exit(0)
}

fn run<S: System>(id: Id, row: &'static Row, operations: u64) -> Result<Sample, Failure> {
    let (secrets, theirs) = Secrets::pair()?;
    let far = Far::start(id, &theirs)?;
    runtime::run(async move { workloads::run::<S>(row, operations, secrets, far).await })
}
