//! Breaking changes, and their remedies.

use std::fmt;

use crate::message::shape::Shape;

/// A change that breaks communication with peers that run the old version, and its location.
///
/// ```
/// use ambit::message::{BreakReason, Contract, compatible};
///
/// let old: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64".parse()?;
/// let new: Contract = "ambit contract 1\nprotocol kv\n  call get(key: u32) -> u64".parse()?;
/// let found = &compatible(&old, &new)[0];
/// assert_eq!((&*found.protocol, found.method.as_deref()), ("kv", Some("get")));
/// assert!(found.path.contains("`key`"));
/// assert!(matches!(found.reason, BreakReason::TypeChanged { .. }));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Break {
    /// The name of the protocol.
    pub protocol: String,
    /// The name of the method; `None` if the whole protocol was removed.
    pub method: Option<String>,
    /// The location in the method, such as "argument `order`, field `item.price`" or "reply, variant `paid`"; empty if
    /// the method itself changed.
    pub path: String,
    /// The name of the type that contains the change; `None` if the signature of the method changed.
    pub of: Option<String>,
    /// The kind of change.
    pub reason: BreakReason,
    /// The end of `path` that lies inside of the type, and so is the same in each method that uses the type.
    pub(super) inside: String,
}

/// A kind of change that breaks communication with peers that run the old version. The text of each names the remedy.
///
/// ```
/// use ambit::message::{Contract, compatible};
///
/// let old: Contract = "ambit contract 1\nprotocol kv\n  cast clear()".parse()?;
/// let new: Contract = "ambit contract 1\nprotocol kv\n  cast wipe()".parse()?;
/// let remedy = compatible(&old, &new)[0].reason.to_string();
/// assert!(remedy.ends_with("if only its name has changed, write `#[cast(tag = \"clear\")]`"));
/// # Ok::<(), ambit::message::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BreakReason {
    /// A protocol was removed.
    #[error("the protocol is gone; keep it as long as other nodes use it")]
    ProtocolRemoved,
    /// A method was removed.
    #[error(
        "the method is gone; keep it as long as peers use it, or, if only its name has changed, write `#[{kind}(tag = \"{name}\")]`"
    )]
    MethodRemoved {
        /// The kind of the method, `call` or `cast`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A call has become a cast, or vice versa.
    #[error("was a {old} and is a {new}; keep it, and add a {new} under a new name")]
    KindChanged {
        /// The kind before, `call` or `cast`.
        old: &'static str,
        /// The kind now, `call` or `cast`.
        new: &'static str,
    },
    /// An argument was added that is not an `Option`, and old callers do not send it.
    #[error(
        "is new, and old peers do not send it; make it an `Option`, or add a method that takes it"
    )]
    ArgumentAdded,
    /// An argument was removed that is not an `Option`, and old servers need it.
    #[error("is gone, and old peers need it; keep it, or add a method without it")]
    ArgumentRemoved,
    /// An argument has a different position, and arguments are identified by position.
    #[error(
        "was argument {old} and is argument {new}, and arguments are known by position; keep their order, and add new ones behind"
    )]
    ArgumentMoved {
        /// The position before, counted from 1.
        old: usize,
        /// The position now, counted from 1.
        new: usize,
    },
    /// An argument may have been replaced or swapped: its name has changed, and it is an `Option`, or another argument
    /// of its type was renamed too. The value of the old argument would be read as the new one.
    #[error(
        "was `{old}`, and what old peers send as `{old}` would be read as this; keep `{old}` and add this behind the others, or, \
         if only the name has changed, write `#[message(rename = \"{old}\")]` on it"
    )]
    ArgumentRenamed {
        /// The name before.
        old: String,
    },
    /// A value has a different type.
    #[error("was `{old}` and is `{new}`; keep the type, and add the new one under a new name")]
    TypeChanged {
        /// The type before.
        old: Shape,
        /// The type now.
        new: Shape,
    },
    /// A type has a different kind: a struct has become an enum, for example.
    #[error("was {} and is {}; keep it, and give the new type a name of its own", article(.old), article(.new))]
    BodyChanged {
        /// The kind before: `struct`, `enum` or `opaque`.
        old: &'static str,
        /// The kind now.
        new: &'static str,
    },
    /// A field was added that is neither an `Option` nor has a default, and old peers do not send it.
    #[error(
        "is new, and old peers do not send it; write `#[message(default)]` on it, or make it an `Option`"
    )]
    FieldAdded,
    /// A field was removed that is neither an `Option` nor has a default in the old version, so that old peers need it.
    #[error(
        "is gone, and old peers need it; keep it, or, if only its name has changed, write `#[message(rename = \"{name}\")]`"
    )]
    FieldRemoved {
        /// Its name.
        name: String,
    },
    /// A field was added to a type that is a part of a map key or of an element of a set. Peers that do not know the
    /// field would read two keys that differ only in it as one, and lose an entry.
    #[error(
        "is new in a key of a map or an element of a set, and peers without it would read two that differ only in it as one; \
         keep the fields of keys and elements, or send a list"
    )]
    KeyFieldAdded,
    /// A field was removed from a type that is a part of a map key or of an element of a set. Peers that do not know the
    /// field would read two keys that differ only in it as one, and lose an entry.
    #[error(
        "is gone from a key of a map or an element of a set, and peers without it would read two that differ only in it as one; \
         keep the fields of keys and elements, or send a list"
    )]
    KeyFieldRemoved,
    /// A field was added whose [`tag`](crate::message::tag) equals that of a field that old peers send: the value of
    /// the old field would be read as the new one.
    #[error(
        "is new and has the number on the wire that `{name}` has for old peers, by chance; choose another name for it"
    )]
    TagTaken {
        /// The name of the old field.
        name: String,
    },
    /// An unnamed field was removed, so that another field may take its position later.
    #[error(
        "is gone, and a field without a name is known by its position, which another one would take; keep it, or give fields \
         that may go a name from the start, with `#[message(rename = \"..\")]`"
    )]
    PositionRemoved,
    /// An unnamed field was added or removed, and it is ambiguous which one, for example because the field before it
    /// has the same type.
    #[error(
        "has no name and the type of a field before it, so that old peers may take the one for the other; give it a name, \
         with `#[message(rename = \"..\")]`"
    )]
    PositionUnclear,
    /// A variant was added whose `since` is not above the old version of the type, so that it would be sent to old
    /// peers.
    #[error(
        "is new, and old peers, which have version {known} of the type, would be sent it; write `#[message(since = {})]` on it, with that version on the type",
        known.saturating_add(1)
    )]
    VariantAdded {
        /// The version in the variant's `since`.
        since: u32,
        /// The version of the type that old peers have.
        known: u32,
    },
    /// A variant was removed, and old peers send it.
    #[error(
        "is gone, and old peers send it; keep it, or, if only its name has changed, write `#[message(tag = \"{name}\")]`"
    )]
    VariantRemoved {
        /// The tag of the variant, as text.
        name: String,
    },
    /// The `since` of a variant was raised, so that the variant would no longer be sent to old peers that know it.
    #[error(
        "is marked as added in version {since}, and version {known} has it already; write the version that added it"
    )]
    VariantPostdated {
        /// The version in the variant's `since`.
        since: u32,
        /// The old version of the type, which has the variant.
        known: u32,
    },
    /// The `since` of a variant was lowered, so that the variant would be sent to peers that do not know it.
    #[error(
        "is marked as added in version {new}, and was marked with version {old}; peers with versions in between do not have it, so write \
         `#[message(since = {old})]`"
    )]
    SinceLowered {
        /// The `since` before.
        old: u32,
        /// The `since` now.
        new: u32,
    },
    /// The version of a type was lowered.
    #[error("was version {old} and is version {new}; continue from {old}")]
    VersionLowered {
        /// The version before.
        old: u32,
        /// The version now.
        new: u32,
    },
    /// A foreign type has a different version, and the changes of its encoding are unknown.
    #[error(
        "was version {old} and is version {new}, and how foreign types change is not known; keep it, and give the new one a name of its own"
    )]
    OpaqueChanged {
        /// The version before.
        old: u32,
        /// The version now.
        new: u32,
    },
    /// A type is used but not defined in one of the contracts: that contract was neither created by
    /// [`contract()`](crate::message::contract()) nor parsed from text.
    #[error(
        "has no definition in one of the contracts; make them with `contract()`, or read them from text"
    )]
    Undefined,
}

fn article(kind: &str) -> String {
    match kind {
        "enum" => "an enum".to_owned(),
        "opaque" => "a foreign type".to_owned(),
        other => format!("a {other}"),
    }
}

impl Break {
    /// Returns the text for a context in which the method is known.
    pub(crate) fn in_method(&self) -> String {
        let of = self.of.as_ref().map(|of| format!("type `{of}`"));
        let path = Some(self.path.clone()).filter(|path| !path.is_empty());
        let place: Vec<String> = path.into_iter().chain(of).collect();
        match place.is_empty() {
            true => self.reason.to_string(),
            false => format!("{}: {}", place.join(", "), self.reason),
        }
    }
}

impl fmt::Display for Break {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "`{}`", self.protocol)?;
        if let Some(method) = &self.method {
            write!(out, ", method `{method}`")?;
        }
        let is_named = !self.path.is_empty() || self.of.is_some();
        write!(
            out,
            "{} {}",
            if is_named { "," } else { ":" },
            self.in_method()
        )
    }
}
