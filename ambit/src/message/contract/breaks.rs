//! What a change breaks, and what to do instead.

use std::fmt;

use crate::message::shape::Shape;

/// A change that breaks a peer which runs the old version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Break {
    /// The name of the protocol.
    pub protocol: String,
    /// The name of the method, unless the whole protocol is gone.
    pub method: Option<String>,
    /// Where in the method: "argument `order`, field `item.price`", "reply, variant `paid`"; empty for the method itself.
    pub path: String,
    /// The name of the type that has changed, if it is not the method itself.
    pub of: Option<String>,
    /// What has changed.
    pub reason: BreakReason,
}

/// What has changed in a way that breaks peers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum BreakReason {
    /// A protocol is not there any more.
    #[error("the protocol is gone; keep it as long as peers speak it")]
    ProtocolRemoved,
    /// A method is not there any more.
    #[error(
        "the method is gone; keep it as long as peers use it, or, if only its name has changed, write `#[{kind}(tag = \"{name}\")]`"
    )]
    MethodRemoved {
        /// `call` or `cast`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// A call has become a cast, or the other way round.
    #[error("was a {old} and is a {new}; keep it, and add a {new} under a new name")]
    KindChanged {
        /// What it was.
        old: &'static str,
        /// What it is.
        new: &'static str,
    },
    /// An argument is new, and old callers do not send it.
    #[error(
        "is new, and old peers do not send it; make it an `Option`, or add a method that takes it"
    )]
    ArgumentAdded,
    /// An argument is gone, and old servers need it.
    #[error("is gone, and old peers need it; keep it, or add a method without it")]
    ArgumentRemoved,
    /// An argument stands at another position, and arguments are known by position.
    #[error(
        "was argument {old} and is argument {new}, and arguments are known by position; keep their order, and add new ones behind"
    )]
    ArgumentMoved {
        /// Its position before, from 1.
        old: usize,
        /// Its position now, from 1.
        new: usize,
    },
    /// An argument that peers may leave out has another name: what they send as the one would be read as the other.
    #[error(
        "was `{old}`, and what old peers send as `{old}` would be read as this; keep `{old}` and add this behind the others, or, \
         if only the name has changed, write `#[message(rename = \"{old}\")]` on it"
    )]
    ArgumentRenamed {
        /// Its name before.
        old: String,
    },
    /// A value has another type.
    #[error("was `{old}` and is `{new}`; keep the type, and add the new one under a new name")]
    TypeChanged {
        /// The type before.
        old: Shape,
        /// The type now.
        new: Shape,
    },
    /// A struct has become an enum, or the like.
    #[error("was {} and is {}; keep it, and give the new type a name of its own", article(.old), article(.new))]
    BodyChanged {
        /// `struct`, `enum` or `opaque`.
        old: &'static str,
        /// The same, now.
        new: &'static str,
    },
    /// A field is new, and old peers do not send it.
    #[error(
        "is new, and old peers do not send it; write `#[message(default)]` on it, or make it an `Option`"
    )]
    FieldAdded,
    /// A field is gone, and old peers need it.
    #[error(
        "is gone, and old peers need it; keep it, or, if only its name has changed, write `#[message(rename = \"{name}\")]`"
    )]
    FieldRemoved {
        /// Its name.
        name: String,
    },
    /// A field is new and has the [`tag`](crate::message::tag) of another that old peers send: it would be taken for that.
    #[error(
        "is new and has the number on the wire that `{name}` has for old peers, by chance; choose another name for it"
    )]
    TagTaken {
        /// The name of the old field.
        name: String,
    },
    /// A field without a name is gone, so that another one may take its position.
    #[error(
        "is gone, and a field without a name is known by its position, which another one would take; keep it, or give fields \
         that may go a name from the start, with `#[message(rename = \"..\")]`"
    )]
    PositionRemoved,
    /// A field without a name was added or removed where others have its type: which of them it was is not known.
    #[error(
        "has no name and the type of a field before it, so that old peers may take the one for the other; give it a name, \
         with `#[message(rename = \"..\")]`"
    )]
    PositionUnclear,
    /// A variant is new and not dated, so that old peers would be sent it.
    #[error(
        "is new, and old peers, which have version {known} of the type, would be sent it; write `#[message(since = {})]` on it, with that version on the type",
        known.saturating_add(1)
    )]
    VariantAdded {
        /// The version that it says it came with.
        since: u32,
        /// The version of the type that old peers have.
        known: u32,
    },
    /// A variant is gone, and old peers send it.
    #[error(
        "is gone, and old peers send it; keep it, or, if only its name has changed, write `#[message(tag = \"{name}\")]`"
    )]
    VariantRemoved {
        /// Its tag, as text.
        name: String,
    },
    /// A variant says that it is younger than it is, so that it would be kept from old peers that know it.
    #[error(
        "says that it came with version {since}, and version {known} has it already; write the version that added it"
    )]
    VariantPostdated {
        /// The version that it says it came with.
        since: u32,
        /// A version that has it.
        known: u32,
    },
    /// A variant says that it is older than it is, so that peers would be sent it that do not know it.
    #[error(
        "says that it came with version {new}, and said version {old}; peers with versions in between do not know it, so write \
         `#[message(since = {old})]`"
    )]
    SinceLowered {
        /// The version that it said it came with.
        old: u32,
        /// The version that it says now.
        new: u32,
    },
    /// A type counts backwards.
    #[error("was version {old} and is version {new}; count on from {old}")]
    VersionLowered {
        /// The version before.
        old: u32,
        /// The version now.
        new: u32,
    },
    /// A foreign type has another version: nothing is known of how it has changed.
    #[error(
        "was version {old} and is version {new}, and how foreign types change is not known; keep it, and give the new one a name of its own"
    )]
    OpaqueChanged {
        /// The version before.
        old: u32,
        /// The version now.
        new: u32,
    },
    /// A type is mentioned and not defined: the contract was not made by `contract()`, and not read from a text.
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
    /// The same for a reader who knows which method is meant.
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
