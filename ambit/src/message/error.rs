//! The errors of encoding and decoding.

/// The reason why a value was not encoded. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The value needs more than the limit allows. Send less, or raise the limit on both nodes.
    #[error(
        "the message is larger than {limit} bytes: send it in parts, or raise the limit on both nodes"
    )]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The peer runs an older version that does not know this variant. Update the peer, or send another variant.
    #[error(
        "the peer knows version {peer} of `{of}`, and `{variant}` came with version {since}: update the peer, or send another variant"
    )]
    Newer {
        /// The enum's name on the wire.
        of: String,
        /// The variant's tag, as text.
        variant: String,
        /// The version that added it.
        since: u32,
        /// The version of the peer.
        peer: u32,
    },
    /// A process was encoded without a node: its encoding depends on the reader. Send it through a handle of
    /// `ambit-dist`; [`Out::process_encoding`](crate::message::Out::process_encoding) sets the node that reads the
    /// bytes.
    #[error(
        "a process has a name on the wire only between two nodes: write it with `Out::process_encoding`"
    )]
    NoNode,
    /// A handle that follows a name was encoded, and no process is registered under the name. Send it when one is.
    #[error(
        "no process is registered under the name that a handle in the message follows: send it when one is"
    )]
    NoHolder,
    /// The message has more handles than one message may contain: the reader keeps a proxy for each. Send them in
    /// several messages.
    #[error("the message has more than {limit} handles: send them in several messages")]
    TooManyHandles {
        /// The limit.
        limit: usize,
    },
    /// Values are nested deeper than a reader allows: send them in a list, or in several messages.
    #[error(
        "values are nested deeper than {limit} levels: send them in a list, or in several messages"
    )]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// More elements take no bytes than a reader allows, such as those of a `Vec<()>`: send their number.
    #[error(
        "the message has more than {limit} elements that take no bytes: send how many there are"
    )]
    TooManyElements {
        /// The limit.
        limit: usize,
    },
    /// A `RangeInclusive` has been iterated to its end, and would be encoded like the whole range. Send it before
    /// iterating, or send a `Range`.
    #[error(
        "the range has been iterated to its end, and would be read as if it had not: send a `Range`"
    )]
    Exhausted,
    /// The `Serialize` of a foreign type behind `#[wire(..)]` failed; a retry fails again.
    #[error("a value could not be written: {0}")]
    Refused(String),
}

/// The reason why bytes were not decoded. Their value is lost; the connection is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("the bytes end inside the value")]
    Truncated,
    /// The value ends before the bytes do.
    #[error("{left} bytes follow the value")]
    TrailingBytes {
        /// The number of bytes.
        left: usize,
    },
    /// A variant that this version does not know.
    #[error("`{of}` has no variant with the tag {tag:#010x}")]
    UnknownTag {
        /// The enum's name on the wire.
        of: &'static str,
        /// The tag that was found.
        tag: u32,
    },
    /// A method that this version does not know.
    #[error("`{of}` has no method with the tag {tag:#010x}")]
    UnknownMethod {
        /// The protocol's name on the wire.
        of: &'static str,
        /// The tag that was found.
        tag: u32,
    },
    /// A field without a default is missing.
    #[error("the field `{field}` is missing")]
    MissingField {
        /// The field's name on the wire.
        field: &'static str,
    },
    /// A record has two fields with one tag, which no encoder writes.
    #[error("two fields of a record have the tag {tag:#010x}")]
    RepeatedField {
        /// The tag.
        tag: u32,
    },
    /// The bytes are those of another message.
    #[error("these are the bytes of another message, not of `{expected}`")]
    WrongMessage {
        /// The name of the message that was expected.
        expected: &'static str,
    },
    /// The bytes were written by another version of the type, in the form that requires equal versions.
    #[error("`{of}` was written in version {found}, and this is version {expected}")]
    WrongVersion {
        /// The type's name on the wire.
        of: &'static str,
        /// The version in the bytes.
        found: u32,
        /// The version of this program.
        expected: u32,
    },
    /// The value is nested deeper than the limit.
    #[error("the value is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// The value has more elements than the limit.
    #[error("the value has more than {limit} elements")]
    TooManyElements {
        /// The limit.
        limit: usize,
    },
    /// The value has more handles on processes than one message may contain.
    #[error("the message has more than {limit} handles")]
    TooManyHandles {
        /// The limit.
        limit: usize,
    },
    /// A process was decoded without a node: see [`In::process_encoding`](crate::message::In::process_encoding).
    #[error(
        "a process has a name on the wire only between two nodes: read it with `In::process_encoding`"
    )]
    NoNode,
    /// A process implements another protocol than the handle in the message.
    #[error("a process of `{expected}` was expected, and this one implements `{found}`")]
    WrongProtocol {
        /// The protocol of the handle, by its name on the wire.
        expected: &'static str,
        /// The protocol of the process.
        found: &'static str,
    },
    /// The bytes are no value of the type.
    #[error("not a value of the type: {0}")]
    Invalid(String),
}
