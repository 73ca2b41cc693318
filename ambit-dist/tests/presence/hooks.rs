//! The hooks of a tracker.

use std::sync::Arc;

use ambit_dist::{Presence, PresenceEntry, PresenceEvent};
use parking_lot::Mutex;

use super::support::{client, next, shown};
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
