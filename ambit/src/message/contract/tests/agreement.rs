//! Two peers, either of which may be newer.

use super::random::{changed, random};
use super::read;
use crate::message::contract::{Agreement, BreakReason, Contract, MethodAgreement};
use crate::message::shape::Body;
use crate::test_rng::TestRng;

fn lines(types: &str) -> String {
    format!("protocol p\n  call m(a: t) -> u\n{types}")
}

const OLD: &str = "enum t version 1\n  v\nenum u version 1\n  v\n";

#[test]
fn equal_fingerprints_are_compact_whatever_else_differs() {
    let ours = read(&lines(OLD));
    let theirs = read(&format!("{}struct z version 1\nprotocol q\n", lines(OLD)));
    assert_eq!(ours.agreement(&theirs, "p", "m"), Agreement::Compact);
}

#[test]
fn each_type_may_be_younger_on_another_side() {
    let ours = read(&lines(
        "enum t version 2\n  v\n  w since 2\nenum u version 1\n  v\n",
    ));
    let theirs = read(&lines(
        "enum t version 1\n  v\nenum u version 2\n  v\n  w since 2\n",
    ));
    assert_eq!(ours.agreement(&theirs, "p", "m"), Agreement::Framed);
    assert_eq!(theirs.agreement(&ours, "p", "m"), Agreement::Framed);
}

#[test]
fn a_variant_that_the_other_would_be_sent_is_refused_on_both_sides() {
    let ours = read(&lines(
        "enum t version 2\n  v\n  w since 2\nenum u version 1\n  v\n",
    ));
    let theirs = read(&lines("enum t version 2\n  v\nenum u version 1\n  v\n"));
    let reason = |agreement: Agreement| match agreement {
        Agreement::Refused(breaks) => breaks.into_iter().next().map(|found| found.reason),
        _ => None,
    };
    assert_eq!(
        reason(ours.agreement(&theirs, "p", "m")),
        Some(BreakReason::VariantAdded { since: 2, known: 2 })
    );
    assert_eq!(
        reason(theirs.agreement(&ours, "p", "m")),
        Some(BreakReason::VariantRemoved {
            name: "w".to_owned()
        })
    );
}

#[test]
fn changes_forbidden_only_between_releases_do_not_prevent_agreement() {
    let ours = read(&lines(
        "enum t version 1\n  v\nenum u version 1\n  v since 3\n",
    ));
    let theirs = read(&lines("enum t version 2\n  v\nenum u version 1\n  v\n"));
    assert_eq!(ours.agreement(&theirs, "p", "m"), Agreement::Framed);
    assert_eq!(theirs.agreement(&ours, "p", "m"), Agreement::Framed);
}

#[test]
fn a_method_that_one_of_them_does_not_have_is_not_agreed_on() {
    let (ours, theirs) = (read(&lines(OLD)), read("protocol p"));
    assert_eq!(ours.agreement(&theirs, "p", "m"), Agreement::NoMethod);
    assert_eq!(theirs.agreement(&ours, "p", "m"), Agreement::NoMethod);
    assert_eq!(ours.agreement(&read(""), "p", "m"), Agreement::NoMethod);
}

#[test]
fn a_refused_agreement_lists_the_breaking_changes() {
    let (ours, theirs) = (
        read("protocol p\n  cast m(a: u8)"),
        read("protocol p\n  cast m(a: u16)"),
    );
    let Agreement::Refused(breaks) = ours.agreement(&theirs, "p", "m") else {
        panic!("a `u8` is no `u16`");
    };
    assert_eq!(breaks.len(), 1);
    // The peer's version is the old one.
    assert_eq!(
        breaks[0].to_string(),
        "`p`, method `m`, argument `a`: was `u16` and is `u8`; keep the type, and add the new one under a new name"
    );
}

#[test]
fn peers_take_no_part_for_another_whichever_of_them_is_younger() {
    let argument = |name: &str| {
        read(&format!(
            "protocol p\n  cast m(key: u8, {name}?: option<u64>)"
        ))
    };
    let position = |fields: &str| {
        read(&lines(&format!(
            "struct t version 1\n{fields}enum u version 1\n"
        )))
    };
    let (one, two, other) = (
        "  0?: u64\n",
        "  0?: u64\n  1?: u64\n",
        "  0?: u64\n  1?: string\n",
    );
    let pairs = [
        (argument("ttl"), argument("version"), true),
        (position(one), position(two), true),
        (position(one), position(other), false),
    ];
    for (ours, theirs, is_refused) in pairs {
        for agreed in [
            ours.agreement(&theirs, "p", "m"),
            theirs.agreement(&ours, "p", "m"),
        ] {
            assert_eq!(
                matches!(agreed, Agreement::Refused(_)),
                is_refused,
                "{agreed:?}"
            );
            assert_eq!(agreed == Agreement::Framed, !is_refused);
        }
    }
}

/// Checks the agreements on all methods against that on each. Returns the numbers of compact, framed and refused ones.
fn agree(ours: &Contract, theirs: &Contract) -> [usize; 3] {
    let mut counts = [0; 3];
    for (protocol, interface) in &ours.protocols {
        let all = ours.agreements(theirs, protocol);
        assert_eq!(all.len(), interface.methods.len());
        for method in &interface.methods {
            let alone = match ours.agreement(theirs, protocol, &method.name) {
                Agreement::Compact => MethodAgreement::Compact,
                Agreement::Framed => MethodAgreement::Framed,
                Agreement::Refused(_) => MethodAgreement::Refused,
                Agreement::NoMethod => MethodAgreement::NoMethod,
            };
            assert_eq!(
                all[method.name.as_str()],
                alone,
                "{protocol}, {}",
                method.name
            );
            match alone {
                MethodAgreement::Compact => counts[0] += 1,
                MethodAgreement::Framed => counts[1] += 1,
                MethodAgreement::Refused => counts[2] += 1,
                MethodAgreement::NoMethod => {}
            }
        }
    }
    counts
}

#[test]
fn the_agreements_on_all_methods_are_those_on_each() {
    let mut seen = [0; 3];
    for seed in 0..2_000 {
        let mut rng = TestRng::new(seed);
        let ours = random(&mut rng);
        let theirs = changed(&ours, &mut rng);
        let other = random(&mut rng);
        for theirs in [&theirs, &other, &ours] {
            for (seen, more) in seen.iter_mut().zip(agree(&ours, theirs)) {
                *seen += more;
            }
            agree(theirs, &ours);
        }
    }
    assert!(seen.iter().all(|count| *count > 300), "{seen:?}");
}

#[test]
fn the_order_in_which_a_program_lists_its_variants_changes_no_encoding() {
    let peer = read(&lines(
        "enum t version 1\n  v\n  w\nenum u version 1\n  v\n",
    ));
    let mut own = peer.clone();
    let body = own
        .types
        .get_mut("t")
        .map(|definition| &mut definition.body);
    let Some(Body::Enum(variants)) = body else {
        panic!("`t` is an enum");
    };
    variants.reverse();
    assert_ne!(own, peer);
    assert_eq!(own.agreement(&peer, "p", "m"), Agreement::Compact);
    assert_eq!(own.agreements(&peer, "p")["m"], MethodAgreement::Compact);
}

#[test]
fn a_type_is_refused_through_others_and_as_a_part_of_a_key() {
    let with = |lines: &str| {
        read(&format!(
            "protocol p\n  call far(a: top) -> u64\n  call key(a: set<leaf>) -> u64\n  call list(a: list<leaf>) -> u64\n\
             struct leaf version 1\n  a: u64\n{lines}struct other version 1\n  a: u64\n\
             struct top version 1\n  next: option<list<leaf>>\n"
        ))
    };
    let (ours, theirs) = (with(""), with("  b?: option<u64>\n"));
    assert_eq!(agree(&ours, &theirs), [0, 2, 1]);
    let all = ours.agreements(&theirs, "p");
    assert_eq!(all["key"], MethodAgreement::Refused);
    assert_eq!(agree(&ours, &with("  b: u64\n")), [0, 0, 3]);
}
