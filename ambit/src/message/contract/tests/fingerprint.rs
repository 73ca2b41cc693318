//! Fingerprints: equal if the encodings are, different otherwise.

use super::random::random;
use super::read;
use crate::message::contract::{Contract, Fingerprint, fingerprint};
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Body, Shape};
use crate::test_rng::TestRng;

const BASE: &str = "\
protocol p
  call m(a: x, b: u8) -> result<map<w, u8>, y>
struct x version 1
  f: list<z>
  g?: option<x>
  h: (u8, array<v, 2>)
enum y version 1
  one
  two
    0: u8
opaque v version 1
opaque w version 1
opaque z version 1
";

fn of(contract: &Contract) -> Fingerprint {
    contract.fingerprint("p", "m").unwrap()
}

#[test]
fn it_is_the_hash_of_the_lines_of_the_method_and_the_types_behind_it() {
    let contract = read("protocol p\n  cast m()");
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in "cast m()\n".bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    assert_eq!(of(&contract), Fingerprint::new(hash));
    assert_eq!(of(&contract).to_string(), "cfd38566b229afb0");
    assert_eq!(of(&contract).number(), hash);
}

#[test]
fn every_part_of_what_is_behind_a_method_is_in_it() {
    let base = of(&read(BASE));
    let changes = [
        ("a: x", "c: x"),
        ("a: x, b: u8", "b: u8, a: x"),
        ("b: u8", "b: u16"),
        ("b: u8", "b?: u8"),
        ("map<w, u8>", "map<w, u16>"),
        ("result<map<w, u8>, y>", "y"),
        ("struct x version 1", "struct x version 2"),
        ("list<z>", "option<z>"),
        (
            "  f: list<z>\n  g?: option<x>",
            "  g?: option<x>\n  f: list<z>",
        ),
        ("  g?: option<x>", "  g: option<x>"),
        ("  one\n", ""),
        ("  one\n", "  one since 2\n"),
        ("    0: u8", "    0: i8"),
        ("array<v, 2>", "array<v, 3>"),
        ("opaque v version 1", "opaque v version 2"),
        ("opaque w version 1", "opaque w version 2"),
        ("opaque z version 1", "opaque z version 2"),
        ("opaque z version 1", "struct z version 1"),
    ];
    for (old, new) in changes {
        assert!(BASE.contains(old), "{old}");
        assert_ne!(
            of(&read(&BASE.replacen(old, new, 1))),
            base,
            "{old} -> {new}"
        );
    }
    let cast = BASE
        .replace("call", "cast")
        .replace(" -> result<map<w, u8>, y>", "");
    assert_ne!(of(&read(&cast)), base);
}

#[test]
fn other_types_other_methods_and_the_name_of_the_protocol_are_not_in_it() {
    let more = format!("{BASE}struct other version 3\n  f: x\nprotocol q\n  call m() -> other\n");
    assert_eq!(of(&read(&more)), of(&read(BASE)));
    let renamed = read(&BASE.replace("protocol p", "protocol shop"));
    assert_eq!(renamed.fingerprint("shop", "m"), Some(of(&read(BASE))));
}

#[test]
fn the_order_of_variants_and_methods_is_not_in_it() {
    for seed in 0..200 {
        let contract = random(&mut TestRng::new(seed));
        let mut turned = contract.clone();
        for definition in turned.types.values_mut() {
            if let Body::Enum(variants) = &mut definition.body {
                variants.reverse();
            }
        }
        for (protocol, interface) in &mut turned.protocols {
            interface.methods.reverse();
            assert!(contract.protocols.contains_key(protocol));
        }
        for (protocol, interface) in &contract.protocols {
            for method in &interface.methods {
                let of = |contract: &Contract| contract.fingerprint(protocol, &method.name);
                assert!(of(&contract).is_some());
                assert_eq!(of(&contract), of(&turned), "seed {seed}");
            }
        }
    }
}

#[test]
fn a_missing_method_has_no_fingerprint() {
    let contract = read(BASE);
    assert_eq!(contract.fingerprint("p", "n"), None);
    assert_eq!(contract.fingerprint("q", "m"), None);
}

/// A type with a given definition.
struct Defined<const VERSION: u32>;

impl<const VERSION: u32> Schema for Defined<VERSION> {
    fn shape(types: &mut Types) -> Shape {
        types.define::<Self>("shop.defined".to_owned(), VERSION, |_| {
            Body::Struct(Vec::new())
        })
    }
}

#[test]
fn a_type_has_one_with_the_types_behind_it() {
    let one = fingerprint::<Vec<Defined<1>>>().unwrap();
    assert_eq!(Ok(one), fingerprint::<Box<[Defined<1>]>>());
    assert_ne!(Ok(one), fingerprint::<Vec<Defined<2>>>());
    assert_ne!(Ok(one), fingerprint::<Defined<1>>());
    let clash = fingerprint::<(Defined<1>, Defined<2>)>().unwrap_err();
    assert_eq!(clash.name, "shop.defined");
}
