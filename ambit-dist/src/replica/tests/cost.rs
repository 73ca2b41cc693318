//! The cost of an operation does not depend on the number of entries.

use super::net::Net;
use super::*;

/// Counts the visited items of `work` on a store with this many entries.
fn visits(entries: usize, work: impl FnOnce(&mut Store)) -> usize {
    let mut a = store("a");
    join(&mut a, "b");
    for _ in 0..entries {
        insert(&mut a, "t", "x");
    }
    insert(&mut a, "few", "x");
    a.flush();
    let before = a.visits();
    work(&mut a);
    a.visits() - before
}

fn compare(most: usize, work: impl Fn(&mut Store)) {
    let counts = [1_024, 4 * 1_024].map(|entries| visits(entries, &work));
    assert_eq!(counts[0], counts[1]);
    assert!(counts[0] <= most, "{counts:?}");
}

#[test]
fn a_write_and_its_push_cost_the_same_among_four_times_as_many_entries() {
    compare(300, |store| {
        for _ in 0..100 {
            insert(store, "t", "y");
        }
        store.flush();
    });
    compare(20, |store| {
        for entry in 1..=5 {
            store.update(EntryId(entry), body("y")).unwrap();
            assert!(store.remove(EntryId(entry)));
            store.flush();
        }
    });
}

#[test]
fn forgetting_removals_costs_one_visit_for_each() {
    compare(2 * 1_024, |store| {
        for entry in 1..=1_000 {
            store.remove(EntryId(entry));
        }
        store.forget_removals();
    });
}

#[test]
fn an_answer_costs_as_much_as_its_chunk() {
    compare(10, |store| {
        let pull = Frame::Pull {
            origin: origin("a", 1, 0),
            have: store.version() - 5,
            full: None,
        };
        receive(store, "b", &pull);
    });
}

#[test]
fn a_table_is_opened_without_a_visit_of_the_others() {
    compare(1, |store| assert_eq!(store.open_table("few").len(), 1));
}

/// Four times as many entries take four times as many visits and frames to transfer.
#[test]
fn the_cost_of_a_transfer_is_linear() {
    let costs = [2_000, 8_000].map(|entries| {
        let mut net = Net::new(2, &ReplicaLimits::default());
        for _ in 0..entries {
            insert(&mut net.hosts[0].store, "t", &"x".repeat(100));
        }
        net.hosts[0].store.flush();
        net.act(0);
        let before = net.hosts[0].store.visits();
        net.connect(0, 1);
        net.deliver_all();
        let here = net.hosts[0].store.visits() - before;
        let there = net.hosts[1].store.visits();
        assert_eq!(net.hosts[1].view.0.len(), entries);
        (here + there, net.hosts[0].frames)
    });
    let [(visits, frames), (more_visits, more_frames)] = costs;
    assert!(more_visits <= 4 * visits + 64, "{costs:?}");
    assert!(more_frames <= 4 * frames, "{costs:?}");
}

#[test]
fn a_push_beyond_the_window_is_not_encoded() {
    let costs = [4_000, 16_000].map(|entries| {
        let mut a = store("a");
        join(&mut a, "b");
        for _ in 0..entries {
            insert(&mut a, "t", &"x".repeat(100));
        }
        let before = a.visits();
        a.flush();
        a.visits() - before
    });
    assert_eq!(costs[0], costs[1]);
}
