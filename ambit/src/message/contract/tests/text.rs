//! Tests of the text of a contract.

use std::collections::BTreeMap;

use super::random::random;
use crate::message::contract::problem::ParseProblem;
use crate::message::contract::{Contract, ParseError};
use crate::message::shape::{Body, Definition, Field, Interface, Leaf, Method, Shape, Variant};
use crate::test_rng::TestRng;

fn field(name: &str, shape: Shape, optional: bool) -> Field {
    Field {
        name: name.to_owned(),
        shape,
        optional,
    }
}

fn leaf(leaf: Leaf) -> Shape {
    Shape::Leaf(leaf)
}

/// Returns a contract with one of everything, in another order than that of the text.
#[expect(clippy::too_many_lines, reason = "one contract")]
fn everything() -> Contract {
    let named = |name: &str| Shape::Named(name.to_owned());
    let reset = Method {
        name: "reset".to_owned(),
        args: vec![],
        reply: None,
    };
    let add = Method {
        name: "add".to_owned(),
        args: vec![
            field("by", leaf(Leaf::U64), false),
            field("note", Shape::Optional(leaf(Leaf::Text).into()), true),
        ],
        reply: Some(Shape::Fallible(
            Shape::Tuple(vec![
                leaf(Leaf::U64),
                Shape::Array(leaf(Leaf::U8).into(), 4),
            ])
            .into(),
            named("shop.limit").into(),
        )),
    };
    let limit = Definition {
        version: 2,
        body: Body::Enum(vec![
            Variant {
                name: "suspended".to_owned(),
                since: 2,
                fields: vec![],
            },
            Variant {
                name: "reached".to_owned(),
                since: 1,
                fields: vec![field("0", named("shop.page<u64>"), false)],
            },
        ]),
    };
    let page = Definition {
        version: 1,
        body: Body::Struct(vec![
            field(
                "rows",
                Shape::Map(
                    named("uuid.Uuid").into(),
                    Shape::List(leaf(Leaf::U64).into()).into(),
                ),
                false,
            ),
            field("a name", leaf(Leaf::Unit), true),
        ]),
    };
    let uuid = Definition {
        version: 7,
        body: Body::Opaque,
    };
    let interface = Interface {
        methods: vec![reset, add],
    };
    Contract {
        protocols: BTreeMap::from([("shop.counter".to_owned(), interface)]),
        types: BTreeMap::from([
            ("uuid.Uuid".to_owned(), uuid),
            ("shop.page<u64>".to_owned(), page),
            ("shop.limit".to_owned(), limit),
        ]),
    }
}

#[test]
fn it_is_sorted_and_has_a_line_for_each_method_field_and_variant() {
    let expected = r#"# The wire contract: what this program promises to those that still run an older version of it.
# Written by `AMBIT_CONTRACT=write cargo test` and compared by every other `cargo test`. Commit it; do not edit it.
# `?`: a reader can do without it. `since`: the version of the type that added it.
ambit contract 1

protocol shop.counter
  call add(by: u64, note?: option<string>) -> result<(u64, array<u8, 4>), shop.limit>
  cast reset()

enum shop.limit version 2
  reached
    0: shop.page<u64>
  suspended since 2

struct shop.page<u64> version 1
  rows: map<uuid.Uuid, list<u64>>
  "a name"?: unit

opaque uuid.Uuid version 7
"#;
    assert_eq!(everything().to_string(), expected);
}

#[test]
fn it_is_read_as_what_was_written() {
    assert_eq!(everything().to_string().parse(), Ok(everything().sorted()));
    for seed in 0..500 {
        let contract = random(&mut TestRng::new(seed));
        let text = contract.to_string();
        assert_eq!(text.parse(), Ok(contract.sorted()), "seed {seed}\n{text}");
    }
}

#[test]
fn order_comments_empty_lines_and_line_endings_are_ignored() {
    let text = everything().to_string();
    let (head, sections) = text.split_once("\n\n").unwrap();
    let mut sections: Vec<_> = sections.split("\n\n").collect();
    sections.reverse();
    let mixed = format!("{head}\n{}", sections.join("\n# so\n  # it is\n"));
    assert_eq!(mixed.parse(), Ok(everything().sorted()));
    assert_eq!(
        text.replace('\n', "\r\n").parse(),
        Ok(everything().sorted())
    );
}

#[test]
fn a_name_that_is_a_word_of_the_text_is_quoted() {
    let shapes = [
        "u64",
        "list",
        "list<u8>",
        "a b",
        "",
        "x<",
        "x>",
        "\"\\\n\u{2028}",
        "größe<(a, b)>",
    ];
    for name in shapes {
        let body = Body::Struct(vec![field(name, Shape::Named(name.to_owned()), false)]);
        let definition = Definition { version: 1, body };
        let contract = Contract {
            types: BTreeMap::from([(name.to_owned(), definition)]),
            ..Contract::default()
        };
        let text = contract.to_string();
        assert_eq!(text.parse(), Ok(contract), "{text}");
        let lines = text.lines().count();
        assert_eq!(lines, 7, "{text}");
    }
}

#[track_caller]
fn refused(lines: &str) -> String {
    let text = format!("ambit contract 1\n{lines}");
    text.parse::<Contract>().unwrap_err().to_string()
}

/// The lines after the first, and the expected error.
const MISTAKES: &[(&str, &str)] = &[
    (
        "protocol",
        "line 2: expected `protocol`, `struct`, `enum` or `opaque`, found `protocol`",
    ),
    (
        "protocol ,",
        "line 2: expected the name of a protocol, found `,`",
    ),
    (
        "protocol a b",
        "line 2: expected the end of the line, found ` b`",
    ),
    ("protocol a\nprotocol a", "line 3: `a` is listed twice"),
    (
        "protocol a\n call b()",
        "line 3: expected an indent of 0, 2 or 4 spaces, found `call b()`",
    ),
    (
        "protocol a\n\tcall b()",
        "line 3: expected `protocol`, `struct`, `enum` or `opaque`, found `\tcall b()`",
    ),
    (
        "protocol a\n  info b()",
        "line 3: expected `call` or `cast`, found `info b()`",
    ),
    (
        "protocol a\n  call ()",
        "line 3: expected the name of a method, found `()`",
    ),
    (
        "protocol a\n  call b",
        "line 3: expected `(` and the arguments, found the end of the line",
    ),
    (
        "protocol a\n  call b()",
        "line 3: expected ` -> ` and the type of the answer, found the end of the line",
    ),
    (
        "protocol a\n  cast b() -> u8",
        "line 3: expected the end of the line, found ` -> u8`",
    ),
    (
        "protocol a\n  cast b(c: u8 d: u8)",
        "line 3: expected `, ` or `)`, found ` d: u8)`",
    ),
    (
        "protocol a\n  cast b(c: u8, c: u8)",
        "line 3: `c` is listed twice",
    ),
    (
        "protocol a\n  cast b()\n\n  cast b()",
        "line 5: `b` is listed twice",
    ),
    (
        "protocol a\n    b: u8",
        "line 3: expected no field: there is no variant before it, found `b: u8`",
    ),
    (
        "struct u8 version 1",
        "line 2: expected the name of a type, found `u8 version 1`",
    ),
    (
        "struct a",
        "line 2: expected ` version ` and a number, found the end of the line",
    ),
    (
        "struct a version x",
        "line 2: expected a number that is not too large, found `x`",
    ),
    (
        "struct a version 4294967296",
        "line 2: expected a number that is not too large, found `4294967296`",
    ),
    (
        "enum a version 0",
        "line 2: expected a version of at least 1, found `0`",
    ),
    (
        "enum a version 1\n  b since 0",
        "line 3: expected a version of at least 1, found `0`",
    ),
    (
        "struct a version 1\nenum a version 1",
        "line 3: `a` is listed twice",
    ),
    (
        "struct a version 1\n  : u8",
        "line 3: expected the name of a field, found `: u8`",
    ),
    (
        "struct a version 1\n  b u8",
        "line 3: expected `: ` and a type, found ` u8`",
    ),
    ("struct a version 1\n  b: u9", "line 3: `u9` is not defined"),
    (
        "struct a version 1\n  b: ",
        "line 3: expected `: ` and a type, found `:`",
    ),
    (
        "struct a version 1\n  b: (",
        "line 3: expected the name of a type, found the end of the line",
    ),
    (
        "struct a version 1\n  b: (u8,u8)",
        "line 3: expected `, ` or `)`, found `,u8)`",
    ),
    (
        "struct a version 1\n  b: list",
        "line 3: expected `<` and a type, found the end of the line",
    ),
    (
        "struct a version 1\n  b: list<u8",
        "line 3: expected `>`, found the end of the line",
    ),
    (
        "struct a version 1\n  b: map<u8>",
        "line 3: expected `, ` and a type, found `>`",
    ),
    (
        "struct a version 1\n  b: array<u8>",
        "line 3: expected `, ` and a length, found `>`",
    ),
    (
        "struct a version 1\n  b: u8\n  b: u8",
        "line 4: `b` is listed twice",
    ),
    (
        "struct a version 1\n    b: u8",
        "line 3: expected an indent of 2 spaces, found `b: u8`",
    ),
    (
        "struct a version 1\n  \"b: u8",
        "line 3: expected `\"`, found the end of the line",
    ),
    (
        "struct a version 1\n  \"\\x\": u8",
        "line 3: expected `\\\"`, `\\\\` or `\\u{..}`, found `\\x\": u8`",
    ),
    (
        "struct a version 1\n  \"\\u{d800}\": u8",
        "line 3: expected `\\\"`, `\\\\` or `\\u{..}`, found `\\u{d800}\": u8`",
    ),
    (
        "enum a version 1\n  b since",
        "line 3: expected the end of the line, found ` since`",
    ),
    (
        "enum a version 1\n  b\n  b since 2",
        "line 4: `b` is listed twice",
    ),
    (
        "enum a version 1\n  b\n    c: u8\n    c: u8",
        "line 5: `c` is listed twice",
    ),
    (
        "enum a version 1\n    b: u8",
        "line 3: expected a variant, with an indent of 2 spaces, found `b: u8`",
    ),
    (
        "opaque a version 1\n  b",
        "line 3: expected nothing inside an `opaque` type, found `b`",
    ),
    (
        "  call a()",
        "line 2: expected a line without an indent, found `call a()`",
    ),
    (
        "<<<<<<< HEAD",
        "line 2: expected `protocol`, `struct`, `enum` or `opaque`, found `<<<<<<< HEAD`",
    ),
];

#[test]
fn a_syntax_error_is_reported_with_its_line_and_the_expected_token() {
    for (lines, expected) in MISTAKES {
        assert_eq!(refused(lines), *expected);
    }
}

#[test]
fn methods_and_variants_are_sorted_when_they_are_read() {
    let sorted = super::read("protocol p\n  cast m()\n  cast n()\nenum e version 1\n  v\n  w");
    let turned = super::read("enum e version 1\n  w\n  v\nprotocol p\n  cast n()\n  cast m()");
    assert_eq!(turned, sorted);
    assert_eq!(sorted.protocols["p"].methods[0].name, "m");
}

#[test]
fn a_character_has_at_most_six_digits() {
    let named = |digits: &str| format!("protocol \"\\u{{{digits}}}\"");
    let read = super::read(&named("10ffff"));
    assert!(read.protocols.contains_key("\u{10ffff}"));
    assert!(refused(&named("0000041")).starts_with("line 2: expected `"));
}

#[test]
fn each_variant_has_fields_of_its_own() {
    let lines = "enum a version 1\n  b\n    0: u8\n  c\n    0: u8\n";
    assert!(super::read(lines).to_string().ends_with(lines));
}

#[test]
fn a_text_without_its_first_line_is_no_contract() {
    let expected = "expected `ambit contract 1`, found the end of the line";
    let parse_error = |text: &str| text.parse::<Contract>().unwrap_err().to_string();
    assert_eq!(parse_error(""), format!("line 1: {expected}"));
    assert_eq!(
        parse_error("# only\n# comments\n"),
        format!("line 2: {expected}")
    );
    assert_eq!(
        parse_error("protocol a"),
        "line 1: expected `ambit contract 1`, found `protocol a`"
    );
    assert_eq!(
        "\nambit contract 2".parse::<Contract>(),
        Err(ParseError {
            line: 2,
            problem: ParseProblem::Format { found: 2 }
        })
    );
}

/// Returns the text of a file with these lines.
fn hashed(lines: &str) -> String {
    format!("{:#}", super::read(lines))
}

#[test]
fn a_hash_follows_each_type_in_a_file_and_is_compared() {
    let text = hashed("protocol p\n  cast m(a: t)\nenum t version 2\n  v\n  w since 2\n");
    let lines: Vec<_> = text
        .lines()
        .filter(|line| line.contains(" hash "))
        .collect();
    assert_eq!(lines, ["enum t version 2 hash abd3f3b7c90adc51"]);
    let contract: Contract = text.parse().unwrap();
    assert_eq!(format!("{contract:#}"), text);
    assert!(!contract.to_string().contains("hash"));
    // Lines that were merged from another branch do not match the hash.
    let merged = text.replace("  w since 2\n", "  w since 2\n  x since 2\n");
    let error = merged.parse::<Contract>().unwrap_err();
    assert_eq!(
        error.problem,
        ParseProblem::Merged {
            name: "t".to_owned()
        }
    );
    for wrong in [
        "hash ",
        "hash 12",
        "hash abd3f3b7c90adc51 ",
        "hash abd3f3b7c90adc510",
        "hash zbd3f3b7c90adc51",
    ] {
        let text = text.replace("hash abd3f3b7c90adc51", wrong);
        let read = text.parse::<Contract>();
        // Spaces at the end of a line are ignored.
        assert_eq!(read.is_ok(), wrong.ends_with("51 "), "{wrong}: {read:?}");
    }
}
