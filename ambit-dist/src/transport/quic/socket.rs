//! The UDP socket of QUIC: its buffers, both address families, and the errors of binding it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::connection::canonical;
use crate::transport::BindError;

/// The sizes of the socket buffers that the operating system granted, in bytes.
///
/// ```
/// # use ambit_dist::{Auth, Cookie};
/// use ambit_dist::transport::{Quic, QuicSettings};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let secret = Cookie::generate()?.reveal();
/// # let auth: Auth = Auth::cookie(secret.as_str()).into();
/// # let tls = auth.credentials(&"a".parse()?, &"prod".parse()?)?;
/// let quic = Quic::bind("127.0.0.1:0".parse()?, &tls, QuicSettings::default())?;
/// let buffers = quic.socket_buffers().expect("the socket was bound here");
/// println!("{} bytes to send, {} to receive", buffers.send, buffers.receive);
/// assert!(buffers.send > 0 && buffers.receive > 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SocketBuffers {
    /// The size of the buffer for outgoing packets.
    pub send: usize,
    /// The size of the buffer for incoming packets.
    pub receive: usize,
}

/// Binds a socket. Returns it with the buffers that the system granted. `[::]` listens on IPv4 as well.
pub(super) fn bind(
    address: SocketAddr,
    buffer: usize,
) -> Result<(UdpSocket, SocketBuffers), BindError> {
    let socket = open(address, buffer).map_err(|source| reason(address, source))?;
    let granted = granted(&socket).map_err(|source| reason(address, source))?;
    if let Some(advice) = advice(buffer, granted) {
        tracing::warn!(%address, "{advice}");
    }
    Ok((socket, granted))
}

fn open(address: SocketAddr, buffer: usize) -> io::Result<UdpSocket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) {
        socket.set_only_v6(false)?;
    }
    // Reading the sizes back shows what was not granted.
    let _ = socket.set_send_buffer_size(buffer);
    let _ = socket.set_recv_buffer_size(buffer);
    socket.bind(&address.into())?;
    Ok(socket.into())
}

fn granted(socket: &UdpSocket) -> io::Result<SocketBuffers> {
    let socket = SockRef::from(socket);
    // Linux reports twice the size that it grants, for its own needs.
    let share = if cfg!(target_os = "linux") { 2 } else { 1 };
    Ok(SocketBuffers {
        send: socket.send_buffer_size()? / share,
        receive: socket.recv_buffer_size()? / share,
    })
}

/// Returns the advice to log if the system granted less than was requested.
fn advice(wanted: usize, granted: SocketBuffers) -> Option<String> {
    let SocketBuffers { send, receive } = granted;
    if send >= wanted && receive >= wanted {
        return None;
    }
    Some(format!(
        "the system buffers {receive} bytes in and {send} bytes out for this node, not {wanted}, so bursts may be lost: \
         run `sysctl -w net.core.rmem_max={wanted} net.core.wmem_max={wanted}`"
    ))
}

fn reason(address: SocketAddr, source: io::Error) -> BindError {
    match source.kind() {
        io::ErrorKind::AddrInUse => BindError::InUse { address },
        io::ErrorKind::PermissionDenied => BindError::Denied { address },
        io::ErrorKind::AddrNotAvailable => BindError::NoSuchAddress { address },
        _ => BindError::System { address, source },
    }
}

/// Checks whether the system has a route to an address. Nothing is sent.
pub(super) fn route_to(address: SocketAddr) -> io::Result<()> {
    let to = canonical(address);
    let any: IpAddr = match to {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0))?.connect(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_that_are_too_small_give_one_advice_that_names_the_settings() {
        let granted = |send, receive| SocketBuffers { send, receive };
        assert_eq!(advice(100, granted(100, 100)), None);
        for too_small in [granted(100, 99), granted(99, 100), granted(1, 1)] {
            let advice = advice(100, too_small).unwrap();
            assert!(advice.contains("net.core.rmem_max=100 net.core.wmem_max=100"));
            assert!(!advice.contains('\n'), "{advice}");
        }
    }

    #[test]
    fn granted_buffer_sizes_are_read_back() {
        let address = "127.0.0.1:0".parse().unwrap();
        let (socket, granted) = bind(address, 64 * 1024).unwrap();
        assert!(socket.local_addr().unwrap().port() > 0);
        assert_eq!(
            granted,
            SocketBuffers {
                send: 65536,
                receive: 65536
            }
        );
        let (_, most) = bind(address, 1 << 30).unwrap();
        assert!(most.receive < 1 << 30, "no system grants 1 GiB");
    }

    #[test]
    fn each_os_error_has_a_bind_error_with_a_remedy() {
        let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let in_use = bind(address, 0).unwrap_err();
        assert!(matches!(in_use, BindError::InUse { .. }), "{in_use:?}");
        assert!(
            in_use
                .to_string()
                .starts_with(&format!("{address} is in use"))
        );

        let elsewhere = "192.0.2.1:0".parse().unwrap();
        let elsewhere = bind(elsewhere, 0).unwrap_err();
        let known = matches!(elsewhere, BindError::NoSuchAddress { .. });
        assert!(known, "{elsewhere:?}");

        let denied = reason(address, io::ErrorKind::PermissionDenied.into());
        assert!(matches!(denied, BindError::Denied { .. }), "{denied:?}");
        let other = reason(address, io::ErrorKind::OutOfMemory.into());
        assert!(matches!(other, BindError::System { .. }), "{other:?}");
    }
}
