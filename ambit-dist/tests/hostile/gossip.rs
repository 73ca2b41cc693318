//! A member that makes wrong claims in gossip.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::transport::SendHalf;
use ambit_dist::wire::CloseCode;
use serde::Serialize;

use crate::hostile::hello::Hello;
use crate::hostile::stranger::Stranger;
use crate::hostile::target::Target;

/// A claim that a member is alive, as the wire has it: the identity, a counter, and the state `Alive`.
pub(crate) type Claim = (Identity, u16, u8);
pub(crate) type Identity = (String, u64, u32, Profile);
pub(crate) type Profile = (Vec<SocketAddr>, String, BTreeMap<String, String>);

pub(crate) fn alive(name: &str, incarnation: u64) -> Claim {
    ((name.to_owned(), incarnation, 0, Profile::default()), 0, 0)
}

/// Returns a frame of gossip.
pub(crate) fn frame(kind: u8, items: &[impl Serialize]) -> Vec<u8> {
    let mut body = vec![kind];
    for item in items {
        body.extend(postcard::to_allocvec(item).unwrap());
    }
    framed(&body)
}

/// Returns a frame of one of the streams of the cluster.
pub(crate) fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap();
    [&length.to_le_bytes(), body].concat()
}

/// Returns a member with a session, its name, and its gossip stream.
pub(crate) async fn gossiper(target: &Target) -> (Stranger, String, Box<dyn SendHalf>) {
    let name = target.name();
    let mut stranger = target.caller(&name).await;
    let mut hello = Hello::of(&name);
    hello.features = 1;
    stranger.meet(&hello).await;
    let mut stream = stranger.connection.open_uni().await.unwrap();
    stream.write(vec![0x02].into()).await.unwrap();
    (stranger, name, stream)
}

#[ambit::test(real_time)]
async fn x98_invalid_gossip_closes_the_session_and_changes_nothing() {
    let target = Target::new().await;
    let cases: [(&str, Vec<u8>, CloseCode); 5] = [
        ("no kind", vec![0, 0, 0, 0], CloseCode::Malformed),
        ("an unknown kind", vec![1, 0, 0, 0, 9], CloseCode::Malformed),
        ("half a member", frame(1, &[7_u8]), CloseCode::Malformed),
        ("no packet", frame(0, &[255_u8; 9]), CloseCode::Malformed),
        ("4 GiB", vec![255; 4], CloseCode::TooLarge),
    ];
    for (name, bytes, expected) in cases {
        let (stranger, _, mut stream) = gossiper(&target).await;
        stream.write(bytes.into()).await.unwrap();
        let (code, text) = stranger.closed().await;
        assert_eq!(code, expected, "{name}: {text}");
    }
    let members = target.node.membership().up();
    assert_eq!(members.len(), 2, "{members:?}");
    target.unharmed().await;
}

/// Returns a frame with a ping of the membership protocol, and as many empty bytes.
fn ping(from: &Identity, to: &Identity, padding: usize) -> Vec<u8> {
    // The sender, its counter, the receiver, the kind of the message, and the number of the probe.
    let packet = (from, 0_u16, to, 0_u8, 1_u16);
    let bytes = postcard::to_allocvec(&packet).unwrap();
    framed(&[&[0][..], &bytes, &vec![0; padding]].concat())
}

#[ambit::test(real_time)]
async fn x98_packets_of_the_receiver_itself_and_oversized_ones_change_nothing() {
    let target = Target::new().await;
    let id = target.node.id();
    let (own, _, _) = alive(id.name.as_str(), id.incarnation.get());
    let before = target.node.membership().up();
    for (is_own, padding, expected) in [
        (true, 0, "in the name of another node"),
        (false, 16 * 1024, "an invalid packet"),
    ] {
        let (stranger, name, mut stream) = gossiper(&target).await;
        let (member, _, _) = alive(&name, 1);
        // A packet that is valid, and one that is not.
        let valid = ping(&member, &own, 0);
        stream.write(valid.into()).await.unwrap();
        let from = if is_own { &own } else { &member };
        let invalid = ping(from, &own, padding);
        stream.write(invalid.into()).await.unwrap();
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::Malformed, "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let after = target.node.membership().up();
    let is_kept = |member| after.contains(member);
    assert!(before.iter().all(is_kept), "{before:?} before {after:?}");
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_million_members_are_contained() {
    let target = Target::new().await;
    let (stranger, _, mut stream) = gossiper(&target).await;
    for round in 0..1_000 {
        let claims: Vec<Claim> = (0..1_000)
            .map(|number| alive(&format!("x{round}-{number}"), 1 << 16))
            .collect();
        // The node closes the connection at some point.
        if stream.write(frame(1, &claims).into()).await.is_err() {
            break;
        }
    }
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("more members than the limit"), "{text}");
    assert!(target.node.membership().members().len() <= 1_025);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn wrong_claims_about_connected_nodes_have_no_effect_and_disconnect_their_sender() {
    let target = Target::new().await;
    let before = target.node.membership().up();
    let (stranger, _, mut stream) = gossiper(&target).await;
    let own = target.node.name().to_string();
    let claims: Vec<Claim> = (0..32)
        .flat_map(|_| [alive("honest", u64::MAX), alive(&own, u64::MAX)])
        .collect();
    stream.write(frame(1, &claims).into()).await.unwrap();
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("too many wrong claims"), "{text}");
    assert_eq!(target.node.membership().up(), before);
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn endless_tags_are_refused() {
    let target = Target::new().await;
    let (stranger, _, mut stream) = gossiper(&target).await;
    let (mut identity, counter, state) = alive("x", 1 << 16);
    identity.3.2.insert("a".repeat(5_000), "b".to_owned());
    let claim: Claim = (identity, counter, state);
    stream.write(frame(1, &[claim]).into()).await.unwrap();
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn a_gossip_stream_that_was_not_negotiated_is_malformed() {
    let target = Target::new().await;
    let stranger = target.stranger().await;
    for _ in 0..4 {
        // The lanes are open, so this is one stream too many.
        let mut stream = stranger.connection.open_uni().await.unwrap();
        stream.write(vec![0x02].into()).await.ok();
    }
    let closed = tokio::time::timeout(Duration::from_secs(10), stranger.closed()).await;
    assert_eq!(closed.unwrap().0, CloseCode::Malformed);
    target.unharmed().await;
}
