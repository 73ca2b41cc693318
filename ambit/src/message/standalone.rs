//! Messages as bytes on their own, for a file for example, without a node that has compared the definitions.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::message::codec::Codec;
use crate::message::contract::fingerprint;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::form::Form;
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::schema::{Clash, Named};
use crate::message::wire::Wire;

/// Encodes a message as self-contained bytes, which begin with the tag of its name and its version. The size is
/// unlimited.
///
/// In the compact form, four more bytes follow: a hash of the [`fingerprint`] of the type, so that [`decode`] never
/// reads bytes of another definition. The framed form begins with eight bytes in all, and the compact form with twelve.
///
/// # Errors
/// - [`EncodeError::Refused`] in the compact form if the message refers to two types with one name on the wire and
///   different definitions.
/// - Any other [`EncodeError`] if a part of the message cannot be encoded. A reference to a process fails with
///   [`EncodeError::NoNode`], because its encoding depends on the node that reads the bytes.
pub fn encode<C: Codec, T: Named + Wire>(message: &T, form: Form) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::<C>::new(form);
    out.tag(T::message_tag())?;
    out.tag(T::VERSION)?;
    if form == Form::Compact {
        let refused = |clash: Clash| EncodeError::Refused(clash.to_string());
        out.tag(short_fingerprint::<T>().map_err(refused)?)?;
    }
    message.put(&mut out)?;
    Ok(out.into_bytes())
}

/// Decodes bytes that [`encode`] returned in the same `form`. The compact form requires the same definition of the type
/// on both sides. In the framed form, other compatible versions can be decoded too: unknown fields are skipped. The
/// framed form contains no definition, so an incompatible change, such as one of a field's type, may not be detected;
/// [`compatible`](crate::message::compatible) lists such changes.
///
/// # Errors
/// - [`DecodeError::WrongMessage`] if the bytes are the encoding of another message type.
/// - [`DecodeError::WrongVersion`] in the compact form if the bytes were written by another version of the type.
/// - [`DecodeError::WrongDefinition`] in the compact form if the bytes were written with another definition of the same
///   version, of the type itself or of one that it refers to.
/// - [`DecodeError::Truncated`] or [`DecodeError::TrailingBytes`] if the bytes are cut off or too long.
/// - Any other [`DecodeError`] if the bytes are not a valid value of the type, such as `UnknownTag` for a variant that
///   this version does not have.
pub fn decode<C: Codec, T: Named + Wire>(bytes: &[u8], form: Form) -> Result<T, DecodeError> {
    let mut input = In::<C>::new(bytes, form);
    if input.tag()? != T::message_tag() {
        return Err(DecodeError::WrongMessage { expected: T::NAME });
    }
    let found = input.tag()?;
    if form == Form::Compact {
        if found != T::VERSION {
            return Err(DecodeError::WrongVersion {
                of: T::NAME,
                found,
                expected: T::VERSION,
            });
        }
        let invalid = |clash: Clash| DecodeError::Invalid(clash.to_string());
        if input.tag()? != short_fingerprint::<T>().map_err(invalid)? {
            return Err(DecodeError::WrongDefinition { of: T::NAME });
        }
    }
    let message = T::take(&mut input)?;
    input.finish()?;
    Ok(message)
}

thread_local! {
    /// The hashes of fingerprints so far, because a fingerprint is that of the whole schema.
    static SHORT: RefCell<BTreeMap<TypeId, u32>> = const { RefCell::new(BTreeMap::new()) };
}

/// Returns the fingerprint of `T`, folded into 32 bits. Each thread computes it once for each type.
fn short_fingerprint<T: Named>() -> Result<u32, Clash> {
    let of = TypeId::of::<T>();
    let known = SHORT.try_with(|short| short.borrow().get(&of).copied());
    if let Ok(Some(known)) = known {
        return Ok(known);
    }
    let [a, b, c, d, e, f, g, h] = fingerprint::<T>()?.number().to_le_bytes();
    let short = u32::from_le_bytes([a ^ e, b ^ f, c ^ g, d ^ h]);
    // Fails while the thread ends.
    SHORT
        .try_with(|known| known.borrow_mut().insert(of, short))
        .ok();
    Ok(short)
}
