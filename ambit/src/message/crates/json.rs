//! `serde_json`: a value of any kind, encoded by kind. Not as text: parsing it would round numbers.

use serde_json::{Map, Number, Value};

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::wire::Wire;

opaque!(Value = "ambit.serde_json.Value");

/// The first byte of each kind.
mod kind {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const UNSIGNED: u8 = 3;
    pub(super) const SIGNED: u8 = 4;
    pub(super) const FLOAT: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const LIST: u8 = 7;
    pub(super) const MAP: u8 = 8;
}

impl Wire for Value {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        match self {
            Self::Null => out.raw(&[kind::NULL]),
            Self::Bool(false) => out.raw(&[kind::FALSE]),
            Self::Bool(true) => out.raw(&[kind::TRUE]),
            Self::Number(number) => put_number(number, out),
            Self::String(text) => {
                out.raw(&[kind::TEXT])?;
                text.put(out)
            }
            Self::Array(list) => {
                out.raw(&[kind::LIST])?;
                out.deeper(|out| list.put(out))
            }
            Self::Object(map) => {
                out.raw(&[kind::MAP])?;
                out.deeper(|out| put_map(map, out))
            }
        }
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        Ok(match u8::take(input)? {
            kind::NULL => Self::Null,
            kind::FALSE => Self::Bool(false),
            kind::TRUE => Self::Bool(true),
            kind::UNSIGNED => u64::take(input)?.into(),
            kind::SIGNED => i64::take(input)?.into(),
            kind::FLOAT => Number::from_f64(f64::take(input)?)
                .ok_or_else(|| DecodeError::Invalid("no number of JSON".to_owned()))?
                .into(),
            kind::TEXT => String::take(input)?.into(),
            kind::LIST => input.deeper(Vec::take).map(Self::Array)?,
            kind::MAP => input.deeper(take_map).map(Self::Object)?,
            other => {
                return Err(DecodeError::Invalid(format!("{other} is no kind of JSON")));
            }
        })
    }
}

fn put_number<C: Codec>(number: &Number, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
    if let Some(number) = number.as_u64() {
        out.raw(&[kind::UNSIGNED])?;
        return number.put(out);
    }
    if let Some(number) = number.as_i64() {
        out.raw(&[kind::SIGNED])?;
        return number.put(out);
    }
    // With serde_json's feature for arbitrary precision, a number may be no `f64`.
    let float = number.as_f64();
    match float.filter(|float| Number::from_f64(*float).as_ref() == Some(number)) {
        Some(float) => {
            out.raw(&[kind::FLOAT])?;
            float.put(out)
        }
        None => Err(EncodeError::Refused(format!(
            "{number} has more digits than an `f64`; send it as text"
        ))),
    }
}

fn put_map<C: Codec>(map: &Map<String, Value>, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
    out.length(map.len())?;
    map.iter().try_for_each(|(key, value)| {
        key.put(out)?;
        value.put(out)?;
        out.allocated(size_of::<(String, Value)>())
    })
}

fn take_map<C: Codec>(input: &mut In<'_, C>) -> Result<Map<String, Value>, DecodeError> {
    let length = input.length()?;
    input.collect(length, |input| {
        Ok((String::take(input)?, Wire::take(input)?))
    })
}
