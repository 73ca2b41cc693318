//! Fingerprints of methods and types on the wire.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use crate::message::contract::Contract;
use crate::message::contract::closure::behind;
use crate::message::contract::lines::{write_definition, write_method, write_shape};
use crate::message::schema::{Clash, Schema, Types};
use crate::message::shape::{Definition, Shape};

/// The fingerprint of a method or a type on the wire. Two nodes with equal fingerprints of a method can use the compact
/// form.
///
/// A fingerprint is the 64-bit FNV-1a hash of the lines that a contract contains for the method and for every type that
/// it refers to. It therefore depends on names, kinds, versions, and the order of fields and arguments, but not on the
/// order of variants, on other types, or on the Rust names of types.
///
/// ```
/// use ambit::message::{Fingerprint, fingerprint};
///
/// let ours = fingerprint::<Vec<u64>>()?;
/// // Send the number to the other node, which compares it with its own.
/// let received = Fingerprint::new(ours.number());
/// assert_eq!(received, fingerprint::<Box<[u64]>>()?);
/// assert_eq!(ours.to_string().len(), 16);
/// # Ok::<(), ambit::message::Clash>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// Creates a fingerprint from a number that [`number`](Self::number) returned, on this or another node.
    #[must_use]
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// Returns the hash of a type's lines, without the types that it refers to.
    pub(super) fn of_lines(name: &str, definition: &Definition) -> Self {
        let mut hash = Hash::new();
        let written = write_definition(&mut hash, name, definition);
        hash.end(written)
    }

    /// Returns the hash as a number, which can be sent to another node.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Fingerprint({self})")
    }
}

/// Returns the fingerprint of the type `T`.
///
/// ```
/// use std::collections::VecDeque;
/// use ambit::message::fingerprint;
///
/// assert_eq!(fingerprint::<Vec<u64>>()?, fingerprint::<VecDeque<u64>>()?);
/// assert_ne!(fingerprint::<Vec<u64>>()?, fingerprint::<Vec<u32>>()?);
/// # Ok::<(), ambit::message::Clash>(())
/// ```
///
/// # Errors
/// - [`Clash`] if `T` refers to two types with one name on the wire and different definitions.
pub fn fingerprint<T: Schema>() -> Result<Fingerprint, Clash> {
    let mut types = Types::default();
    let shape = T::shape(&mut types);
    let types = types.into_definitions()?;
    let mut hash = Hash::new();
    let written = write_shape(&mut hash, &shape).and_then(|()| hash.types([&shape], &types));
    Ok(hash.end(written))
}

impl Contract {
    /// Returns the fingerprint of `method` in `protocol`; `None` if the contract does not contain the method.
    ///
    /// ```
    /// use ambit::message::Contract;
    ///
    /// let old: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u64".parse()?;
    /// let new: Contract = "ambit contract 1\nprotocol kv\n  call get(key: string) -> u32".parse()?;
    /// assert_ne!(old.fingerprint("kv", "get"), new.fingerprint("kv", "get"));
    /// assert_eq!(old.fingerprint("kv", "put"), None);
    /// # Ok::<(), ambit::message::ParseError>(())
    /// ```
    #[must_use]
    pub fn fingerprint(&self, protocol: &str, method: &str) -> Option<Fingerprint> {
        let method = self.method(protocol, method)?;
        let args = method.args.iter().map(|arg| &arg.shape);
        let mut hash = Hash::new();
        let written = write_method(&mut hash, method)
            .and_then(|()| hash.types(args.chain(&method.reply), &self.types));
        Some(hash.end(written))
    }
}

/// Hashes the text that is written to it.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    /// Adds the definitions of all types behind these shapes.
    fn types<'a>(
        &mut self,
        shapes: impl IntoIterator<Item = &'a Shape>,
        types: &'a BTreeMap<String, Definition>,
    ) -> fmt::Result {
        let mut behind = behind(shapes, types).into_iter();
        behind.try_for_each(|name| match types.get(name) {
            Some(definition) => write_definition(self, name, definition),
            None => Ok(()),
        })
    }

    /// Returns the fingerprint. Writing to a hash cannot fail, so neither can this.
    fn end(self, written: fmt::Result) -> Fingerprint {
        debug_assert!(written.is_ok());
        Fingerprint(self.0)
    }
}

impl Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}
