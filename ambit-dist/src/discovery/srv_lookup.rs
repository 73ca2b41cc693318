//! Lookups of SRV records and of the hosts that they name.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ProtocolConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;

use crate::rt;

/// The maximum time of one lookup.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The maximum number of records that are used.
const RECORDS: usize = 256;

/// One SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) priority: u16,
    pub(super) weight: u16,
    pub(super) host: String,
    pub(super) port: u16,
}

/// Sorts records into the order of preference: the lowest priority first, then the highest weight.
pub(super) fn in_order(mut targets: Vec<Target>) -> Vec<Target> {
    targets.sort_by(|one, other| {
        let by_priority = one.priority.cmp(&other.priority);
        let by_weight = || other.weight.cmp(&one.weight);
        let by_name = || (&one.host, one.port).cmp(&(&other.host, other.port));
        by_priority.then_with(by_weight).then_with(by_name)
    });
    targets.truncate(RECORDS);
    targets
}

/// A DNS resolver without a cache, so that each lookup shows the current records.
#[derive(Clone)]
pub(super) struct SrvResolver(TokioResolver);

impl SrvResolver {
    /// Returns a resolver with these name servers, or those of the system if there are none.
    ///
    /// # Errors
    /// Fails with the cause if the configuration of the system cannot be used.
    pub(super) fn new(name_servers: &[SocketAddr]) -> Result<Self, String> {
        let provider = TokioRuntimeProvider::default();
        let mut builder = if name_servers.is_empty() {
            TokioResolver::builder(provider).map_err(|error| first_line(&error))?
        } else {
            let servers = name_servers.iter().map(|address| name_server(*address));
            let config = ResolverConfig::from_parts(None, Vec::new(), servers.collect());
            TokioResolver::builder_with_config(config, provider)
        };
        let options: &mut ResolverOpts = builder.options_mut();
        options.cache_size = 0;
        if !name_servers.is_empty() {
            options.use_hosts_file = ResolveHosts::Never;
        }
        builder
            .build()
            .map(Self)
            .map_err(|error| first_line(&error))
    }

    /// Looks up the records of a service, in the order of preference.
    pub(super) async fn records(&self, service: &str) -> Result<Vec<Target>, String> {
        let found = rt::timeout(TIMEOUT, self.0.srv_lookup(service)).await;
        let found = found.map_err(|_| timed_out())?;
        let found = found.map_err(|error| in_words(&error))?;
        let records = found
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                // The root as the target means that the service does not exist.
                RData::SRV(srv) if !srv.target.is_root() => Some(Target {
                    priority: srv.priority,
                    weight: srv.weight,
                    host: srv.target.to_ascii(),
                    port: srv.port,
                }),
                _ => None,
            });
        Ok(in_order(records.collect()))
    }

    /// Looks up the addresses of a host, sorted.
    pub(super) async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let found = rt::timeout(TIMEOUT, self.0.lookup_ip(host)).await;
        let found = found.map_err(|_| timed_out())?;
        let mut addresses: Vec<IpAddr> = found.map_err(|error| in_words(&error))?.iter().collect();
        addresses.sort_unstable();
        addresses.dedup();
        Ok(addresses)
    }
}

fn name_server(address: SocketAddr) -> NameServerConfig {
    let connections = [ProtocolConfig::Udp, ProtocolConfig::Tcp].map(|protocol| {
        let mut connection = ConnectionConfig::new(protocol);
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.into())
}

fn timed_out() -> String {
    "no answer within 10 s".to_owned()
}

/// Returns an error in words that stay the same for the same cause.
fn in_words(error: &NetError) -> String {
    match error.is_no_records_found() {
        true => "there are no records".to_owned(),
        false => first_line(error),
    }
}

fn first_line(error: &NetError) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_ordered_by_priority_then_by_weight() {
        let target = |priority, weight, host: &str| Target {
            priority,
            weight,
            host: host.to_owned(),
            port: 1,
        };
        let ordered = in_order(vec![
            target(20, 90, "d"),
            target(10, 0, "c"),
            target(10, 5, "b"),
            target(10, 60, "z"),
            target(10, 5, "a"),
        ]);
        let hosts: Vec<&str> = ordered.iter().map(|target| &*target.host).collect();
        assert_eq!(hosts, ["z", "a", "b", "c", "d"]);
        let many = vec![target(1, 1, "a"); RECORDS + 1];
        assert_eq!(in_order(many).len(), RECORDS);
    }
}
