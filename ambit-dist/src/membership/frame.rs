//! The frames of the gossip channel.

use bytes::{BufMut, Bytes, BytesMut};
use foca::Member;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::membership::member_id::MemberId;
use crate::session::channels::Channel;

/// The first byte of each frame.
const PACKET: u8 = 0;
const STATE: u8 = 1;
const GONE: u8 = 2;

/// A frame of the gossip channel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum GossipFrame {
    /// A packet of the membership protocol.
    Packet(Bytes),
    /// Members that the sender knows. Sent at the start of a session.
    State(Vec<Member<MemberId>>),
    /// Members that the sender has found to be gone.
    Gone(Vec<GoneMember>),
}

/// A member that is gone, and whether it left and announced it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GoneMember {
    pub(crate) id: MemberId,
    pub(crate) has_left: bool,
}

/// A frame that cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum GossipError {
    #[error("a gossip frame without a kind")]
    Empty,
    #[error("a gossip frame of the unknown kind {0}")]
    UnknownKind(u8),
    #[error("a gossip frame with an invalid member")]
    BadMember,
}

impl GossipFrame {
    pub(crate) fn decode(mut frame: Bytes) -> Result<Self, GossipError> {
        if frame.is_empty() {
            return Err(GossipError::Empty);
        }
        let kind = frame.split_to(1)[0];
        match kind {
            PACKET => Ok(Self::Packet(frame)),
            STATE => Ok(Self::State(list(&frame)?)),
            GONE => {
                let gone = list::<(MemberId, bool)>(&frame)?.into_iter();
                let gone = gone.map(|(id, has_left)| GoneMember { id, has_left });
                Ok(Self::Gone(gone.collect()))
            }
            unknown => Err(GossipError::UnknownKind(unknown)),
        }
    }
}

/// Returns the frame of a packet.
pub(crate) fn packet(packet: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(1 + packet.len());
    frame.put_u8(PACKET);
    frame.extend_from_slice(packet);
    frame.freeze()
}

/// Returns the frames of a list of members, each short enough for the channel.
pub(crate) fn state<'a>(members: impl Iterator<Item = &'a Member<MemberId>>) -> Vec<Bytes> {
    frames(STATE, members)
}

/// Returns the frames of a list of gone members.
pub(crate) fn gone<'a>(gone: impl Iterator<Item = &'a GoneMember>) -> Vec<Bytes> {
    let gone: Vec<_> = gone.map(|gone| (gone.id.clone(), gone.has_left)).collect();
    frames(GONE, gone.iter())
}

fn frames<'a, T: Serialize + 'a>(kind: u8, items: impl Iterator<Item = &'a T>) -> Vec<Bytes> {
    let (mut frames, mut frame) = (Vec::new(), BytesMut::new());
    for item in items {
        // An item is far shorter than a frame, and its encoding cannot fail: it consists of numbers and texts.
        let bytes = postcard::to_allocvec(item).unwrap_or_default();
        if frame.len() + bytes.len() > Channel::Gossip.max_frame() / 2 {
            frames.push(frame.split().freeze());
        }
        if frame.is_empty() {
            frame.put_u8(kind);
        }
        frame.extend_from_slice(&bytes);
    }
    if !frame.is_empty() {
        frames.push(frame.freeze());
    }
    frames
}

/// Decodes items until the end of the bytes. The length of a frame bounds their number.
fn list<T: DeserializeOwned>(mut bytes: &[u8]) -> Result<Vec<T>, GossipError> {
    let mut items = Vec::new();
    while !bytes.is_empty() {
        let (item, rest) = postcard::take_from_bytes(bytes).map_err(|_| GossipError::BadMember)?;
        items.push(item);
        bytes = rest;
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::membership::member_id::Profile;
    use crate::node::id::id;

    fn member(name: &str) -> MemberId {
        MemberId {
            id: id(name, 1),
            renewal: 0,
            profile: Profile::default().into(),
        }
    }

    #[test]
    fn long_lists_are_split_and_survive_their_encoding() {
        let members: Vec<_> = (0..5_000)
            .map(|number| Member::alive(member(&format!("n{number}"))))
            .collect();
        let frames = state(members.iter());
        assert!(frames.len() > 1);
        let mut read = Vec::new();
        for frame in frames {
            assert!(frame.len() <= Channel::Gossip.max_frame());
            let GossipFrame::State(part) = GossipFrame::decode(frame).unwrap() else {
                panic!("another kind");
            };
            read.extend(part);
        }
        assert_eq!(read, members);
    }

    #[test]
    fn each_kind_survives_its_encoding() {
        let left = GoneMember {
            id: member("a"),
            has_left: true,
        };
        let frames = gone([&left].into_iter());
        let read = GossipFrame::decode(frames[0].clone());
        assert_eq!(read, Ok(GossipFrame::Gone(vec![left])));
        let read = GossipFrame::decode(packet(b"abc"));
        assert_eq!(read, Ok(GossipFrame::Packet(Bytes::from_static(b"abc"))));
    }

    #[test]
    fn invalid_frames_are_errors() {
        let decode = |bytes: &'static [u8]| GossipFrame::decode(Bytes::from_static(bytes));
        assert_eq!(decode(b""), Err(GossipError::Empty));
        assert_eq!(decode(b"\x09"), Err(GossipError::UnknownKind(9)));
        assert_eq!(decode(b"\x01\xff\xff"), Err(GossipError::BadMember));
        assert_eq!(decode(b"\x02\x01a"), Err(GossipError::BadMember));
    }
}
