//! The text form of seeds: hosts with ports, separated by commas.

use std::net::SocketAddr;

use crate::discovery::error::InvalidSeed;
use crate::discovery::host_poll::Host;

/// The maximum length of a host name in DNS.
const MAX_HOST: usize = 253;

/// One seed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SeedAddress {
    Address(SocketAddr),
    Host(Host),
}

impl SeedAddress {
    pub(super) fn parse(text: &str) -> Result<Self, InvalidSeed> {
        let invalid = || InvalidSeed::new(text);
        if let Ok(address) = text.parse::<SocketAddr>() {
            return match address.port() {
                0 => Err(invalid()),
                _ => Ok(Self::Address(address)),
            };
        }
        let (name, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        let port: u16 = port.parse().map_err(|_| invalid())?;
        if port == 0 || !is_host_name(name) {
            return Err(invalid());
        }
        let name = name.to_owned();
        Ok(Self::Host(Host { name, port }))
    }

    /// Parses a list. Spaces around a seed and empty elements are ignored.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, InvalidSeed> {
        let elements = text.split(',').map(str::trim);
        elements
            .filter(|element| !element.is_empty())
            .map(Self::parse)
            .collect()
    }
}

fn is_host_name(name: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    // A name of digits and dots alone is a wrong IP address.
    let has_letter = name.bytes().any(|byte| byte.is_ascii_alphabetic());
    has_letter && name.len() <= MAX_HOST && !name.starts_with('.') && name.bytes().all(is_valid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str, port: u16) -> SeedAddress {
        let name = name.to_owned();
        SeedAddress::Host(Host { name, port })
    }

    #[test]
    fn a_list_holds_addresses_and_host_names() {
        let text = " 10.0.0.1:9000, [::1]:9001 ,node-1.example.com:9002,, db_2:1,";
        let seeds = [
            SeedAddress::Address("10.0.0.1:9000".parse().unwrap()),
            SeedAddress::Address("[::1]:9001".parse().unwrap()),
            host("node-1.example.com", 9002),
            host("db_2", 1),
        ];
        assert_eq!(SeedAddress::parse_list(text).unwrap(), seeds);
        assert_eq!(SeedAddress::parse_list(" ").unwrap(), []);
    }

    #[test]
    fn a_wrong_seed_is_quoted_in_the_error() {
        for wrong in [
            "node",
            "10.0.0.1",
            "node:",
            "node:0",
            "10.0.0.1:0",
            "node:65536",
            "10.0.0.256:1",
            "::1:9000",
            ":9000",
            ".a:9000",
            "http://node:9000",
            "a b:9000",
        ] {
            let error = SeedAddress::parse_list(&format!("a:1,{wrong},b:2")).unwrap_err();
            assert_eq!(error, InvalidSeed::new(wrong));
        }
        let long = "x".repeat(10_000);
        assert!(SeedAddress::parse(&long).unwrap_err().to_string().len() < 300);
        assert!(SeedAddress::parse(&format!("{long}:1")).is_err());
    }
}
