//! Hellos with false fields, and hellos that never arrive.

use std::time::Duration;

use ambit_dist::transport::Closed;
use ambit_dist::wire::{CloseCode, Frame};

use crate::hostile::hello::Hello;
use crate::hostile::stranger::{bytes, definition, raw};
use crate::hostile::target::Target;

/// The change to the hello, the code of the refusal, and a word of the reason.
type Lie = (fn(&mut Hello), CloseCode, &'static str);

const LIES: [Lie; 19] = [
    (
        |hello| hello.magic = b"amber",
        CloseCode::Malformed,
        "first bytes",
    ),
    (
        |hello| hello.versions = (2, 1),
        CloseCode::Malformed,
        "version",
    ),
    (
        |hello| hello.versions = (2, 9),
        CloseCode::Version,
        "version 1 of",
    ),
    (
        |hello| hello.versions = (0, 0),
        CloseCode::Version,
        "the other 0",
    ),
    (
        |hello| hello.versions = (1, 1 << 40),
        CloseCode::Malformed,
        "number",
    ),
    (
        |hello| hello.cluster = "other".into(),
        CloseCode::Cluster,
        "`other`",
    ),
    (
        |hello| hello.cluster = "No Name".into(),
        CloseCode::Malformed,
        "No Name",
    ),
    (
        |hello| hello.name = "honest".into(),
        CloseCode::Name,
        "`honest`",
    ),
    (
        |hello| hello.name = "target".into(),
        CloseCode::Name,
        "`target`",
    ),
    (
        |hello| hello.name = "\u{1b}[2J".into(),
        CloseCode::Malformed,
        "name",
    ),
    (
        |hello| hello.incarnation = u64::MAX,
        CloseCode::Malformed,
        "in the future",
    ),
    (
        // In the year 2070.
        |hello| hello.incarnation = (100 * 31_557_600_000) << 16,
        CloseCode::Malformed,
        "in the future",
    ),
    (
        |hello| hello.codecs = vec!["json"],
        CloseCode::Version,
        "codec",
    ),
    (
        |hello| hello.codecs = vec!["bincode"; 17],
        CloseCode::Malformed,
        "too many",
    ),
    (
        |hello| hello.addresses = 1 << 50,
        CloseCode::Malformed,
        "too many",
    ),
    (
        |hello| hello.limits[3] = 0,
        CloseCode::Malformed,
        "`partial_bytes`",
    ),
    (
        |hello| hello.limits = vec![1; 65],
        CloseCode::Malformed,
        "too many",
    ),
    (
        |hello| hello.heartbeat = 0,
        CloseCode::Malformed,
        "heartbeat",
    ),
    (
        |hello| hello.software = "x".repeat(129),
        CloseCode::Malformed,
        "too many",
    ),
];

#[ambit::test(real_time)]
async fn a_greeting_that_lies_is_refused_for_what_it_lies_about() {
    let target = Target::new().await;
    for (number, (lie, code, word)) in LIES.into_iter().enumerate() {
        let name = target.name();
        let mut caller = target.caller(&name).await;
        let mut hello = Hello::of(&name);
        lie(&mut hello);
        caller.greet(&hello.bytes()).await;
        let (closed, text) = caller.closed().await;
        assert_eq!(closed, code, "lie {number}: {text}");
        assert!(text.contains(word), "lie {number}: {text}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn unsupported_features_are_not_negotiated() {
    let target = Target::new().await;
    let name = target.name();
    let mut caller = target.caller(&name).await;
    let mut hello = Hello::of(&name);
    hello.features = u64::MAX >> 1;
    hello.versions = (0, 900);
    caller.greet(&hello.bytes()).await;
    let answer = caller.hear().await;
    assert_eq!(answer.kind, 0x41);
    // The magic, and one version for both ends of the range.
    assert_eq!(&answer.body[..7], b"ambit\x01\x01");
    let name_of_codec = b"bincode";
    let at = answer
        .body
        .windows(7)
        .position(|part| part == name_of_codec);
    // The only feature so far, the number of codecs and the length of the name precede it.
    assert_eq!(answer.body[at.unwrap() - 3..at.unwrap()], [1, 1, 7]);
    caller.ping().await;
    drop(caller);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn an_invalid_hello_is_malformed() {
    let target = Target::new().await;
    let long = vec![0; 5000];
    let before = [
        raw(0x43, 0, &[0; 8]),
        raw(0x40, 0, &long),
        raw(0x40, 0, &[]),
        bytes(&[Frame::GoAway]),
        b"\xff\xff\xff\xff\x40\0".to_vec().into(),
        b"GET / HTTP/1.1\r\n\r\n".to_vec().into(),
    ];
    for (number, first) in before.into_iter().enumerate() {
        let mut caller = target.caller(&target.name()).await;
        let mut stream = vec![1];
        stream.extend_from_slice(&first);
        caller.begin(&stream).await;
        let (code, text) = caller.closed().await;
        assert_eq!(code, CloseCode::Malformed, "{number}: {text}");
    }
    // A flag of a later version.
    let name = target.name();
    let mut caller = target.caller(&name).await;
    let mut stream = vec![1];
    stream.extend_from_slice(&raw(0x40, 0x01, &Hello::of(&name).bytes()));
    caller.begin(&stream).await;
    let (code, text) = caller.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("flags"), "{text}");
    let mut other = target.caller(&target.name()).await;
    other.begin(&[2]).await;
    assert_eq!(other.closed().await.0, CloseCode::Malformed);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn an_unfinished_handshake_times_out() {
    let target = Target::new().await;
    let name = target.name();
    // Nothing at all; half a hello; a hello whose answer is never used; lanes instead of a hello.
    let nothing = target.caller(&target.name()).await;
    let mut half = target.caller(&target.name()).await;
    half.begin(b"\x01\x40\0\0\0\x40").await;
    let mut unused = target.caller(&name).await;
    unused.greet(&Hello::of(&name).bytes()).await;
    assert_eq!(unused.hear().await.kind, 0x41);
    let early = target.caller(&target.name()).await;
    let mut lane = early.connection.open_uni().await.unwrap();
    lane.write(vec![0x10].into()).await.unwrap();
    lane.write(definition(1)).await.unwrap();
    assert_eq!(target.till.notes().await, Ok(0));
    for caller in [nothing, half, unused, early] {
        let (code, text) = caller.closed().await;
        assert_eq!(code, CloseCode::HandshakeTimeout, "{text}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_thousand_unfinished_handshakes_block_no_other_peer() {
    let target = Target::new().await;
    let mut callers = Vec::new();
    for round in 0..10 {
        // A hundred at a time, by a few members: each is authenticated.
        let name = target.name();
        let first = target.caller(&name).await;
        for _ in 0..100 {
            callers.push(first.again(target.node.local_addr()).await);
        }
        callers.push(first.connection);
        let answered = tokio::time::timeout(Duration::from_secs(5), target.till.notes());
        assert_eq!(answered.await, Ok(Ok(0)), "round {round}");
    }
    assert!(callers.len() > 1000);
    // Each connection is closed, by the timeout or because its address has too many.
    for caller in callers {
        let closed = tokio::time::timeout(Duration::from_secs(5), caller.closed());
        let Ok(Closed::Peer { code, .. }) = closed.await else {
            panic!("{caller:?} is not closed by the node");
        };
        assert!(
            matches!(code, CloseCode::HandshakeTimeout | CloseCode::Overloaded),
            "{code}"
        );
    }
    let mut late = target.stranger().await;
    late.is_kept().await;
    drop(late);
    target.unharmed().await;
}
