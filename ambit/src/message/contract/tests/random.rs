//! Random contracts, identified by their seeds.

use crate::message::contract::Contract;
use crate::message::shape::{Body, Definition, Field, Interface, Leaf, Method, Shape, Variant};
use crate::test_rng::TestRng;

const TYPES: [&str; 7] = [
    "shop.item",
    "shop.order",
    "shop.page<u64>",
    "shop.page<(u64, shop.item)>",
    "u64",
    "a \"b\"",
    "é.é-1",
];
const NAMES: [&str; 8] = ["a", "b", "since", "0", "1", "with space", "?", "ünï"];

/// Returns a contract in which each type that is referred to is defined.
pub(super) fn random(rng: &mut TestRng) -> Contract {
    let mut contract = Contract::default();
    for name in TYPES {
        contract.types.insert(name.to_owned(), definition(rng));
    }
    for protocol in some_names(rng) {
        let mut methods: Vec<_> = some_names(rng).map(|name| method(rng, name)).collect();
        methods.reverse();
        contract
            .protocols
            .insert(protocol.to_owned(), Interface { methods });
    }
    contract
}

fn some_names(rng: &mut TestRng) -> impl Iterator<Item = &'static str> + use<> {
    let which = rng.next_u64();
    let all = NAMES.into_iter().enumerate();
    all.filter(move |(at, _)| which >> at & 3 == 0)
        .map(|(_, name)| name)
}

fn method(rng: &mut TestRng, name: &str) -> Method {
    let is_call = rng.one_in(2);
    Method {
        name: name.to_owned(),
        args: fields(rng),
        reply: is_call.then(|| shape(rng, 3)),
    }
}

fn definition(rng: &mut TestRng) -> Definition {
    let body = match rng.below(5_u8) {
        0 => Body::Opaque,
        1 | 2 => Body::Struct(fields(rng)),
        _ => Body::Enum(
            some_names(rng)
                .map(|name| Variant {
                    name: name.to_owned(),
                    since: rng.below(4_u32),
                    fields: fields(rng),
                })
                .filter(|variant| variant.since > 0)
                .collect(),
        ),
    };
    Definition {
        version: 1 + rng.below(3_u32),
        body,
    }
}

fn fields(rng: &mut TestRng) -> Vec<Field> {
    some_names(rng)
        .map(|name| Field {
            name: name.to_owned(),
            shape: shape(rng, 3),
            optional: rng.one_in(2),
        })
        .collect()
}

pub(super) fn shape(rng: &mut TestRng, depth: u32) -> Shape {
    let deeper = |rng: &mut TestRng| Box::new(shape(rng, depth - 1));
    match rng.below(if depth == 0 { 3_u8 } else { 10 }) {
        0 | 1 => Shape::Leaf(Leaf::ALL[rng.below(Leaf::ALL.len())]),
        2 => Shape::Named(TYPES[rng.below(TYPES.len())].to_owned()),
        3 => Shape::Optional(deeper(rng)),
        4 => Shape::List(deeper(rng)),
        5 => Shape::Array(deeper(rng), rng.next_u64()),
        6 => Shape::Map(deeper(rng), deeper(rng)),
        7 => Shape::Fallible(deeper(rng), deeper(rng)),
        8 => Shape::Set(deeper(rng)),
        _ => Shape::Tuple((0..rng.below(4_u8)).map(|_| *deeper(rng)).collect()),
    }
}

/// Returns it with a few changes, of which some break peers and some do not.
pub(super) fn changed(contract: &Contract, rng: &mut TestRng) -> Contract {
    let mut changed = contract.clone();
    let other = random(rng);
    for (name, definition) in &mut changed.types {
        if rng.one_in(4) {
            change(definition, &other.types[name], rng);
        }
    }
    for (protocol, interface) in &mut changed.protocols {
        let known = other.protocols.get(protocol);
        for method in &mut interface.methods {
            let known = known.and_then(|known| rng.pick(&known.methods.iter().collect::<Vec<_>>()));
            if let Some(known) = known.filter(|_| rng.one_in(8)) {
                method.args.clone_from(&known.args);
            }
        }
    }
    changed
}

fn change(definition: &mut Definition, other: &Definition, rng: &mut TestRng) {
    if rng.one_in(2) {
        definition.version += rng.below(2_u32);
    }
    match (&mut definition.body, &other.body) {
        (Body::Struct(fields), Body::Struct(others)) if rng.one_in(2) => {
            fields.retain(|_| !rng.one_in(3));
            let new = others.iter().filter(|field| field.optional);
            for field in new {
                if !fields.iter().any(|known| known.name == field.name) {
                    fields.push(field.clone());
                }
            }
        }
        (Body::Enum(variants), Body::Enum(others)) if rng.one_in(2) => {
            variants.retain(|variant| variant.since == 1 || !rng.one_in(2));
            for variant in others {
                if !variants.iter().any(|known| known.name == variant.name) {
                    variants.push(variant.clone());
                }
            }
        }
        (body, other) if rng.one_in(4) => body.clone_from(other),
        _ => {}
    }
}
