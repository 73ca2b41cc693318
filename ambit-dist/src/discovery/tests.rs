//! Sources on the virtual clock, with a resolver that the test controls.

mod dns;
mod seeds;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::discovery::Discovery;
use crate::rt;

fn at(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

/// The addresses by host, and the number of lookups.
#[derive(Default)]
struct Records {
    addresses: BTreeMap<String, Vec<SocketAddr>>,
    lookups: usize,
}

/// A name server.
#[derive(Clone, Default)]
struct Names(Arc<Mutex<Records>>);

impl Names {
    fn set(&self, host: &str, addresses: &[&str]) {
        self.0
            .lock()
            .addresses
            .insert(host.to_owned(), at(addresses));
    }

    fn remove(&self, host: &str) {
        self.0.lock().addresses.remove(host);
    }

    fn lookups(&self) -> usize {
        self.0.lock().lookups
    }

    fn look_up(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let mut names = self.0.lock();
        names.lookups += 1;
        let found = names.addresses.get(host).cloned();
        found.ok_or_else(|| io::Error::other("unknown name"))
    }
}

/// Returns the next set, which must arrive within a minute.
async fn found(source: &mut impl Discovery) -> Vec<SocketAddr> {
    let next = rt::timeout(Duration::from_secs(60), source.next());
    next.await
        .expect("a set")
        .expect("no end")
        .expect("no error")
}

/// Returns the next error, which must arrive within a minute.
async fn error(source: &mut impl Discovery) -> String {
    let next = rt::timeout(Duration::from_secs(60), source.next());
    let error = next.await.expect("an error").expect("no end");
    error.expect_err("an error").to_string()
}

/// Asserts that nothing changes for 61 s.
async fn assert_quiet(source: &mut impl Discovery) {
    let next = rt::timeout(Duration::from_secs(61), source.next()).await;
    assert!(next.is_err(), "{next:?}");
}
