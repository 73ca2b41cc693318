//! The encodings that two nodes use for all methods of a protocol. Each type is compared once, however many methods
//! refer to it: the contract of a peer may be long.

use std::collections::{BTreeMap, BTreeSet};

use crate::message::contract::Contract;
use crate::message::contract::closure::{each_name, fields};
use crate::message::contract::judge::single::{UsedType, single_method, single_type};
use crate::message::contract::lines::write_definition;
use crate::message::shape::{Definition, Method};

/// An [`Agreement`](crate::message::Agreement) without the reasons of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MethodAgreement {
    Compact,
    Framed,
    Refused,
    NoMethod,
}

impl Contract {
    /// Returns the agreement on each method that this node has of `protocol`, by name, with a peer that has the contract
    /// `peer`. It is that of [`agreement`](Self::agreement).
    pub(crate) fn agreements<'a>(
        &'a self,
        peer: &'a Self,
        protocol: &str,
    ) -> BTreeMap<&'a str, MethodAgreement> {
        let contracts = [peer, self];
        let [theirs, ours] = contracts.map(|contract| methods(contract, protocol));
        let changed = changed_types(contracts);
        let breaking = breaking_types(contracts);
        let agreement = |method: &'a Method| {
            let Some(theirs) = theirs.get(method.name.as_str()) else {
                return MethodAgreement::NoMethod;
            };
            if *theirs == method && !refers(method, &changed) {
                return MethodAgreement::Compact;
            }
            let compared = single_method([theirs, method], contracts);
            match compared.breaks || compared.refers.iter().any(|part| breaking.contains(part)) {
                true => MethodAgreement::Refused,
                false => MethodAgreement::Framed,
            }
        };
        let ours = ours.into_iter();
        ours.map(|(name, method)| (name, agreement(method)))
            .collect()
    }
}

fn methods<'a>(contract: &'a Contract, protocol: &str) -> BTreeMap<&'a str, &'a Method> {
    let interface = contract.protocols.get(protocol);
    let methods = interface.map(|interface| interface.methods.as_slice());
    let mut all = BTreeMap::new();
    for method in methods.unwrap_or_default() {
        all.entry(method.name.as_str()).or_insert(method);
    }
    all
}

/// Returns whether the method refers to one of these types.
fn refers(method: &Method, types: &BTreeSet<&str>) -> bool {
    let shapes = method.args.iter().map(|arg| &arg.shape);
    let mut found = false;
    for shape in shapes.chain(&method.reply) {
        each_name(shape, &mut |name| found |= types.contains(name));
    }
    found
}

/// Returns the types that the two nodes define differently, and those that refer to such a type.
fn changed_types(contracts: [&Contract; 2]) -> BTreeSet<&str> {
    let mut references = References::default();
    let mut changed = Vec::new();
    for name in names(contracts) {
        let both = contracts.map(|contract| contract.types.get(name));
        if !is_same(name, both) {
            changed.push(name);
        }
        for definition in both.into_iter().flatten() {
            for field in fields(&definition.body) {
                each_name(&field.shape, &mut |to| references.add(name, to));
            }
        }
    }
    references.closure(changed)
}

/// Returns the types that the two nodes define incompatibly, and those that refer to such a type.
fn breaking_types(contracts: [&Contract; 2]) -> BTreeSet<UsedType<'_>> {
    let mut references = References::default();
    let mut breaking = Vec::new();
    for name in names(contracts) {
        for used in [(name, false), (name, true)] {
            let compared = single_type(used, contracts);
            if compared.breaks {
                breaking.push(used);
            }
            for to in compared.refers {
                references.add(used, to);
            }
        }
    }
    references.closure(breaking)
}

/// Returns the names of all types of the two contracts.
fn names(contracts: [&Contract; 2]) -> BTreeSet<&str> {
    let types = contracts.into_iter().flat_map(|contract| &contract.types);
    types.map(|(name, _)| name.as_str()).collect()
}

/// Returns whether two nodes define a type identically: the lines of a contract are equal.
fn is_same(name: &str, both: [Option<&Definition>; 2]) -> bool {
    let [Some(theirs), Some(ours)] = both else {
        return false;
    };
    let lines = |definition| {
        let mut lines = String::new();
        write_definition(&mut lines, name, definition).map(|()| lines)
    };
    theirs == ours || lines(theirs) == lines(ours)
}

/// For each type, those that refer to it.
struct References<T>(BTreeMap<T, Vec<T>>);

impl<T> Default for References<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Copy + Ord> References<T> {
    fn add(&mut self, from: T, to: T) {
        self.0.entry(to).or_default().push(from);
    }

    /// Returns these types, and all that refer to one of them, directly or through others.
    fn closure(&self, mut open: Vec<T>) -> BTreeSet<T> {
        let mut all = BTreeSet::new();
        while let Some(found) = open.pop() {
            if all.insert(found) {
                open.extend(self.0.get(&found).into_iter().flatten());
            }
        }
        all
    }
}
