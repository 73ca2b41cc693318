//! The state that a node sends at the start of a session.

use std::collections::BTreeSet;
use std::time::Duration;

use ambit_dist::transport::ReceiveHalf;

use crate::hostile::gossip::{Claim, alive, frame, gossiper};
use crate::hostile::stranger::Stranger;
use crate::hostile::target::Target;

/// The kind of a gossip frame with a list of members.
const STATE: u8 = 1;

/// Returns the gossip stream that the node has opened.
async fn gossip_of(stranger: &Stranger) -> (Box<dyn ReceiveHalf>, Vec<u8>) {
    loop {
        let mut stream = stranger.connection.accept_uni().await.unwrap();
        let first = stream.read().await.unwrap().unwrap();
        if first[0] == 0x02 {
            return (stream, first[1..].to_vec());
        }
    }
}

/// Removes the first complete frame.
fn take_frame(bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_le_bytes(*bytes.first_chunk()?) as usize;
    let frame = bytes.get(4..4 + length)?.to_vec();
    bytes.drain(..4 + length);
    Some(frame)
}

/// Reads lists of members until they contain this many whose names begin with `x`.
async fn read_members(stranger: &Stranger, expected: usize) -> BTreeSet<String> {
    let (mut stream, mut bytes) = gossip_of(stranger).await;
    let mut names = BTreeSet::new();
    while names.len() < expected {
        let Some(frame) = take_frame(&mut bytes) else {
            bytes.extend_from_slice(&stream.read().await.unwrap().unwrap());
            continue;
        };
        let mut rest = &frame[1..];
        while frame[0] == STATE && !rest.is_empty() {
            let (((name, ..), ..), after): (Claim, _) = postcard::take_from_bytes(rest).unwrap();
            rest = after;
            names.extend(name.starts_with('x').then_some(name));
        }
    }
    names
}

#[ambit::test(real_time)]
async fn a_session_begins_with_all_members_however_long_their_list_is() {
    let target = Target::new().await;
    let (mut liar, _, mut stream) = gossiper(&target).await;
    let long = |number: usize| {
        let (mut identity, counter, state) = alive(&format!("x{number}"), 1 << 16);
        identity.3.2.insert("text".to_owned(), "y".repeat(500));
        (identity, counter, state)
    };
    // Longer than the queue of the stream, which takes 64 KiB.
    let claims: Vec<Claim> = (0..400).map(long).collect();
    for part in claims.chunks(100) {
        stream.write(frame(STATE, part).into()).await.unwrap();
    }
    let known = async {
        while target.node.membership().members().len() < 400 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let known = tokio::time::timeout(Duration::from_secs(10), known).await;
    known.expect("the node knows the members");
    liar.is_kept().await;
    let (reader, ..) = gossiper(&target).await;
    let read = read_members(&reader, 400);
    let read = tokio::time::timeout(Duration::from_secs(10), read).await;
    assert_eq!(read.expect("the complete list").len(), 400);
}
