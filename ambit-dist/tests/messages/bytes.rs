//! Round trips of values through both codecs and in both forms.

use std::fmt::Debug;

use ambit::message::{DecodeError, EncodeError, Form, Named, Wire, decode, encode};
use ambit_dist::{Bincode, Postcard};

/// A codec and a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    codec: &'static str,
    pub(crate) form: Form,
}

/// Returns all combinations.
pub(crate) fn ways() -> impl Iterator<Item = Way> {
    let codecs = [Bincode::NAME, Postcard::NAME].into_iter();
    codecs.flat_map(|codec| [Form::Compact, Form::Framed].map(|form| Way { codec, form }))
}

/// Returns all combinations that different versions may use.
pub(crate) fn framed() -> impl Iterator<Item = Way> {
    ways().filter(|way| way.form == Form::Framed)
}

impl Way {
    /// Returns the number of bytes before the value: tag and version, and the hash of the definition.
    pub(crate) fn header(self) -> usize {
        match self.form {
            Form::Compact => 12,
            Form::Framed => 8,
        }
    }

    pub(crate) fn encode<T: Named + Wire>(self, value: &T) -> Result<Vec<u8>, EncodeError> {
        match self.codec {
            Postcard::NAME => encode::<Postcard, T>(value, self.form),
            _ => encode::<Bincode, T>(value, self.form),
        }
    }

    pub(crate) fn decode<T: Named + Wire>(self, bytes: &[u8]) -> Result<T, DecodeError> {
        match self.codec {
            Postcard::NAME => decode::<Postcard, T>(bytes, self.form),
            _ => decode::<Bincode, T>(bytes, self.form),
        }
    }
}

/// Checks the round trip in all combinations, and that truncated bytes are refused.
#[track_caller]
pub(crate) fn travels<T: Named + Wire + PartialEq + Debug>(value: &T) {
    for way in ways() {
        let bytes = way.encode(value).unwrap();
        assert_eq!(way.decode::<T>(&bytes).as_ref(), Ok(value), "{way:?}");
        for end in 0..bytes.len() {
            let cut = way.decode::<T>(&bytes[..end]);
            assert_eq!(cut, Err(DecodeError::Truncated), "{way:?} cut at {end}");
        }
        let longer = [&bytes[..], &[0; 3]].concat();
        let left = DecodeError::TrailingBytes { left: 3 };
        assert_eq!(way.decode::<T>(&longer), Err(left), "{way:?}");
    }
}
