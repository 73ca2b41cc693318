//! The generated part of the corpus: well-formed frames from a fixed seed, and hostile bytes written by hand.

use std::path::Path;
use std::{fs, io};

use ambit_dist::wire::{Frame, Kind};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::corpus::handshakes::handshakes;
use crate::sample::{encoded, samples};

/// The seed of well-formed frames.
const SEED: [u8; 32] = [7; 32];

/// Writes all files into the folders of `corpus`.
pub(crate) fn write(corpus: &Path) -> io::Result<()> {
    let made = frames().into_iter().chain(pieces()).chain(definitions());
    let made = made.chain(values()).chain(sessions());
    let made = made.chain(gossips()).chain(replicas());
    for (target, name, bytes) in made.chain(handshakes()) {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

pub(crate) type Made = (&'static str, String, Vec<u8>);

/// Returns streams, each after a byte with its chunk size.
fn frames() -> Vec<Made> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &SEED);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut made = Vec::new();
    for kind in Kind::all() {
        let mut sample = samples(40)
            .new_tree(&mut runner)
            .expect("nothing is filtered out")
            .current();
        sample.kind = kind;
        let stream = [&[10], &*encoded(&sample.frame())].concat();
        made.push((
            "frame",
            format!("made-{}", kind.name().to_lowercase()),
            stream,
        ));
    }
    let all: Vec<u8> = made
        .iter()
        .flat_map(|(.., stream)| &stream[1..])
        .copied()
        .collect();
    made.push(("frame", "made-all".to_owned(), [&[0], &*all].concat()));
    let hostile: [(&str, &[u8]); 8] = [
        ("length-of-4-gib", &[0, 0xff, 0xff, 0xff, 0xff, 0x10, 0]),
        ("definition-of-4-gib", &[0, 0xff, 0xff, 0xff, 0xff, 1, 0]),
        ("length-of-nothing", &[0, 0, 0, 0, 0, 0x45, 0]),
        (
            "unknown-and-optional",
            &[1, 3, 0, 0, 0, 0x7f, 4, 9, 2, 0, 0, 0, 0x45, 0],
        ),
        ("unknown-flags", &[1, 2, 0, 0, 0, 0x45, 0x80]),
        (
            "number-without-end",
            &[
                1, 12, 0, 0, 0, 0x14, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
            ],
        ),
        (
            "number-with-a-needless-byte",
            &[1, 4, 0, 0, 0, 0x14, 0, 0x81, 0],
        ),
        (
            "name-of-2-to-the-63",
            &[
                1, 13, 0, 0, 0, 2, 0, 1, 128, 128, 128, 128, 128, 128, 128, 128, 128, 1,
            ],
        ),
    ];
    made.extend(by_hand("frame", hostile));
    made
}

/// Returns fragments: the number of a message, plus 8 for the last one, a length, and that many bytes, repeatedly.
fn pieces() -> Vec<Made> {
    let long = |which: u8| [&[which, 200][..], &[0x10; 200]].concat();
    let cases: [(&str, Vec<u8>); 8] = [
        (
            "two-in-turns",
            [&[0, 2, 0x10, 0, 1, 2, 0x12, 2, 8, 1, 7, 9, 1, 7][..]].concat(),
        ),
        (
            "three-and-one-too-many",
            [0u8, 1, 2, 3]
                .iter()
                .flat_map(|id| [*id, 1, 0x10])
                .collect(),
        ),
        ("a-piece-of-nothing", vec![0, 1, 0x10, 0, 0]),
        ("only-a-kind", vec![8, 1, 0x10]),
        ("a-definition", vec![8, 2, 1, 0]),
        ("pieces-of-pieces", vec![8, 2, 0x30, 0]),
        (
            "longer-than-a-message",
            [
                long(0),
                long(0),
                long(0),
                long(0),
                long(0),
                long(0),
                long(0),
                long(0),
                long(0),
            ]
            .concat(),
        ),
        ("the-same-number-again", vec![8, 2, 0x10, 0, 8, 2, 0x11, 0]),
    ];
    by_hand(
        "fragments",
        cases.iter().map(|(name, bytes)| (*name, &**bytes)),
    )
    .collect()
}

const COUNTER: &[u8] = b"\
ambit contract 1

protocol shop.counter
  call add(by: u64) -> result<u64, shop.limit>
  cast reset()

enum shop.limit version 1
  reached
    at: u64
";

const ENDLESS: &[u8] = b"\
ambit contract 1

protocol tree
  call leaf() -> tree.node

struct tree.node version 1
  children: list<tree.node>
  parent?: option<tree.node>
";

/// Returns a lane with definitions.
#[expect(clippy::too_many_lines, reason = "a table")]
fn definitions() -> Vec<Made> {
    let define = |id, name, contract| {
        encoded(&Frame::TypeDef {
            id,
            name,
            fingerprint: 1,
            contract,
        })
    };
    let node = encoded(&Frame::NodeDef {
        id: 1,
        name: "shop-1",
        incarnation: 5,
    });
    let to = ambit_dist::wire::ProcessAddress {
        slot: 1,
        generation: 1,
    };
    let used = |ty| {
        encoded(&Frame::Tell {
            to,
            from: None,
            ty,
            method: 3,
            framed: false,
            trace: None,
            payload: b"x",
        })
    };
    let deep = [
        "ambit contract 1\n\nprotocol a\n  cast b(c: ",
        &"list<".repeat(200),
        "u8",
        &">".repeat(200),
        ")\n",
    ]
    .concat();
    let cases: [(&str, Vec<u8>); 9] = [
        (
            "defined-and-used",
            [define(1, "shop.counter", COUNTER), used(1)].concat(),
        ),
        (
            "types-and-nodes",
            [
                define(1, "shop.counter", COUNTER),
                node.clone(),
                define(2, "tree", ENDLESS),
            ]
            .concat(),
        ),
        ("a-node-twice", [node.clone(), node].concat()),
        (
            "used-before-defined",
            [used(1), define(1, "shop.counter", COUNTER)].concat(),
        ),
        (
            "defined-twice",
            [define(1, "a", b""), define(1, "a", b"")].concat(),
        ),
        ("a-number-left-out", define(2, "a", b"").to_vec()),
        ("a-number-of-zero", define(0, "a", b"").to_vec()),
        (
            "a-contract-in-200-lists",
            define(1, "a", deep.as_bytes()).to_vec(),
        ),
        (
            "a-contract-that-ends-early",
            define(1, "a", &COUNTER[..60]).to_vec(),
        ),
    ];
    by_hand(
        "type_def",
        cases.iter().map(|(name, bytes)| (*name, &**bytes)),
    )
    .collect()
}

pub(crate) fn by_hand<'a>(
    target: &'static str,
    cases: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> impl Iterator<Item = Made> {
    let named = |(name, bytes): (&str, &[u8])| (format!("hand-{name}"), bytes.to_vec());
    cases
        .into_iter()
        .map(named)
        .map(move |(name, bytes)| (target, name, bytes))
}

fn sessions() -> impl Iterator<Item = Made> {
    let all = ambit_dist::fuzzing::sessions().into_iter();
    all.map(|(name, bytes)| ("session", format!("made-{name}"), bytes))
}

fn gossips() -> impl Iterator<Item = Made> {
    let all = ambit_dist::fuzzing::gossips().into_iter();
    all.map(|(name, bytes)| ("gossip", format!("made-{name}"), bytes))
}

fn replicas() -> impl Iterator<Item = Made> {
    let all = ambit_dist::fuzzing::replicas().into_iter();
    all.map(|(name, bytes)| ("replica", format!("made-{name}"), bytes))
}

/// Returns trees, complete and truncated, and bytes that announce another level repeatedly.
fn values() -> impl Iterator<Item = Made> {
    let whole = ambit_dist::fuzzing::trees();
    let cut = whole
        .clone()
        .into_iter()
        .filter(|(_, bytes)| bytes.len() > 2);
    let cut = cut.map(|(name, mut bytes)| {
        bytes.truncate(bytes.len() - 2);
        (format!("{name}-cut"), bytes)
    });
    let mut all: Vec<_> = whole.into_iter().chain(cut).collect();
    for byte in [0, 1, 4, 0x7f, 0x80, 0xff] {
        all.push((format!("only-{byte:02x}"), vec![byte; 4096]));
    }
    all.into_iter()
        .map(|(name, bytes)| ("value", format!("made-{name}"), bytes))
}
