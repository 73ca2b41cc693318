//! Encoding of values.

mod limits;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::decode_guard::counting_serializer::CountingSerializer;
use crate::message::error::EncodeError;
use crate::message::form::Form;
use crate::message::limits::Budget;
use crate::message::process_encoding::{Exposed, ProcessEncoding};
use crate::pid::Pid;

/// An output to which values are encoded.
///
/// ```
/// use ambit::message::{Form, In, Out, Wire};
/// # use ambit::message::{Budget, Codec, DecodeError, EncodeError};
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
/// let mut out = Out::<Json>::new(Form::Compact);
/// "tea".to_owned().put(&mut out)?;
/// 2_u64.put(&mut out)?;
/// let bytes = out.into_bytes();
///
/// let mut input = In::<Json>::new(&bytes, Form::Compact);
/// assert_eq!((String::take(&mut input)?, u64::take(&mut input)?), ("tea".to_owned(), 2));
/// assert_eq!(input.finish(), Ok(()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Out<'a, C: Codec> {
    bytes: Vec<u8>,
    /// The number of bytes before the first value.
    start: usize,
    form: Form,
    limit: usize,
    handles: usize,
    /// The nesting depth of the next value.
    depth: u32,
    /// The number of elements for which a reader allows no byte of their own.
    free_elements: usize,
    /// The number of elements for which a reader allows one of the bytes so far.
    paid_elements: usize,
    /// The memory in bytes that the elements take at a reader.
    memory: usize,
    peer: Option<&'a Contract>,
    process_encoding: Option<&'a dyn ProcessEncoding<C>>,
    codec: C,
}

impl<'a, C: Codec> Out<'a, C> {
    /// Creates an empty output in `form`, with the default codec and without a size limit.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self::with(C::default(), form)
    }

    /// Creates an empty output in `form`, with `codec` and without a size limit.
    #[must_use]
    pub fn with(codec: C, form: Form) -> Self {
        Self {
            bytes: Vec::new(),
            start: 0,
            form,
            limit: usize::MAX,
            handles: 0,
            depth: 0,
            free_elements: 0,
            paid_elements: 0,
            memory: 0,
            peer: None,
            process_encoding: None,
            codec,
        }
    }

    /// Replaces the output with `bytes`; further values are appended to them. These bytes count towards the size limit.
    #[must_use]
    pub fn onto(mut self, bytes: Vec<u8>) -> Self {
        self.start = bytes.len();
        self.bytes = bytes;
        self
    }

    /// Limits the total length to `bytes` bytes; a longer output is rejected with [`EncodeError::TooLarge`]. By
    /// default, the length is unlimited.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Sets the contract of the reader. A variant that the reader does not know according to `peer` is rejected with
    /// [`EncodeError::Newer`].
    #[must_use]
    pub fn for_peer(mut self, peer: &'a Contract) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Sets the node that will read the bytes; it encodes references to processes. Without a node, such a reference is
    /// rejected with [`EncodeError::NoNode`].
    #[must_use]
    pub fn process_encoding(mut self, node: &'a dyn ProcessEncoding<C>) -> Self {
        self.process_encoding = Some(node);
        self
    }

    /// Returns the layout of composite values.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Returns the codec for single values.
    #[must_use]
    pub fn codec(&self) -> C {
        self.codec
    }

    /// Returns the number of bytes written so far.
    #[must_use]
    pub fn written(&self) -> usize {
        self.bytes.len()
    }

    /// Returns the written bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends a value, encoded with the codec.
    ///
    /// # Errors
    /// - [`EncodeError::Refused`] if the `Serialize` of the value fails.
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn leaf<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.codec.put(value, &mut self.bytes)?;
        self.fits()
    }

    /// Appends a foreign value, encoded with the codec. A value that a reader would reject because of its depth or its
    /// number of elements is not written.
    ///
    /// # Errors
    /// - The errors of [`leaf`](Self::leaf).
    /// - [`EncodeError::TooDeep`] or [`EncodeError::TooManyElements`] if a reader would reject the value.
    pub fn foreign<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.may_enter()?;
        let elements = CountingSerializer::elements(value, self.depth + 1, Budget::DEPTH)?;
        let before = self.bytes.len();
        self.leaf(value)?;
        // A reader allows one element per byte, and some more.
        let paid = elements.min(self.bytes.len() - before);
        self.paid_elements += paid;
        self.free_elements += elements - paid;
        self.few_elements()
    }

    /// Appends bytes unchanged.
    ///
    /// # Errors
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.bytes.extend_from_slice(bytes);
        self.fits()
    }

    /// Appends the number of elements of a list or map, or of bytes.
    ///
    /// # Errors
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn length(&mut self, length: usize) -> Result<(), EncodeError> {
        self.leaf(&(length as u64))
    }

    /// Appends a byte string: its length, then its bytes.
    ///
    /// # Errors
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn blob(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.length(bytes.len())?;
        self.raw(bytes)
    }

    /// Appends the tag of a variant that every version of the reader knows. For other variants, use
    /// [`variant`](Self::variant).
    ///
    /// # Errors
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn tag(&mut self, tag: u32) -> Result<(), EncodeError> {
        self.raw(&tag.to_le_bytes())
    }

    /// Begins a variant: appends its tag, unless the reader's contract shows that the reader does not know the variant.
    /// `of` returns the wire name of the enum, `name` is the variant's tag as text, and `since` the version that added
    /// the variant.
    ///
    /// # Errors
    /// - [`EncodeError::Newer`] if the reader does not know the variant.
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn variant(
        &mut self,
        of: &dyn Fn() -> String,
        tag: u32,
        name: &str,
        since: u32,
    ) -> Result<(), EncodeError> {
        if since > 1
            && let Some(peer) = self.peer
        {
            let of = of();
            let known = peer.version_of(&of);
            if let Some(peer) = known.filter(|version| *version < since) {
                let variant = name.to_owned();
                return Err(EncodeError::Newer {
                    of,
                    variant,
                    since,
                    peer,
                });
            }
        }
        self.tag(tag)
    }

    /// Begins the fields of a struct or a variant; exactly `fields` calls of [`field`](Self::field) must follow.
    ///
    /// # Errors
    /// - [`EncodeError::TooDeep`] if the record is nested deeper than a reader allows.
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn record(&mut self, fields: u16) -> Result<(), EncodeError> {
        self.may_enter()?;
        match self.form {
            Form::Compact => Ok(()),
            Form::Framed => self.raw(&fields.to_le_bytes()),
        }
    }

    /// Appends one field, whose value `put` appends.
    ///
    /// # Errors
    /// The errors of the value, and [`EncodeError::TooLarge`].
    pub(super) fn field_with(
        &mut self,
        tag: u32,
        put: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        if self.form == Form::Compact {
            return self.inside(put);
        }
        self.tag(tag)?;
        let start = self.bytes.len();
        self.raw(&[0; 4])?;
        self.inside(put)?;
        let length = self.bytes.len() - start - 4;
        let length = u32::try_from(length).map_err(|_| EncodeError::TooLarge {
            limit: u32::MAX as usize,
        })?;
        self.bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    /// Appends a value that may contain others of its kind: one level deeper.
    #[cfg(feature = "json")]
    pub(super) fn deeper(
        &mut self,
        put: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.may_enter()?;
        self.inside(put)
    }

    fn inside(
        &mut self,
        put: impl FnOnce(&mut Self) -> Result<(), EncodeError>,
    ) -> Result<(), EncodeError> {
        self.depth += 1;
        let done = put(self);
        self.depth -= 1;
        done
    }

    /// Appends the identity of a process.
    pub(crate) fn pid(&mut self, pid: Pid) -> Result<(), EncodeError> {
        let node = self.process_encoding.ok_or(EncodeError::NoNode)?;
        node.put_pid(pid, &mut self.bytes)?;
        self.fits()
    }

    /// Appends the identity of a process that the reader's node may link to, but not send messages to. It is decoded by
    /// [`In::linkable`](crate::message::In::linkable).
    ///
    /// # Errors
    /// - [`EncodeError::NoNode`] if no node is set.
    /// - The errors of [`ProcessEncoding::put_linkable`].
    /// - [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn linkable(&mut self, pid: Pid) -> Result<(), EncodeError> {
        let node = self.process_encoding.ok_or(EncodeError::NoNode)?;
        node.put_linkable(pid, &mut self.bytes)?;
        self.fits()
    }

    /// Appends a process that the reader may send messages to.
    pub(crate) fn subject(
        &mut self,
        pid: Pid,
        exposed: Arc<dyn Exposed<C>>,
    ) -> Result<(), EncodeError> {
        let node = self.process_encoding.ok_or(EncodeError::NoNode)?;
        if self.handles == Budget::HANDLES {
            return Err(EncodeError::TooManyHandles {
                limit: Budget::HANDLES,
            });
        }
        self.handles += 1;
        node.put_subject(pid, exposed, &mut self.bytes)?;
        self.fits()
    }

    fn fits(&self) -> Result<(), EncodeError> {
        match self.bytes.len() > self.limit {
            true => Err(EncodeError::TooLarge { limit: self.limit }),
            false => Ok(()),
        }
    }
}

impl<C: Codec> fmt::Debug for Out<'_, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Out")
            .field("codec", &self.codec)
            .field("form", &self.form)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
