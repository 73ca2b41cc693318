//! Networks in memory.

use std::net::SocketAddr;

use ambit_dist::transport::{BindError, Closed, DialError, Memory, Transport};
use ambit_dist::wire::CloseCode;
use rustls::pki_types::CertificateDer;

use crate::transport::common::{Network, connect, dial_of};

pub(crate) struct Pairs(Memory);

impl Network for Pairs {
    fn new() -> Self {
        Self(Memory::new())
    }

    fn transport(&mut self) -> Box<dyn Transport> {
        Box::new(self.0.bind(any()).unwrap())
    }
}

pub(crate) fn any() -> SocketAddr {
    "10.0.0.1:0".parse().unwrap()
}

#[test]
fn an_address_belongs_to_one_until_that_is_dropped() {
    let network = Memory::new();
    let address = "10.0.0.1:7".parse().unwrap();
    let first = network.bind(address).unwrap();
    let taken = network.bind(address);
    assert!(matches!(taken, Err(BindError::InUse { .. })), "{taken:?}");
    drop(first);
    network.bind(address).unwrap();
}

#[test]
fn free_ports_are_given_in_order() {
    let network = Memory::new();
    let (one, two) = (network.bind(any()).unwrap(), network.bind(any()).unwrap());
    assert_eq!(one.local_addr().port() + 1, two.local_addr().port());
}

#[tokio::test(start_paused = true)]
async fn a_dial_to_an_unused_address_is_unreachable() {
    let network = Memory::new();
    let one = network.bind(any()).unwrap();
    let address = "10.9.9.9:1".parse().unwrap();
    let nobody = one.dial(dial_of(address)).await.unwrap_err();
    assert_eq!(nobody, DialError::Unreachable { address });
}

#[tokio::test(start_paused = true)]
async fn a_certificate_is_shown_to_the_other_side_which_then_does_not_trust() {
    let network = Memory::new();
    let certificate = CertificateDer::from(vec![1, 2, 3]);
    let shown = network
        .bind(any())
        .unwrap()
        .with_certificate(certificate.clone());
    let plain = network.bind(any()).unwrap();
    let (dialled, accepted) = connect(&shown, &plain).await;
    assert_eq!(accepted.peer_certificate(), Some(certificate));
    assert!(!accepted.is_trusted());
    assert_eq!(dialled.peer_certificate(), None);
    assert!(dialled.is_trusted());
}

#[tokio::test(start_paused = true)]
async fn dials_beyond_the_accept_backlog_are_refused() {
    let network = Memory::new();
    let (one, two) = (network.bind(any()).unwrap(), network.bind(any()).unwrap());
    let mut waiting = Vec::new();
    for _ in 0..256 {
        let mut dialling = one.dial(dial_of(two.local_addr()));
        tokio::select! {
            biased;
            _ = &mut dialling => panic!("accepted too early"),
            () = std::future::ready(()) => waiting.push(dialling),
        }
    }
    let refused = one.dial(dial_of(two.local_addr())).await.unwrap_err();
    let DialError::Closed { code, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(code, CloseCode::Overloaded);
    drop(two);
    for refused in waiting {
        refused.await.unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_dial_leaves_no_connection_behind() {
    let network = Memory::new();
    let (one, two) = (network.bind(any()).unwrap(), network.bind(any()).unwrap());
    let mut dialling = one.dial(dial_of(two.local_addr()));
    let incoming = tokio::select! {
        biased;
        _ = &mut dialling => panic!("accepted too early"),
        incoming = two.accept() => incoming.unwrap(),
    };
    let accepted = incoming.finish().await.unwrap();
    drop(dialling);
    let told = Closed::by_peer(CloseCode::Normal, b"");
    assert_eq!(accepted.closed().await, told);

    let mut dialling = one.dial(dial_of(two.local_addr()));
    let incoming = tokio::select! {
        biased;
        _ = &mut dialling => panic!("accepted too early"),
        incoming = two.accept() => incoming.unwrap(),
    };
    drop(dialling);
    incoming.finish().await.unwrap_err();
}
