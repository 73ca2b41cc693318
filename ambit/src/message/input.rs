//! Decoding of values.

use std::{fmt, iter};

#[cfg(feature = "bytes")]
use ::bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::form::Form;
use crate::message::limits::Budget;
use crate::message::process_encoding::{DecodedProcess, In, ProcessEncoding};
use crate::pid::Pid;

impl<'a, C: Codec> In<'a, C> {
    /// Creates an input that reads `bytes`, encoded in `form`, with the default codec and the [default
    /// limits](Budget::for_bytes).
    #[must_use]
    pub fn new(bytes: &'a [u8], form: Form) -> Self {
        Self::with(C::default(), bytes, form)
    }

    /// Creates an input that reads `bytes`, encoded in `form`, with `codec` and the [default
    /// limits](Budget::for_bytes).
    #[must_use]
    pub fn with(codec: C, bytes: &'a [u8], form: Form) -> Self {
        Self {
            rest: bytes,
            form,
            budget: Budget::for_bytes(bytes.len()),
            process_encoding: None,
            #[cfg(feature = "bytes")]
            memory: None,
            codec,
        }
    }

    /// Lets long blobs share `memory` instead of copying their bytes. `memory` must contain the bytes that the input
    /// reads.
    #[cfg(feature = "bytes")]
    #[must_use]
    pub fn sharing(mut self, memory: &'a Bytes) -> Self {
        self.memory = Some(memory);
        self
    }

    /// Replaces the default limits with `budget`.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Sets the node that has encoded the references to processes in the bytes; it also decodes them. Without a node,
    /// such a reference is rejected with [`DecodeError::NoNode`].
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

    /// Returns the number of remaining bytes.
    #[must_use]
    pub fn left(&self) -> usize {
        self.rest.len()
    }

    /// Reads a value without elements, such as a number, with the codec.
    ///
    /// # Errors
    /// - [`DecodeError::Truncated`] if the bytes end before the value does.
    /// - [`DecodeError::Invalid`] if the bytes are not a valid `T`.
    pub fn leaf<T: DeserializeOwned>(&mut self) -> Result<T, DecodeError> {
        self.codec.take(&mut self.rest)
    }

    /// Reads a value of a foreign type with the codec, one level deeper.
    ///
    /// # Errors
    /// - The errors of [`leaf`](Self::leaf).
    /// - [`DecodeError::TooDeep`], [`DecodeError::TooManyElements`] or [`DecodeError::TooMuchMemory`] if the value
    ///   exceeds a limit.
    pub fn foreign<T: DeserializeOwned>(&mut self) -> Result<T, DecodeError> {
        self.deeper(|input| input.codec.take_any(&mut input.rest, &mut input.budget))
    }

    /// Reads the next `length` bytes.
    ///
    /// # Errors
    /// - [`DecodeError::Truncated`] if fewer bytes are left.
    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(DecodeError::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads the number of elements of a list or map, and counts them against the limits.
    ///
    /// # Errors
    /// - The errors of [`leaf`](Self::leaf).
    /// - [`DecodeError::TooManyElements`] if the number exceeds the limit.
    pub fn length(&mut self) -> Result<usize, DecodeError> {
        let length: u64 = self.leaf()?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.budget.elements(length)?;
        Ok(length)
    }

    /// Reads a value that may contain others of its kind: one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        take: impl FnOnce(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        self.budget.enter()?;
        let value = take(self)?;
        self.budget.leave();
        Ok(value)
    }

    /// Counts an element that took no bytes.
    pub(super) fn element(&mut self) -> Result<(), DecodeError> {
        self.budget.elements(1)
    }

    /// Counts memory of `size` bytes that is allocated for a value.
    #[inline]
    pub(super) fn allocated(&mut self, size: usize) -> Result<(), DecodeError> {
        self.budget.memory(size)
    }

    /// Reads `length` elements of a collection, each with `take`. Nothing is allocated for a length that is only
    /// claimed: `collect` does not know it.
    pub(super) fn collect<T, R: FromIterator<T>>(
        &mut self,
        length: usize,
        mut take: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<R, DecodeError> {
        let element = |_| {
            let element = take(self)?;
            self.allocated(size_of::<T>())?;
            Ok(element)
        };
        (0..length).map(element).collect()
    }

    /// Reads a byte string: its length, then its bytes.
    ///
    /// # Errors
    /// - The errors of [`leaf`](Self::leaf), for the number.
    /// - [`DecodeError::Truncated`] if fewer bytes are left.
    pub fn blob(&mut self) -> Result<&'a [u8], DecodeError> {
        let length: u64 = self.leaf()?;
        self.raw(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Reads bytes that follow their number. Long blobs share the memory that contains them, if they are half of it or
    /// more.
    #[cfg(feature = "bytes")]
    pub(crate) fn shared_blob(&mut self) -> Result<Bytes, DecodeError> {
        /// The minimum length: shorter blobs are faster to copy.
        const LONG: usize = 4 << 10;
        let blob = self.blob()?;
        let is_shared = |memory: &&Bytes| blob.len() >= LONG.max(memory.len() / 2);
        Ok(match self.memory.filter(is_shared) {
            Some(memory) => memory.slice_ref(blob),
            None => Bytes::copy_from_slice(blob),
        })
    }

    /// Reads the tag of a variant.
    ///
    /// # Errors
    /// - [`DecodeError::Truncated`] if fewer than four bytes are left.
    pub fn tag(&mut self) -> Result<u32, DecodeError> {
        self.raw(4)
            .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    /// Reads the identity of a process.
    pub(crate) fn pid(&mut self) -> Result<Pid, DecodeError> {
        let node = self.process_encoding.ok_or(DecodeError::NoNode)?;
        node.take_pid(&mut self.rest)
    }

    /// Reads the identity of a process of the writer's node, which may be linked:
    /// [`Out::linkable`](crate::message::Out::linkable) writes it.
    ///
    /// # Errors
    /// - [`DecodeError::NoNode`] if no node is set.
    /// - The errors of [`ProcessEncoding::take_linkable`](crate::message::ProcessEncoding::take_linkable).
    pub fn linkable(&mut self) -> Result<Pid, DecodeError> {
        let node = self.process_encoding.ok_or(DecodeError::NoNode)?;
        node.take_linkable(&mut self.rest)
    }

    /// Reads a process that implements this protocol.
    pub(crate) fn subject(
        &mut self,
        protocol: fn() -> &'static str,
    ) -> Result<DecodedProcess<C>, DecodeError> {
        let node = self.process_encoding.ok_or(DecodeError::NoNode)?;
        self.budget.handle()?;
        node.take_subject(protocol, &mut self.rest)
    }

    /// Begins reading the fields of a struct or a variant; [`Record::end`] ends it.
    ///
    /// # Errors
    /// - [`DecodeError::TooDeep`] if the record is nested too deeply.
    /// - In the framed form, [`DecodeError::Truncated`] if the bytes end inside the record,
    ///   [`DecodeError::TooManyElements`] if it has too many fields, and [`DecodeError::RepeatedField`] if two fields
    ///   have the same tag.
    pub fn record(&mut self) -> Result<Record<'_, 'a, C>, DecodeError> {
        self.budget.enter()?;
        let fields = match self.form {
            Form::Compact => &[][..],
            Form::Framed => self.framed_fields()?,
        };
        Ok(Record {
            input: self,
            fields,
            next: 0,
        })
    }

    /// Skips the fields of a record, and returns their bytes.
    fn framed_fields(&mut self) -> Result<&'a [u8], DecodeError> {
        let count = self.raw(2)?;
        let count = u16::from_le_bytes([count[0], count[1]]);
        self.budget.elements(usize::from(count))?;
        let whole = self.rest;
        for _ in 0..count {
            self.tag()?;
            let length = self.tag()?;
            self.raw(usize::try_from(length).unwrap_or(usize::MAX))?;
        }
        let fields = &whole[..whole.len() - self.rest.len()];
        match repeated(fields, usize::from(count)) {
            Some(tag) => Err(DecodeError::RepeatedField { tag }),
            None => Ok(fields),
        }
    }

    /// Ends the input, and checks that all bytes have been read.
    ///
    /// # Errors
    /// - [`DecodeError::TrailingBytes`] if bytes are left.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(DecodeError::TrailingBytes { left }),
        }
    }
}

impl<C: Codec> fmt::Debug for In<'_, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("In")
            .field("codec", &self.codec)
            .field("form", &self.form)
            .field("left", &self.rest.len())
            .finish_non_exhaustive()
    }
}

/// A reader for the fields of a struct or a variant, from [`In::record`].
///
/// ```
/// use ambit::message::{Codec, DecodeError, In, tag};
/// # use ambit::message::{Budget, EncodeError, Form, Out};
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
/// /// Reads a point; `y` has a default.
/// fn take_point<C: Codec>(input: &mut In<'_, C>) -> Result<(u64, u64), DecodeError> {
///     let mut fields = input.record()?;
///     let point = (fields.field("x", tag("x"))?, fields.field_or(tag("y"), || 1)?);
///     fields.end();
///     Ok(point)
/// }
///
/// let mut out = Out::<Json>::new(Form::Framed);
/// out.record(1)?;
/// out.field(tag("x"), &7_u64)?;
/// assert_eq!(take_point(&mut In::<Json>::new(&out.into_bytes(), Form::Framed)), Ok((7, 1)));
/// # Ok::<(), EncodeError>(())
/// ```
#[derive(Debug)]
pub struct Record<'r, 'a, C: Codec> {
    input: &'r mut In<'a, C>,
    /// All fields of the framed form.
    fields: &'a [u8],
    /// The end of the last field that was found: fields mostly come in the order in which they are read.
    next: usize,
}

impl<'a, C: Codec> Record<'_, 'a, C> {
    /// Ends reading the fields; must be called after the last field.
    pub fn end(self) {
        self.input.budget.leave();
    }

    /// Reads a field with `take`; returns `None` if it is missing.
    pub(super) fn find<T>(
        &mut self,
        tag: u32,
        take: impl FnOnce(&mut In<'a, C>) -> Result<T, DecodeError>,
    ) -> Result<Option<T>, DecodeError> {
        if self.input.form == Form::Compact {
            return take(self.input).map(Some);
        }
        let (before, behind) = self.fields.split_at(self.next);
        let found = seek(behind, tag)
            .map(|(value, rest)| (value, self.fields.len() - rest.len()))
            .or_else(|| seek(before, tag).map(|(value, rest)| (value, before.len() - rest.len())));
        let Some((value, next)) = found else {
            return Ok(None);
        };
        self.next = next;
        let mut input = In {
            rest: value,
            ..*self.input
        };
        let value = take(&mut input)?;
        self.input.budget = input.budget;
        input.finish()?;
        Ok(Some(value))
    }
}

/// Iterates over the fields in these bytes: tag, value, and the bytes after it. The lengths have been checked.
fn fields(mut bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8], &[u8])> {
    iter::from_fn(move || {
        let (head, rest) = bytes.split_first_chunk::<8>()?;
        let [a, b, c, d, e, f, g, h] = *head;
        let length = u32::from_le_bytes([e, f, g, h]);
        let (value, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        bytes = rest;
        Some((u32::from_le_bytes([a, b, c, d]), value, rest))
    })
}

/// Returns the field with this tag, and the bytes after it.
fn seek(bytes: &[u8], tag: u32) -> Option<(&[u8], &[u8])> {
    let found = fields(bytes).find(|(found, ..)| *found == tag)?;
    Some((found.1, found.2))
}

/// Returns a tag that occurs twice. Which of the two fields is read would depend on the reader.
fn repeated(bytes: &[u8], count: usize) -> Option<u32> {
    /// Up to this number, checking all pairs is cheaper than a list of them.
    const FEW: usize = 16;
    if count <= FEW {
        return fields(bytes).find_map(|(tag, _, rest)| seek(rest, tag).map(|_| tag));
    }
    let mut tags: Vec<_> = fields(bytes).map(|(tag, ..)| tag).collect();
    tags.sort_unstable();
    tags.windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}
