//! Conversion of arguments to socket addresses.

use std::net::{IpAddr, SocketAddr};

/// The error for a string that is not an IP address with a port.
///
/// ```
/// use ambit_dist::ToAddress;
///
/// let error = "localhost:9000".to_address().unwrap_err();
/// assert_eq!(error.text, "localhost:9000");
/// assert!(error.to_string().contains("write an IP address and a port"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not an address: write an IP address and a port, as in `127.0.0.1:9000` or `[::1]:9000`"
)]
pub struct InvalidAddress {
    /// The rejected string, truncated to 64 characters.
    pub text: String,
}

/// A type that converts to a socket address: [`SocketAddr`], a pair of IP address and port, or a string such as
/// `127.0.0.1:9000`. Host names are not looked up; use a [discovery](crate::discovery) source for them.
///
/// ```
/// use ambit_dist::ToAddress;
/// use std::net::{IpAddr, Ipv4Addr};
///
/// let address = "127.0.0.1:9000".to_address()?;
/// assert_eq!((IpAddr::from(Ipv4Addr::LOCALHOST), 9000).to_address()?, address);
/// assert!("node-1.example.com:9000".to_address().is_err());
/// # Ok::<(), ambit_dist::InvalidAddress>(())
/// ```
pub trait ToAddress {
    /// Converts the value to a socket address.
    ///
    /// # Errors
    /// Fails with [`InvalidAddress`] if a string is not an IP address with a port.
    fn to_address(&self) -> Result<SocketAddr, InvalidAddress>;
}

impl ToAddress for SocketAddr {
    fn to_address(&self) -> Result<SocketAddr, InvalidAddress> {
        Ok(*self)
    }
}

impl ToAddress for (IpAddr, u16) {
    fn to_address(&self) -> Result<SocketAddr, InvalidAddress> {
        Ok((*self).into())
    }
}

impl ToAddress for str {
    fn to_address(&self) -> Result<SocketAddr, InvalidAddress> {
        self.parse().map_err(|_| InvalidAddress {
            text: self.chars().take(64).collect(),
        })
    }
}

impl ToAddress for String {
    fn to_address(&self) -> Result<SocketAddr, InvalidAddress> {
        self.as_str().to_address()
    }
}

impl<T: ToAddress + ?Sized> ToAddress for &T {
    fn to_address(&self) -> Result<SocketAddr, InvalidAddress> {
        (**self).to_address()
    }
}
