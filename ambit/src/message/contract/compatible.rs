//! The check whether a new version is compatible with an old one.

use std::collections::BTreeMap;

use crate::message::contract::Contract;
use crate::message::contract::breaks::{Break, BreakReason};
use crate::message::contract::judge::{ComparedPart, judge};
use crate::message::shape::Method;

/// Returns the changes that break communication between peers that run `old` and peers that run `new`; empty if the
/// contracts are compatible.
///
/// Both directions are checked: old peers call new ones, and new peers call old ones. Added protocols and methods are
/// compatible. A type that no method of `old` refers to may change in any way.
///
/// | change | effect |
/// |---|---|
/// | protocol or method added | compatible |
/// | protocol or method removed or renamed | breaks |
/// | call changed to a cast, or a cast to a call | breaks |
/// | argument added or removed at the end | compatible if it is an `Option` |
/// | argument renamed | compatible; breaks if it is an `Option`, or if another argument of its type is renamed too |
/// | argument renamed with `#[message(rename = "..")]` | no change to the contract |
/// | arguments swapped | breaks |
/// | type changed, even to a wider one | breaks |
/// | field added or removed | compatible if it is an `Option` or has a default in the version that has it |
/// | field of a map key or of an element of a set added or removed | breaks |
/// | list changed to a set, or a set to a list | compatible, unless fields of its elements change too |
/// | fields reordered | compatible |
/// | unnamed field added at the end | like other fields, but breaks if the last old field has the same type |
/// | unnamed field removed | breaks |
/// | field added with the tag of a removed field | breaks |
/// | field renamed | counts as removed and added; with `#[message(rename = "..")]` no change to the contract |
/// | variant added | compatible with `#[message(since = ..)]` above the old version |
/// | variants reordered | no change to the contract |
/// | variant removed or renamed | breaks; a renaming with `#[message(tag = "..")]` is no change to the contract |
/// | `since` of a variant changed | breaks if it is lowered, or raised above the old version |
/// | version raised / lowered | compatible / breaks |
/// | version of a foreign type changed | breaks |
///
/// ```
/// use ambit::message::{BreakReason, Contract, compatible};
///
/// let old: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64".parse()?;
/// let new: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64\n  cast clear()".parse()?;
/// assert_eq!(compatible(&old, &new), []);
///
/// let breaks = compatible(&new, &old);
/// assert_eq!(breaks.len(), 1);
/// assert_eq!(breaks[0].method.as_deref(), Some("clear"));
/// assert!(matches!(breaks[0].reason, BreakReason::MethodRemoved { .. }));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[must_use]
pub fn compatible(old: &Contract, new: &Contract) -> Vec<Break> {
    let mut breaks = Vec::new();
    for (protocol, interface) in &old.protocols {
        let Some(known) = new.protocols.get(protocol) else {
            breaks.push(of(protocol, None, BreakReason::ProtocolRemoved));
            continue;
        };
        let known = known.methods.iter();
        let known: BTreeMap<_, _> = known.map(|method| (&method.name, method)).collect();
        for method in &interface.methods {
            let same = known.get(&method.name).copied();
            breaks.extend(of_method([old, new], protocol, method, same));
        }
    }
    breaks
}

/// Returns the changes to `method` of `protocol` that break communication between peers that run `old` and peers that
/// run `new`. Returns an empty list if `old` does not have the method. [`compatible`] lists the rules.
#[must_use]
pub fn compatible_method(
    old: &Contract,
    new: &Contract,
    protocol: &str,
    method: &str,
) -> Vec<Break> {
    let same = new.method(protocol, method);
    let known = old.method(protocol, method);
    known.map_or_else(Vec::new, |known| {
        of_method([old, new], protocol, known, same)
    })
}

fn of_method(
    contracts: [&Contract; 2],
    protocol: &str,
    method: &Method,
    same: Option<&Method>,
) -> Vec<Break> {
    match same {
        Some(same) => judge(ComparedPart::Past, protocol, [method, same], contracts),
        None => {
            let (kind, name) = (method.kind(), method.name.clone());
            let reason = BreakReason::MethodRemoved { kind, name };
            vec![of(protocol, Some(&method.name), reason)]
        }
    }
}

fn of(protocol: &str, method: Option<&str>, reason: BreakReason) -> Break {
    Break {
        protocol: protocol.to_owned(),
        method: method.map(str::to_owned),
        path: String::new(),
        of: None,
        reason,
        inside: String::new(),
    }
}
