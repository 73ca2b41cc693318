//! The hooks of a tracker.

use std::sync::Arc;

use ambit_dist::{Presence, PresenceEntry, PresenceEvent};
use parking_lot::Mutex;

use super::support::{client, next, rooms, shown};
use crate::distribution::support::Net;

#[ambit::test]
async fn pres_08_the_fetch_hook_changes_lists_and_diffs_and_keeps_references() {
    let node = Net::new().node("a").await;
    let rooms = Presence::<String>::builder("rooms").fetch(|topic, entries| {
        for meta in entries.iter_mut().flat_map(|entry| &mut entry.metas) {
            meta.meta = format!("{} in {topic}", meta.meta);
        }
    });
    let rooms = rooms.open(&node).unwrap();
    let mut events = rooms.events("lobby");
    let client = client().await;
    let reference = rooms.track(&client, "lobby", "u", "1".into()).unwrap();
    assert_eq!(shown(&rooms.list("lobby")), [("u", vec!["1 in lobby"])]);
    assert_eq!(rooms.get_by_key("lobby", "u")[0].meta, "1 in lobby");
    assert_eq!(
        shown(&next(&mut events).await.joins),
        [("u", vec!["1 in lobby"])]
    );
    rooms.untrack_all(&client);
    let leaves = next(&mut events).await.leaves;
    assert_eq!(shown(&leaves), [("u", vec!["1 in lobby"])]);
    assert_eq!(leaves[0].metas[0].reference(), &reference);
}

#[ambit::test]
async fn pres_09_the_diff_hook_gets_the_presences_after_each_diff() {
    let node = Net::new().node("a").await;
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = calls.clone();
    let rooms = Presence::<String>::builder("rooms").on_diff(move |diff, after| {
        let call = [&diff.joins[..], &diff.leaves, after].map(text);
        seen.lock().push((diff.topic.clone(), call));
    });
    let rooms = rooms.open(&node).unwrap();
    let mut events = rooms.events("lobby");
    let (one, two) = (client().await, client().await);
    // The diff of each step is awaited, so that no two leaves are one diff.
    rooms.track(&one, "lobby", "u", "1".into()).unwrap();
    next(&mut events).await;
    rooms.track(&two, "lobby", "u", "2".into()).unwrap();
    next(&mut events).await;
    rooms.update(&one, "lobby", "u", "3".into()).unwrap();
    next(&mut events).await;
    rooms.untrack_all(&two);
    next(&mut events).await;
    rooms.untrack_all(&one);
    next(&mut events).await;
    // Joins, leaves, and the presences after them.
    let expected = [
        ["u:1", "", "u:1"],
        ["u:2", "", "u:1,2"],
        ["u:3", "u:1", "u:2,3"],
        ["", "u:2", "u:3"],
        ["", "u:3", ""],
    ];
    let expected = expected.map(|call| ("lobby".to_owned(), call.map(str::to_owned)));
    assert_eq!(calls.lock()[..], expected);
}

#[ambit::test]
async fn joins_of_one_topic_in_a_row_are_one_diff_and_updates_stay_apart() {
    let node = Net::new().node("a").await;
    let fetched = Arc::new(Mutex::new(Vec::new()));
    let seen = fetched.clone();
    let rooms = Presence::<String>::builder("rooms").fetch(move |topic, entries| {
        seen.lock().push((topic.to_owned(), entries.len()));
    });
    let rooms = rooms.open(&node).unwrap();
    let mut events = rooms.events("lobby");
    let (one, two) = (client().await, client().await);
    // All changes are written before the task runs.
    rooms.track(&two, "lobby", "v", "1".into()).unwrap();
    rooms.track(&one, "lobby", "w", "1".into()).unwrap();
    rooms.track(&two, "lobby", "u", "3".into()).unwrap();
    rooms.track(&one, "lobby", "u", "2".into()).unwrap();
    rooms.update(&one, "lobby", "w", "4".into()).unwrap();
    rooms.track(&one, "cellar", "u", "1".into()).unwrap();
    rooms.track(&one, "lobby", "x", "1".into()).unwrap();
    let diffs = [
        next(&mut events).await,
        next(&mut events).await,
        next(&mut events).await,
    ];
    let texts = diffs.map(|diff| [&diff.joins[..], &diff.leaves].map(text));
    assert_eq!(texts, [["u:3,2 v:1 w:1", ""], ["w:4", "w:1"], ["x:1", ""]]);
    let lobby = |count| ("lobby".to_owned(), count);
    let cellar = ("cellar".to_owned(), 1);
    assert_eq!(
        *fetched.lock(),
        [lobby(3), lobby(1), lobby(1), cellar, lobby(1)]
    );
}

#[ambit::test]
async fn changes_that_too_slow_hooks_cannot_follow_are_missed_and_the_next_diff_is_right() {
    // Two more for the presence.
    const BACKLOG: usize = 65_536 + 2;
    let node = Net::new().node("a").await;
    let calls = Arc::new(Mutex::new((0, String::new())));
    let seen = calls.clone();
    let rooms = Presence::<String>::builder("rooms").on_diff(move |_, after| {
        let mut seen = seen.lock();
        *seen = (seen.0 + 1, text(after));
    });
    let rooms = rooms.open(&node).unwrap();
    let mut quiet = rooms.events("hall");
    let client = client().await;
    // The task runs once this one waits.
    rooms.track(&client, "lobby", "u", "first".into()).unwrap();
    for change in 1..BACKLOG + 100 {
        let meta = change.to_string();
        rooms.update(&client, "lobby", "u", meta).unwrap();
    }
    let event = quiet.next().await;
    assert!(matches!(event, Some(PresenceEvent::Missed { .. })));
    // The hook gets the difference at once.
    let last = format!("u:{}", BACKLOG + 99);
    assert_eq!(*calls.lock(), (BACKLOG + 1, last.clone()));
    let mut events = rooms.events("lobby");
    rooms.track(&client, "lobby", "v", "new".into()).unwrap();
    let diff = next(&mut events).await;
    assert_eq!([&diff.joins[..], &diff.leaves].map(text), ["v:new", ""]);
    assert_eq!(*calls.lock(), (BACKLOG + 2, format!("{last} v:new")));
}

#[ambit::test]
async fn the_presences_of_a_node_that_joins_are_few_diffs() {
    let net = Net::new();
    let [a, b] = [net.node("a").await, net.node("b").await];
    let (here, calls) = (rooms(&b), Arc::new(Mutex::new(0)));
    let called = calls.clone();
    let there = Presence::<String>::builder("rooms").fetch(move |_, _| *called.lock() += 1);
    let there = there.open(&a).unwrap();
    let mut events = there.events("lobby");
    let client = client().await;
    let keys: Vec<_> = (0..1_000).map(|number| format!("{number:04}")).collect();
    for key in &keys {
        here.track(&client, "lobby", key, "1".into()).unwrap();
    }
    b.connect(a.local_addr()).await.unwrap();
    let mut joined = Vec::new();
    while joined.len() < keys.len() {
        let joins = next(&mut events).await.joins;
        joined.extend(joins.into_iter().map(|entry| entry.key));
    }
    joined.sort();
    assert_eq!(joined, keys);
    assert!(*calls.lock() <= 50, "{} calls", calls.lock());
}

/// Returns keys and metadata as a text.
fn text(entries: &[PresenceEntry<String>]) -> String {
    let entries = shown(entries).into_iter();
    let texts = entries.map(|(key, metas)| format!("{key}:{}", metas.join(",")));
    texts.collect::<Vec<_>>().join(" ")
}

#[ambit::test]
async fn x68_a_panic_in_a_hook_loses_nothing_but_its_diff() {
    let node = Net::new().node("a").await;
    let calls = Arc::new(Mutex::new(Vec::new()));
    let seen = calls.clone();
    let rooms = Presence::<String>::builder("rooms")
        .fetch(|_, entries| {
            let mut metas = entries.iter().flat_map(|entry| &entry.metas);
            assert!(metas.all(|meta| meta.meta != "fetch"), "as the test asks");
        })
        .on_diff(move |diff, after| {
            let is_bad = diff.joins.iter().any(|join| join.metas[0].meta == "diff");
            assert!(!is_bad, "as the test asks");
            seen.lock().push(after.len());
        });
    let rooms = rooms.open(&node).unwrap();
    let mut events = rooms.events("lobby");
    let (one, two, three) = (client().await, client().await, client().await);
    rooms.track(&one, "lobby", "u1", "fetch".into()).unwrap();
    let missed = events.next().await;
    assert_eq!(missed, Some(PresenceEvent::Missed { events: 1 }));
    rooms.update(&one, "lobby", "u1", "good".into()).unwrap();
    // The leave of this diff is what the hook panics at.
    let missed = events.next().await;
    assert_eq!(missed, Some(PresenceEvent::Missed { events: 1 }));
    assert_eq!(shown(&rooms.list("lobby")), [("u1", vec!["good"])]);

    rooms.track(&two, "lobby", "u2", "diff".into()).unwrap();
    assert_eq!(
        shown(&next(&mut events).await.joins),
        [("u2", vec!["diff"])]
    );
    rooms.track(&three, "lobby", "u3", "last".into()).unwrap();
    next(&mut events).await;
    assert_eq!(calls.lock().last(), Some(&3));
}
