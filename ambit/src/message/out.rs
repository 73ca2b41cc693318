//! Values on their way out.

use std::marker::PhantomData;

use serde::Serialize;

use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::error::EncodeError;
use crate::message::wire::Wire;

/// How the parts of a value are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Field after field, by position: for peers whose types have equal fingerprints.
    Compact,
    /// Each field with its tag and its length, so that an unknown one is skipped and a missing one noticed: for peers
    /// whose types differ and are compatible.
    Framed,
}

/// Where values are written to.
#[derive(Debug)]
pub struct Out<'a, C> {
    bytes: Vec<u8>,
    form: Form,
    limit: usize,
    peer: Option<&'a Contract>,
    codec: PhantomData<C>,
}

impl<'a, C: Codec> Out<'a, C> {
    /// An empty one, without a limit.
    #[must_use]
    pub fn new(form: Form) -> Self {
        Self::into(Vec::new(), form)
    }

    /// One that appends to `bytes`.
    #[must_use]
    pub fn into(bytes: Vec<u8>, form: Form) -> Self {
        Self {
            bytes,
            form,
            limit: usize::MAX,
            peer: None,
            codec: PhantomData,
        }
    }

    /// Refuses what makes it longer than so many bytes in all.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Refuses variants that the reader does not know, going by what it offers.
    #[must_use]
    pub fn for_peer(mut self, peer: &'a Contract) -> Self {
        self.peer = Some(peer);
        self
    }

    /// How parts are put together.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// What has been written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Appends a value in the codec's own way.
    ///
    /// # Errors
    /// [`EncodeError::Refused`] and [`EncodeError::TooLarge`].
    pub fn leaf<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        C::put(value, &mut self.bytes)?;
        self.fits()
    }

    /// Appends bytes as they are.
    ///
    /// # Errors
    /// [`EncodeError::TooLarge`]
    pub fn raw(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.bytes.extend_from_slice(bytes);
        self.fits()
    }

    /// Appends a number of elements or bytes.
    ///
    /// # Errors
    /// [`EncodeError::TooLarge`]
    pub fn length(&mut self, length: usize) -> Result<(), EncodeError> {
        self.leaf(&(length as u64))
    }

    /// Appends bytes, and before them how many there are.
    ///
    /// # Errors
    /// [`EncodeError::TooLarge`]
    pub fn blob(&mut self, bytes: &[u8]) -> Result<(), EncodeError> {
        self.length(bytes.len())?;
        self.raw(bytes)
    }

    /// Appends the tag of a variant that the reader knows, as each version has it.
    ///
    /// # Errors
    /// [`EncodeError::TooLarge`]
    pub fn tag(&mut self, tag: u32) -> Result<(), EncodeError> {
        self.raw(&tag.to_le_bytes())
    }

    /// Begins a variant: appends its tag, unless the reader is known not to know it.
    ///
    /// # Errors
    /// [`EncodeError::Newer`] and [`EncodeError::TooLarge`].
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

    /// Begins the fields of a struct or a variant: exactly so many [`field`](Self::field)s follow.
    ///
    /// # Errors
    /// [`EncodeError::TooLarge`]
    pub fn record(&mut self, fields: u16) -> Result<(), EncodeError> {
        match self.form {
            Form::Compact => Ok(()),
            Form::Framed => self.raw(&fields.to_le_bytes()),
        }
    }

    /// Appends one field.
    ///
    /// # Errors
    /// Those of the value, and [`EncodeError::TooLarge`].
    pub fn field<T: Wire>(&mut self, tag: u32, value: &T) -> Result<(), EncodeError> {
        if self.form == Form::Compact {
            return value.put(self);
        }
        self.tag(tag)?;
        let start = self.bytes.len();
        self.raw(&[0; 4])?;
        value.put(self)?;
        let length = self.bytes.len() - start - 4;
        let length = u32::try_from(length).map_err(|_| EncodeError::TooLarge {
            limit: u32::MAX as usize,
        })?;
        self.bytes[start..start + 4].copy_from_slice(&length.to_le_bytes());
        Ok(())
    }

    fn fits(&self) -> Result<(), EncodeError> {
        match self.bytes.len() > self.limit {
            true => Err(EncodeError::TooLarge { limit: self.limit }),
            false => Ok(()),
        }
    }
}
