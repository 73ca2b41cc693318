//! The faults that a test can inject into an in-process network.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// The rate of a slow reader.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::transport::{Memory, ReadRate};
/// # use ambit_dist::transport::{Dial, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// network.slow(b.local_addr(), Some(ReadRate { bytes: 2, every: Duration::from_millis(1) }));
/// # let dial = Dial { address: b.local_addr(), server_name: "b.test.ambit".to_owned() };
/// # let accepting = async { b.accept().await.expect("open").finish().await };
/// # let (dialled, accepted) = tokio::join!(a.dial(dial), accepting);
/// # let (dialled, accepted) = (dialled?, accepted?);
/// dialled.open_uni().await?.write("hello".into()).await?;
/// let mut stream = accepted.accept_uni().await?;
/// assert_eq!(stream.read().await?.as_deref(), Some(&b"he"[..]));
/// assert_eq!(stream.read().await?.as_deref(), Some(&b"ll"[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadRate {
    /// The maximum number of bytes that one read returns. 0 is treated as 1, and a value above
    /// [`MAX_CHUNK`](crate::transport::MAX_CHUNK), 64 KiB, as `MAX_CHUNK`.
    pub bytes: usize,
    /// The pause after each read.
    pub every: Duration,
}

/// The fault of one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Nothing gets through, and the connection times out after the idle time. The number distinguishes one cut from
    /// the next.
    Cut(u64),
    /// Everything is delayed.
    Held,
}

/// The directions that have a fault.
#[derive(Debug, Default)]
pub(super) struct Faults {
    events: BTreeMap<(SocketAddr, SocketAddr), Fault>,
    cuts: u64,
}

impl Faults {
    /// Cuts the direction from one address to another.
    pub(super) fn cut(&mut self, from: SocketAddr, to: SocketAddr) -> Fault {
        self.cuts += 1;
        let fault = Fault::Cut(self.cuts);
        self.events.insert((from, to), fault);
        fault
    }

    pub(super) fn hold(&mut self, from: SocketAddr, to: SocketAddr) {
        self.events.insert((from, to), Fault::Held);
    }

    pub(super) fn clear(&mut self, from: SocketAddr, to: SocketAddr) {
        self.events.remove(&(from, to));
    }

    pub(super) fn of(&self, from: SocketAddr, to: SocketAddr) -> Option<Fault> {
        self.events.get(&(from, to)).copied()
    }

    /// Returns whether either direction between the two has a fault.
    pub(super) fn between(&self, one: SocketAddr, other: SocketAddr) -> bool {
        self.of(one, other).is_some() || self.of(other, one).is_some()
    }
}

/// The rate of each slow reader.
#[derive(Clone, Debug, Default)]
pub(super) struct ReadRates(Arc<Mutex<BTreeMap<SocketAddr, ReadRate>>>);

impl ReadRates {
    pub(super) fn of(&self, reader: SocketAddr) -> Option<ReadRate> {
        self.0.lock().get(&reader).copied()
    }

    pub(super) fn set(&self, reader: SocketAddr, read_rate: Option<ReadRate>) {
        let mut read_rates = self.0.lock();
        match read_rate {
            Some(read_rate) => read_rates.insert(reader, read_rate),
            None => read_rates.remove(&reader),
        };
    }
}

/// Notified when a fault is mended.
pub(super) type FaultCleared = Arc<Notify>;
