//! The proxies of remote processes whose messages wait for capacity in their session.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use ambit::distribution::RemoteProxy;
use ambit::process::Pid;

use crate::codecs::any::AnyCodec;

/// The blocked proxies, at most one for each process, in order of arrival.
#[derive(Default)]
pub(crate) struct Blocked {
    order: Vec<Weak<RemoteProxy<AnyCodec>>>,
    /// The positions in `order`.
    known: BTreeMap<Pid, usize>,
}

impl Blocked {
    /// Adds a proxy. It replaces an earlier one of the same process, whose handles have all been dropped.
    pub(crate) fn add(&mut self, proxy: &Arc<RemoteProxy<AnyCodec>>) {
        let at = *self.known.entry(proxy.pid()).or_insert(self.order.len());
        let proxy = Arc::downgrade(proxy);
        match self.order.get_mut(at) {
            Some(earlier) => *earlier = proxy,
            None => self.order.push(proxy),
        }
    }

    /// Removes and returns all proxies.
    pub(crate) fn take(&mut self) -> Vec<Weak<RemoteProxy<AnyCodec>>> {
        self.known.clear();
        std::mem::take(&mut self.order)
    }
}
