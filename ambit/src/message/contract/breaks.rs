//! Breaking changes, and their remedies.

use std::fmt;

use crate::message::shape::Shape;

/// A change that breaks a peer which runs the old version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Break {
    /// The name of the protocol.
    pub protocol: String,
    /// The name of the method, unless the whole protocol was removed.
    pub method: Option<String>,
    /// The location in the method: "argument `order`, field `item.price`", "reply, variant `paid`"; empty for the
    /// method itself.
    pub path: String,
    /// The name of the changed type, if it is not the method itself.
    pub of: Option<String>,
    /// The change.
    pub reason: BreakReason,
}

/// A change that breaks peers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BreakReason {
    /// A protocol was removed.
    #[error("the protocol is gone; keep it as long as peers speak it")]
    ProtocolRemoved,
    /// A method was removed.
    #[error(
        "the method is gone; keep it as long as peers use it, or, if only its name has changed, write `#[{kind}(tag = \"{name}\")]`"
    )]
    MethodRemoved {
        /// `call` or `cast`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A call has become a cast, or vice versa.
    #[error("was a {old} and is a {new}; keep it, and add a {new} under a new name")]
    KindChanged {
        /// Its kind before.
        old: &'static str,
        /// Its kind now.
        new: &'static str,
    },
    /// An argument was added, and old callers do not send it.
    #[error(
        "is new, and old peers do not send it; make it an `Option`, or add a method that takes it"
    )]
    ArgumentAdded,
    /// An argument was removed, and old servers need it.
    #[error("is gone, and old peers need it; keep it, or add a method without it")]
    ArgumentRemoved,
    /// An argument has another position, and arguments are identified by position.
    #[error(
        "was argument {old} and is argument {new}, and arguments are known by position; keep their order, and add new ones behind"
    )]
    ArgumentMoved {
        /// Its position before, from 1.
        old: usize,
        /// Its position now, from 1.
        new: usize,
    },
    /// An argument that peers may omit has another name: the value of the old one would be read as the new one.
    #[error(
        "was `{old}`, and what old peers send as `{old}` would be read as this; keep `{old}` and add this behind the others, or, \
         if only the name has changed, write `#[message(rename = \"{old}\")]` on it"
    )]
    ArgumentRenamed {
        /// Its name before.
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
    /// A struct has become an enum, or similar.
    #[error("was {} and is {}; keep it, and give the new type a name of its own", article(.old), article(.new))]
    BodyChanged {
        /// `struct`, `enum` or `opaque`.
        old: &'static str,
        /// The kind now.
        new: &'static str,
    },
    /// A field was added, and old peers do not send it.
    #[error(
        "is new, and old peers do not send it; write `#[message(default)]` on it, or make it an `Option`"
    )]
    FieldAdded,
    /// A field was removed, and old peers need it.
    #[error(
        "is gone, and old peers need it; keep it, or, if only its name has changed, write `#[message(rename = \"{name}\")]`"
    )]
    FieldRemoved {
        /// Its name.
        name: String,
    },
    /// A field was added with the [`tag`](crate::message::tag) of another field that old peers send: it would be read
    /// as that field.
    #[error(
        "is new and has the number on the wire that `{name}` has for old peers, by chance; choose another name for it"
    )]
    TagTaken {
        /// The name of the old field.
        name: String,
    },
    /// An unnamed field was removed, so that another one may take its position.
    #[error(
        "is gone, and a field without a name is known by its position, which another one would take; keep it, or give fields \
         that may go a name from the start, with `#[message(rename = \"..\")]`"
    )]
    PositionRemoved,
    /// An unnamed field was added or removed where others have its type: which of them it was is ambiguous.
    #[error(
        "has no name and the type of a field before it, so that old peers may take the one for the other; give it a name, \
         with `#[message(rename = \"..\")]`"
    )]
    PositionUnclear,
    /// A variant was added without a version, so that it would be sent to old peers.
    #[error(
        "is new, and old peers, which have version {known} of the type, would be sent it; write `#[message(since = {})]` on it, with that version on the type",
        known.saturating_add(1)
    )]
    VariantAdded {
        /// The version of the variant's `since`.
        since: u32,
        /// The version of the type that old peers have.
        known: u32,
    },
    /// A variant was removed, and old peers send it.
    #[error(
        "is gone, and old peers send it; keep it, or, if only its name has changed, write `#[message(tag = \"{name}\")]`"
    )]
    VariantRemoved {
        /// Its tag, as text.
        name: String,
    },
    /// The `since` of a variant is too high, so that the variant would not be sent to old peers that know it.
    #[error(
        "is marked as added in version {since}, and version {known} has it already; write the version that added it"
    )]
    VariantPostdated {
        /// The version of the variant's `since`.
        since: u32,
        /// A version that has it.
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
    /// A foreign type has a different version, and its changes are unknown.
    #[error(
        "was version {old} and is version {new}, and how foreign types change is not known; keep it, and give the new one a name of its own"
    )]
    OpaqueChanged {
        /// The version before.
        old: u32,
        /// The version now.
        new: u32,
    },
    /// A type is used and not defined: the contract was neither made by `contract()` nor read from a text.
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
