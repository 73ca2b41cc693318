//! The two layouts of values.

/// The layout of composite values.
///
/// ```
/// use ambit::message::{DecodeError, Form, decode, encode};
/// # use ambit::message::{Budget, Codec, EncodeError};
/// # #[derive(Clone, Copy, Debug, Default)]
/// # struct Json;
/// # impl Codec for Json {
/// #     fn name(&self) -> &'static str { "json" }
/// #     fn put<T: serde::Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
/// #         serde_json::to_writer(&mut *out, value).map_err(|error| EncodeError::Refused(error.to_string()))?;
/// #         Ok(out.push(b'\n'))
/// #     }
/// #     fn take_any<T>(&self, bytes: &mut &[u8], _: &mut Budget) -> Result<T, DecodeError>
/// #     where
/// #         T: serde::de::DeserializeOwned,
/// #     {
/// #         let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(DecodeError::Truncated)?;
/// #         let value = serde_json::from_slice(&bytes[..end]);
/// #         *bytes = &bytes[end + 1..];
/// #         value.map_err(|error| DecodeError::Invalid(error.to_string()))
/// #     }
/// # }
/// # mod old {
/// #     #[derive(ambit::Message)]
/// #     #[message(name = "shop.price")]
/// #     pub struct Price { pub cents: u64 }
/// # }
/// /// The version of the writer, `old::Price`, has no field `tax`.
/// #[derive(Debug, PartialEq, ambit::Message)]
/// #[message(name = "shop.price")]
/// struct Price { cents: u64, tax: Option<u64> }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let old = old::Price { cents: 250 };
/// let framed = encode::<Json, _>(&old, Form::Framed)?;
/// assert_eq!(decode::<Json, Price>(&framed, Form::Framed), Ok(Price { cents: 250, tax: None }));
/// let compact = encode::<Json, _>(&old, Form::Compact)?;
/// assert_eq!(decode::<Json, Price>(&compact, Form::Compact), Err(DecodeError::WrongDefinition { of: "shop.price" }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Fields follow each other in wire order, without tags. Used between peers whose types have equal fingerprints.
    Compact,
    /// Each field is preceded by its tag and its length, so that a reader skips unknown fields and detects missing
    /// ones. Used between peers whose types differ but are compatible.
    Framed,
}
