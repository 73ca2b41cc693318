//! The protocols of a system, in the version of this node.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::distribution::protocol_binding::ProtocolBinding;
use crate::message::{Clash, Contract, Remote, Types};
use crate::process::system_inner::SystemInner;

/// The bindings of one system that have been requested so far.
#[derive(Default)]
struct SystemProtocols(Mutex<BTreeMap<TypeId, Arc<ProtocolBinding>>>);

impl ProtocolBinding {
    /// Creates the binding of the protocol `P`.
    ///
    /// # Errors
    /// [`Clash`] if two types behind the protocol have one name on the wire and different definitions.
    pub fn of<P: Remote + ?Sized>() -> Result<Self, Clash> {
        let mut types = Types::default();
        let interface = P::interface(&mut types);
        let contract = Contract {
            protocols: BTreeMap::from([(P::REMOTE.to_owned(), interface)]),
            types: types.into_definitions()?,
        };
        Ok(Self::new(P::REMOTE, contract))
    }

    /// Returns the binding of this system, created on first use.
    pub(crate) fn cached<P: Remote + ?Sized>(system: &SystemInner) -> Result<Arc<Self>, Clash> {
        let all = system.extension::<SystemProtocols>();
        let mut all = all.0.lock();
        if let Some(known) = all.get(&TypeId::of::<P>()) {
            return Ok(known.clone());
        }
        let made = Arc::new(Self::of::<P>()?);
        all.insert(TypeId::of::<P>(), made.clone());
        Ok(made)
    }
}
