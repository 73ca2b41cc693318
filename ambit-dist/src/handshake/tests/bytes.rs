//! Encoding of handshakes: valid and invalid bytes.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::codecs::any::AnyCodec;
use crate::handshake::hello::Hello;
use crate::handshake::versions::Versions;
use crate::wire::{HELLO_MAX, Limits};

fn decode(bytes: &[u8]) -> Result<Hello, Refusal> {
    let every = Versions {
        oldest: 0,
        newest: u32::MAX,
    };
    Hello::decode(bytes, every, &Limits::default()).map(|(hello, _)| hello)
}

fn malformed(bytes: &[u8]) -> String {
    let refused = decode(bytes).unwrap_err();
    assert_eq!(refused.code(), CloseCode::Malformed, "{refused}");
    refused.text().to_owned()
}

fn label() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
}

fn limits() -> impl Strategy<Value = Limits> {
    (any::<[u32; 11]>(), any::<u32>(), any::<u8>()).prop_map(|(sizes, window, lanes)| {
        let [a, b, c, d, e, f, g, h, i, j, k] = sizes.map(|size| size as usize);
        let limits = Limits::default()
            .max_message(a)
            .chunk(b)
            .partials(c)
            .partial_bytes(d);
        let limits = limits
            .types(e)
            .contract(f)
            .definition_bytes(g)
            .asks(h)
            .monitors(i);
        limits.name(j).window(window).lanes(lanes).window_bytes(k)
    })
}

prop_compose! {
    fn any_hello()(
        names in (label(), label()),
        (one, other) in any::<(u32, u32)>(),
        (incarnation, features) in any::<(u64, u64)>(),
        addresses in vec(any::<(IpAddr, u16)>(), 0..=16),
        codecs in vec(prop_oneof![Just(AnyCodec::Bincode), Just(AnyCodec::Postcard)], 0..=16),
        limits in limits(),
        heartbeat in 1..=600_000_u64,
        software in "[ -~ä]{0,64}",
    ) -> Hello {
        Hello {
            versions: Versions { oldest: one.min(other), newest: one.max(other) },
            cluster: names.0.parse().unwrap(),
            id: id(&names.1, incarnation),
            addresses: addresses.into_iter().map(SocketAddr::from).collect(),
            features,
            codecs,
            limits,
            heartbeat: Duration::from_millis(heartbeat),
            software,
        }
    }
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(if cfg!(miri) { 1 } else { cases })
    }
}

proptest! {
    #![proptest_config(config(128))]

    #[test]
    fn a_hello_round_trips(hello in any_hello()) {
        let bytes = hello.encode();
        prop_assert!(bytes.len() <= HELLO_MAX);
        prop_assert_eq!(decode(&bytes).unwrap(), hello);
    }

    #[test]
    fn truncated_input_is_rejected(hello in any_hello()) {
        let bytes = hello.encode();
        let step = if cfg!(miri) { 16 } else { 1 };
        for length in (0..bytes.len()).step_by(step) {
            malformed(&bytes[..length]);
        }
    }

    #[test]
    fn fields_of_a_later_version_are_skipped(hello in any_hello(), later in vec(any::<u8>(), 0..256)) {
        let mut bytes = hello.encode();
        bytes.extend_from_slice(&later);
        prop_assert_eq!(decode(&bytes).unwrap(), hello);
    }

    #[test]
    fn damage_is_refused_or_is_another_handshake(
        hello in any_hello(),
        damage in vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = hello.encode();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(received_hello) = decode(&bytes) {
            prop_assert_eq!(decode(&received_hello.encode()).unwrap(), received_hello);
        }
    }

    #[test]
    fn any_bytes_are_judged(bytes in vec(any::<u8>(), 0..600)) {
        let mut begun = b"ambit\x01\x01".to_vec();
        begun.extend_from_slice(&bytes);
        for bytes in [bytes, begun] {
            if let Err(refused) = decode(&bytes) {
                prop_assert!(!refused.text().is_empty());
            }
        }
    }
}

#[test]
fn the_longest_handshake_fits() {
    let mut offer = LocalOffer::new(
        id(&"n".repeat(63), u64::MAX),
        "c".repeat(63).parse().unwrap(),
    );
    offer.addresses = vec!["[ffff::1]:65535".parse().unwrap(); 40];
    offer.features = u64::MAX;
    let bytes = Dialling::new(offer).1;
    assert!(bytes.len() < HELLO_MAX / 4, "{}", bytes.len());
    assert_eq!(decode(&bytes).unwrap().addresses.len(), 16);
}

#[test]
fn too_many_bytes_are_refused_unread() {
    let refused = decode(&[b'x'; HELLO_MAX + 1]).unwrap_err();
    assert_eq!(refused.code(), CloseCode::TooLarge);
    assert_eq!(refused.text(), "a handshake has at most 4096 bytes");
}

#[test]
fn input_of_another_protocol_is_reported_as_such() {
    let text = malformed(b"GET / HTTP/1.1\r\n\r\n");
    assert_eq!(
        text,
        "the handshake is malformed: the first bytes are not the magic number"
    );
}

/// Builds handshakes with one changed field each, written by hand as a hostile peer would.
#[test]
fn each_field_has_its_bounds() {
    let node = |versions: &[u8], name: &[u8]| [b"ambit", versions, b"\x04shop", name].concat();
    let rest = |name: &[u8], rest: &[u8]| [&node(&[1, 1], name), rest].concat();
    let whole = rest(b"\x01a\x07", &[0, 0, 0, 0, 100, 0]);
    let received_hello = decode(&whole).unwrap();
    assert_eq!(
        (received_hello.id, received_hello.limits),
        (id("a", 7), Limits::default())
    );
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    let cases = [
        (node(&[2, 1], b""), "the oldest version is above the newest"),
        (node(&[0x81, 0, 1], b""), "shortest form"),
        (rest(b"\x01A\x07", &[]), "cannot be the name of a node"),
        (rest(b"\x02\xc3\x28\x07", &[]), "a text is not UTF-8"),
        (rest(b"\x01a\x07", &[17]), "17 addresses are too many"),
        (rest(b"\x01a\x07", &huge), "addresses are too many"),
        (
            rest(b"\x01a\x07", &[1, 5, 0, 0]),
            "an address is of an unknown kind",
        ),
        (rest(b"\x01a\x07", &[0, 0, 17]), "17 codecs are too many"),
        (
            rest(b"\x01a\x07", &[0, 0, 1, 0x81, 1]),
            "129 bytes of a text are too many",
        ),
        (rest(b"\x01a\x07", &[0, 0, 0, 65]), "65 limits are too many"),
        (
            rest(b"\x01a\x07", &[0, 0, 0, 0, 0]),
            "a heartbeat is between",
        ),
        (
            rest(b"\x01a\x07", &[&[0, 0, 0, 0][..], &huge].concat()),
            "a heartbeat is between",
        ),
        (
            rest(&[&b"\x01a\x07"[..], &huge].concat(), &[]),
            "addresses are too many",
        ),
    ];
    for (bytes, text) in cases {
        let refused = malformed(&bytes);
        assert!(refused.contains(text), "{refused}: {text}");
    }
}

#[test]
fn codecs_that_are_not_known_are_no_codecs_in_common() {
    let mut bytes = b"ambit\x01\x01\x04shop\x01b\x07\x00\x00\x01\x04json\x00\x64\x00".to_vec();
    let received_hello = Accepting::new(node("a")).received_hello(&bytes, |_, _| true);
    assert!(
        received_hello
            .unwrap_err()
            .text()
            .contains("no codec in common")
    );
    bytes.splice(17..23, *b"\x02\x04json\x07bincode");
    assert!(
        Accepting::new(node("a"))
            .received_hello(&bytes, |_, _| true)
            .is_ok(),
        "{bytes:?}"
    );
}
