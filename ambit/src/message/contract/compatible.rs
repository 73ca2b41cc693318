//! Whether a new version can talk to an old one.

use crate::message::contract::Contract;
use crate::message::contract::breaks::{Break, BreakReason};
use crate::message::contract::judge::{Of, judge};
use crate::message::shape::Method;

/// What breaks between peers with the old contract and peers with the new one; nothing, if they can talk.
///
/// Both directions are looked at: an old peer may call a new one, and be called by it. What is new does no harm by itself,
/// and a type that no method of `old` reaches may change at will.
///
/// | change | |
/// |---|---|
/// | protocol or method added | compatible |
/// | protocol or method removed or renamed | breaks |
/// | call made a cast, cast made a call | breaks |
/// | argument added at the end or removed from there | compatible if it is an `Option` |
/// | argument renamed | compatible |
/// | arguments exchanged | breaks |
/// | another type, a wider one included | breaks |
/// | field added or removed | compatible if it is an `Option` or has a default, on the side that has it |
/// | fields in another order | compatible |
/// | field renamed | breaks; with `#[message(rename = "..")]` nothing has changed |
/// | variant added | compatible with `#[message(since = ..)]` above the old version |
/// | variants in another order | nothing has changed |
/// | variant removed or renamed | breaks; with `#[message(tag = "..")]` nothing has changed |
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
        if !new.protocols.contains_key(protocol) {
            breaks.push(of(protocol, None, BreakReason::ProtocolRemoved));
            continue;
        }
        for method in &interface.methods {
            breaks.extend(of_method(old, new, protocol, method));
        }
    }
    breaks
}

/// The same for one method. Nothing breaks if the old contract does not have it.
#[must_use]
pub fn compatible_method(
    old: &Contract,
    new: &Contract,
    protocol: &str,
    method: &str,
) -> Vec<Break> {
    let known = old.method(protocol, method);
    known.map_or_else(Vec::new, |method| of_method(old, new, protocol, method))
}

fn of_method(old: &Contract, new: &Contract, protocol: &str, method: &Method) -> Vec<Break> {
    match new.method(protocol, &method.name) {
        Some(same) => judge(Of::Past, protocol, [method, same], [old, new]),
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
    }
}
