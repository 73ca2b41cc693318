//! Authentication over real connections on the loopback interface.

mod connecting;
mod cookies;
#[cfg(unix)]
mod development;
mod pki;
mod tls;

use std::sync::Arc;

use super::cookie_ca::CookieCa;
use super::current::{CurrentTls, TlsMaterial};
use super::*;

fn node(name: &str) -> NodeName {
    name.parse().unwrap()
}

fn cluster(name: &str) -> ClusterName {
    name.parse().unwrap()
}

/// Returns a valid secret that is the same for the same number.
fn secret(number: u8) -> [u8; 32] {
    std::array::from_fn(|at| {
        (at as u8 + number).wrapping_mul(151) ^ (at as u8).wrapping_mul(at as u8)
    })
}

fn by_cookie(number: u8) -> Auth {
    Auth::cookie(secret(number)).into()
}

/// Returns credentials for the node `name` of the cluster `shop`.
fn of(auth: &Auth, name: &str) -> Credentials {
    auth.credentials(&node(name), &cluster("shop")).unwrap()
}
