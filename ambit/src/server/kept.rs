//! The letters that a crashed server leaves to its next life.

use std::any::Any;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::mailbox::Letter;
use crate::process::body::{Body, Item};

/// What one life leaves to the next.
pub(crate) struct Kept<M: Item> {
    left: Mutex<Left<M>>,
}

struct Left<M: Item> {
    letters: Vec<Letter<M>>,
    by: Option<Arc<Body<M>>>,
}

impl<M: Item> Default for Kept<M> {
    fn default() -> Self {
        Self {
            left: Mutex::new(Left {
                letters: Vec::new(),
                by: None,
            }),
        }
    }
}

/// A [`Kept`] whose messages are forgotten.
pub(crate) trait KeptAny: Send + Sync {
    /// There will be no next life.
    fn bury(&self);
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

impl<M: Item> KeptAny for Kept<M> {
    fn bury(&self) {}

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
