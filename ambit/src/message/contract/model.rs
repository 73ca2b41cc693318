//! What a contract holds.

use std::collections::BTreeMap;

use crate::message::shape::{Body, Definition, Interface, Method};

/// What protocols offer, with the definitions of all types that they mention.
///
/// [`contract`](crate::message::contract()) makes it from the protocols of a program. As text ([`Display`](std::fmt::Display) and
/// [`FromStr`](std::str::FromStr)) it is what `contract.lock` holds, and what nodes exchange:
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
/// The file has more: `{contract:#}` ends the line of each type with a hash of its lines, which is checked where it is read.
/// Two branches that change one type change that line, so that merging them is a conflict.
///
/// The text is sorted, so it depends neither on the order of the source nor on that of the list. A `?` follows the name of
/// what a reader can do without: an `Option`, or a field with a default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contract {
    /// By the names of the protocols on the wire.
    pub protocols: BTreeMap<String, Interface>,
    /// By the names of the types on the wire.
    pub types: BTreeMap<String, Definition>,
}

impl Contract {
    /// The version in which it has a type.
    #[must_use]
    pub fn version_of(&self, name: &str) -> Option<u32> {
        self.types.get(name).map(|definition| definition.version)
    }

    /// A method, by the name of its protocol and its own.
    #[must_use]
    pub fn method(&self, protocol: &str, method: &str) -> Option<&Method> {
        let methods = &self.protocols.get(protocol)?.methods;
        methods.iter().find(|known| known.name == method)
    }

    /// The same with methods and variants in the order of their names.
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
