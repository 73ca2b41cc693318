//! Round trips of values through both codecs in both forms, and typed errors for hostile bytes.

mod crates;
mod foreign;
mod hostile;
mod mutations;
mod records;
#[path = "../../ambit/src/test_rng.rs"]
#[allow(dead_code, reason = "tests elsewhere ask it for more")]
mod rng;
mod sample;
mod std_types;

use std::fmt::Debug;

use ambit::message::{Codec, DecodeError, EncodeError, Form, In, Out, Wire};
use ambit_dist::{Bincode, Postcard};

const FORMS: [Form; 2] = [Form::Compact, Form::Framed];

fn write<C: Codec, T: Wire>(value: &T, form: Form) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::<C>::new(form);
    value.put(&mut out)?;
    Ok(out.into_bytes())
}

fn read<C: Codec, T: Wire>(bytes: &[u8], form: Form) -> Result<T, DecodeError> {
    let mut input = In::<C>::new(bytes, form);
    let value = T::take(&mut input)?;
    input.finish()?;
    Ok(value)
}

/// Checks the round trip through both codecs, in both forms.
#[track_caller]
fn travels<T: Wire + PartialEq + Debug>(value: &T) {
    fn through<C: Codec, T: Wire + PartialEq + Debug>(value: &T) {
        for form in FORMS {
            let bytes = write::<C, T>(value, form).unwrap();
            assert_eq!(
                read::<C, T>(&bytes, form).as_ref(),
                Ok(value),
                "{} {form:?}",
                C::default().name()
            );
        }
    }
    through::<Bincode, T>(value);
    through::<Postcard, T>(value);
}

/// Checks that both codecs refuse the bytes with this error, in both forms.
#[track_caller]
fn refused<T: Wire + PartialEq + Debug>(bytes: &[u8], error: &DecodeError) {
    for form in FORMS {
        assert_eq!(
            read::<Bincode, T>(bytes, form).as_ref(),
            Err(error),
            "bincode"
        );
        assert_eq!(
            read::<Postcard, T>(bytes, form).as_ref(),
            Err(error),
            "postcard"
        );
    }
}

/// Returns the encoding of an element count in both codecs.
fn claims(length: u64) -> [(&'static str, Vec<u8>); 2] {
    [
        (
            Bincode::NAME,
            write::<Bincode, _>(&length, Form::Compact).unwrap(),
        ),
        (
            Postcard::NAME,
            write::<Postcard, _>(&length, Form::Compact).unwrap(),
        ),
    ]
}
