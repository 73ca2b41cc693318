//! The contract of a program's protocols.

use std::collections::BTreeMap;

use crate::message::contract::Contract;
use crate::message::remote::Remote;
use crate::message::schema::{Clash, Types};
use crate::message::shape::Interface;

/// An entry in the list of protocols for [`contract`], created by [`listed`].
///
/// ```
/// use ambit::prelude::*;
/// use ambit::message::{contract, listed};
///
/// struct Counter(u64);
/// #[gen_server(remote = "shop.counter")]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
///
/// #[protocol(remote = "kv")]
/// trait Kv { #[call] fn get(&self, key: String) -> u64; }
///
/// # fn main() -> Result<(), ambit::message::ContractError> {
/// let promised = contract([listed::<Counter>(), listed::<dyn Kv>()])?;
/// assert_eq!(promised.protocols.keys().collect::<Vec<_>>(), ["kv", "shop.counter"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Listed {
    name: &'static str,
    interface: fn(&mut Types) -> Interface,
}

/// Creates the list entry of the protocol `P` for [`contract`]. `P` is a server with a name on the wire, or `dyn Kv`
/// for `#[protocol(remote = "kv")] trait Kv`.
#[must_use]
pub fn listed<P: Remote + ?Sized>() -> Listed {
    Listed {
        name: P::REMOTE,
        interface: P::interface,
    }
}

/// The reason why several protocols do not form a contract.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::message::{ContractError, contract, listed};
///
/// struct Counter(u64);
/// #[gen_server(remote = "shop.counter")]
/// impl Counter { #[call] fn get(&self) -> u64 { self.0 } }
///
/// # fn main() {
/// let twice = contract([listed::<Counter>(), listed::<Counter>()]);
/// assert_eq!(twice, Err(ContractError::SameName { name: "shop.counter" }));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// Two protocols in the list have the same name on the wire.
    #[error(
        "the list has two protocols called `{name}`; list each once, give each a name of its own, and two types of one \
         generic server each a file of its own"
    )]
    SameName {
        /// The name.
        name: &'static str,
    },
    /// Two types have the same name on the wire and different definitions.
    #[error(transparent)]
    Clash(#[from] Clash),
}

/// Returns the contract of `protocols`, with the definitions of all types that they refer to.
///
/// ```
/// use ambit::message::{Contract, contract};
///
/// assert_eq!(contract([])?, Contract::default());
/// # Ok::<(), ambit::message::ContractError>(())
/// ```
///
/// # Errors
/// - [`ContractError::SameName`] if two protocols in the list have the same name on the wire.
/// - [`ContractError::Clash`] if the protocols refer to two types with the same name on the wire and different
///   definitions.
pub fn contract(protocols: impl IntoIterator<Item = Listed>) -> Result<Contract, ContractError> {
    let mut types = Types::default();
    let mut interfaces = BTreeMap::new();
    for Listed { name, interface } in protocols {
        if interfaces
            .insert(name.to_owned(), interface(&mut types))
            .is_some()
        {
            return Err(ContractError::SameName { name });
        }
    }
    let contract = Contract {
        protocols: interfaces,
        types: types.into_definitions()?,
    };
    Ok(contract.sorted())
}
