//! The proxies of remote processes whose messages wait for capacity in their session.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use ambit::distribution::RemoteProxy;
use ambit::process::Pid;

use crate::codecs::any::AnyCodec;

/// The blocked proxies, each once, in order of arrival.
#[derive(Default)]
pub(crate) struct Blocked {
    order: Vec<Weak<RemoteProxy<AnyCodec>>>,
    known: BTreeSet<Pid>,
}

impl Blocked {
    pub(crate) fn add(&mut self, proxy: &Arc<RemoteProxy<AnyCodec>>) {
        if self.known.insert(proxy.pid()) {
            self.order.push(Arc::downgrade(proxy));
        }
    }

    /// Removes and returns all proxies.
    pub(crate) fn take(&mut self) -> Vec<Weak<RemoteProxy<AnyCodec>>> {
        self.known.clear();
        std::mem::take(&mut self.order)
    }
}
