//! The store compared with a plain list.

use super::*;
use crate::test_rng::TestRng;

fn pid(n: u32) -> Pid {
    Pid::new(1, n, 0)
}

type Held = Entry<u64>;

#[derive(Default)]
struct Model {
    entries: Vec<(u32, Held)>,
}

impl Model {
    fn take(&mut self, gone: impl Fn(u32, &Held) -> bool) -> Vec<Held> {
        let gone = self
            .entries
            .extract_if(.., |(topic, entry)| gone(*topic, entry));
        gone.map(|(_, entry)| entry).collect()
    }
}

/// One step on both, with equal results.
fn step(store: &mut Store<u32, u64>, model: &mut Model, random: &mut TestRng, n: u64) {
    let (topic, who, origin) = (
        random.below(4),
        pid(random.below(5)),
        Origin(random.below(2)),
    );
    match random.below(12) {
        0..6 => {
            let pid = (random.below(4) > 0).then_some(who);
            let number = store.subscribe(&topic, origin, pid, n);
            let newest = model.entries.iter().map(|(_, entry)| entry.number).max();
            assert!(newest < Some(number), "numbers count up");
            let entry = Entry {
                origin,
                pid,
                number,
                holder: n,
            };
            model.entries.push((topic, entry));
        }
        6..9 => {
            let removed = store.unsubscribe(&topic, who, origin);
            let own = model.take(|t, e| t == topic && e.pid == Some(who) && e.origin == origin);
            assert_eq!(removed.entries, own);
        }
        9 => {
            let mut removed = store.end(who, usize::MAX).entries;
            removed.sort_by_key(|entry| entry.number);
            assert_eq!(removed, model.take(|_, entry| entry.pid == Some(who)));
        }
        _ => {
            let some = random.below(1 + u32::try_from(n).unwrap());
            let removed = store.remove(&topic, some.into());
            let own = model.take(|t, entry| t == topic && entry.number == u64::from(some));
            assert_eq!(removed.entries, own);
        }
    }
}

#[test]
fn it_does_what_a_plain_list_does() {
    for seed in 0..60 {
        let (mut store, mut model) = (Store::default(), Model::default());
        let mut random = TestRng::new(seed);
        for n in 0..300 {
            step(&mut store, &mut model, &mut random, n);
            for topic in 0..4 {
                let own = model.entries.iter().filter(|(own, _)| *own == topic);
                let own: Vec<Held> = own.map(|(_, entry)| entry.clone()).collect();
                let row = store.subscribers(&topic);
                assert_eq!(row.as_deref().unwrap_or_default(), own, "oldest first");
                assert_eq!(store.topics.contains_key(&topic), !own.is_empty());
                let again = store.subscribers(&topic);
                let same = row.zip(again).is_none_or(|(a, b)| Arc::ptr_eq(&a, &b));
                assert!(same, "a second look costs nothing");
            }
        }
    }
}

/// The caller of a removal drops the last reference to a holder, even if a row was cached.
#[test]
fn removal_returns_every_reference_to_the_holder() {
    let mut store = Store::default();
    let holder = Arc::new(());
    store.subscribe(&1, Origin::HERE, Some(pid(1)), holder.clone());
    drop(store.subscribers(&1));
    assert_eq!(Arc::strong_count(&holder), 3, "entry and row");
    let removed = store.end(pid(1), usize::MAX);
    assert_eq!(Arc::strong_count(&holder), 3, "none was dropped");
    drop(removed);
    assert_eq!(Arc::strong_count(&holder), 1);
    assert!(store.known.is_empty() && store.topics.is_empty());
}

#[test]
fn an_end_removes_up_to_its_limit_of_subscriptions() {
    let mut store = Store::default();
    for topic in 1..=5 {
        store.subscribe(&topic, Origin::HERE, Some(pid(1)), topic);
    }
    let counts = [2, 2, 2].map(|limit| store.end(pid(1), limit).entries.len());
    assert_eq!(counts, [2, 2, 1]);
    assert!(store.known.is_empty() && store.topics.is_empty());
}
