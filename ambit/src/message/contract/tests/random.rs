//! Random contracts, identified by their seeds.

use crate::dice::Dice;
use crate::message::contract::Contract;
use crate::message::shape::{Body, Definition, Field, Interface, Leaf, Method, Shape, Variant};

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
pub(super) fn random(dice: &mut Dice) -> Contract {
    let mut contract = Contract::default();
    for name in TYPES {
        contract.types.insert(name.to_owned(), definition(dice));
    }
    for protocol in some_names(dice) {
        let mut methods: Vec<_> = some_names(dice).map(|name| method(dice, name)).collect();
        methods.reverse();
        contract
            .protocols
            .insert(protocol.to_owned(), Interface { methods });
    }
    contract
}

fn some_names(dice: &mut Dice) -> impl Iterator<Item = &'static str> + use<> {
    let which = dice.roll();
    let all = NAMES.into_iter().enumerate();
    all.filter(move |(at, _)| which >> at & 3 == 0)
        .map(|(_, name)| name)
}

fn method(dice: &mut Dice, name: &str) -> Method {
    let is_call = dice.one_in(2);
    Method {
        name: name.to_owned(),
        args: fields(dice),
        reply: is_call.then(|| shape(dice, 3)),
    }
}

fn definition(dice: &mut Dice) -> Definition {
    let body = match dice.below(5_u8) {
        0 => Body::Opaque,
        1 | 2 => Body::Struct(fields(dice)),
        _ => Body::Enum(
            some_names(dice)
                .map(|name| Variant {
                    name: name.to_owned(),
                    since: dice.below(4_u32),
                    fields: fields(dice),
                })
                .filter(|variant| variant.since > 0)
                .collect(),
        ),
    };
    Definition {
        version: 1 + dice.below(3_u32),
        body,
    }
}

fn fields(dice: &mut Dice) -> Vec<Field> {
    some_names(dice)
        .map(|name| Field {
            name: name.to_owned(),
            shape: shape(dice, 3),
            optional: dice.one_in(2),
        })
        .collect()
}

pub(super) fn shape(dice: &mut Dice, depth: u32) -> Shape {
    let deeper = |dice: &mut Dice| Box::new(shape(dice, depth - 1));
    match dice.below(if depth == 0 { 3_u8 } else { 9 }) {
        0 | 1 => Shape::Leaf(Leaf::ALL[dice.below(Leaf::ALL.len())]),
        2 => Shape::Named(TYPES[dice.below(TYPES.len())].to_owned()),
        3 => Shape::Optional(deeper(dice)),
        4 => Shape::List(deeper(dice)),
        5 => Shape::Array(deeper(dice), dice.roll()),
        6 => Shape::Map(deeper(dice), deeper(dice)),
        7 => Shape::Fallible(deeper(dice), deeper(dice)),
        _ => Shape::Tuple((0..dice.below(4_u8)).map(|_| *deeper(dice)).collect()),
    }
}

/// Returns it with a few changes, of which some break peers and some do not.
pub(super) fn changed(contract: &Contract, dice: &mut Dice) -> Contract {
    let mut changed = contract.clone();
    let other = random(dice);
    for (name, definition) in &mut changed.types {
        if dice.one_in(4) {
            change(definition, &other.types[name], dice);
        }
    }
    for (protocol, interface) in &mut changed.protocols {
        let known = other.protocols.get(protocol);
        for method in &mut interface.methods {
            let known =
                known.and_then(|known| dice.pick(&known.methods.iter().collect::<Vec<_>>()));
            if let Some(known) = known.filter(|_| dice.one_in(8)) {
                method.args.clone_from(&known.args);
            }
        }
    }
    changed
}

fn change(definition: &mut Definition, other: &Definition, dice: &mut Dice) {
    if dice.one_in(2) {
        definition.version += dice.below(2_u32);
    }
    match (&mut definition.body, &other.body) {
        (Body::Struct(fields), Body::Struct(others)) if dice.one_in(2) => {
            fields.retain(|_| !dice.one_in(3));
            let new = others.iter().filter(|field| field.optional);
            for field in new {
                if !fields.iter().any(|known| known.name == field.name) {
                    fields.push(field.clone());
                }
            }
        }
        (Body::Enum(variants), Body::Enum(others)) if dice.one_in(2) => {
            variants.retain(|variant| variant.since == 1 || !dice.one_in(2));
            for variant in others {
                if !variants.iter().any(|known| known.name == variant.name) {
                    variants.push(variant.clone());
                }
            }
        }
        (body, other) if dice.one_in(4) => body.clone_from(other),
        _ => {}
    }
}
