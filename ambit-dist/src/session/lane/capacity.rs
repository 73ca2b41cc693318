//! The capacity of a lane for bytes that wait to be written.

use std::sync::{Arc, Weak};

use ambit::distribution::RemoteProxy;

use crate::codecs::any::AnyCodec;
use crate::session::blocked::Blocked;
use crate::wire::Limits;

/// The classes of bytes in a lane, each with separate capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteClass {
    /// Frames that can be written at once.
    Whole,
    /// Messages that are fragmented, and the frames that wait behind them.
    InPieces,
}

/// The number of bytes of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ByteCounts {
    pub(crate) whole: usize,
    pub(crate) in_pieces: usize,
}

/// Bytes that are queued or being written, and the proxies that wait until there are fewer.
#[derive(Default)]
pub(super) struct LaneCapacity {
    pub(super) bytes: usize,
    blocked: Blocked,
}

impl LaneCapacity {
    pub(super) fn is_full(&self, limits: &Limits) -> bool {
        self.bytes >= limits.queue
    }

    /// Returns whether waiting proxies may continue. They wait until the lane is half empty, because continuing after
    /// each message would cost much and gain little.
    fn is_half_empty(&self, limits: &Limits) -> bool {
        self.bytes <= limits.queue / 2
    }

    /// Registers a waiting proxy. Returns false if it need not wait any more.
    pub(super) fn block(&mut self, proxy: &Arc<RemoteProxy<AnyCodec>>, limits: &Limits) -> bool {
        if self.is_half_empty(limits) {
            return false;
        }
        self.blocked.add(proxy);
        true
    }

    /// Subtracts written bytes. Returns the proxies that may continue.
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
