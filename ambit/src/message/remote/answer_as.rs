//! The encoding of an answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::error::EncodeError;
use crate::message::form::Form;
use crate::message::out::Out;
use crate::message::process_encoding::{AnswerAs, ProcessEncoding};

/// The initial capacity in bytes, enough for most answers.
const SMALL: usize = 64;

impl<C: Codec> AnswerAs<C> {
    /// Creates the settings for an answer in this form: no size limit, and the timeout of the handle, or none for a
    /// reserved slot.
    #[must_use]
    pub fn form(form: Form) -> Self {
        Self {
            timeout: None,
            form,
            limit: usize::MAX,
            peer: None,
            process_encoding: None,
            now: false,
        }
    }

    /// Rejects the request at once if the mailbox is full, instead of waiting for capacity.
    /// [`Answering::is_full`](crate::message::Answering::is_full) then returns true.
    #[must_use]
    pub fn now(mut self) -> Self {
        self.now = true;
        self
    }

    /// Sets the timeout of the call: the remaining time of the caller.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the maximum size of the encoded answer in bytes; no limit by default. A larger answer is rejected with
    /// [`EncodeError::TooLarge`].
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Rejects variants that the caller does not know, according to its contract.
    #[must_use]
    pub fn for_peer(mut self, peer: Arc<Contract>) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Encodes references to processes so that `node` can decode them. Without this setting, an answer that contains
    /// such a reference is rejected.
    #[must_use]
    pub fn process_encoding(mut self, node: Arc<dyn ProcessEncoding<C>>) -> Self {
        self.process_encoding = Some(node);
        self
    }

    /// Encodes the answer that `put` writes.
    ///
    /// # Errors
    /// The errors of the value.
    pub(in crate::message) fn write_with(
        &self,
        codec: C,
        put: impl FnOnce(&mut Out<'_, C>) -> Result<(), EncodeError>,
    ) -> Result<Vec<u8>, EncodeError> {
        let mut out = Out::with(codec, self.form)
            .onto(Vec::with_capacity(SMALL))
            .limit(self.limit);
        if let Some(peer) = &self.peer {
            out = out.for_peer(peer);
        }
        if let Some(node) = &self.process_encoding {
            out = out.process_encoding(&**node);
        }
        put(&mut out)?;
        Ok(out.into_bytes())
    }
}

impl<C: Codec> Clone for AnswerAs<C> {
    fn clone(&self) -> Self {
        Self {
            timeout: self.timeout,
            form: self.form,
            limit: self.limit,
            peer: self.peer.clone(),
            process_encoding: self.process_encoding.clone(),
            now: self.now,
        }
    }
}

impl<C: Codec> fmt::Debug for AnswerAs<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AnswerAs")
            .field("timeout", &self.timeout)
            .field("form", &self.form)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
