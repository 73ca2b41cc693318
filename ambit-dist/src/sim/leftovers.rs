//! What nodes still keep for each other when all processes have ended: nothing.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use ambit::ExitReason;
use tokio::time::sleep;

use super::host::Host;
use super::outcome::Cause;
use super::stage;
use crate::remote::own::Own;

/// How long nodes have to let go of everything: a loss must be noticed, and some datagrams are sent again.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often they are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// What a node keeps, by name, where it is not nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leftovers(Vec<(&'static str, u64)>);

impl Leftovers {
    pub(crate) fn count(&mut self, what: &'static str, count: impl TryInto<u64>) {
        let count = count.try_into().unwrap_or(u64::MAX);
        if count == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.0.push((what, count)),
        }
    }

    fn of(own: &Own) -> Self {
        let mut left = Self::default();
        left.count("exports", own.exports.len());
        for life in own.lives() {
            life.leftovers(&mut left);
        }
        left
    }
}

impl fmt::Display for Leftovers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.0.iter();
        if let Some((what, count)) = parts.next() {
            write!(f, "{count} {what}")?;
        }
        parts.try_for_each(|(what, count)| write!(f, ", {count} {what}"))
    }
}

/// A node of this run has been made: it is looked at when all is over.
pub(crate) fn made(own: &Arc<Own>) {
    let _ = stage::with(|stage| stage.adds_node(Arc::downgrade(own)));
}

/// The nodes that there are: those of a crashed host are not.
fn nodes() -> Vec<Arc<Own>> {
    let nodes = stage::with(|stage| stage.running_nodes());
    let nodes = nodes.unwrap_or_default();
    nodes.iter().filter_map(Weak::upgrade).collect()
}

/// Ends all processes of all nodes, and waits until the nodes keep nothing for each other: neither exports nor proxies, no
/// accounts with used credits, no open calls or answers, no links or monitors. What is left after a minute fails the run.
pub(crate) async fn settle(host: &Host) {
    host.faults().heal_all();
    let _ = stage::with(|stage| stage.grace += PATIENCE + LOOK);
    for _ in 0..PATIENCE.as_millis() / LOOK.as_millis() {
        for own in nodes() {
            own.system.within(|| {
                for process in ambit::processes() {
                    ambit::exit(process.pid, ExitReason::Kill);
                }
            });
        }
        if left().is_none() {
            return;
        }
        sleep(LOOK).await;
    }
    if let Some(detail) = left() {
        let name = "nodes keep nothing when all processes have ended";
        let _ = stage::with(|stage| stage.fail(Cause::Always { name, detail }));
    }
}

/// What is left of the first node that keeps anything.
fn left() -> Option<String> {
    nodes().iter().find_map(|own| {
        let left = Leftovers::of(own);
        (left != Leftovers::default()).then(|| format!("{} has {left}", own.id().name))
    })
}
