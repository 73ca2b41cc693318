use proptest::prelude::*;

use super::*;
use crate::node::id::id;
use crate::replica::limits::ReplicaLimits;

fn origin() -> impl Strategy<Value = Origin> {
    ("[a-z0-9]{1,63}", any::<u64>(), any::<u32>()).prop_map(|(name, incarnation, renewal)| Origin {
        id: id(&name, incarnation),
        renewal,
    })
}

fn kind() -> impl Strategy<Value = OpKind> {
    let body = prop::collection::vec(any::<u8>(), 0..50);
    let put = ("[a-z:]{1,4}", body).prop_map(|(table, body)| OpKind::Put {
        table: table.into(),
        body: body.into(),
    });
    prop_oneof![put, Just(OpKind::Remove)]
}

fn coverage() -> impl Strategy<Value = Coverage> {
    prop_oneof![Just(Coverage::Complete), Just(Coverage::Partial)]
}

fn delta() -> impl Strategy<Value = Delta> {
    let ops = prop::collection::btree_map(any::<u64>(), (1..1_u64 << 40, kind()), 0..20);
    let full = prop::option::of(any::<u64>());
    let numbers = (
        0..1_u64 << 40,
        0..1_u64 << 40,
        full,
        any::<bool>(),
        prop::option::of(coverage()),
    );
    (origin(), numbers, ops).prop_map(|(origin, (from, rest, full, more, answer), ops)| {
        let mut version = from;
        let ops = ops.into_iter().map(|(id, (step, kind))| {
            version += step;
            let id = EntryId(id);
            Op { version, id, kind }
        });
        let ops: Vec<_> = ops.collect();
        let more = more && !ops.is_empty();
        let to = if more { version } else { version + rest };
        Delta {
            origin,
            from,
            to,
            full,
            more,
            answer,
            ops,
        }
    })
}

fn frame() -> impl Strategy<Value = Frame> {
    let pull = (origin(), any::<u64>(), prop::option::of(any::<u64>()));
    let summary = (origin(), any::<u64>(), any::<u64>());
    let summary = summary.prop_map(|(origin, version, hash)| Summary {
        origin,
        version,
        hash,
    });
    prop_oneof![
        delta().prop_map(Frame::Delta),
        pull.prop_map(|(origin, have, full)| Frame::Pull { origin, have, full }),
        (origin(), coverage()).prop_map(|(origin, coverage)| Frame::Nothing { origin, coverage }),
        any::<[u64; 2]>().prop_map(|[version, sender_version]| Frame::Ack {
            version,
            sender_version,
        }),
        prop::collection::vec(summary, 0..20).prop_map(Frame::Digest),
    ]
}

fn decode(bytes: &[u8]) -> Result<Frame, FrameError> {
    Frame::decode(&Bytes::copy_from_slice(bytes), &ReplicaLimits::default())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 8 } else { 500 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_frame_survives_a_round_trip_and_no_prefix_or_extension_of_it_is_one(frame in frame()) {
        let bytes = frame.encode();
        prop_assert_eq!(decode(&bytes), Ok(frame));
        for length in 0..bytes.len() {
            prop_assert!(decode(&bytes[..length]).is_err());
        }
        let longer = [&bytes, &b"\0"[..]].concat();
        let left = WireError::TrailingBytes { left: 1 };
        prop_assert_eq!(decode(&longer), Err(FrameError::Wire(left)));
    }
}

/// The origin `a`, incarnation 1, renewal 0.
const A: [u8; 11] = [1, b'a', 1, 0, 0, 0, 0, 0, 0, 0, 0];

/// Decodes a delta of `a` with this remainder.
fn delta_with(rest: &[u8]) -> Result<Frame, FrameError> {
    decode(&[&[1], &A[..], rest].concat())
}

#[test]
fn a_delta_with_versions_out_of_range_or_order_is_refused() {
    let bad = Err(FrameError::BadVersions);
    // flags, from, to - from, tables, operations; here removals.
    assert!(delta_with(&[0, 5, 2, 0, 2, 3, 1, 3, 2]).is_ok());
    assert_eq!(
        delta_with(&[0, 5, 2, 0, 2, 3, 1, 1, 2]),
        bad,
        "the same version"
    );
    assert_eq!(
        delta_with(&[0, 5, 1, 0, 2, 3, 1, 3, 2]),
        bad,
        "after the end"
    );
    let last = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
    assert!(delta_with(&[&[0], &last[..], &[0, 0, 0]].concat()).is_ok());
    assert_eq!(
        delta_with(&[&[0], &last[..], &[1, 0, 0]].concat()),
        bad,
        "beyond 64 bits"
    );
}

#[test]
fn a_delta_that_contradicts_itself_is_refused() {
    let repeated = Err(FrameError::RepeatedId { id: EntryId(7) });
    assert_eq!(delta_with(&[0, 0, 3, 0, 3, 3, 7, 3, 1, 3, 7]), repeated);
    let unknown = Err(FrameError::UnknownTable {
        index: 1,
        defined: 1,
    });
    assert_eq!(delta_with(&[0, 0, 1, 1, 1, b't', 1, 2, 7, 1, 0]), unknown);
    assert_eq!(delta_with(&[0, 0, 1, 1, 0, 0]), Err(FrameError::EmptyTable));
    assert_eq!(delta_with(&[2, 0, 1, 0, 0]), Err(FrameError::NoProgress));
    assert_eq!(
        delta_with(&[2, 0, 2, 0, 1, 3, 7]),
        Err(FrameError::NoProgress)
    );
    assert!(delta_with(&[2, 0, 1, 0, 1, 3, 7]).is_ok());
}

#[test]
fn unknown_kinds_flags_and_names_are_refused() {
    for kind in [0, 6, 255] {
        assert_eq!(decode(&[kind]), Err(FrameError::UnknownKind { kind }));
    }
    let wrong = FrameError::WrongFlags { kind: 1, flags: 8 };
    assert_eq!(delta_with(&[8, 0, 0, 0, 0]), Err(wrong));
    let wrong = FrameError::WrongFlags { kind: 2, flags: 2 };
    assert_eq!(decode(&[&[2], &A[..], &[2, 0]].concat()), Err(wrong));
    let mut capital = A;
    capital[1] = b'A';
    let error = decode(&[&[3], &capital[..]].concat());
    assert!(matches!(error, Err(FrameError::Name(_))));
    capital[1] = 0xff;
    let error = decode(&[&[3], &capital[..]].concat());
    assert_eq!(error, Err(FrameError::Wire(WireError::NotText)));
}

#[test]
fn a_frame_within_the_limits_of_its_parts_is_within_the_limit_of_frames() {
    let limits = ReplicaLimits {
        body: 30,
        table_name: 3,
        chunk: 40,
        ..ReplicaLimits::default()
    };
    let put = |table: usize, body: usize| {
        let origin = Origin {
            id: id(&"n".repeat(63), u64::MAX),
            renewal: u32::MAX,
        };
        let op = Op {
            version: 1 << 50,
            id: EntryId(u64::MAX),
            kind: OpKind::Put {
                table: "t".repeat(table).into(),
                body: vec![0; body].into(),
            },
        };
        let delta = Delta {
            origin,
            from: 0,
            to: 1 << 50,
            full: Some(1 << 50),
            more: true,
            answer: Some(Coverage::Complete),
            ops: vec![op],
        };
        Frame::decode(&Frame::Delta(delta).encode(), &limits)
    };
    assert!(put(3, 30).is_ok());
    let too_large = |what, length, limit| {
        let error = WireError::TooLarge {
            what,
            length,
            limit,
        };
        Err(FrameError::Wire(error))
    };
    assert_eq!(put(4, 30), too_large("the name of a table", 4, 3));
    assert_eq!(put(3, 31), too_large("the body of an entry", 31, 30));
    let long = Bytes::from(vec![0; limits.frame() + 1]);
    let error = Frame::decode(&long, &limits);
    assert_eq!(error, too_large("a sync frame", long.len(), limits.frame()));
}
