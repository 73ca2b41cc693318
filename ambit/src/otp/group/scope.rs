//! Scopes that are found by name.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use crate::process::current_system;

/// A scope, of any protocol.
pub(super) type Scope = Arc<dyn Any + Send + Sync>;

/// Name and protocol.
type Key = (String, TypeId);

/// The named scopes of a system.
#[derive(Default)]
struct Scopes(Mutex<BTreeMap<Key, Entry>>);

struct Entry {
    scope: Weak<dyn Any + Send + Sync>,
    /// The scope itself, while it must stay reachable without a handle.
    kept: Option<Scope>,
}

/// The name of a scope, released when it is dropped.
pub(super) struct Named {
    scopes: Weak<Scopes>,
    key: Key,
}

impl Named {
    /// Keeps the scope alive, or no longer. Returns the previous reference, to be dropped without a lock.
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
        // A new scope of this name may exist by now.
        let is_gone = |own: &Entry| own.scope.strong_count() == 0;
        if scopes.get(&self.key).is_some_and(is_gone) {
            scopes.remove(&self.key);
        }
    }
}

/// Returns the scope of this name and protocol in the system of the caller; `new` makes it if there is none.
pub(super) fn find_or_insert(
    name: &str,
    protocol: TypeId,
    new: impl FnOnce(Named) -> Scope,
) -> Scope {
    let system = current_system::current_or_new();
    let system = system.expect("a named scope belongs to a system: call this in a tokio runtime");
    let scopes = system.extension::<Scopes>();
    let key = (name.to_owned(), protocol);
    let mut all = scopes.0.lock();
    let known = all.get(&key).and_then(|own| own.scope.upgrade());
    known.unwrap_or_else(|| {
        let named = Named {
            scopes: Arc::downgrade(&scopes),
            key: key.clone(),
        };
        let new = new(named);
        let entry = Entry {
            scope: Arc::downgrade(&new),
            kept: None,
        };
        all.insert(key, entry);
        new
    })
}
