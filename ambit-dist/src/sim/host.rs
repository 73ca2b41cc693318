//! What the code of a host is given.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::future::{Future, pending, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ambit::System;
use quinn::{AsyncUdpSocket, ClientConfig, EndpointConfig, Runtime, ServerConfig};
use rustls::crypto::CryptoProvider;

use super::dice::{self, Dice};
use super::fault::Faults;
use super::leftovers;
use super::outcome::Cause;
use super::secrets;
use super::socket::{SimRuntime, SimSocket};
use super::stage;
use crate::transport::quic::seeded;

/// When the wall clocks of all hosts begin, in milliseconds since 1970: the first of January 2026.
const EPOCH: u64 = 1_767_225_600_000;

/// One life of a host, for the code that runs on it.
#[derive(Clone)]
pub struct Host {
    pub(crate) name: Arc<str>,
    pub(crate) life: u32,
    pub(crate) seed: u64,
    pub(crate) run_seed: u64,
    pub(crate) faults: Faults,
    pub(crate) system: System,
}

impl Host {
    /// Its name, as it was given to the simulator.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which life this is: 1 at first, one more after each [`Bounce`](super::Fault::Bounce).
    #[must_use]
    pub fn life(&self) -> u32 {
        self.life
    }

    /// The system that all processes of this life belong to; it is the current one already.
    #[must_use]
    pub fn system(&self) -> &System {
        &self.system
    }

    /// A seed for one purpose, different for each host, life and purpose.
    #[must_use]
    pub fn seed(&self, purpose: &str) -> u64 {
        dice::child(self.seed, purpose)
    }

    /// Dice for one purpose, see [`seed`](Self::seed).
    #[must_use]
    pub fn dice(&self, purpose: &str) -> Dice {
        Dice::new(self.seed(purpose))
    }

    /// Where a host is to be found.
    ///
    /// # Panics
    /// If there is no such host, or outside a run.
    #[must_use]
    pub fn address_of(&self, host: &str, port: u16) -> SocketAddr {
        let address = stage::with(|stage| stage.address_of(host)).flatten();
        let address = address.unwrap_or_else(|| panic!("there is no host `{host}` in this run"));
        SocketAddr::new(address, port)
    }

    /// Ends the processes of all nodes of the run, heals the network, and waits until the nodes keep nothing for each other: no
    /// exports, proxies, accounts, used credits, open calls, answers, links or monitors. What is left after a minute fails
    /// the run. Call it while this host's own node is still there; [`Sim::settles`](super::Sim::settles) does it for the hosts.
    pub async fn settle(&self) {
        leftovers::settle(self).await;
    }

    /// Injects faults from here.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// The virtual time since the run began.
    #[must_use]
    pub fn now(&self) -> Duration {
        stage::with(|stage| stage.now()).unwrap_or_default()
    }

    /// How many datagrams the network has lost so far, in the whole run: so a test can tell that it met what it is about.
    #[must_use]
    pub fn lost(&self) -> u64 {
        stage::with(|stage| stage.lost).unwrap_or_default()
    }

    /// What the host's wall clock shows, in milliseconds since 1970: it goes on from life to life, and a
    /// [`Skew`](super::Fault::Skew) sets it off.
    #[must_use]
    pub fn wall_clock(&self) -> u64 {
        wall_clock(&self.name)
    }

    /// A socket for quinn on a port of this host; 0 takes a free one. Two runs are compared by the sizes of what goes over
    /// it, not by the bytes.
    ///
    /// # Errors
    /// If the port is taken.
    pub fn socket(&self, port: u16) -> io::Result<Arc<dyn AsyncUdpSocket>> {
        Ok(SimSocket::bind(&self.name, port, false)?)
    }

    /// The cryptography for a TLS of your own on such a socket. Its random numbers come from the run, and its keys are no
    /// secret.
    #[must_use]
    pub fn crypto(&self) -> Arc<CryptoProvider> {
        secrets::provider()
    }

    /// Lets all that quinn would choose by chance follow from the seed. Together with [`crypto`](Self::crypto) it makes each
    /// run the same; without, what comes to a host that began anew may be taken for something else the next time.
    pub fn seed_quic(
        &self,
        endpoint: &mut EndpointConfig,
        server: &mut ServerConfig,
        client: &mut ClientConfig,
    ) {
        let seed = self.dice("quinn").bytes();
        seeded::choose(seed, endpoint, server, client);
    }

    /// What quinn runs on here: the virtual clock and the tasks of this host.
    #[must_use]
    pub fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::new(SimRuntime)
    }
}

/// What the wall clock of a host shows now.
pub(crate) fn wall_clock(host: &str) -> u64 {
    let read = stage::with(|stage| (stage.now(), stage.skew(host)));
    let (now, skew) = read.unwrap_or_default();
    let since = u64::try_from(now.as_millis()).unwrap_or(u64::MAX / 4);
    (EPOCH + since).saturating_add_signed(skew)
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("name", &self.name)
            .field("life", &self.life)
            .finish_non_exhaustive()
    }
}

/// With what the code of a host may end: nothing, or a result whose error fails the run. Code that never ends says so with
/// `std::future::pending().await` in place of a bare `loop`.
pub trait HostResult {
    /// As one type.
    ///
    /// # Errors
    /// What the code ended with.
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

/// Runs `code` in a life of its own: with a system that is made from the seed, and is the current one until the life ends.
/// Once it fails there is nothing more to come: the run is over.
pub(crate) async fn live<Fut>(
    name: Arc<str>,
    life: u32,
    run_seed: u64,
    faults: Faults,
    code: impl FnOnce(Host) -> Fut,
) -> Result<(), Box<dyn Error>>
where
    Fut: Future,
    Fut::Output: HostResult,
{
    let runtime = tokio::runtime::Handle::current().id();
    let _ = stage::with(|stage| stage.begins(&name, life, runtime));
    let seed = dice::child(run_seed, &format!("{name}/{life}"));
    let system = System::builder()
        .quiet_panics(true)
        .simulated(dice::child(seed, "system"))
        .build()?;
    let _current = system.enter();
    let host = Host {
        name: name.clone(),
        life,
        seed,
        run_seed,
        faults,
        system: system.clone(),
    };
    let text = match caught(async { code(host).await.into_result() }).await {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(text) => text,
    };
    let cause = Cause::Host {
        host: name.to_string(),
        text,
    };
    let _ = stage::with(|stage| stage.fail(cause));
    pending().await
}

/// What a future gives, or the text it panicked with.
async fn caught<T>(future: impl Future<Output = T>) -> Result<T, String> {
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
        text.as_deref().unwrap_or("with something that is no text")
    )
}
