//! Scopes that are found by name.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::{Group, Inner};
use crate::handle::protocol::Protocol;
use crate::process::worlds;

/// A scope, whatever its members speak.
pub(super) type Scope = Arc<dyn Any + Send + Sync>;

/// Name and protocol.
type Key = (String, TypeId);

/// The named scopes of a system.
#[derive(Default)]
struct Scopes(Mutex<BTreeMap<Key, Entry>>);

struct Entry {
    scope: Weak<dyn Any + Send + Sync>,
    /// Itself, while it is to be found although nobody has a handle.
    kept: Option<Scope>,
}

/// The name of a scope. Dropped with it, it is free.
pub(super) struct Named {
    scopes: Weak<Scopes>,
    key: Key,
}

impl Named {
    /// Keeps the scope, or no longer: what was kept comes back, to be dropped without a lock.
    pub(super) fn keep(&self, scope: Option<Scope>) -> Option<Scope> {
        let scopes = self.scopes.upgrade()?;
        let mut scopes = scopes.0.lock();
        let own = scopes.get_mut(&self.key)?;
        std::mem::replace(&mut own.kept, scope)
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let Some(scopes) = self.scopes.upgrade() else {
            return;
        };
        let mut scopes = scopes.0.lock();
        // Another one of this name may be there by now.
        let is_gone = |own: &Entry| own.scope.strong_count() == 0;
        if scopes.get(&self.key).is_some_and(is_gone) {
            scopes.remove(&self.key);
        }
    }
}

impl<P: Protocol + ?Sized> Group<P> {
    /// The scope of this name in the current system, made when it is first asked for. It is there as long as anybody has
    /// a handle, is a member or watches, or while it is stopped; after that a new one is like it. Each protocol has scopes of
    /// its own. (Erlang: `pg:start_link/1`.)
    ///
    /// # Panics
    /// Where there is no system: outside a tokio runtime.
    ///
    /// ```
    /// use ambit::Group;
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let reader = ambit::spawn(|mut inbox: Inbox<u8>| async move { inbox.recv().await; });
    ///     Group::scope("chat").join("lobby", &reader).unwrap();
    ///     assert_eq!(Group::<u8>::scope("chat").members("lobby"), [reader]);
    ///     assert!(Group::<u8>::scope("game").groups().is_empty());
    /// }
    /// ```
    #[must_use]
    pub fn scope(name: &str) -> Self {
        let world = worlds::current_or_new();
        let world = world.expect("a named scope belongs to a system: call this in a tokio runtime");
        let scopes = world.extension::<Scopes>();
        let key = (name.to_owned(), TypeId::of::<P>());
        let mut all = scopes.0.lock();
        let known = all.get(&key).and_then(|own| own.scope.upgrade());
        let scope = known.unwrap_or_else(|| {
            let named = Named {
                scopes: Arc::downgrade(&scopes),
                key: key.clone(),
            };
            let new: Scope = Arc::new(Inner::<P>::new(Some(named)));
            let entry = Entry {
                scope: Arc::downgrade(&new),
                kept: None,
            };
            all.insert(key, entry);
            new
        });
        drop(all);
        let inner = scope.downcast::<Inner<P>>();
        Self {
            inner: inner.expect("the key has the type"),
        }
    }
}
