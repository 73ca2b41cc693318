//! QUIC over UDP, the transport of nodes.

mod connection;
mod error_mapping;
mod handshakes;
pub(crate) mod seeded;
mod settings;
mod socket;
mod window;

use std::net::SocketAddr;
use std::sync::Arc;

use quinn::{AsyncUdpSocket, Endpoint, Runtime, TokioRuntime};

use self::connection::{QuicConnection, canonical};
use self::handshakes::{Decision, Handshakes};
use self::settings::Configs;
pub use self::settings::QuicSettings;
pub use self::socket::SocketBuffers;
use super::{AcceptError, BindError, BoxFuture, Connection, Dial, DialError, Incoming, Transport};
use crate::auth::Credentials;
use crate::wire::CloseCode;

/// QUIC over UDP, with mutual TLS 1.3: one socket for all connections of a node, dialled and accepted.
///
/// A connection uses one pair of addresses, sends no data before its handshake is complete, and is closed when no
/// packet has arrived for the idle timeout of [`QuicSettings`]. The number of unfinished incoming handshakes is
/// limited. From 32 of them on, further peers must first prove their address, so that a flood from spoofed addresses
/// excludes no node. From 128 of them on, each address may have at most 16, so that a flood from one address excludes
/// no other. These numbers are defaults of [`QuicSettings`].
///
/// Before a session begins ([`Connection::begin_session`]), a connection buffers at most 64 KiB of unread bytes;
/// afterwards, 32 MiB.
///
/// ```
/// use ambit_dist::Auth;
/// use ambit_dist::transport::{Dial, Quic, QuicSettings, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = ambit_dist::Cookie::generate()?.reveal();
/// let auth: Auth = Auth::cookie(secret.as_str()).into();
/// let bind = |name: &str| -> Result<Quic, Box<dyn std::error::Error>> {
///     let tls = auth.credentials(&name.parse()?, &"prod".parse()?)?;
///     Ok(Quic::bind("127.0.0.1:0".parse()?, &tls, QuicSettings::default())?)
/// };
/// let (a, b) = (bind("a")?, bind("b")?);
/// let dial = Dial { address: b.local_addr(), server_name: "any.prod.ambit".to_owned() };
/// let (dialled, accepted) = tokio::join!(a.dial(dial), async { b.accept().await.expect("open").finish().await });
/// assert_eq!(accepted?.remote_addr(), a.local_addr());
/// # drop(dialled?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Quic {
    endpoint: Endpoint,
    address: SocketAddr,
    /// The buffers that the system granted; `None` for a socket that was passed in.
    buffers: Option<SocketBuffers>,
    handshakes: Handshakes,
}

impl Quic {
    /// Listens at an address. Port 0 selects a free port, and `[::]` includes IPv4. The socket is closed when this
    /// value and all of its connections are dropped.
    ///
    /// Logs a warning if the operating system grants smaller buffers than [`QuicSettings::socket_buffer`].
    ///
    /// # Errors
    ///
    /// - `InUse` if another socket uses the port. Retry when the port is free.
    /// - `Denied` if the operating system does not allow this program to use the port.
    /// - `NoSuchAddress` if no interface of this machine has the address.
    /// - `Credentials` if QUIC cannot use the credentials.
    /// - `System` if the operating system refuses for another reason.
    ///
    /// # Panics
    ///
    /// Panics outside a tokio runtime with I/O enabled.
    pub fn bind(
        address: SocketAddr,
        tls: &Credentials,
        settings: QuicSettings,
    ) -> Result<Self, BindError> {
        let system = |source| BindError::System { address, source };
        let (socket, buffers) = socket::bind(address, settings.socket_buffer)?;
        let socket = TokioRuntime.wrap_udp_socket(socket).map_err(system)?;
        let runtime = Arc::new(TokioRuntime);
        let mut quic = Self::over(socket, runtime, None, tls, settings)?;
        quic.buffers = Some(buffers);
        Ok(quic)
    }

    /// Creates a transport over another socket, such as that of a simulated network, with the timers and tasks of
    /// `runtime`. A `seed` determines every random choice of QUIC itself, and disables the probing for larger packets.
    ///
    /// # Errors
    ///
    /// - `System` if the socket has no address or cannot be used.
    /// - `Credentials` if QUIC cannot use the credentials.
    pub fn over(
        socket: Arc<dyn AsyncUdpSocket>,
        runtime: Arc<dyn Runtime>,
        seed: Option<[u8; 32]>,
        tls: &Credentials,
        settings: QuicSettings,
    ) -> Result<Self, BindError> {
        let any = SocketAddr::from(([0, 0, 0, 0], 0));
        let system = |source| BindError::System {
            address: any,
            source,
        };
        let address = socket.local_addr().map_err(system)?;
        let configs = Configs::new(tls, &settings, seed).map_err(|_| BindError::Credentials)?;
        let endpoint = Endpoint::new_with_abstract_socket(
            configs.endpoint,
            Some(configs.server),
            socket,
            runtime,
        );
        let mut endpoint = endpoint.map_err(|source| BindError::System { address, source })?;
        endpoint.set_default_client_config(configs.client);
        Ok(Self {
            endpoint,
            address,
            buffers: None,
            handshakes: Handshakes::new(settings),
        })
    }

    /// Returns the socket buffers that the operating system granted; `None` for a transport created with
    /// [`over`](Self::over).
    #[must_use]
    pub fn socket_buffers(&self) -> Option<SocketBuffers> {
        self.buffers
    }

    /// Returns the number of unfinished incoming handshakes.
    #[must_use]
    pub fn unfinished_handshakes(&self) -> usize {
        self.handshakes.unfinished()
    }

    async fn next(&self) -> Option<Incoming> {
        loop {
            let incoming = self.endpoint.accept().await?;
            let remote = canonical(incoming.remote_address());
            let is_proved = incoming.remote_address_validated();
            let permit = match self.handshakes.decide(remote.ip(), is_proved) {
                Decision::GoOn(permit) => permit,
                Decision::Retry => {
                    // A retry is allowed because the address is not validated.
                    let _ = incoming.retry();
                    continue;
                }
                Decision::Refuse => {
                    incoming.refuse();
                    continue;
                }
            };
            return Some(Incoming::new(remote, async move {
                let _permit = permit;
                finish(incoming).await
            }));
        }
    }

    /// Detects early what would otherwise fail only after the idle time.
    fn check(&self, address: SocketAddr) -> Result<(), DialError> {
        if self.buffers.is_none() {
            return Ok(());
        }
        let no_way =
            |error| error_mapping::local(address, &format!("there is no way to it ({error})"));
        socket::route_to(address).map_err(no_way)
    }
}

async fn finish(incoming: quinn::Incoming) -> Result<Box<dyn Connection>, AcceptError> {
    let connecting = incoming.accept().map_err(error_mapping::accept)?;
    let connection = connecting.await.map_err(error_mapping::accept)?;
    Ok(Box::new(QuicConnection::new(connection)))
}

impl Transport for Quic {
    fn local_addr(&self) -> SocketAddr {
        self.address
    }

    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>> {
        let begun = self.check(dial.address).and_then(|()| {
            let connecting = self.endpoint.connect(dial.address, &dial.server_name);
            connecting.map_err(|error| error_mapping::connect(&dial, &error))
        });
        Box::pin(async move {
            let connection = begun?
                .await
                .map_err(|error| error_mapping::dial(&dial, error))?;
            Ok(Box::new(QuicConnection::new(connection)) as Box<dyn Connection>)
        })
    }

    fn accept(&self) -> BoxFuture<'_, Option<Incoming>> {
        Box::pin(self.next())
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.endpoint
                .close(error_mapping::number(CloseCode::GoAway), b"");
            self.endpoint.wait_idle().await;
        })
    }
}
