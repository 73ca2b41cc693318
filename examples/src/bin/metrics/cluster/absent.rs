//! A build without the feature `cluster`: nothing here exists, except the errors.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use ambit::prelude::*;

use crate::Failure;
use crate::feeder::FeedError;
use crate::ledger::Hit;
use crate::parser::Name;
use crate::report::Report;

/// The node that reads the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reader {}

/// The servers of the clients on all members.
pub(crate) enum Spread {}

/// Fails with the command that joins a cluster.
pub(crate) async fn join(address: &str, _listen: Option<&str>) -> Result<String, Failure> {
    Err(missing(&format!("serve --join {address}")))
}

impl Reader {
    /// Fails with the command that starts a cluster.
    pub(crate) async fn start(address: &str, _members: NonZeroUsize) -> Result<Self, Failure> {
        Err(missing(&format!("--cluster {address}")))
    }

    pub(crate) async fn leave(&self) {
        match *self {}
    }
}

impl Spread {
    pub(crate) fn new(reader: &Reader, _: DynamicSupervisor) -> Self {
        match *reader {}
    }

    pub(crate) async fn count(
        &mut self,
        _: BTreeMap<Name, Vec<Hit>>,
        _: &mut Report,
    ) -> Result<(), FeedError> {
        match *self {}
    }

    pub(crate) async fn report(&mut self, _: &mut Report) -> Result<(), FeedError> {
        match *self {}
    }
}

fn missing(arguments: &str) -> Failure {
    let command = "cargo run -p examples --features cluster --bin metrics --";
    let text = format!("this build has no cluster; build it with `{command} {arguments}`");
    Failure::Unusable(text)
}
