//! The environment of the code that runs on a host.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ambit::system::System;
use quinn::{AsyncUdpSocket, ClientConfig, EndpointConfig, Runtime, ServerConfig};
use rustls::crypto::CryptoProvider;

use super::current_run;
use super::fault::Faults;
use super::leak_check;
use super::outcome::Cause;
use super::rng::{self, SimRng};
use super::secrets;
use super::socket::{SimRuntime, SimSocket};
use crate::transport::quic::seeded;

/// The initial wall clock of all hosts, in milliseconds since 1970: the first of January 2026.
const EPOCH: u64 = 1_767_225_600_000;

/// A handle to one incarnation of a host, for the code that runs on the host.
///
/// ```
/// use ambit_dist::sim::{Sim, always};
///
/// let mut sim = Sim::new(7);
/// sim.host("db", |_| async {});
/// sim.client("web", |host| async move {
///     always!((host.name(), host.incarnation()) == ("web", 1), "its name and incarnation");
///     always!(host.address_of("db", 9_000).port() == 9_000, "the address of another host");
///     // The same numbers in every run of this seed.
///     always!(host.rng("load").below(10) < 10, "a random number");
/// });
/// sim.run().unwrap();
/// ```
#[derive(Clone)]
pub struct Host {
    pub(crate) name: Arc<str>,
    pub(crate) incarnation: u32,
    pub(crate) seed: u64,
    pub(crate) run_seed: u64,
    pub(crate) faults: Faults,
    pub(crate) system: System,
}

impl Host {
    /// Returns the name of the host in the simulation.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the number of this incarnation: 1 at the start of the run, and one more after each
    /// [`Bounce`](super::Fault::Bounce).
    #[must_use]
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// The earlier name of [`incarnation`](Self::incarnation).
    #[doc(hidden)]
    #[must_use]
    pub fn life(&self) -> u32 {
        self.incarnation
    }

    /// Returns the system in which all processes of this incarnation run. It is already the current system of the
    /// host's code.
    #[must_use]
    pub fn system(&self) -> &System {
        &self.system
    }

    /// Returns a seed for one purpose. It differs between hosts, incarnations and purposes.
    #[must_use]
    pub fn seed(&self, purpose: &str) -> u64 {
        rng::child(self.seed, purpose)
    }

    /// Returns a random source for one purpose; see [`seed`](Self::seed).
    #[must_use]
    pub fn rng(&self, purpose: &str) -> SimRng {
        SimRng::new(self.seed(purpose))
    }

    /// The earlier name of [`rng`](Self::rng).
    #[doc(hidden)]
    #[must_use]
    pub fn dice(&self, purpose: &str) -> SimRng {
        self.rng(purpose)
    }

    /// Returns the socket address of this host name and port.
    ///
    /// # Panics
    /// Panics if the run has no host or client with this name, or outside a run.
    #[must_use]
    pub fn address_of(&self, host: &str, port: u16) -> SocketAddr {
        let address = current_run::with(|run| run.address_of(host)).flatten();
        let address = address.unwrap_or_else(|| panic!("there is no host `{host}` in this run"));
        SocketAddr::new(address, port)
    }

    /// Stops the processes of all running nodes, heals the network, and waits until the nodes keep no state for each
    /// other: no exports, proxies, credit windows, used credits, pending calls, replies, links or monitors, and no
    /// entries of names, groups and presences. State that remains after a minute fails the run. Call this method while
    /// the node of this host exists, so that the node is checked too. [`Sim::settles`](super::Sim::settles) runs when
    /// the code of all clients has returned, so it checks the nodes of hosts.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll changes nothing. If it is dropped later, the network stays healed, and
    /// remaining state does not fail the run.
    pub async fn settle(&self) {
        self.faults().heal_all();
        leak_check::run().await;
    }

    /// Returns a handle that injects faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Returns the virtual time since the start of the run.
    #[must_use]
    pub fn now(&self) -> Duration {
        current_run::with(|run| run.now()).unwrap_or_default()
    }

    /// Returns the number of datagrams lost in the whole run so far. A test can use it to check that the run lost
    /// datagrams.
    #[must_use]
    pub fn lost(&self) -> u64 {
        current_run::with(|run| run.lost).unwrap_or_default()
    }

    /// Returns the number of datagrams sent in the whole run so far.
    #[must_use]
    pub fn datagrams(&self) -> u64 {
        current_run::with(|run| run.datagrams).unwrap_or_default()
    }

    /// Returns the wall clock of the host, in milliseconds since 1970. A run begins on 1 January 2026. Restarts do not
    /// reset the clock; a [`Skew`](super::Fault::Skew) changes it.
    #[must_use]
    pub fn wall_clock(&self) -> u64 {
        wall_clock(&self.name)
    }

    /// Binds a socket for quinn on a port of this host; 0 selects a free port. Replays compare only the sizes of its
    /// datagrams, not their bytes.
    ///
    /// # Errors
    /// Fails with [`AddrInUse`](io::ErrorKind::AddrInUse) if the port is taken.
    pub fn socket(&self, port: u16) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Ok(SimSocket::bind(&self.name, port, false)?)
    }

    /// Returns a rustls provider for custom TLS on a [`socket`](Self::socket). Its random numbers derive from the seed
    /// of the run, so its keys are not secret.
    #[must_use]
    pub fn crypto(&self) -> Arc<CryptoProvider> {
        secrets::provider()
    }

    /// Makes the seed of the run determine all random choices of quinn in these three configurations. Runs are
    /// deterministic only with this method and [`crypto`](Self::crypto): otherwise, a restarted host may interpret an
    /// old datagram differently in each run.
    pub fn seed_quic(
        &self,
        endpoint: &mut EndpointConfig,
        server: &mut ServerConfig,
        client: &mut ClientConfig,
    ) {
        let seed = self.rng("quinn").bytes();
        seeded::choose(seed, endpoint, server, client);
    }

    /// Returns a runtime for quinn that uses the virtual clock and spawns tasks on this host.
    #[must_use]
    pub fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(SimRuntime)
    }
}

/// Returns the current wall clock of a host.
pub(crate) fn wall_clock(host: &str) -> u64 {
    let read = current_run::with(|run| (run.now(), run.skew(host)));
    let (now, skew) = read.unwrap_or_default();
    let since = u64::try_from(now.as_millis()).unwrap_or(u64::MAX / 4);
    (EPOCH + since).saturating_add_signed(skew)
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("incarnation", &self.incarnation)
            .finish_non_exhaustive()
    }
}

/// The return type of a host's code: `()`, or a `Result` whose error fails the run. Code that never returns should end
/// in `std::future::pending().await` instead of a bare `loop`.
///
/// ```
/// use ambit_dist::sim::{Cause, Sim};
///
/// let mut sim = Sim::new(7);
/// sim.client("web", |_| async {
///     let port: u16 = "http".parse()?;
///     assert!(port > 0);
///     Ok::<(), std::num::ParseIntError>(())
/// });
/// let error = sim.run().unwrap_err();
/// assert!(matches!(error.cause, Cause::Host { host, .. } if host == "web"));
/// ```
pub trait HostResult {
    /// Converts the return value to a result.
    ///
    /// # Errors
    /// Fails with the error that the code returned.
    fn into_result(self) -> Result<(), Box<dyn Error>>;
}

impl HostResult for () {
    fn into_result(self) -> Result<(), Box<dyn Error>> {
        Ok(())
    }
}

impl<E: Into<Box<dyn Error>>> HostResult for Result<(), E> {
    fn into_result(self) -> Result<(), Box<dyn Error>> {
        self.map_err(Into::into)
    }
}

/// The end of a host's code.
pub(crate) type HostEnd = Result<(), Box<dyn Error>>;

/// The code of one incarnation, boxed: what runs it is compiled once, and not again for each host of each test.
pub(crate) type HostCode = Pin<Box<dyn Future<Output = HostEnd>>>;

/// Runs `code` as one incarnation of a host, with its own system, seeded from the run and current until the incarnation
/// ends. After a failure it never returns, because the run is over.
pub(crate) async fn live(
    name: Arc<str>,
    incarnation: u32,
    run_seed: u64,
    faults: Faults,
    code: Box<dyn FnOnce(Host) -> HostCode>,
) -> HostEnd {
    let runtime = tokio::runtime::Handle::current().id();
    let _ = current_run::with(|run| run.begins(&name, incarnation, runtime));
    let seed = rng::child(run_seed, &format!("{name}/{incarnation}"));
    let system = System::builder()
        .quiet_panics(true)
        .simulated(rng::child(seed, "system"))
        .build()?;
    let _current = system.enter();
    let host = Host {
        name: name.clone(),
        incarnation,
        seed,
        run_seed,
        faults,
        system: system.clone(),
    };
    let text = match caught(async { code(host).await }).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(text) => text,
    };
    let cause = Cause::Host {
        host: name.to_string(),
        text,
    };
    let _ = current_run::with(|run| run.fail(cause));
    pending().await
}

/// Returns the output of a future, or the text of its panic.
async fn caught(future: impl Future<Output = HostEnd>) -> Result<HostEnd, String> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        polled.map_or_else(
            |panic| Poll::Ready(Err(text_of(&*panic))),
            |polled| polled.map(Ok),
        )
    })
    .await
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "it panicked: {}",
        text.as_deref().unwrap_or("with a payload that is not text")
    )
}
