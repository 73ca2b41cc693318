//! The encoding of an answer.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::error::EncodeError;
use crate::message::form::Form;
use crate::message::out::Out;
use crate::message::process_encoding::{AnswerAs, ProcessEncoding};
use crate::pid::Pid;

/// The initial capacity in bytes, enough for most answers.
const SMALL: usize = 64;

impl<C: Codec> AnswerAs<C> {
    /// Creates the settings for a call whose reply is encoded in `form`. By default, the size of the reply is
    /// unlimited, and the call has the timeout of the handle.
    #[must_use]
    pub fn form(form: Form) -> Self {
        Self {
            timeout: None,
            form,
            limit: usize::MAX,
            peer: None,
            process_encoding: None,
        }
    }

    /// Sets the timeout of the call, which is the time until the caller's deadline.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets the maximum size of the encoded reply in bytes; unlimited by default. A larger reply is rejected with
    /// [`EncodeError::TooLarge`].
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Sets the contract of the caller. A variant that the caller does not know according to `peer` is rejected with
    /// [`EncodeError::Newer`].
    #[must_use]
    pub fn for_peer(mut self, peer: Arc<Contract>) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Sets the caller's node, which encodes references to processes. Without this setting, a reply that contains such
    /// a reference is rejected with [`EncodeError::NoNode`].
    #[must_use]
    pub fn process_encoding(mut self, node: Arc<dyn ProcessEncoding<C>>) -> Self {
        self.process_encoding = Some(node);
        self
    }

    /// Gives the caller's node the guard of a process that was started for the caller: see
    /// [`ProcessEncoding::hold`]. Without a node, drops the guard.
    pub fn hold(&self, pid: Pid, guard: Box<dyn Any + Send>) {
        match &self.process_encoding {
            Some(node) => node.hold(pid, guard),
            None => drop(guard),
        }
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
