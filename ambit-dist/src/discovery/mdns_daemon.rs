//! The thread for multicast DNS, and its events.

use std::net::IpAddr;
use std::time::Duration;

use mdns_sd::{DaemonEvent, IfKind, Receiver, ServiceDaemon, ServiceEvent};

use crate::discovery::error::DiscoveryError;
use crate::discovery::mdns_announcement::{Announcement, SERVICE};
use crate::rt::{self, Instant};

/// The time in which an announcement must leave the machine. It takes about a second.
const ANNOUNCED: Duration = Duration::from_secs(10);

/// An event.
pub(super) enum Seen {
    Service(ServiceEvent),
    /// The daemon continues after an error.
    Failed(DiscoveryError),
}

/// A running thread for multicast DNS. It sends a goodbye and ends when this is dropped.
pub(super) struct Daemon {
    daemon: ServiceDaemon,
    services: Receiver<ServiceEvent>,
    events: Receiver<DaemonEvent>,
    /// The deadline of the first announcement, until it has left the machine.
    announced_by: Option<Instant>,
    is_monitored: bool,
}

impl Daemon {
    /// Starts the thread, announces the node, and searches for others.
    pub(super) fn start(
        port: u16,
        interfaces: &[IpAddr],
        announcements: &[Announcement],
    ) -> Result<Self, DiscoveryError> {
        let daemon = ServiceDaemon::new_with_port(port).map_err(failed)?;
        let prepared = Self::prepare(&daemon, interfaces, announcements);
        let (services, events) = prepared.inspect_err(|_| {
            // Its thread ends, and its answer is not needed.
            drop(daemon.shutdown());
        })?;
        Ok(Self {
            daemon,
            services,
            events,
            announced_by: Some(rt::now() + ANNOUNCED),
            is_monitored: true,
        })
    }

    #[allow(
        clippy::type_complexity,
        reason = "the two halves of one value, taken apart by the caller"
    )]
    fn prepare(
        daemon: &ServiceDaemon,
        interfaces: &[IpAddr],
        announcements: &[Announcement],
    ) -> Result<(Receiver<ServiceEvent>, Receiver<DaemonEvent>), DiscoveryError> {
        let events = daemon.monitor().map_err(failed)?;
        if !interfaces.is_empty() {
            daemon.disable_interface(IfKind::All).map_err(failed)?;
            for interface in interfaces {
                daemon.enable_interface(*interface).map_err(failed)?;
            }
        }
        for announcement in announcements {
            let service = announcement.service().map_err(failed)?;
            daemon.register(service).map_err(failed)?;
        }
        let services = daemon.browse(SERVICE).map_err(failed)?;
        Ok((services, events))
    }

    /// Returns the next event. Cancel safe.
    ///
    /// # Errors
    /// Fails if the daemon has ended.
    pub(super) async fn next(&mut self) -> Result<Seen, DiscoveryError> {
        loop {
            let deadline = self.announced_by;
            tokio::select! {
                biased;
                event = self.services.recv_async() => {
                    return event.map(Seen::Service).map_err(|_| {
                        DiscoveryError::new("multicast DNS has ended and is started again")
                    });
                }
                event = self.events.recv_async(), if self.is_monitored => match event {
                    Ok(DaemonEvent::Error(error)) => return Ok(Seen::Failed(failed(error))),
                    Ok(DaemonEvent::Announce(..)) => self.announced_by = None,
                    Ok(_) => {}
                    // The services show the end of the daemon.
                    Err(_) => self.is_monitored = false,
                },
                () = rt::sleep_until(deadline.unwrap_or_else(rt::now)), if deadline.is_some() => {
                    self.announced_by = None;
                    return Ok(Seen::Failed(DiscoveryError::new(
                        "multicast DNS could not announce this node within 10 s, because no interface has a network of its addresses and multicast, as in most containers: check `listen(..)` and `advertise(..)`, or use another discovery source",
                    )));
                }
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Fails if the thread has ended. Its answer is not needed.
        drop(self.daemon.shutdown());
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn failed(error: mdns_sd::Error) -> DiscoveryError {
    DiscoveryError::new(format!(
        "multicast DNS fails ({error}): check that the network has multicast, or use another discovery source"
    ))
}
