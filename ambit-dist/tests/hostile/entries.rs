//! A member that writes wrong changes of replicated entries: names and presences.

use ambit::message::{Form, Out, Wire};
use ambit_dist::transport::{Closed, SendHalf};
use ambit_dist::wire::CloseCode;
use ambit_dist::{AnyCodec, NodeId, Presence};

use crate::hostile::gossip::{self, framed};
use crate::hostile::hello::{number, text};
use crate::hostile::stranger::Stranger;
use crate::hostile::target::{Target, Till};
use crate::names::support::until;

/// The incarnation of every stranger.
const INCARNATION: u64 = 1;

/// A change of the entry with this number: its table and its body, or its removal.
type Change<'a> = (u64, Option<(&'a str, Vec<u8>)>);

/// Encodes changes of a log after a version, one version for each.
fn delta(origin: &str, from: u64, changes: &[Change<'_>]) -> Vec<u8> {
    let mut body = vec![1];
    text(origin, &mut body);
    body.extend(INCARNATION.to_le_bytes());
    // The renewal, no flags, and the versions.
    body.extend([0, 0]);
    number(from, &mut body);
    number(changes.len() as u64, &mut body);
    let mut tables: Vec<&str> = changes.iter().filter_map(table).collect();
    tables.sort_unstable();
    tables.dedup();
    number(tables.len() as u64, &mut body);
    for table in &tables {
        text(table, &mut body);
    }
    number(changes.len() as u64, &mut body);
    for (id, change) in changes {
        body.push(2 | u8::from(change.is_none()));
        number(*id, &mut body);
        if let Some((table, value)) = change {
            number(tables.binary_search(table).unwrap() as u64, &mut body);
            number(value.len() as u64, &mut body);
            body.extend(value);
        }
    }
    framed(&body)
}

fn table<'a>((_, change): &Change<'a>) -> Option<&'a str> {
    change.as_ref().map(|(table, _)| *table)
}

/// Encodes the claim of a name for a process that cannot be decoded.
fn claim(name: &str) -> Vec<u8> {
    let mut key = Out::<AnyCodec>::with(AnyCodec::Postcard, Form::Compact);
    name.to_owned().put(&mut key).unwrap();
    let (priority, since, moves, registered, is_verdict) = (0_i32, 0_u64, 0_u32, 1_u8, false);
    let predecessors: Vec<()> = Vec::new();
    let header = (
        key.into_bytes(),
        priority,
        since,
        moves,
        registered,
        is_verdict,
        predecessors,
    );
    let mut body = postcard::to_allocvec(&header).unwrap();
    body.extend([9; 9]);
    body
}

/// Returns a member of the cluster with a stream for changes.
async fn writer(target: &Target) -> (Stranger, String, Box<dyn SendHalf>) {
    let (stranger, name, mut stream) = gossip::gossiper(target).await;
    let claims = [gossip::alive(&name, INCARNATION)];
    stream
        .write(gossip::frame(1, &claims).into())
        .await
        .unwrap();
    let members = target.node.membership();
    let is_member = || members.member(&name).is_some_and(|member| member.is_up());
    until("the stranger is a member", is_member).await;
    let mut stream = stranger.connection.open_uni().await.unwrap();
    stream.write(vec![0x03].into()).await.unwrap();
    (stranger, name, stream)
}

#[ambit::test(real_time)]
async fn changes_of_other_nodes_close_the_session_and_change_nothing() {
    let target = Target::new().await;
    for origin in ["honest", "target", "nobody"] {
        let (stranger, _, mut stream) = writer(&target).await;
        let change = (1, Some(("names", claim("x"))));
        stream
            .write(delta(origin, 0, &[change]).into())
            .await
            .unwrap();
        let (code, text) = stranger.closed().await;
        assert_eq!(code, CloseCode::Malformed, "{origin}: {text}");
        assert!(text.contains("changes of"), "{text}");
    }
    assert_eq!(target.node.names().registered(), Vec::<String>::new());
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn bytes_that_are_no_changes_close_the_session() {
    let target = Target::new().await;
    let cases: [(&str, Vec<u8>, CloseCode); 5] = [
        ("no kind", framed(&[]), CloseCode::Malformed),
        ("an unknown kind", framed(&[9]), CloseCode::Malformed),
        ("half a delta", framed(&[1, 3, b'a']), CloseCode::Malformed),
        (
            "no list",
            framed(&[&[5][..], &[255; 9]].concat()),
            CloseCode::Malformed,
        ),
        ("4 GiB", vec![255; 4], CloseCode::TooLarge),
    ];
    for (name, bytes, expected) in cases {
        let (stranger, _, mut stream) = writer(&target).await;
        stream.write(bytes.into()).await.unwrap();
        let (code, text) = stranger.closed().await;
        assert_eq!(code, expected, "{name}: {text}");
    }
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn entries_beyond_a_limit_close_the_session_and_do_not_remain() {
    let target = Target::new().await;
    let (stranger, name, mut stream) = writer(&target).await;
    let first = delta(&name, 0, &[(0, Some(("names", claim("x"))))]);
    stream.write(first.into()).await.unwrap();
    let names = target.node.names();
    until("the name is visible", || names.node_of("x").is_some()).await;
    let tables: Vec<String> = (0..1_025).map(|number| format!("table-{number}")).collect();
    let numbered = (1..).zip(&tables);
    let changes: Vec<Change<'_>> = numbered
        .map(|(id, table)| (id, Some((table.as_str(), vec![0; 8]))))
        .collect();
    stream
        .write(delta(&name, 1, &changes).into())
        .await
        .unwrap();
    let (code, text) = stranger.closed().await;
    assert_eq!(code, CloseCode::Malformed, "{text}");
    assert!(text.contains("more tables than the limit"), "{text}");
    until("its names are hidden", || names.registered().is_empty()).await;
    target.unharmed().await;
}

#[ambit::test(real_time)]
async fn changes_that_are_sent_again_bring_nothing_back() {
    let target = Target::new().await;
    let (mut stranger, name, mut stream) = writer(&target).await;
    let names = target.node.names();
    let put = |id, key| (id, Some(("names", claim(key))));
    let first = delta(&name, 0, &[put(1, "x")]);
    stream.write(first.clone().into()).await.unwrap();
    until("x is visible", || names.registered() == ["x"]).await;
    stream
        .write(delta(&name, 1, &[(1, None)]).into())
        .await
        .unwrap();
    until("x is removed", || names.registered().is_empty()).await;
    for _ in 0..100 {
        stream.write(first.clone().into()).await.unwrap();
    }
    stream
        .write(delta(&name, 2, &[put(2, "y")]).into())
        .await
        .unwrap();
    until("y is visible", || names.node_of("y").is_some()).await;
    assert_eq!(names.registered(), ["y"]);
    stranger.is_kept().await;
}

#[ambit::test(real_time)]
async fn twenty_thousand_changes_of_one_name_leave_one_name() {
    let target = Target::new().await;
    let (mut stranger, name, mut stream) = writer(&target).await;
    let (names, members) = (target.node.names(), target.node.membership());
    for round in 0..20 {
        let versions = round * 1_000..(round + 1) * 1_000;
        let change = |version| delta(&name, version, &[(1, Some(("names", claim("x"))))]);
        let changes: Vec<u8> = versions.flat_map(change).collect();
        stream.write(changes.into()).await.unwrap();
    }
    let last = delta(&name, 20_000, &[(2, Some(("names", claim("y"))))]);
    stream.write(last.into()).await.unwrap();
    // The stranger answers no probe, so on a busy machine it may be down before the last change is applied.
    let is_down = || members.member(&name).is_none_or(|member| !member.is_up());
    let is_applied = || names.node_of("y").is_some() || is_down();
    until("the last change is applied", is_applied).await;
    let registered = names.registered();
    assert!(registered == ["x", "y"] || is_down(), "{registered:?}");
    stranger.is_kept().await;
}

#[ambit::test(real_time)]
async fn values_that_cannot_be_decoded_are_not_found_and_disturb_no_other() {
    let target = Target::new().await;
    let (mut stranger, name, mut stream) = writer(&target).await;
    let rooms = Presence::<String>::open(&target.node, "rooms").unwrap();
    let header = postcard::to_allocvec(&("lobby", "u", 7_u64, None::<u64>)).unwrap();
    let table = format!("presence/rooms/{:08x}", ambit::message::tag("string"));
    let changes = [
        (1, Some((&*table, [&header[..], &[255; 9]].concat()))),
        (2, Some((&*table, vec![255; 9]))),
        (3, Some(("names", vec![255; 9]))),
        (4, Some(("names", claim("x")))),
    ];
    stream
        .write(delta(&name, 0, &changes).into())
        .await
        .unwrap();
    let names = target.node.names();
    until("x is visible", || names.node_of("x").is_some()).await;
    assert_eq!(names.registered(), ["x"]);
    assert!(names.whereis::<Till>("x").is_none());
    assert_eq!(rooms.list("lobby"), []);
    stranger.is_kept().await;
}

/// Encodes the request of all entries of a node.
fn pull(id: &NodeId) -> Vec<u8> {
    let mut body = vec![2];
    text(id.name.as_str(), &mut body);
    body.extend(id.incarnation.get().to_le_bytes());
    // The renewal, no flags, and the version after which the answer starts.
    body.extend([0, 0, 0]);
    framed(&body)
}

#[ambit::test(real_time)]
async fn a_member_that_requests_entries_and_reads_none_is_disconnected() {
    let target = Target::new().await;
    let (stranger, _, mut stream) = writer(&target).await;
    let rooms = Presence::<String>::open(&target.node, "rooms").unwrap();
    let local = target.node.on("target");
    let user = local.start::<Till>((u64::MAX,)).await.unwrap();
    for number in 0..64 {
        let key = format!("user-{number}");
        rooms
            .track(&user, "lobby", &key, "x".repeat(16 * 1024))
            .unwrap();
    }
    // Each answer has 64 KiB. The queue of a session holds 8 MiB, and its connection a few more.
    let request = pull(target.node.id());
    for _ in 0..400 {
        if stream.write(request.clone().into()).await.is_err() {
            break;
        }
    }
    match stranger.connection.closed().await {
        Closed::Peer { code, text } => {
            assert_eq!(code, CloseCode::Overloaded, "{text}");
            assert_eq!(text, "it reads replicated entries too slowly");
        }
        // The last packet of the node was lost behind so many others.
        Closed::Reset => {}
        other => panic!("{other:?}"),
    }
    user.stop().await.unwrap();
    target.unharmed().await;
}
