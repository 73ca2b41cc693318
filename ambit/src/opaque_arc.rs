//! An `Arc` that hides its content from the compiler's auto-trait checks.
//!
//! The compiler proves many times that the state of a server is `Send`. If the state contains a handle to a node or to
//! a registry, this is slow, because the proof visits each field behind an `Arc`, down to QUIC and TLS. The proof ends
//! at a trait object.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Weak};

/// An `Arc` that is `Send` and `Sync` regardless of its content type. Its content must be `Send` and `Sync` when the
/// value is created.
#[doc(hidden)]
pub struct OpaqueArc<T: 'static>(Arc<dyn Content<T>>);

/// The weak reference to an [`OpaqueArc`].
#[doc(hidden)]
pub struct OpaqueWeak<T: 'static>(Weak<dyn Content<T>>);

trait Content<T>: Send + Sync {
    fn get(&self) -> &T;
    fn arc(self: Arc<Self>) -> Arc<T>;
}

impl<T: Send + Sync> Content<T> for T {
    fn get(&self) -> &T {
        self
    }

    fn arc(self: Arc<Self>) -> Arc<T> {
        self
    }
}

impl<T: Send + Sync> OpaqueArc<T> {
    /// Creates an `OpaqueArc` from an `Arc`.
    pub fn new(content: Arc<T>) -> Self {
        Self(content)
    }
}

impl<T> OpaqueArc<T> {
    /// Returns the wrapped `Arc`.
    pub fn arc(&self) -> Arc<T> {
        self.0.clone().arc()
    }
}

impl<T: Send + Sync> OpaqueWeak<T> {
    /// Creates a weak reference to the content of an `Arc`.
    pub fn new(content: &Arc<T>) -> Self {
        let weak: Weak<T> = Arc::downgrade(content);
        Self(weak)
    }
}

impl<T> OpaqueWeak<T> {
    /// Returns the wrapped `Arc`, or `None` if the content has been dropped.
    pub fn upgrade(&self) -> Option<Arc<T>> {
        Some(self.0.upgrade()?.arc())
    }
}

impl<T> Clone for OpaqueArc<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Clone for OpaqueWeak<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for OpaqueArc<T> {
    type Target = T;

    fn deref(&self) -> &T {
        Content::get(&*self.0)
    }
}

impl<T> fmt::Debug for OpaqueArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpaqueArc").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for OpaqueWeak<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpaqueWeak").finish_non_exhaustive()
    }
}
