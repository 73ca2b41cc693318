//! The bytes of such values, as the derived traits write and read them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ambit::message::{
    Codec, Contract, DecodeError, EncodeError, Form, In, Out, Schema, Shape, Types, Wire, tag,
};

use super::{Kind, Part, Program, Ty, Value, record_name};

thread_local! {
    /// The program and the type of the value that is encoded or decoded: a `Wire` type would know it.
    static CURRENT: RefCell<Option<(Rc<Program>, Ty)>> = const { RefCell::new(None) };
}

/// A value, or the default of a field.
struct Dynamic(Option<Value>);

impl Schema for Dynamic {
    fn shape(_: &mut Types) -> Shape {
        unreachable!("the contract is built from the program")
    }
}

fn with<T>(program: &Rc<Program>, ty: &Ty, run: impl FnOnce() -> T) -> T {
    let new = Some((Rc::clone(program), ty.clone()));
    let old = CURRENT.with(|current| current.replace(new));
    let done = run();
    CURRENT.with(|current| current.replace(old));
    done
}

impl Wire for Dynamic {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        let (program, ty) = CURRENT.with(|current| current.borrow().clone()).unwrap();
        put(&program, &ty, self.0.as_ref().unwrap(), out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let (program, ty) = CURRENT.with(|current| current.borrow().clone()).unwrap();
        take(&program, &ty, input).map(|value| Self(Some(value)))
    }
}

pub(in super::super) fn put<C: Codec>(
    program: &Rc<Program>,
    ty: &Ty,
    value: &Value,
    out: &mut Out<'_, C>,
) -> Result<(), EncodeError> {
    match (ty, value) {
        (_, Value::Number(number)) => out.leaf(number),
        (_, Value::Text(text)) => out.leaf(text),
        (Ty::Optional(some), Value::Optional(value)) => {
            out.raw(&[u8::from(value.is_some())])?;
            value
                .iter()
                .try_for_each(|value| put(program, some, value, out))
        }
        (Ty::List(item), Value::List(all)) => {
            out.length(all.len())?;
            all.iter()
                .try_for_each(|value| put(program, item, value, out))
        }
        (Ty::Set(item), Value::Set(all)) => {
            out.length(all.len())?;
            all.iter()
                .try_for_each(|value| put(program, item, value, out))
        }
        (Ty::Map(key, item), Value::Map(all)) => {
            out.length(all.len())?;
            all.iter().try_for_each(|(one, other)| {
                put(program, key, one, out)?;
                put(program, item, other, out)
            })
        }
        (Ty::Fallible(good, bad), Value::Fallible(result)) => {
            out.raw(&[u8::from(result.is_err())])?;
            match result {
                Ok(value) => put(program, good, value, out),
                Err(error) => put(program, bad, error, out),
            }
        }
        (Ty::Named(at), value) => match (&program.types[*at].1, value) {
            (Kind::Struct(parts), Value::Record(record)) => {
                put_record(program, parts, &named, record, out)
            }
            (Kind::Enum(choices), Value::Choice(meaning, record)) => {
                let known = choices.iter().find(|choice| choice.meaning == *meaning);
                let choice = known.unwrap();
                let name = format!("v{}", choice.name);
                out.variant(&|| record_name(*at), tag(&name), &name, choice.since)?;
                put_record(program, &choice.parts, &named, record, out)
            }
            _ => unreachable!("a value of another type"),
        },
        _ => unreachable!("a value of another type"),
    }
}

fn take<C: Codec>(
    program: &Rc<Program>,
    ty: &Ty,
    input: &mut In<'_, C>,
) -> Result<Value, DecodeError> {
    let flag = |input: &mut In<'_, C>| match input.raw(1)? {
        [0] => Ok(false),
        [1] => Ok(true),
        _ => Err(DecodeError::Invalid("no flag".to_owned())),
    };
    Ok(match ty {
        Ty::Number => Value::Number(input.leaf()?),
        Ty::Text => Value::Text(input.leaf()?),
        Ty::Optional(some) => Value::Optional(match flag(input)? {
            true => Some(Box::new(take(program, some, input)?)),
            false => None,
        }),
        Ty::List(item) => {
            let length = input.length()?;
            let all = (0..length).map(|_| take(program, item, input));
            Value::List(all.collect::<Result<_, _>>()?)
        }
        Ty::Set(item) => {
            let length = input.length()?;
            let all = (0..length).map(|_| take(program, item, input));
            Value::Set(all.collect::<Result<_, _>>()?)
        }
        Ty::Map(key, item) => {
            let length = input.length()?;
            let all =
                (0..length).map(|_| Ok((take(program, key, input)?, take(program, item, input)?)));
            Value::Map(all.collect::<Result<_, DecodeError>>()?)
        }
        Ty::Fallible(good, bad) => Value::Fallible(match flag(input)? {
            false => Ok(Box::new(take(program, good, input)?)),
            true => Err(Box::new(take(program, bad, input)?)),
        }),
        Ty::Named(at) => match &program.types[*at].1 {
            Kind::Struct(parts) => Value::Record(take_record(program, parts, &named, input)?),
            Kind::Enum(choices) => {
                let found = input.tag()?;
                let is_found = |name: u64| tag(&format!("v{name}")) == found;
                let Some(choice) = choices.iter().find(|choice| is_found(choice.name)) else {
                    return Err(DecodeError::UnknownTag {
                        of: "shop",
                        tag: found,
                    });
                };
                let record = take_record(program, &choice.parts, &named, input)?;
                Value::Choice(choice.meaning, record)
            }
        },
    })
}

/// The tag of a field.
fn named(_: usize, part: &Part) -> u32 {
    tag(&format!("n{}", part.name))
}

/// The tag of an argument.
fn positional(at: usize, _: &Part) -> u32 {
    tag(&at.to_string())
}

fn put_record<C: Codec>(
    program: &Rc<Program>,
    parts: &[Part],
    tag_of: &dyn Fn(usize, &Part) -> u32,
    record: &BTreeMap<u64, Value>,
    out: &mut Out<'_, C>,
) -> Result<(), EncodeError> {
    out.record(u16::try_from(parts.len()).unwrap())?;
    for (at, part) in parts.iter().enumerate() {
        let value = Dynamic(record.get(&part.meaning).cloned());
        with(program, &part.ty, || out.field(tag_of(at, part), &value))?;
    }
    Ok(())
}

fn take_record<C: Codec>(
    program: &Rc<Program>,
    parts: &[Part],
    tag_of: &dyn Fn(usize, &Part) -> u32,
    input: &mut In<'_, C>,
) -> Result<BTreeMap<u64, Value>, DecodeError> {
    let mut record = input.record()?;
    let mut found = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        let tag = tag_of(at, part);
        let value = match &part.ty {
            Ty::Optional(some) => {
                let value: Option<Dynamic> = with(program, some, || record.field("part", tag))?;
                let value = value.and_then(|value| value.0);
                Some(Value::Optional(value.map(Box::new)))
            }
            ty if part.has_default => {
                with(program, ty, || record.field_or(tag, || Dynamic(None)))?.0
            }
            ty => with(program, ty, || record.field::<Dynamic>("part", tag))?.0,
        };
        found.extend(value.map(|value| (part.meaning, value)));
    }
    record.end();
    Ok(found)
}

impl Program {
    /// Encodes arguments for a peer with this contract.
    pub(in super::super) fn put_arguments<C: Codec>(
        self: &Rc<Self>,
        values: &BTreeMap<u64, Value>,
        form: Form,
        peer: &Contract,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut out = Out::<C>::new(form).for_peer(peer);
        put_record(self, &self.arguments, &positional, values, &mut out)?;
        Ok(out.into_bytes())
    }

    pub(in super::super) fn take_arguments<C: Codec>(
        self: &Rc<Self>,
        bytes: &[u8],
        form: Form,
    ) -> Result<BTreeMap<u64, Value>, DecodeError> {
        let mut input = In::<C>::new(bytes, form);
        let found = take_record(self, &self.arguments, &positional, &mut input)?;
        input.finish()?;
        Ok(found)
    }

    /// Encodes a reply for a peer with this contract.
    pub(in super::super) fn put_reply<C: Codec>(
        self: &Rc<Self>,
        ty: &Ty,
        value: &Value,
        form: Form,
        peer: &Contract,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut out = Out::<C>::new(form).for_peer(peer);
        put(self, ty, value, &mut out)?;
        Ok(out.into_bytes())
    }

    pub(in super::super) fn take_reply<C: Codec>(
        self: &Rc<Self>,
        ty: &Ty,
        bytes: &[u8],
        form: Form,
    ) -> Result<Value, DecodeError> {
        let mut input = In::<C>::new(bytes, form);
        let found = take(self, ty, &mut input)?;
        input.finish()?;
        Ok(found)
    }
}
