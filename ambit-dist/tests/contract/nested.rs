//! Random programs with nested types, and values of them that are encoded by one version and decoded by another.
//!
//! A part of a value is known by its meaning, a number that no other part has, and each leaf is made of the meaning of
//! its field. So a reader that takes one part for another shows it.

pub(super) mod coding;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ambit::message::{Body, Contract, Definition, Field, Interface, Leaf, Method, Shape, Variant};

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    Number,
    Text,
    Optional(Rc<Ty>),
    List(Rc<Ty>),
    Set(Rc<Ty>),
    Map(Rc<Ty>, Rc<Ty>),
    Fallible(Rc<Ty>, Rc<Ty>),
    /// A definition of the program, by its position.
    Named(usize),
}

/// A field or an argument. An optional one has the type `Ty::Optional`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) meaning: u64,
    pub(super) name: u64,
    pub(super) ty: Ty,
    pub(super) has_default: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) meaning: u64,
    pub(super) name: u64,
    pub(super) since: u32,
    pub(super) parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Struct(Vec<Part>),
    Enum(Vec<Choice>),
}

/// One version of a program: a method and the types behind it. A type refers only to earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) types: Vec<(u32, Kind)>,
    pub(super) arguments: Vec<Part>,
    pub(super) reply: Option<Ty>,
}

/// A value, with its parts by their meanings. A part that was not sent is absent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Number(u64),
    Text(String),
    Optional(Option<Box<Self>>),
    List(Vec<Self>),
    Set(BTreeSet<Self>),
    Map(BTreeMap<Self, Self>),
    Fallible(Result<Box<Self>, Box<Self>>),
    Record(BTreeMap<u64, Self>),
    Choice(u64, BTreeMap<u64, Self>),
}

fn record_name(at: usize) -> String {
    format!("shop.t{at}")
}

impl Program {
    pub(super) fn contract(&self, [protocol, method]: [&str; 2]) -> Contract {
        let mut contract = Contract::default();
        let method = Method {
            name: method.to_owned(),
            args: self.fields(&self.arguments),
            reply: self.reply.as_ref().map(shape),
        };
        let methods = vec![method];
        let interface = Interface { methods };
        contract.protocols.insert(protocol.to_owned(), interface);
        for (at, (version, kind)) in self.types.iter().enumerate() {
            let body = match kind {
                Kind::Struct(parts) => Body::Struct(self.fields(parts)),
                Kind::Enum(choices) => {
                    let variant = |choice: &Choice| Variant {
                        name: format!("v{}", choice.name),
                        since: choice.since,
                        fields: self.fields(&choice.parts),
                    };
                    let mut variants: Vec<_> = choices.iter().map(variant).collect();
                    variants.sort_by(|one, other| one.name.cmp(&other.name));
                    Body::Enum(variants)
                }
            };
            let version = *version;
            contract
                .types
                .insert(record_name(at), Definition { version, body });
        }
        contract
    }

    fn fields(&self, parts: &[Part]) -> Vec<Field> {
        let field = |part: &Part| Field {
            name: format!("n{}", part.name),
            shape: shape(&part.ty),
            optional: part.has_default || matches!(part.ty, Ty::Optional(_)),
        };
        parts.iter().map(field).collect()
    }

    /// Returns whether a type has a single value.
    pub(super) fn has_single(&self) -> bool {
        let mut types = 0..self.types.len();
        types.any(|at| self.samples(&Ty::Named(at), 1).len() < 2)
    }

    /// The number of values that are tried.
    pub(super) fn tried(&self) -> usize {
        let reply = self.reply.as_ref().map_or(0, |reply| self.count(reply));
        self.count_records(&self.arguments) + reply
    }

    /// The number of samples of a type, or a little more.
    fn count(&self, ty: &Ty) -> usize {
        match ty {
            Ty::Number | Ty::Text => 2,
            Ty::Optional(some) => self.count(some) + 1,
            Ty::List(item) => self.count(item) + 3,
            Ty::Set(item) => self.count(item) + 2,
            Ty::Map(key, value) => self.count(key) + self.count(value) + 2,
            Ty::Fallible(value, error) => self.count(value) + self.count(error),
            Ty::Named(at) => match &self.types[*at].1 {
                Kind::Struct(parts) => self.count_records(parts),
                Kind::Enum(choices) => {
                    let each = choices.iter();
                    each.map(|choice| self.count_records(&choice.parts)).sum()
                }
            },
        }
    }

    fn count_records(&self, parts: &[Part]) -> usize {
        1 + parts.iter().map(|part| self.count(&part.ty)).sum::<usize>()
    }

    /// Values of a type that differ in each part, made of the meaning of the field.
    pub(super) fn samples(&self, ty: &Ty, meaning: u64) -> Vec<Value> {
        match ty {
            Ty::Number => vec![Value::Number(meaning * 2), Value::Number(meaning * 2 + 1)],
            Ty::Text => ["a", "b"]
                .map(|end| Value::Text(format!("{meaning}{end}")))
                .to_vec(),
            Ty::Optional(some) => {
                let some = self.samples(some, meaning).into_iter();
                let mut all: Vec<_> = some
                    .map(|value| Value::Optional(Some(Box::new(value))))
                    .collect();
                all.push(Value::Optional(None));
                all
            }
            Ty::List(item) => lists(self.samples(item, meaning)),
            Ty::Set(item) => {
                let all = self.samples(item, meaning);
                let alone = all.iter().map(|value| Value::Set([value.clone()].into()));
                let alone: Vec<_> = alone.collect();
                let all = Value::Set(all.into_iter().collect());
                distinct([vec![all, Value::Set(BTreeSet::new())], alone].concat())
            }
            Ty::Map(key, value) => {
                let keys = self.samples(key, meaning);
                let values = self.samples(value, meaning);
                let pair = |one: usize, other: usize| {
                    Some((keys.get(one)?.clone(), values.get(other)?.clone()))
                };
                let map = |pairs: Vec<Option<_>>| Value::Map(pairs.into_iter().flatten().collect());
                let mut maps = vec![map((0..keys.len()).map(|key| pair(key, 0)).collect())];
                maps.push(Value::Map(BTreeMap::new()));
                maps.extend((0..keys.len()).map(|key| map(vec![pair(key, 0)])));
                maps.extend((0..values.len()).map(|value| map(vec![pair(0, value)])));
                distinct(maps)
            }
            Ty::Fallible(value, error) => {
                let values = self.samples(value, meaning).into_iter();
                let errors = self.samples(error, meaning).into_iter();
                let values = values.map(|value| Value::Fallible(Ok(Box::new(value))));
                let errors = errors.map(|error| Value::Fallible(Err(Box::new(error))));
                values.chain(errors).collect()
            }
            Ty::Named(at) => match &self.types[*at].1 {
                Kind::Struct(parts) => {
                    let records = self.records(parts).into_iter();
                    records.map(Value::Record).collect()
                }
                Kind::Enum(choices) => {
                    let each = choices.iter().flat_map(|choice| {
                        let records = self.records(&choice.parts).into_iter();
                        records.map(|parts| Value::Choice(choice.meaning, parts))
                    });
                    each.collect()
                }
            },
        }
    }

    /// One record, and one more for each further value of a part.
    pub(super) fn records(&self, parts: &[Part]) -> Vec<BTreeMap<u64, Value>> {
        let each = parts
            .iter()
            .map(|part| (part.meaning, self.samples(&part.ty, part.meaning)));
        let each: Vec<(u64, Vec<Value>)> =
            each.filter(|(_, samples)| !samples.is_empty()).collect();
        // A part without values, such as an empty enum, makes the whole record impossible.
        if each.len() < parts.len() {
            return Vec::new();
        }
        let first = each.iter().map(|(meaning, all)| (*meaning, all[0].clone()));
        let first: BTreeMap<_, _> = first.collect();
        let mut records = vec![first.clone()];
        for (meaning, all) in &each {
            for other in &all[1..] {
                let mut record = first.clone();
                record.insert(*meaning, other.clone());
                records.push(record);
            }
        }
        records
    }

    /// The value that a reader with this type must find; `None` if it cannot.
    pub(super) fn meant(&self, ty: &Ty, value: &Value) -> Option<Value> {
        Some(match (ty, value) {
            (Ty::Number, Value::Number(_)) | (Ty::Text, Value::Text(_)) => value.clone(),
            (Ty::Optional(some), Value::Optional(value)) => Value::Optional(match value {
                Some(value) => Some(Box::new(self.meant(some, value)?)),
                None => None,
            }),
            (Ty::List(item), Value::List(_) | Value::Set(_)) => Value::List(self.all(item, value)?),
            (Ty::Set(item), Value::List(_) | Value::Set(_)) => {
                let all = self.all(item, value)?;
                let count = all.len();
                let set: BTreeSet<_> = all.into_iter().collect();
                (set.len() == count).then_some(Value::Set(set))?
            }
            (Ty::Map(key, item), Value::Map(map)) => {
                let each = map
                    .iter()
                    .map(|(one, other)| Some((self.meant(key, one)?, self.meant(item, other)?)));
                let all: BTreeMap<_, _> = each.collect::<Option<_>>()?;
                (all.len() == map.len()).then_some(Value::Map(all))?
            }
            (Ty::Fallible(good, _), Value::Fallible(Ok(value))) => {
                Value::Fallible(Ok(Box::new(self.meant(good, value)?)))
            }
            (Ty::Fallible(_, bad), Value::Fallible(Err(error))) => {
                Value::Fallible(Err(Box::new(self.meant(bad, error)?)))
            }
            (Ty::Named(at), value) => match (&self.types[*at].1, value) {
                (Kind::Struct(parts), Value::Record(sent)) => {
                    Value::Record(self.meant_record(parts, sent)?)
                }
                (Kind::Enum(choices), Value::Choice(meaning, sent)) => {
                    let known = choices.iter().find(|choice| choice.meaning == *meaning)?;
                    Value::Choice(*meaning, self.meant_record(&known.parts, sent)?)
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    fn all(&self, item: &Ty, value: &Value) -> Option<Vec<Value>> {
        match value {
            Value::List(all) => all.iter().map(|value| self.meant(item, value)).collect(),
            Value::Set(all) => all.iter().map(|value| self.meant(item, value)).collect(),
            _ => None,
        }
    }

    /// Parts that were not sent are absent, as are those without a value.
    pub(super) fn meant_record(
        &self,
        parts: &[Part],
        sent: &BTreeMap<u64, Value>,
    ) -> Option<BTreeMap<u64, Value>> {
        let mut found = BTreeMap::new();
        for part in parts {
            match sent.get(&part.meaning) {
                Some(value) => {
                    found.insert(part.meaning, self.meant(&part.ty, value)?);
                }
                None if matches!(part.ty, Ty::Optional(_)) => {
                    found.insert(part.meaning, Value::Optional(None));
                }
                None => {}
            }
        }
        Some(found)
    }
}

/// The values without repetitions, in their order.
/// Lists of all items together, and of each alone: as parts of keys, they must differ in each value, and in the order.
fn lists(all: Vec<Value>) -> Vec<Value> {
    let alone = all.iter().map(|value| Value::List(vec![value.clone()]));
    let alone: Vec<_> = alone.collect();
    let back: Vec<_> = all.iter().rev().cloned().collect();
    let lists = vec![Value::List(all), Value::List(back), Value::List(Vec::new())];
    distinct([lists, alone].concat())
}

fn distinct(values: Vec<Value>) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let is_new = |value: &Value| seen.insert(value.clone());
    values.into_iter().filter(is_new).collect()
}

fn shape(ty: &Ty) -> Shape {
    let boxed = |ty: &Ty| Box::new(shape(ty));
    match ty {
        Ty::Number => Shape::Leaf(Leaf::U64),
        Ty::Text => Shape::Leaf(Leaf::Text),
        Ty::Optional(some) => Shape::Optional(boxed(some)),
        Ty::List(item) => Shape::List(boxed(item)),
        Ty::Set(item) => Shape::Set(boxed(item)),
        Ty::Map(key, value) => Shape::Map(boxed(key), boxed(value)),
        Ty::Fallible(value, error) => Shape::Fallible(boxed(value), boxed(error)),
        Ty::Named(at) => Shape::Named(record_name(*at)),
    }
}
