//! The compatibility rules for a method and the types behind it.
//!
//! Two versions communicate in both directions: either may be the caller. So a rule checks for each side whether it can
//! read the messages of the other.

pub(super) mod single;

use std::collections::{BTreeMap, BTreeSet};

use crate::message::contract::Contract;
use crate::message::contract::breaks::{Break, BreakReason};
use crate::message::contract::lines::kind;
use crate::message::contract::location::{Location, Locations, Step};
use crate::message::contract::same_encoding::same_encoding;
use crate::message::contract::unnamed_fields::{number, unclear};
use crate::message::shape::{Body, Definition, Field, Method, Shape, Variant};
use crate::message::tag::tag;

/// The versions that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ComparedPart {
    /// A program with its past: everything that peers use must remain, and versions only rise.
    Past,
    /// Two nodes, either of which may be newer, type by type.
    Peers,
}

/// Compares one method.
pub(super) fn judge(
    of: ComparedPart,
    protocol: &str,
    [old, new]: [&Method; 2],
    contracts: [&Contract; 2],
) -> Vec<Break> {
    let mut judge = Judge::new(of, contracts);
    judge.method(old, new);
    while let Some(open) = judge.open.pop() {
        (judge.inside, judge.in_key) = (Some(open), open.in_key);
        judge.named(open.name, open.place);
    }
    let Judge {
        found,
        places,
        seen,
        ..
    } = judge;
    // As a part of a key, a type has the same breaks and more.
    let is_repeated = |found: &Found<'_>| {
        let in_key = found.inside.map(|inside| (inside.name, true));
        !found.in_key && in_key.is_some_and(|in_key| seen.contains(&in_key))
    };
    let found = found.into_iter().filter(|found| !is_repeated(found));
    found
        .map(|found| Break {
            protocol: protocol.to_owned(),
            method: Some(new.name.clone()),
            path: places.path(found.place),
            of: found.inside.map(|inside| inside.name.to_owned()),
            reason: found.reason,
            inside: places.path_below(found.inside.map(|inside| inside.place), found.place),
        })
        .collect()
}

/// A break, and where it was found.
struct Found<'a> {
    place: Option<Location>,
    inside: Option<OpenType<'a>>,
    in_key: bool,
    reason: BreakReason,
}

struct Judge<'a> {
    of: ComparedPart,
    contracts: [&'a Contract; 2],
    places: Locations<'a>,
    /// The types that are compared, or will be, and whether as a part of a key: each once, so recursive types are no
    /// problem.
    seen: BTreeSet<(&'a str, bool)>,
    /// Those still to be compared. A list, because a chain of types from another node may be longer than the stack is
    /// deep.
    open: Vec<OpenType<'a>>,
    /// The type that is being compared.
    inside: Option<OpenType<'a>>,
    /// True while a part of a map key or of an element of a set is compared.
    in_key: bool,
    found: Vec<Found<'a>>,
}

/// A type that is still to be compared, or is being compared.
#[derive(Clone, Copy)]
struct OpenType<'a> {
    name: &'a str,
    in_key: bool,
    place: Location,
}

impl<'a> Judge<'a> {
    fn new(of: ComparedPart, contracts: [&'a Contract; 2]) -> Self {
        Self {
            of,
            contracts,
            places: Locations::default(),
            seen: BTreeSet::new(),
            open: Vec::new(),
            inside: None,
            in_key: false,
            found: Vec::new(),
        }
    }

    fn found(&mut self, place: Option<Location>, reason: BreakReason) {
        let (inside, in_key) = (self.inside, self.in_key);
        self.found.push(Found {
            place,
            inside,
            in_key,
            reason,
        });
    }

    fn method(&mut self, old: &'a Method, new: &'a Method) {
        match (&old.reply, &new.reply) {
            (Some(one), Some(other)) => {
                self.arguments(&old.args, &new.args);
                let reply = self.places.behind(None, Step::Reply);
                self.shape(one, other, reply);
            }
            (None, None) => self.arguments(&old.args, &new.args),
            _ => {
                let (old, new) = (old.kind(), new.kind());
                self.found(None, BreakReason::KindChanged { old, new });
            }
        }
    }

    /// Arguments are identified by position; their names show whether two of them have been swapped, and whether an
    /// optional one was replaced. A new name of a required argument counts as a renaming, unless another argument of
    /// its type has a new name too: then they may have been swapped.
    fn arguments(&mut self, old: &'a [Field], new: &'a [Field]) {
        let old_at = positions(old);
        let new_at = positions(new);
        let other_is_renamed = |position: usize, shape: &Shape| {
            let mut both = old.iter().zip(new).enumerate();
            both.any(|(at, (before, after))| {
                at != position
                    && same_encoding(&before.shape, shape)
                    && !new_at.contains_key(before.name.as_str())
                    && !old_at.contains_key(after.name.as_str())
            })
        };
        for (position, arg) in new.iter().enumerate() {
            let place = self.places.behind(None, Step::Argument(&arg.name));
            let before = old.get(position);
            match old_at.get(arg.name.as_str()) {
                Some(&was) if was != position => {
                    let (old, new) = (was + 1, position + 1);
                    self.found(Some(place), BreakReason::ArgumentMoved { old, new });
                }
                _ => match before {
                    None if arg.optional => {}
                    None => self.found(Some(place), BreakReason::ArgumentAdded),
                    // Its position was that of an argument that has moved, which reports the change.
                    Some(before)
                        if before.name != arg.name && new_at.contains_key(before.name.as_str()) => {
                    }
                    Some(before)
                        if before.name != arg.name
                            && (before.optional
                                || arg.optional
                                || other_is_renamed(position, &before.shape)) =>
                    {
                        let old = before.name.clone();
                        self.found(Some(place), BreakReason::ArgumentRenamed { old });
                    }
                    Some(before) => self.shape(&before.shape, &arg.shape, place),
                },
            }
        }
        for arg in old.iter().skip(new.len()) {
            if !arg.optional && !new_at.contains_key(arg.name.as_str()) {
                let place = self.places.behind(None, Step::Argument(&arg.name));
                self.found(Some(place), BreakReason::ArgumentRemoved);
            }
        }
    }

    fn shape(&mut self, old: &'a Shape, new: &'a Shape, place: Location) {
        match (old, new) {
            (Shape::Optional(one), Shape::Optional(other))
            | (Shape::List(one), Shape::List(other)) => self.shape(one, other, place),
            (Shape::Array(one, length), Shape::Array(other, same)) if length == same => {
                self.shape(one, other, place);
            }
            // A set loses an element that equals another one, as a map loses a key.
            (Shape::Set(one), Shape::Set(other)) => self.key(one, other, place),
            // As parts of keys, two lists in another order would be read as the same set.
            (Shape::Set(one), Shape::List(other)) | (Shape::List(one), Shape::Set(other))
                if !self.in_key =>
            {
                self.key(one, other, place);
            }
            (Shape::Map(old_key, old_value), Shape::Map(new_key, new_value)) => {
                let key = self.places.behind(Some(place), Step::Key);
                self.key(old_key, new_key, key);
                self.shape(old_value, new_value, place);
            }
            (Shape::Fallible(old_value, old_error), Shape::Fallible(new_value, new_error)) => {
                self.shape(old_value, new_value, place);
                let error = self.places.behind(Some(place), Step::Error);
                self.shape(old_error, new_error, error);
            }
            (Shape::Tuple(one), Shape::Tuple(other)) if one.len() == other.len() => {
                for (position, (one, other)) in one.iter().zip(other).enumerate() {
                    let part = self.places.behind(Some(place), Step::Part(position));
                    self.shape(one, other, part);
                }
            }
            (Shape::Named(name), Shape::Named(same)) if name == same => {
                let in_key = self.in_key;
                if self.seen.insert((name, in_key)) {
                    self.open.push(OpenType {
                        name,
                        in_key,
                        place,
                    });
                }
            }
            (Shape::Leaf(one), Shape::Leaf(other)) if one == other => {}
            _ => {
                let (old, new) = (old.clone(), new.clone());
                self.found(Some(place), BreakReason::TypeChanged { old, new });
            }
        }
    }

    /// Compares keys of maps or elements of sets.
    fn key(&mut self, old: &'a Shape, new: &'a Shape, place: Location) {
        let was_in_key = std::mem::replace(&mut self.in_key, true);
        self.shape(old, new, place);
        self.in_key = was_in_key;
    }

    fn named(&mut self, name: &'a str, place: Location) {
        let [old, new] = self.contracts.map(|contract| contract.types.get(name));
        match (old, new) {
            (Some(old), Some(new)) => self.definition(old, new, place),
            (None, None) => {}
            _ => self.found(Some(place), BreakReason::Undefined),
        }
    }

    fn definition(&mut self, old: &'a Definition, new: &'a Definition, place: Location) {
        let versions = (old.version, new.version);
        match (&old.body, &new.body) {
            (Body::Opaque, Body::Opaque) => {
                let (old, new) = versions;
                if old != new {
                    self.found(Some(place), BreakReason::OpaqueChanged { old, new });
                }
                return;
            }
            (Body::Struct(one), Body::Struct(other)) => self.fields(one, other, place),
            (Body::Enum(one), Body::Enum(other)) => self.variants(one, other, versions, place),
            (one, other) => {
                let (old, new) = (kind(one), kind(other));
                self.found(Some(place), BreakReason::BodyChanged { old, new });
            }
        }
        let (old, new) = versions;
        if self.of == ComparedPart::Past && new < old {
            self.found(Some(place), BreakReason::VersionLowered { old, new });
        }
    }

    /// Fields are identified by name: a field that only one side has must be optional for the other, and no part of a map
    /// key or of an element of a set. An unnamed field is identified by its position, which must not be that of another one.
    fn fields(&mut self, old: &'a [Field], new: &'a [Field], place: Location) {
        let old_at = positions(old);
        let new_at = positions(new);
        let unclear = unclear(old, new);
        for field in old {
            let at = self.places.behind(Some(place), Step::Field(&field.name));
            match new_at.get(field.name.as_str()) {
                Some(&position) => self.shape(&field.shape, &new[position].shape, at),
                None if unclear == Some(&field.name) => {
                    self.found(Some(at), BreakReason::PositionUnclear);
                }
                None if field.optional
                    && self.of == ComparedPart::Past
                    && number(field).is_some() =>
                {
                    self.found(Some(at), BreakReason::PositionRemoved);
                }
                None if field.optional && self.in_key => {
                    self.found(Some(at), BreakReason::KeyFieldRemoved);
                }
                None if field.optional => {}
                None => {
                    let name = field.name.clone();
                    self.found(Some(at), BreakReason::FieldRemoved { name });
                }
            }
        }
        let added = new
            .iter()
            .filter(|field| !old_at.contains_key(field.name.as_str()));
        let tags = tags(old);
        for field in added {
            let at = self.places.behind(Some(place), Step::Field(&field.name));
            if let Some(name) = tags.get(&tag(&field.name)) {
                let name = (*name).to_owned();
                self.found(Some(at), BreakReason::TagTaken { name });
            } else if unclear == Some(&field.name) {
                self.found(Some(at), BreakReason::PositionUnclear);
            } else if self.in_key {
                self.found(Some(at), BreakReason::KeyFieldAdded);
            } else if !field.optional {
                self.found(Some(at), BreakReason::FieldAdded);
            }
        }
    }

    /// Variants are identified by tag. A variant that only one side has is never sent to the other if its `since` is
    /// above the other's version.
    fn variants(
        &mut self,
        old: &'a [Variant],
        new: &'a [Variant],
        (old_version, new_version): (u32, u32),
        place: Location,
    ) {
        let old_by_name = by_name(old);
        let new_by_name = by_name(new);
        for variant in old {
            let at = self
                .places
                .behind(Some(place), Step::Variant(&variant.name));
            match new_by_name.get(variant.name.as_str()) {
                Some(same) => {
                    if self.of == ComparedPart::Past && same.since > old_version.max(variant.since)
                    {
                        let (since, known) = (same.since, old_version);
                        self.found(Some(at), BreakReason::VariantPostdated { since, known });
                    } else if self.of == ComparedPart::Past && same.since < variant.since {
                        let (old, new) = (variant.since, same.since);
                        self.found(Some(at), BreakReason::SinceLowered { old, new });
                    }
                    self.fields(&variant.fields, &same.fields, at);
                }
                None if self.of == ComparedPart::Peers && variant.since > new_version => {}
                None => {
                    let name = variant.name.clone();
                    self.found(Some(at), BreakReason::VariantRemoved { name });
                }
            }
        }
        for variant in new {
            if variant.since <= old_version && !old_by_name.contains_key(variant.name.as_str()) {
                let at = self
                    .places
                    .behind(Some(place), Step::Variant(&variant.name));
                let (since, known) = (variant.since, old_version);
                self.found(Some(at), BreakReason::VariantAdded { since, known });
            }
        }
    }
}

fn positions(fields: &[Field]) -> BTreeMap<&str, usize> {
    let names = fields.iter().map(|field| field.name.as_str());
    names.zip(0..).collect()
}

/// Returns the names of fields by their tags.
fn tags(fields: &[Field]) -> BTreeMap<u32, &str> {
    let names = fields.iter().map(|field| field.name.as_str());
    names.map(|name| (tag(name), name)).collect()
}

fn by_name(variants: &[Variant]) -> BTreeMap<&str, &Variant> {
    let all = variants.iter();
    all.map(|variant| (variant.name.as_str(), variant))
        .collect()
}
