//! The casts of a protocol as methods of a node, so that two nodes compare their versions like those of any request.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::Arc;

use ambit::distribution::ProtocolBinding;
use ambit::message::{Clash, Contract, Interface, Method, Remote, Schema, Types, tag};
use parking_lot::Mutex;

/// The casts of one protocol.
pub(super) struct CastProtocol {
    pub(super) binding: Arc<ProtocolBinding>,
    /// The method of the node for each cast, by tag.
    methods: BTreeMap<u32, u32>,
}

impl CastProtocol {
    /// Returns the casts of `P` as methods of `protocol`.
    fn of<P: Remote + ?Sized>(protocol: &str) -> Result<Self, Clash> {
        let mut types = Types::default();
        let casts = P::interface(&mut types).methods.into_iter();
        let casts = casts.filter(|method| method.reply.is_none());
        let delivered = u64::shape(&mut types);
        let mut tags = BTreeMap::new();
        let methods = casts.map(|cast| {
            let name = format!("{}.{}", P::REMOTE, cast.name);
            tags.insert(tag(&cast.name), tag(&name));
            Method {
                name,
                args: cast.args,
                reply: Some(delivered.clone()),
            }
        });
        let interface = Interface {
            methods: methods.collect(),
        };
        let contract = Contract {
            protocols: BTreeMap::from([(protocol.to_owned(), interface)]),
            types: types.into_definitions()?,
        };
        Ok(Self {
            binding: Arc::new(ProtocolBinding::new(protocol, contract)),
            methods: tags,
        })
    }

    /// Returns the method of the node for a cast.
    pub(super) fn method(&self, cast: u32) -> Option<u32> {
        self.methods.get(&cast).copied()
    }

    /// Returns the casts with their methods.
    pub(super) fn methods(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.methods.iter().map(|(cast, method)| (*cast, *method))
    }
}

/// The protocols that this node has sent or received copies of.
#[derive(Default)]
pub(super) struct CastProtocols {
    known: Mutex<BTreeMap<(&'static str, TypeId), Known>>,
}

#[derive(Clone)]
struct Known {
    protocol: Arc<CastProtocol>,
    is_served: bool,
}

impl CastProtocols {
    /// Returns the casts of `P` as methods of `name`.
    ///
    /// # Errors
    /// Fails if two types behind the protocol have the same name.
    pub(super) fn get<P: Remote + ?Sized>(
        &self,
        name: &'static str,
    ) -> Result<Arc<CastProtocol>, Clash> {
        let key = (name, TypeId::of::<P>());
        if let Some(known) = self.known.lock().get(&key) {
            return Ok(known.protocol.clone());
        }
        // Built without the lock, because the interface is code of the user.
        let protocol = Arc::new(CastProtocol::of::<P>(name)?);
        let known = Known {
            protocol,
            is_served: false,
        };
        let mut all = self.known.lock();
        Ok(all.entry(key).or_insert(known).protocol.clone())
    }

    /// Calls `serve` with the casts of `P`, unless an earlier call has done so.
    ///
    /// # Errors
    /// Fails if two types behind the protocol have the same name.
    pub(super) fn serve<P: Remote + ?Sized>(
        &self,
        name: &'static str,
        serve: impl FnOnce(&CastProtocol),
    ) -> Result<(), Clash> {
        let key = (name, TypeId::of::<P>());
        let is_served = |known: &Known| known.is_served;
        if self.known.lock().get(&key).is_some_and(is_served) {
            return Ok(());
        }
        serve(&*self.get::<P>(name)?);
        if let Some(known) = self.known.lock().get_mut(&key) {
            known.is_served = true;
        }
        Ok(())
    }
}
