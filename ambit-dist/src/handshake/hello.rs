//! The hello of both sides: the same fields, as an offer by the dialler and as the agreed values by the acceptor.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use ambit::message::Codec;

use crate::codecs::any::AnyCodec;
use crate::handshake::fields::{Fields, put_address, put_limits, put_text};
use crate::handshake::refusal::Refusal;
use crate::handshake::versions::Versions;
use crate::node::id::{ClusterName, Incarnation, NodeId};
use crate::wire::{CloseCode, HELLO_MAX, Limits, varint};

/// The first bytes of every handshake.
const MAGIC: &[u8; 5] = b"ambit";

/// The maximum number of addresses that a node sends and accepts.
pub(super) const MAX_ADDRESSES: usize = 16;
/// The maximum number of codec names that a node accepts.
const MAX_CODECS: usize = 16;
/// The maximum length of a codec name and of the software text, in bytes.
const MAX_TEXT: usize = 128;

/// The allowed range of heartbeat intervals.
pub(crate) const HEARTBEATS: RangeInclusive<Duration> =
    Duration::from_millis(1)..=Duration::from_secs(600);

/// The identity and capabilities of a node, or the acceptor's answer to them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hello {
    pub(super) versions: Versions,
    pub(super) cluster: ClusterName,
    pub(super) id: NodeId,
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) features: u64,
    /// The codecs that this program also knows.
    pub(super) codecs: Vec<AnyCodec>,
    pub(super) limits: Limits,
    pub(super) heartbeat: Duration,
    pub(super) software: String,
}

impl Hello {
    /// Encodes the hello. The result has at most [`HELLO_MAX`] bytes, because every field is bounded.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        varint::put(self.versions.oldest.into(), &mut out);
        varint::put(self.versions.newest.into(), &mut out);
        put_text(self.cluster.as_str(), &mut out);
        put_text(self.id.name.as_str(), &mut out);
        varint::put(self.id.incarnation.get(), &mut out);
        varint::put(self.addresses.len() as u64, &mut out);
        for address in &self.addresses {
            put_address(*address, &mut out);
        }
        varint::put(self.features, &mut out);
        varint::put(self.codecs.len() as u64, &mut out);
        for codec in &self.codecs {
            put_text(codec.name(), &mut out);
        }
        put_limits(&self.limits, &mut out);
        varint::put(self.heartbeat.as_millis() as u64, &mut out);
        put_text(&self.software, &mut out);
        out
    }

    /// Decodes the bytes of a peer. `ours` provides the limits that an older peer does not send.
    ///
    /// Versions come first and are compared first, because everything after them may differ in another version. Fields
    /// after the last known one belong to a later version and are skipped.
    pub(super) fn decode(
        bytes: &[u8],
        versions: Versions,
        ours: &Limits,
    ) -> Result<(Self, u32), Refusal> {
        if bytes.len() > HELLO_MAX {
            let text = format!("a handshake has at most {HELLO_MAX} bytes");
            return Err(Refusal::new(CloseCode::TooLarge, text));
        }
        let Some(rest) = bytes.strip_prefix(MAGIC) else {
            return Err(Refusal::malformed(
                "the first bytes are not the magic number",
            ));
        };
        let mut fields = Fields(rest);
        let theirs = Versions {
            oldest: fields.number_u32()?,
            newest: fields.number_u32()?,
        };
        if theirs.oldest > theirs.newest {
            return Err(Refusal::malformed("the oldest version is above the newest"));
        }
        let Some(version) = versions.common(theirs) else {
            return Err(Refusal::version(versions, theirs));
        };
        Ok((Self::decode_fields(&mut fields, theirs, ours)?, version))
    }

    fn decode_fields(
        fields: &mut Fields<'_>,
        versions: Versions,
        ours: &Limits,
    ) -> Result<Self, Refusal> {
        Ok(Self {
            versions,
            cluster: fields.name()?,
            id: NodeId {
                name: fields.name()?,
                incarnation: Incarnation(fields.number()?),
            },
            addresses: fields.list(MAX_ADDRESSES, "addresses", Fields::address)?,
            features: fields.number()?,
            codecs: fields
                .list(MAX_CODECS, "codecs", |fields| fields.text(MAX_TEXT))?
                .into_iter()
                .filter_map(AnyCodec::from_name)
                .collect(),
            limits: fields.limits(ours)?,
            heartbeat: heartbeat(fields.number()?)?,
            software: super::refusal::printable(fields.text(MAX_TEXT)?),
        })
    }
}

fn heartbeat(millis: u64) -> Result<Duration, Refusal> {
    let heartbeat = Duration::from_millis(millis);
    if HEARTBEATS.contains(&heartbeat) {
        return Ok(heartbeat);
    }
    Err(Refusal::malformed(
        "a heartbeat is between 1 ms and 10 minutes",
    ))
}
