//! Agreement on parameters.

use std::time::Duration;

use super::*;
use crate::codecs::any::AnyCodec;
use crate::handshake::versions::Versions;
use crate::wire::Limits;

#[test]
fn both_sides_receive_the_id_and_the_addresses_of_the_peer() {
    let mut b = node("b");
    b.addresses = vec![
        "10.0.0.2:9000".parse().unwrap(),
        "[fd00::2]:9000".parse().unwrap(),
    ];
    let addresses = b.addresses.clone();
    let (dialler, acceptor) = shake(node("a"), b).unwrap();
    assert_eq!(dialler.peer(), &id("b", 7));
    assert_eq!(dialler.addresses(), addresses);
    assert_eq!(acceptor.peer(), &id("a", 7));
    assert!(acceptor.addresses().is_empty());
    let software = concat!("ambit-dist ", env!("CARGO_PKG_VERSION"));
    assert_eq!(
        (dialler.software(), acceptor.software()),
        (software, software)
    );
}

#[test]
fn of_limits_the_smaller_holds_on_both_sides() {
    let (mut a, mut b) = (node("a"), node("b"));
    a.limits = Limits::default().max_message(1 << 20).lanes(8).queue(5);
    b.limits = Limits::default().window(16).lanes(2).monitors(9);
    let (dialler, acceptor) = shake(a, b).unwrap();
    let agreed = Limits::default()
        .max_message(1 << 20)
        .window(16)
        .lanes(2)
        .monitors(9);
    assert_eq!(dialler.limits(), &agreed.clone().queue(5));
    assert_eq!(acceptor.limits(), &agreed);
}

#[test]
fn the_slower_heartbeat_holds_on_both_sides() {
    let (mut a, mut b) = (node("a"), node("b"));
    a.heartbeat = Duration::from_millis(50);
    b.heartbeat = Duration::from_secs(3);
    let (dialler, acceptor) = shake(a, b).unwrap();
    assert_eq!(dialler.heartbeat(), Duration::from_secs(3));
    assert_eq!(acceptor.heartbeat(), Duration::from_secs(3));
}

#[test]
fn a_heartbeat_is_clamped_to_its_bounds() {
    for (own, agreed) in [(Duration::ZERO, 1), (Duration::MAX, 600_000)] {
        let (mut a, mut b) = (node("a"), node("b"));
        (a.heartbeat, b.heartbeat) = (own, own);
        let (dialler, acceptor) = shake(a, b).unwrap();
        assert_eq!(dialler.heartbeat(), Duration::from_millis(agreed));
        assert_eq!(acceptor.heartbeat(), Duration::from_millis(agreed));
    }
}

#[test]
fn the_first_codec_of_the_dialler_that_the_acceptor_has_is_used() {
    use AnyCodec::{Bincode, Postcard};
    let agreed = |dialler: &[_], acceptor: &[_]| {
        let (mut a, mut b) = (node("a"), node("b"));
        (a.codecs, b.codecs) = (dialler.to_vec(), acceptor.to_vec());
        shake(a, b).map(|(dialler, acceptor)| (dialler.codec(), acceptor.codec()))
    };
    assert_eq!(
        agreed(&[Postcard, Bincode], &[Bincode, Postcard]),
        Ok((Postcard, Postcard))
    );
    assert_eq!(
        agreed(&[Postcard, Bincode], &[Bincode]),
        Ok((Bincode, Bincode))
    );
    let none = agreed(&[Postcard], &[Bincode]).unwrap_err();
    assert_eq!(
        none.to_string(),
        "the nodes have no protocol version or codec in common: the nodes have no codec in common"
    );
}

#[test]
fn features_are_those_of_both() {
    let (mut a, mut b) = (node("a"), node("b"));
    (a.features, b.features) = (0b0111, 0b1101);
    let (dialler, acceptor) = shake(a, b).unwrap();
    assert_eq!((dialler.features(), acceptor.features()), (0b0101, 0b0101));
}

#[test]
fn the_newest_common_version_is_spoken() {
    let binding = |dialler: (u32, u32), acceptor: (u32, u32)| {
        let (mut a, mut b) = (node("a"), node("b"));
        let versions = |(oldest, newest)| Versions { oldest, newest };
        (a.versions, b.versions) = (versions(dialler), versions(acceptor));
        shake(a, b).map(|(dialler, acceptor)| (dialler.version(), acceptor.version()))
    };
    assert_eq!(binding((1, 3), (2, 5)), Ok((3, 3)));
    assert_eq!(binding((2, 5), (1, 3)), Ok((3, 3)));
    assert_eq!(binding((2, 2), (1, 3)), Ok((2, 2)));
    let none = binding((1, 2), (3, 5)).unwrap_err();
    assert_eq!(none.code(), CloseCode::Version);
    assert_eq!(
        none.text(),
        "one node speaks version 3 to 5 of ambit/1, the other 1 to 2"
    );
    let none = binding((4, 4), (3, 3)).unwrap_err();
    assert_eq!(
        none.text(),
        "one node speaks version 3 of ambit/1, the other 4"
    );
}
