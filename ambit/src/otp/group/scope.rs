//! Scopes that are found by name.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::{Group, Inner};
use crate::handle::protocol::Protocol;
use crate::process::worlds;

/// The named scopes of a system, by name and protocol.
#[derive(Default)]
struct Scopes(Mutex<BTreeMap<(String, TypeId), Arc<dyn Any + Send + Sync>>>);

impl<P: Protocol + ?Sized> Group<P> {
    /// The scope of this name in the current system, made when it is first asked for; it lives as long as the system.
    /// Each protocol has scopes of its own. (Erlang: `pg:start_link/1`.)
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
        let mut scopes = scopes.0.lock();
        let scope = scopes.entry(key).or_insert_with(|| Self::new().inner);
        let inner = scope.clone().downcast::<Inner<P>>();
        Self {
            inner: inner.expect("the key has the type"),
        }
    }
}
