//! The errors of encoding and decoding.

/// The reason why a value was not encoded. No part of it was sent.
///
/// ```
/// use ambit::message::{EncodeError, Form, Out, Wire};
/// use ambit::process::Pid;
/// # use ambit::message::{Budget, Codec, DecodeError};
/// # #[derive(Clone, Copy, Debug, Default)]
/// # struct Json;
/// # impl Codec for Json {
/// #     fn name(&self) -> &'static str { "json" }
/// #     fn put<T: serde::Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
/// #         serde_json::to_writer(&mut *out, value).map_err(|error| EncodeError::Refused(error.to_string()))?;
/// #         Ok(out.push(b'\n'))
/// #     }
/// #     fn take_any<T>(&self, bytes: &mut &[u8], _: &mut Budget) -> Result<T, DecodeError>
/// #     where
/// #         T: serde::de::DeserializeOwned,
/// #     {
/// #         let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(DecodeError::Truncated)?;
/// #         let value = serde_json::from_slice(&bytes[..end]);
/// #         *bytes = &bytes[end + 1..];
/// #         value.map_err(|error| DecodeError::Invalid(error.to_string()))
/// #     }
/// # }
/// let mut out = Out::<Json>::new(Form::Compact).limit(8);
/// assert_eq!("a long text".to_owned().put(&mut out), Err(EncodeError::TooLarge { limit: 8 }));
/// let mut out = Out::<Json>::new(Form::Compact);
/// assert_eq!(Pid::NOBODY.put(&mut out), Err(EncodeError::NoNode), "a pid depends on the reading node");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// The encoding would exceed the size limit. Send less, or raise the limit on both nodes.
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
        /// The version of the enum that added the variant.
        since: u32,
        /// The version of the enum that the peer runs.
        peer: u32,
    },
    /// A reference to a process was encoded without a node, but its encoding depends on the node that reads the bytes.
    /// Send the value through a handle to `ambit-dist`, or set the node with
    /// [`Out::process_encoding`](crate::message::Out::process_encoding).
    #[error(
        "a process has a name on the wire only between two nodes: write it with `Out::process_encoding`"
    )]
    NoNode,
    /// A handle that follows a name was encoded, and no process is registered under the name. Send the handle once a
    /// process is registered.
    #[error(
        "no process is registered under the name that a handle in the message follows: send it when one is"
    )]
    NoHolder,
    /// The message contains more handles than the limit, because the reader keeps a proxy for each handle. Send them in
    /// several messages.
    #[error("the message has more than {limit} handles: send them in several messages")]
    TooManyHandles {
        /// The limit.
        limit: usize,
    },
    /// Values are nested more deeply than a reader accepts. Send them in a list, or in several messages.
    #[error(
        "values are nested deeper than {limit} levels: send them in a list, or in several messages"
    )]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// The message has more elements without bytes, such as those of a `Vec<()>`, than a reader accepts. Send their
    /// number instead.
    #[error(
        "the message has more than {limit} elements that take no bytes: send how many there are"
    )]
    TooManyElements {
        /// The limit.
        limit: usize,
    },
    /// The elements of the message take more memory than a reader allows for its length: see
    /// [`Budget::MEMORY_PER_BYTE`](crate::message::Budget::MEMORY_PER_BYTE). Only the bytes before an element and its own
    /// are counted for it. Send them in several messages, or make their type smaller, with a `Box` around a large part
    /// that is mostly missing.
    #[error(
        "the elements of the message take more than {limit} bytes of memory: send them in several messages, or make their type smaller"
    )]
    TooMuchMemory {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A `RangeInclusive` has been iterated to its end, so that its encoding would be that of the complete range. Send
    /// it before iterating, or send a `Range`.
    #[error(
        "the range has been iterated to its end, and would be read as if it had not: send a `Range`"
    )]
    Exhausted,
    /// A value cannot be encoded, for the reason in the text: the `Serialize` impl of a foreign type failed, a path is
    /// not UTF-8, or a process runs on a node that this node does not know, for example. A retry fails until the cause
    /// is fixed.
    #[error("a value could not be written: {0}")]
    Refused(String),
}

/// The reason why bytes were not decoded. The value is lost, but the connection stays open.
///
/// ```
/// use ambit::message::{Budget, DecodeError};
///
/// /// Returns true if the writer may run a newer version of the program.
/// fn is_newer(error: &DecodeError) -> bool {
///     matches!(error, DecodeError::UnknownTag { .. } | DecodeError::UnknownMethod { .. })
/// }
///
/// let unknown = DecodeError::UnknownTag { of: "shop.event", tag: 7 };
/// assert!(is_newer(&unknown));
/// let too_deep = Budget::new(0, 0).enter().unwrap_err();
/// assert!(!is_newer(&too_deep));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("the bytes end inside the value")]
    Truncated,
    /// The value ends before the bytes do.
    #[error("{left} bytes follow the value")]
    TrailingBytes {
        /// The number of remaining bytes.
        left: usize,
    },
    /// The bytes contain a variant that this version of the enum does not have.
    #[error("`{of}` has no variant with the tag {tag:#010x}")]
    UnknownTag {
        /// The enum's name on the wire.
        of: &'static str,
        /// The tag that was found.
        tag: u32,
    },
    /// The message is for a method that this version of the protocol does not have.
    #[error("`{of}` has no method with the tag {tag:#010x}")]
    UnknownMethod {
        /// The protocol's name on the wire.
        of: &'static str,
        /// The tag that was found.
        tag: u32,
    },
    /// A field is missing that is neither an `Option` nor has a default.
    #[error("the field `{field}` is missing")]
    MissingField {
        /// The field's name on the wire.
        field: &'static str,
    },
    /// A record has two fields with the same tag. No valid encoder writes such a record.
    #[error("two fields of a record have the tag {tag:#010x}")]
    RepeatedField {
        /// The tag.
        tag: u32,
    },
    /// The bytes are the encoding of another message type.
    #[error("these are the bytes of another message, not of `{expected}`")]
    WrongMessage {
        /// The wire name of the expected message.
        expected: &'static str,
    },
    /// The bytes were written by another version of the type, in the compact form, which requires equal versions.
    #[error("`{of}` was written in version {found}, and this is version {expected}")]
    WrongVersion {
        /// The type's name on the wire.
        of: &'static str,
        /// The version in the bytes.
        found: u32,
        /// The version of the type in this program.
        expected: u32,
    },
    /// The bytes were written with another definition of the type or of one that it refers to, in the compact form, which
    /// requires equal definitions.
    #[error(
        "`{of}` was written with another definition of the same version: raise the version with each change, or use \
         the framed form"
    )]
    WrongDefinition {
        /// The type's name on the wire.
        of: &'static str,
    },
    /// The value is nested more deeply than the limit.
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
    /// The elements of the value take more memory than the limit for its length.
    #[error("the elements of the value take more than {limit} bytes of memory")]
    TooMuchMemory {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The message contains more handles to processes than the limit.
    #[error("the message has more than {limit} handles")]
    TooManyHandles {
        /// The limit.
        limit: usize,
    },
    /// A reference to a process was decoded without a node; set the node with
    /// [`In::process_encoding`](crate::message::In::process_encoding).
    #[error(
        "a process has a name on the wire only between two nodes: read it with `In::process_encoding`"
    )]
    NoNode,
    /// The process behind a handle in the message implements a different protocol than the handle's type.
    #[error("a process of `{expected}` was expected, and this one implements `{found}`")]
    WrongProtocol {
        /// The wire name of the handle's protocol.
        expected: &'static str,
        /// The wire name of the process's protocol.
        found: &'static str,
    },
    /// The bytes are not a valid value of the type, for the reason in this text.
    #[error("not a value of the type: {0}")]
    Invalid(String),
}
