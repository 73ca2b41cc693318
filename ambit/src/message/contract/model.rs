//! The content of a contract.

use std::collections::BTreeMap;

use crate::message::shape::{Body, Definition, Interface, Method};

/// The interfaces of protocols, with the definitions of all types that they refer to.
///
/// [`contract`](crate::message::contract()) creates the contract of a program. [`Display`](std::fmt::Display) writes
/// and [`FromStr`](std::str::FromStr) parses its text, which nodes exchange and a file such as `contract.lock`
/// contains:
///
/// ```
/// use ambit::message::Contract;
///
/// let contract: Contract = "\
/// ambit contract 1
///
/// protocol shop.counter
///   call add(by: u64, note?: option<string>) -> result<u64, shop.limit>
///   cast reset()
///
/// enum shop.limit version 2
///   reached
///     at: u64
///   suspended since 2
/// "
/// .parse()?;
/// assert_eq!(contract.protocols["shop.counter"].methods.len(), 2);
/// assert_eq!(contract.version_of("shop.limit"), Some(2));
/// assert!(contract.to_string().ends_with("  suspended since 2\n"));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
///
/// In the file, written with `{contract:#}`, the first line of each type ends with a hash of the type's definition,
/// which parsing verifies. Two branches that change the same type both change that line, so that merging them causes a
/// conflict.
///
/// The text is sorted, so it depends neither on the order of the source nor on the order in which the protocols are
/// listed. A `?` follows the name of an optional argument or field: an `Option`, or a field with a default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contract {
    /// The protocols by their names on the wire.
    pub protocols: BTreeMap<String, Interface>,
    /// The types by their names on the wire.
    pub types: BTreeMap<String, Definition>,
}

impl Contract {
    /// Returns the version of the type with this wire name; `None` if the contract does not contain the type.
    #[must_use]
    pub fn version_of(&self, name: &str) -> Option<u32> {
        self.types.get(name).map(|definition| definition.version)
    }

    /// Returns the method named `method` of the protocol named `protocol`; `None` if the contract does not contain it.
    #[must_use]
    pub fn method(&self, protocol: &str, method: &str) -> Option<&Method> {
        let methods = &self.protocols.get(protocol)?.methods;
        methods.iter().find(|known| known.name == method)
    }

    /// Returns it with methods and variants sorted by name.
    pub(super) fn sorted(mut self) -> Self {
        for interface in self.protocols.values_mut() {
            interface
                .methods
                .sort_by(|one, other| one.name.cmp(&other.name));
        }
        for definition in self.types.values_mut() {
            let body = std::mem::replace(&mut definition.body, Body::Opaque);
            definition.body = body.sorted();
        }
        self
    }
}
