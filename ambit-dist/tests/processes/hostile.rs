//! Bytes that were not written by an encoder are refused or decode to a value.

use ambit::error::{CallError, CastError, StartError};
use ambit::message::{DecodeError, Form, Wire, tag};
use ambit::process::{Down, Exit, ExitReason};
use ambit::server::Subject;
use ambit_dist::AnyCodec;
use proptest::prelude::*;

use crate::processes::node::Node;
use crate::processes::{read, ways, write};

/// Generates a reason of any kind.
fn reason() -> impl Strategy<Value = ExitReason> {
    let text = ".{0,20}";
    prop_oneof![
        Just(ExitReason::Normal),
        Just(ExitReason::Shutdown),
        Just(ExitReason::Kill),
        Just(ExitReason::Killed),
        Just(ExitReason::NoProcess),
        Just(ExitReason::NoConnection),
        Just(ExitReason::Timeout),
        text.prop_map(ExitReason::error),
        text.prop_map(ExitReason::shutdown_with),
    ]
}

/// Decodes the bytes in each combination. A decoded value must survive a round trip.
fn bear<T: Wire + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let node = Node::default();
    for way in ways() {
        if let Ok(value) = read::<T>(bytes, &node, way) {
            let again = write(&value, &node, way).unwrap();
            assert_eq!(read::<T>(&again, &node, way), Ok(value));
        }
    }
}

fn bear_all(bytes: &[u8]) {
    bear::<ExitReason>(bytes);
    bear::<Exit>(bytes);
    bear::<Down>(bytes);
    bear::<CallError>(bytes);
    bear::<CastError>(bytes);
    bear::<StartError>(bytes);
}

fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_reason_is_the_same_on_the_other_side(reason in reason()) {
        let node = Node::default();
        for way in ways() {
            let bytes = write(&reason, &node, way).unwrap();
            prop_assert_eq!(read(&bytes, &node, way), Ok(reason.clone()));
        }
    }

    #[test]
    fn any_bytes_are_borne(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        bear_all(&bytes);
    }

    #[test]
    fn changed_bytes_are_borne(
        reason in reason(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let node = Node::default();
        for way in ways() {
            let mut bytes = write(&reason, &node, way).unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(if cut { at } else { bytes.len() });
            bear_all(&bytes);
        }
    }
}

#[test]
fn a_chain_of_causes_is_no_deeper_than_one_that_is_written() {
    // A chain of this many causes could not be dropped.
    const MANY: usize = 60_000;
    let node = Node::default();
    let way = (AnyCodec::Postcard, Form::Compact);
    let causes = vec!["why".to_owned(); MANY];
    let parts = (("text".to_owned(), "type".to_owned()), causes);
    let mut bytes = tag("error").to_le_bytes().to_vec();
    bytes.extend(write(&parts, &node, way).unwrap());
    let reason: ExitReason = read(&bytes, &node, way).unwrap();
    let first = std::error::Error::source(&reason);
    let causes = std::iter::successors(first, |error| (**error).source());
    assert_eq!(causes.count(), 16);
}

#[test]
fn unknown_kinds_are_refused() {
    let node = Node::default();
    let unknown = tag("never").to_le_bytes();
    for way in ways() {
        let refused = |of| {
            Err(DecodeError::UnknownTag {
                of,
                tag: tag("never"),
            })
        };
        assert_eq!(
            read::<ExitReason>(&unknown, &node, way),
            refused("ambit.exit_reason").map(|()| ExitReason::Normal)
        );
        let none = read::<Subject<u64>>(&unknown, &node, way);
        assert!(matches!(none, Err(DecodeError::Invalid(_))));
    }
}
