//! Repeated lookups of host names.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;

use crate::discovery::error::DiscoveryError;
use crate::discovery::poll_schedule::PollSchedule;
use crate::discovery::resolve::Resolver;
use crate::rt::JoinSet;

/// A host and port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    pub(super) name: String,
    pub(super) port: u16,
}

/// A set of hosts that is looked up repeatedly. A host keeps its last addresses while its lookups fail.
pub(super) struct HostPoll {
    hosts: Vec<(Host, Option<Vec<SocketAddr>>)>,
    pub(super) resolver: Resolver,
    pub(super) schedule: PollSchedule,
    /// The error to return next.
    error: Option<DiscoveryError>,
}

impl HostPoll {
    pub(super) fn new(hosts: impl IntoIterator<Item = Host>) -> Self {
        Self {
            hosts: hosts.into_iter().map(|host| (host, None)).collect(),
            resolver: Resolver::system(),
            schedule: PollSchedule::new(),
            error: None,
        }
    }

    pub(super) fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.hosts.iter().map(|(host, _)| host)
    }

    /// Returns the next change: another set, an error, or the last set after an error.
    pub(super) async fn next(&mut self) -> Result<Vec<SocketAddr>, DiscoveryError> {
        loop {
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            self.schedule.wait().await;
            let answers = self.look_up().await;
            // Nothing is changed before all answers are there, so dropping the future loses none.
            if let Some(changed) = self.apply(answers) {
                return Ok(changed);
            }
        }
    }

    /// Looks up all hosts at the same time.
    async fn look_up(&self) -> Vec<(usize, io::Result<Vec<SocketAddr>>)> {
        let mut lookups = JoinSet::new();
        for (index, (host, _)) in self.hosts.iter().enumerate() {
            let (resolver, Host { name, port }) = (self.resolver.clone(), host.clone());
            lookups.spawn(async move { (index, resolver.lookup(name, port).await) });
        }
        let mut answers = Vec::new();
        while let Some(answer) = lookups.join_next().await {
            // A resolver that panics fails below, because its answer is missing.
            answers.extend(answer.ok());
        }
        answers
    }

    /// Applies the answers. Returns the set if it must be returned now.
    fn apply(
        &mut self,
        answers: Vec<(usize, io::Result<Vec<SocketAddr>>)>,
    ) -> Option<Vec<SocketAddr>> {
        let mut failures = vec![Some("the resolver panicked".to_owned()); self.hosts.len()];
        for (index, answer) in answers {
            failures[index] = match answer {
                Ok(addresses) => {
                    self.hosts[index].1 = Some(addresses);
                    None
                }
                Err(error) => Some(error.to_string()),
            };
        }
        let failed = self.hosts.iter().zip(failures);
        let texts = failed.filter_map(|((host, _), failure)| {
            failure.map(|error| format!("`{}:{}` ({error})", host.name, host.port))
        });
        let texts: Vec<String> = texts.collect();
        let is_failing = !texts.is_empty();
        self.error = is_failing.then(|| {
            DiscoveryError::new(format!(
                "cannot look up {}: check the name and the DNS server of this machine",
                texts.join(", ")
            ))
        });
        let set = self.set();
        self.schedule.polled(set, is_failing)
    }

    /// Returns the addresses of all hosts, sorted because DNS servers rotate them; `None` before the first answer.
    fn set(&self) -> Option<Vec<SocketAddr>> {
        let answered = self.hosts.iter().filter_map(|(_, last)| last.as_ref());
        let set: BTreeSet<SocketAddr> = answered.clone().flatten().copied().collect();
        answered.clone().next()?;
        Some(set.into_iter().collect())
    }
}
