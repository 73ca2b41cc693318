//! An in-process network for tests: fast, without ports, and with faults on request.

mod endpoint;
mod faults;
mod halves;
mod link;
mod net;
mod shared_link;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

pub use self::endpoint::MemoryTransport;
pub use self::faults::ReadRate;

use self::faults::{FaultCleared, ReadRates};
use self::net::{Listener, Net};
use super::BindError;
use crate::rt;

/// The first port that is assigned for port 0.
const FIRST_PORT: u16 = 49152;

/// An in-process network. Its addresses are only names: no socket is bound, and no data leaves the program.
///
/// Clones refer to the same network. Each node gets an address with [`bind`](Self::bind). Streams have a window of 256
/// KiB, and their priorities have no effect. Faults affect existing and future connections. The effects of faults
/// depend only on the order of operations and on tokio's clock.
///
/// ```
/// use ambit_dist::transport::{Dial, Memory, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let network = Memory::new();
/// let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
///
/// let dial = Dial { address: b.local_addr(), server_name: "b.test.ambit".to_owned() };
/// let (dialled, accepted) = tokio::join!(a.dial(dial), async {
///     b.accept().await.expect("open").finish().await
/// });
/// let (dialled, accepted) = (dialled?, accepted?);
///
/// dialled.open_uni().await?.write("hello".into()).await?;
/// let heard = accepted.accept_uni().await?.read().await?;
/// assert_eq!(heard.as_deref(), Some(&b"hello"[..]));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Memory {
    net: Arc<Net>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    /// Creates a network without nodes. Its idle timeout, after which a cut ends connections, is 10 s.
    #[must_use]
    pub fn new() -> Self {
        Self::with_idle_timeout(Duration::from_secs(10))
    }

    /// Creates a network without nodes, with this idle timeout, after which a cut ends connections.
    #[must_use]
    pub fn with_idle_timeout(idle: Duration) -> Self {
        let net = Net {
            state: Mutex::default(),
            cleared: FaultCleared::default(),
            read_rates: ReadRates::default(),
            idle,
        };
        Self { net: Arc::new(net) }
    }

    /// Binds an address of the network; port 0 selects a free port.
    ///
    /// # Errors
    ///
    /// Fails with [`BindError::InUse`] while another transport uses the address, or if no port is free.
    pub fn bind(&self, mut address: SocketAddr) -> Result<MemoryTransport, BindError> {
        let mut state = self.net.state.lock();
        state.listeners.retain(|_, known| known.strong_count() > 0);
        if address.port() == 0 {
            let taken = |port| {
                let address = SocketAddr::new(address.ip(), port);
                state.listeners.contains_key(&address)
            };
            let free = (FIRST_PORT..=u16::MAX).find(|port| !taken(*port));
            address.set_port(free.ok_or(BindError::InUse { address })?);
        }
        if state.listeners.contains_key(&address) {
            return Err(BindError::InUse { address });
        }
        let listener = Listener::new(address, self.net.clone());
        state.listeners.insert(address, Arc::downgrade(&listener));
        Ok(MemoryTransport::new(listener))
    }

    /// Blocks all data between two addresses. Connections end after the idle timeout, unless the cut is
    /// [healed](Self::heal) before; after healing, all delayed data arrives. Dialling waits for the idle timeout and
    /// then fails with [`DialError::Unreachable`](super::DialError::Unreachable).
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime.
    pub fn cut(&self, one: SocketAddr, other: SocketAddr) {
        self.cut_one_way(one, other);
        self.cut_one_way(other, one);
    }

    /// Blocks all data from one address to another. Data in the other direction arrives until the connection ends. As
    /// after a [`cut`](Self::cut), connections between the two addresses end after the idle timeout, and dialling fails
    /// in both directions.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime.
    pub fn cut_one_way(&self, from: SocketAddr, to: SocketAddr) {
        let fault = {
            let mut state = self.net.state.lock();
            let fault = state.faults.cut(from, to);
            // To block wakes no task.
            drop(state.block(from, to, true));
            fault
        };
        let net = self.net.clone();
        rt::spawn(async move {
            rt::sleep(net.idle).await;
            let released = net.state.lock().give_up(from, to, fault);
            drop(released);
        });
    }

    /// Delays all data from one address to another, including the close of a connection, until [`heal`](Self::heal) is
    /// called. Data in the other direction still arrives. The network does not end existing connections, but a node
    /// still closes one that is silent for [`Timeouts::silence`](crate::Timeouts::silence). Dialling waits, in both
    /// directions, and fails with [`DialError::Unreachable`](super::DialError::Unreachable) after the idle timeout. A
    /// hold replaces an earlier cut of the same direction, and a later cut replaces the hold.
    pub fn hold(&self, from: SocketAddr, to: SocketAddr) {
        let mut state = self.net.state.lock();
        state.faults.hold(from, to);
        drop(state.block(from, to, true));
    }

    /// Ends all faults between two addresses, in both directions. Delayed data arrives in order.
    pub fn heal(&self, one: SocketAddr, other: SocketAddr) {
        let mut released = Vec::new();
        let mut state = self.net.state.lock();
        for (from, to) in [(one, other), (other, one)] {
            state.faults.clear(from, to);
            released.extend(state.block(from, to, false));
        }
        drop(state);
        drop(released);
        self.net.cleared.notify_waiters();
    }

    /// The earlier name of [`heal`](Self::heal).
    #[doc(hidden)]
    pub fn mend(&self, one: SocketAddr, other: SocketAddr) {
        self.heal(one, other);
    }

    /// Limits the rate at which the node at the address `reader` reads each of its streams. `None` removes the limit,
    /// from the next read on.
    pub fn slow(&self, reader: SocketAddr, read_rate: Option<ReadRate>) {
        self.net.read_rates.set(reader, read_rate);
    }
}
