//! An `Arc` through which the compiler does not look.
//!
//! The compiler proves many times that the state of a server is `Send`. A handle of a node or of a registry in the
//! state makes this slow, because the proof visits each field behind an `Arc`, down to QUIC and TLS. A trait object
//! ends it.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Weak};

/// An `Arc` that is `Send` and `Sync` whatever it contains; the content must be both when it is created.
#[doc(hidden)]
pub struct OpaqueArc<T: 'static>(Arc<dyn Content<T>>);

/// A weak reference of the same kind.
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
    /// Hides the content.
    pub fn new(content: Arc<T>) -> Self {
        Self(content)
    }
}

impl<T> OpaqueArc<T> {
    /// Returns the `Arc` itself.
    pub fn arc(&self) -> Arc<T> {
        self.0.clone().arc()
    }
}

impl<T: Send + Sync> OpaqueWeak<T> {
    /// Refers to the content of an `Arc`.
    pub fn new(content: &Arc<T>) -> Self {
        let weak: Weak<T> = Arc::downgrade(content);
        Self(weak)
    }
}

impl<T> OpaqueWeak<T> {
    /// Returns the `Arc` itself, if it still exists.
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
