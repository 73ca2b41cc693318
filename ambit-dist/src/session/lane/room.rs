//! Room for bytes that wait to be written.

use std::sync::{Arc, Weak};

use ambit::node::RemoteProxy;

use crate::codec::any::AnyCodec;
use crate::session::blocked::Blocked;
use crate::wire::Limits;

/// What has its room apart from everything else of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Frames that may go at once.
    Whole,
    /// Messages that go in pieces, and what waits behind them.
    InPieces,
}

/// So many bytes of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) whole: usize,
    pub(crate) in_pieces: usize,
}

/// Bytes that are queued, or being written, and who waits until there are fewer.
#[derive(Default)]
pub(super) struct Room {
    pub(super) bytes: usize,
    blocked: Blocked,
}

impl Room {
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.bytes >= limits.queue
    }

    /// Whether whoever waits may go on: with each message less it would be often, and for little.
    fn is_half_empty(&self, limits: &Limits) -> bool {
        self.bytes <= limits.queue / 2
    }

    /// Notes who waits; false if nobody needs to any more.
    pub(super) fn block(&mut self, proxy: &Arc<RemoteProxy<AnyCodec>>, limits: &Limits) -> bool {
        if self.is_half_empty(limits) {
            return false;
        }
        self.blocked.add(proxy);
        true
    }

    /// So many bytes have been written: who may go on.
    pub(super) fn written(
        &mut self,
        bytes: usize,
        limits: &Limits,
    ) -> Vec<Weak<RemoteProxy<AnyCodec>>> {
        self.bytes = self.bytes.saturating_sub(bytes);
        match self.is_half_empty(limits) {
            true => self.blocked.take(),
            false => Vec::new(),
        }
    }
}
