//! Arbitrary texts from other nodes: an error or a contract, in bounded time.

use super::random::random;
use crate::message::contract::problem::ParseProblem;
use crate::message::contract::{Contract, compatible};
use crate::test_rng::TestRng;

const SAMPLE: &str = "\
ambit contract 1
protocol shop.counter
  call add(by: u64, note?: option<string>) -> result<(u64, array<u8, 4>), shop.limit>
  cast \"re\\\"s\\u{e9}t\"()
enum shop.limit version 2
  reached
    0: shop.page<list<u64>>
  suspended since 2
struct shop.page<list<u64>> version 1
  rows: map<\"u64\", list<u64>>
opaque \"u64\" version 7
";

#[track_caller]
fn read(text: &str) {
    if let Ok(contract) = text.parse::<Contract>() {
        assert_eq!(contract.to_string().parse(), Ok(contract), "{text}");
    }
}

#[test]
fn every_cut_of_a_text_is_an_error_or_a_contract() {
    assert!(SAMPLE.parse::<Contract>().is_ok());
    for end in 0..SAMPLE.len() {
        read(&SAMPLE[..end]);
        read(&SAMPLE[end..]);
        read(&format!("ambit contract 1\n{}", &SAMPLE[end..]));
    }
}

#[test]
fn every_change_of_a_text_is_an_error_or_a_contract() {
    let with = [
        '"', '\\', '<', '>', '(', ')', ' ', '\n', '?', ':', ',', 'é', '\0', '9', '0', 'u', '{',
    ];
    let places = SAMPLE.char_indices().map(|(at, c)| (at, at + c.len_utf8()));
    for (at, next) in places {
        for c in with {
            read(&format!("{}{c}{}", &SAMPLE[..at], &SAMPLE[next..]));
            read(&format!("{}{c}{}", &SAMPLE[..at], &SAMPLE[at..]));
        }
        read(&format!("{}{}", &SAMPLE[..at], &SAMPLE[next..]));
    }
}

#[test]
fn shuffled_pieces_of_texts_are_an_error_or_a_contract() {
    let mut rng = TestRng::new(7);
    for seed in 0..40 {
        let text = random(&mut TestRng::new(seed)).to_string();
        let lines: Vec<_> = text.lines().collect();
        for _ in 0..20 {
            let some = (0..lines.len()).map(|_| lines[rng.below(lines.len())]);
            read(&format!(
                "ambit contract 1\n{}",
                some.collect::<Vec<_>>().join("\n")
            ));
        }
    }
}

fn problem(text: &str) -> Option<ParseProblem> {
    text.parse::<Contract>().err().map(|error| error.problem)
}

fn nested(depth: usize, open: &str, close: &str) -> String {
    let (open, close) = (open.repeat(depth - 1), close.repeat(depth - 1));
    format!("ambit contract 1\nprotocol a\n  call b() -> {open}u8{close}")
}

#[test]
fn a_type_may_be_64_levels_deep() {
    for (open, close) in [
        ("list<", ">"),
        ("set<", ">"),
        ("(", ")"),
        ("option<", ">"),
        ("map<u8, ", ">"),
        ("array<", ", 1>"),
        ("result<u8, ", ">"),
    ] {
        assert_eq!(problem(&nested(64, open, close)), None, "{open}");
        let too_deep = Some(ParseProblem::TooDeep { limit: 64 });
        assert_eq!(problem(&nested(65, open, close)), too_deep, "{open}");
        assert_eq!(problem(&nested(80_000, open, "")), too_deep, "{open}");
    }
}

#[test]
fn a_text_may_have_a_mebibyte() {
    let text = "ambit contract 1\n";
    let filled = format!("{text}{}", "#".repeat((1 << 20) - text.len()));
    assert_eq!(problem(&filled), None);
    assert_eq!(
        problem(&format!("{filled}#")),
        Some(ParseProblem::TooLarge { limit: 1 << 20 })
    );
}

/// Returns types that refer to each other in a chain as long as a text allows.
fn chain(version: u32) -> String {
    let mut text = "ambit contract 1\nprotocol p\n  cast m(a: t0)\n".to_owned();
    let links = 20_000;
    for link in 0..links {
        let next = (link + 1) % links;
        text += &format!("struct t{link} version {version}\n  f: t{next}\n");
    }
    text
}

#[test]
fn a_chain_of_types_may_be_longer_than_the_stack_is_deep() {
    let (old, new): (Contract, Contract) = (chain(2).parse().unwrap(), chain(1).parse().unwrap());
    assert_eq!(compatible(&old, &old), []);
    let breaks = compatible(&old, &new);
    assert_eq!(breaks.len(), 20_000);
    let longest = breaks.iter().map(|found| found.path.len()).max();
    assert!(longest < Some(64), "{longest:?}");
    assert!(old.fingerprint("p", "m") != new.fingerprint("p", "m"));
}

#[test]
fn many_names_of_one_kind_are_read_and_compared_in_one_go() {
    let mut fields =
        "ambit contract 1\nprotocol p\n  cast m(a: t)\nstruct t version 1\n".to_owned();
    let mut variants =
        "ambit contract 1\nprotocol p\n  cast m(a: t)\nenum t version 1\n".to_owned();
    let mut methods = "ambit contract 1\nprotocol p\n".to_owned();
    for name in 0..40_000 {
        fields += &format!("  f{name}: u8\n");
        variants += &format!("  v{name}\n");
        methods += &format!("  cast m{name}()\n");
    }
    for text in [fields, variants, methods] {
        let contract: Contract = text.parse().unwrap();
        assert_eq!(compatible(&contract, &contract), []);
        assert_eq!(
            contract.fingerprint("p", "m").is_some(),
            contract.types.len() == 1
        );
    }
}
