//! A method or a type compared alone, without the types that it refers to.

use crate::message::contract::Contract;
use crate::message::contract::judge::{ComparedPart, Judge};
use crate::message::contract::location::Step;
use crate::message::shape::Method;

/// A type by its name, and whether it is compared as a part of a map key or of an element of a set.
pub(in crate::message::contract) type UsedType<'a> = (&'a str, bool);

/// The result of a comparison.
pub(in crate::message::contract) struct Single<'a> {
    /// True if the two versions differ incompatibly.
    pub(in crate::message::contract) breaks: bool,
    /// The types that both versions refer to at the same place.
    pub(in crate::message::contract) refers: Vec<UsedType<'a>>,
}

/// Compares a method of two nodes.
pub(in crate::message::contract) fn single_method<'a>(
    [theirs, ours]: [&'a Method; 2],
    contracts: [&'a Contract; 2],
) -> Single<'a> {
    single(contracts, false, |judge| judge.method(theirs, ours))
}

/// Compares a type of two nodes.
pub(in crate::message::contract) fn single_type<'a>(
    (name, in_key): UsedType<'a>,
    contracts: [&'a Contract; 2],
) -> Single<'a> {
    single(contracts, in_key, |judge| {
        let place = judge.places.behind(None, Step::Reply);
        judge.named(name, place);
    })
}

fn single<'a>(
    contracts: [&'a Contract; 2],
    in_key: bool,
    compare: impl FnOnce(&mut Judge<'a>),
) -> Single<'a> {
    let mut judge = Judge::new(ComparedPart::Peers, contracts);
    judge.in_key = in_key;
    compare(&mut judge);
    let refers = judge.open.iter().map(|open| (open.name, open.in_key));
    Single {
        breaks: !judge.found.is_empty(),
        refers: refers.collect(),
    }
}
