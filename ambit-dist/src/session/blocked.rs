//! Remote processes with messages that wait for capacity in their session.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};

use ambit::node::RemoteProxy;
use ambit::process::Pid;

use crate::codec::any::AnyCodec;

/// Each is there once, in the order in which they came.
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

    /// All of them, which are not there any more.
    pub(crate) fn take(&mut self) -> Vec<Weak<RemoteProxy<AnyCodec>>> {
        self.known.clear();
        std::mem::take(&mut self.order)
    }
}
