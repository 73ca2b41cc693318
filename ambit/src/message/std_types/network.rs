//! Internet addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Leaf, Shape};
use crate::message::wire::Wire;

macro_rules! shapes {
    ($($type:ty = $leaf:ident),* $(,)?) => {$(
        impl Schema for $type {
            fn shape(_: &mut Types) -> Shape { Shape::Leaf(Leaf::$leaf) }
        }
    )*};
}

shapes! {
    IpAddr = Ip, Ipv4Addr = Ipv4, Ipv6Addr = Ipv6,
    SocketAddr = Socket, SocketAddrV4 = SocketV4, SocketAddrV6 = SocketV6,
}

/// Addresses in network byte order.
macro_rules! octets {
    ($($type:ty),*) => {$(
        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> { out.raw(&self.octets()) }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> { u8::take_array(input).map(Self::from) }
        }
    )*};
}

octets!(Ipv4Addr, Ipv6Addr);

/// One of two kinds, after a byte that identifies it.
macro_rules! kinds {
    ($($type:ty),*) => {$(
        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                match self {
                    Self::V4(address) => {
                        out.raw(&[4])?;
                        address.put(out)
                    }
                    Self::V6(address) => {
                        out.raw(&[6])?;
                        address.put(out)
                    }
                }
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                match u8::take(input)? {
                    4 => Wire::take(input).map(Self::V4),
                    6 => Wire::take(input).map(Self::V6),
                    other => Err(DecodeError::Invalid(format!("{other} is no version of an address, 4 or 6"))),
                }
            }
        }
    )*};
}

kinds!(IpAddr, SocketAddr);

impl Wire for SocketAddrV4 {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        self.ip().put(out)?;
        self.port().put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(Self::new(Wire::take(input)?, Wire::take(input)?))
    }
}

impl Wire for SocketAddrV6 {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        self.ip().put(out)?;
        self.port().put(out)?;
        self.flowinfo().put(out)?;
        self.scope_id().put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let (ip, port) = (Wire::take(input)?, Wire::take(input)?);
        Ok(Self::new(ip, port, Wire::take(input)?, Wire::take(input)?))
    }
}
