//! Encodes and decodes the fields of a handshake: numbers, texts, and lists. Declared lengths never cause an
//! allocation.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use crate::handshake::refusal::{Refusal, printable};
use crate::node::id::InvalidName;
use crate::wire::{Limits, varint};

/// The number of agreed limits, in the order of the wire. A later version appends to the end.
const LIMITS: usize = 13;

pub(super) fn put_text(text: &str, out: &mut Vec<u8>) {
    varint::put(text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn put_address(address: SocketAddr, out: &mut Vec<u8>) {
    match address {
        SocketAddr::V4(address) => {
            out.push(4);
            out.extend_from_slice(&address.ip().octets());
        }
        SocketAddr::V6(address) => {
            out.push(6);
            out.extend_from_slice(&address.ip().octets());
        }
    }
    out.extend_from_slice(&address.port().to_le_bytes());
}

pub(super) fn put_limits(limits: &Limits, out: &mut Vec<u8>) {
    varint::put(LIMITS as u64, out);
    for number in numbers(limits) {
        varint::put(number, out);
    }
}

/// Destructures the struct exhaustively, so that adding a limit requires a decision here.
fn numbers(limits: &Limits) -> [u64; LIMITS] {
    let Limits {
        max_message,
        chunk,
        partials,
        partial_bytes,
        types,
        contract,
        definition_bytes,
        asks,
        monitors,
        name,
        window,
        lanes,
        window_bytes,
        queue: _,
        answers: _,
        signals: _,
        signal_bytes: _,
        waiting: _,
        questions: _,
        peers: _,
        entries: _,
        entry_bytes: _,
    } = *limits;
    [
        max_message as u64,
        chunk as u64,
        partials as u64,
        partial_bytes as u64,
        types as u64,
        contract as u64,
        definition_bytes as u64,
        asks as u64,
        monitors as u64,
        name as u64,
        window.into(),
        lanes.into(),
        window_bytes as u64,
    ]
}

/// The unread part of a handshake.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn number(&mut self) -> Result<u64, Refusal> {
        varint::take(&mut self.0).map_err(|error| Refusal::malformed(&error.to_string()))
    }

    pub(super) fn number_u32(&mut self) -> Result<u32, Refusal> {
        varint::take_u32(&mut self.0).map_err(|error| Refusal::malformed(&error.to_string()))
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self
            .0
            .split_at_checked(length)
            .ok_or_else(|| Refusal::malformed("it ends inside a field"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(N)?);
        Ok(array)
    }

    pub(super) fn text(&mut self, longest: usize) -> Result<&'a str, Refusal> {
        let length = self.length(longest, "bytes of a text")?;
        let text = std::str::from_utf8(self.bytes(length)?);
        text.map_err(|_| Refusal::malformed("a text is not UTF-8"))
    }

    /// Reads the name of a node or cluster, whose type checks the length.
    pub(super) fn name<T: FromStr<Err = InvalidName>>(&mut self) -> Result<T, Refusal> {
        let text = self.text(usize::MAX)?;
        // The error contains the peer's text.
        text.parse()
            .map_err(|error: InvalidName| Refusal::malformed(&printable(&error.to_string())))
    }

    fn length(&mut self, most: usize, what: &str) -> Result<usize, Refusal> {
        let length = usize::try_from(self.number()?).unwrap_or(usize::MAX);
        if length > most {
            return Err(Refusal::malformed(&format!("{length} {what} are too many")));
        }
        Ok(length)
    }

    pub(super) fn list<T>(
        &mut self,
        most: usize,
        what: &str,
        mut item: impl FnMut(&mut Self) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        let length = self.length(most, what)?;
        (0..length).map(|_| item(self)).collect()
    }

    pub(super) fn address(&mut self) -> Result<SocketAddr, Refusal> {
        let ip = match self.array()? {
            [4] => Ipv4Addr::from(self.array::<4>()?).into(),
            [6] => Ipv6Addr::from(self.array::<16>()?).into(),
            [_] => return Err(Refusal::malformed("an address is of an unknown kind")),
        };
        Ok(SocketAddr::new(ip, u16::from_le_bytes(self.array()?)))
    }

    /// Reads the limits of the peer. Missing ones default to `ours`; those of a later version are skipped.
    pub(super) fn limits(&mut self, ours: &Limits) -> Result<Limits, Refusal> {
        let sent = self.list(64, "limits", Self::number)?;
        let mut all = numbers(ours);
        for (number, sent) in all.iter_mut().zip(sent) {
            *number = sent;
        }
        let [size @ .., window, lanes, window_bytes] = all;
        let [
            max_message,
            chunk,
            partials,
            partial_bytes,
            types,
            contract,
            definition_bytes,
            asks,
            monitors,
            name,
        ] = size.map(whole);
        Ok(Limits {
            max_message,
            chunk,
            partials,
            partial_bytes,
            types,
            contract,
            definition_bytes,
            asks,
            monitors,
            name,
            window: u32::try_from(window).unwrap_or(u32::MAX),
            lanes: u8::try_from(lanes).unwrap_or(u8::MAX),
            window_bytes: whole(window_bytes),
            ..ours.clone()
        })
    }
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
