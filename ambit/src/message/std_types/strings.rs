//! Texts: their length, and their bytes in UTF-8.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Leaf, Shape};
use crate::message::wire::Wire;

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Schema for $type {
            fn shape(_: &mut Types) -> Shape { Shape::Leaf(Leaf::Text) }
        }

        impl Wire for $type {
            fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
                out.blob(self.as_bytes())
            }

            fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
                text(input).map(|text| Self::from(text.to_owned()))
            }
        }
    )*};
}

texts!(String, Box<str>, Cow<'static, str>);

impl Schema for Arc<str> {
    fn shape(types: &mut Types) -> Shape {
        String::shape(types)
    }
}

impl Wire for Arc<str> {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.blob(self.as_bytes())
    }

    // Not through a `String`: it would be copied twice.
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        text(input).map(Self::from)
    }
}

/// Reads a text without copying it.
pub(in crate::message) fn text<'a, C: Codec>(
    input: &mut In<'a, C>,
) -> Result<&'a str, DecodeError> {
    std::str::from_utf8(input.blob()?).map_err(|error| DecodeError::Invalid(error.to_string()))
}

impl Schema for PathBuf {
    fn shape(types: &mut Types) -> Shape {
        String::shape(types)
    }
}

/// Encoded as text: a path that is no text on one system is meaningless on another.
impl Wire for PathBuf {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        let text = self.to_str().ok_or_else(|| {
            EncodeError::Refused(format!("the path {self:?} is no text in UTF-8; rename it"))
        })?;
        out.blob(text.as_bytes())
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        text(input).map(Self::from)
    }
}
