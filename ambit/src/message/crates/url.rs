//! `url`: encoded as text, and parsed again.

use ::url::Url;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::std_types::text;
use crate::message::wire::Wire;

opaque!(Url = "ambit.url.Url");

impl Wire for Url {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.blob(self.as_str().as_bytes())
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let text = text(input)?;
        Self::parse(text).map_err(|error| DecodeError::Invalid(format!("no url: {error}")))
    }
}
