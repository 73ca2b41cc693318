//! Peers that lie about themselves, about others and about this node.

use proptest::prelude::*;

use super::*;

fn put(version: u64, id: u64, text: &str) -> Op {
    let kind = OpKind::Put {
        table: "t".into(),
        body: body(text),
    };
    let id = EntryId(id);
    Op { version, id, kind }
}

fn delta(origin: Origin, from: u64, ops: Vec<Op>) -> Delta {
    Delta {
        origin,
        from,
        to: ops.last().map_or(from, |op| op.version),
        full: None,
        more: false,
        answer: None,
        ops,
    }
}

/// A store with the members `b` and `c`, both connected, and an entry of `b`.
fn between() -> Store {
    let mut a = store("a");
    join(&mut a, "b");
    join(&mut a, "c");
    let honest = delta(origin("b", 1, 0), 0, vec![put(1, 1, "honest")]);
    receive(&mut a, "b", &Frame::Delta(honest));
    insert(&mut a, "t", "own");
    a.flush();
    a.take_actions();
    a.take_changes();
    a
}

#[test]
fn changes_of_another_node_without_a_request_close_the_session() {
    for (is_full, is_answer) in [(false, false), (true, false), (true, true)] {
        let mut a = between();
        let lie = Delta {
            full: is_full.then_some(2),
            answer: is_answer.then_some(Coverage::Complete),
            ..delta(
                origin("b", 1, 0),
                u64::from(!is_full),
                vec![put(2, 2, "lie")],
            )
        };
        receive(&mut a, "c", &Frame::Delta(lie.clone()));
        assert_eq!(closed(&mut a), ["c: changes of b#1 without a request"]);
        assert!(changes(&mut a).is_empty());
        assert_eq!(a.counts().events.violations, 1);
        assert_eq!(a.counts().peers, 1);
        // Frames that were on the way are ignored.
        receive(&mut a, "c", &Frame::Delta(lie));
        assert!(a.take_actions().is_empty());
    }
}

#[test]
fn an_answer_without_a_request_closes_the_session() {
    let mut a = between();
    let nothing = Frame::Nothing {
        origin: origin("b", 1, 0),
        coverage: Coverage::Complete,
    };
    receive(&mut a, "c", &nothing);
    assert_eq!(closed(&mut a), ["c: an answer about b#1 without a request"]);
}

#[test]
fn changes_of_this_node_from_another_close_the_session() {
    for incarnation in [0, 1, 2] {
        let mut a = between();
        let lie = delta(origin("a", incarnation, 0), 1, vec![put(2, 2, "lie")]);
        receive(&mut a, "b", &Frame::Delta(lie));
        assert_eq!(
            closed(&mut a),
            ["b: changes of a, which only this node makes"]
        );
        assert!(changes(&mut a).is_empty());
    }
}

#[test]
fn bytes_that_are_no_frame_close_the_session() {
    let mut a = between();
    a.received(NOW, &name("c"), &Bytes::from_static(&[9]));
    let text = "c: the sync frame kind 0x09 is unknown; update the older of the two nodes";
    assert_eq!(closed(&mut a), [text]);
}

#[test]
fn claims_about_the_log_of_this_node_are_counted() {
    let mut a = between();
    let claim = Summary {
        origin: origin("a", 1, 0),
        version: 2,
        hash: 0,
    };
    receive(&mut a, "c", &Frame::Digest(vec![claim.clone()]));
    assert_eq!(a.counts().events.false_claims, 1);
    let earlier = Summary {
        version: 1,
        ..claim.clone()
    };
    receive(&mut a, "c", &Frame::Digest(vec![earlier]));
    let incarnation = Summary {
        origin: origin("a", 9, 0),
        ..claim
    };
    receive(&mut a, "c", &Frame::Digest(vec![incarnation]));
    assert_eq!(a.counts().events.false_claims, 1);
    receive(&mut a, "c", &ack(2));
    assert_eq!(a.counts().events.false_claims, 2);
    assert!(
        !a.acknowledged(1),
        "the false acknowledgement does not count"
    );
    assert_eq!(sent(&mut a), []);
}

#[test]
fn a_relay_that_was_asked_is_not_heard_once_the_origin_connects() {
    let mut a = store("a");
    a.member_up(NOW, origin("b", 1, 0));
    join(&mut a, "c");
    a.timer(Duration::from_secs(1));
    let asked = sent(&mut a);
    assert!(matches!(&*asked, [(to, Frame::Pull { .. })] if to == "c"));
    a.connected(NOW, &id("b", 1));
    sent(&mut a);
    let mut lie = delta(origin("b", 1, 0), 0, vec![put(1, 1, "lie")]);
    lie.answer = Some(Coverage::Complete);
    receive(&mut a, "c", &Frame::Delta(lie.clone()));
    assert_eq!(closed(&mut a), Vec::<String>::new(), "it was asked");
    assert!(changes(&mut a).is_empty());
    receive(&mut a, "c", &Frame::Delta(lie));
    assert_eq!(closed(&mut a).len(), 1, "but only once");
}

/// Returns the only peer that was asked for changes.
fn asked(store: &mut Store) -> String {
    let mut pulls = sent(store);
    pulls.retain(|(_, frame)| matches!(frame, Frame::Pull { .. }));
    assert_eq!(pulls.len(), 1, "{pulls:?}");
    pulls.remove(0).0
}

#[test]
fn a_late_answer_of_one_relay_does_not_end_the_request_to_another() {
    let mut a = store("a");
    a.member_up(NOW, origin("b", 1, 0));
    join(&mut a, "c");
    join(&mut a, "d");
    a.timer(Duration::from_secs(1));
    let first = asked(&mut a);
    a.timer(Duration::from_secs(6));
    let second = asked(&mut a);
    assert_ne!(first, second);
    let mut answer = delta(origin("b", 1, 0), 0, vec![put(1, 1, "late")]);
    answer.answer = Some(Coverage::Complete);
    receive(&mut a, &first, &Frame::Delta(answer.clone()));
    assert_eq!(changes(&mut a), Vec::<String>::new());
    answer.ops = vec![put(1, 1, "asked")];
    receive(&mut a, &second, &Frame::Delta(answer));
    assert_eq!(changes(&mut a), ["+b.1 t asked"]);
}

#[test]
fn the_origin_corrects_what_a_relay_invented() {
    for (version, text) in [(1, "lie"), (1 << 60, "lie")] {
        let mut a = store("a");
        a.member_up(NOW, origin("b", 1, 0));
        join(&mut a, "c");
        a.timer(Duration::from_secs(1));
        let mut lie = delta(origin("b", 1, 0), 0, vec![put(version, 1, text)]);
        lie.answer = Some(Coverage::Complete);
        receive(&mut a, "c", &Frame::Delta(lie));
        assert_eq!(changes(&mut a), ["+b.1 t lie"]);
        let mut b = store("b");
        join(&mut b, "a");
        insert(&mut b, "t", "honest");
        b.flush();
        b.take_actions();
        b.disconnected(NOW, &name("a"));
        b.connected(NOW, &id("a", 1));
        a.connected(NOW, &id("b", 1));
        a.take_actions();
        for _ in 0..3 {
            for (to, frame) in sent(&mut b) {
                assert_eq!(to, "a");
                receive(&mut a, "b", &frame);
            }
            for (to, frame) in sent(&mut a) {
                if to == "b" {
                    receive(&mut b, "a", &frame);
                }
            }
        }
        assert_eq!(changes(&mut a), ["=b.1 t honest"]);
        assert!(b.acknowledged(1));
    }
}

/// A frame that decodes, about any of the nodes.
fn frame() -> impl Strategy<Value = Frame> {
    let node = prop_oneof![Just("a"), Just("b"), Just("c"), Just("d")];
    let origin = (node, 0..3_u64, 0..2_u32)
        .prop_map(|(node, number, renewal)| origin(node, number, renewal));
    let op = (1..3_u64, 0..4_u64, any::<bool>(), "[a-z]{0,3}");
    let ops = prop::collection::vec(op, 0..4).prop_map(|ops| (ops, ()));
    let range = (0..4_u64, 0..3_u64, any::<[bool; 3]>());
    let delta =
        (origin.clone(), range, ops).prop_map(|(origin, (from, more_to, flags), (ops, ()))| {
            let mut version = from;
            let mut all: Vec<Op> = Vec::new();
            for (step, id, is_removal, text) in ops {
                if all.iter().any(|op| op.id == EntryId(id)) {
                    continue;
                }
                version += step;
                let mut op = put(version, id, &text);
                if is_removal {
                    op.kind = OpKind::Remove;
                }
                all.push(op);
            }
            let [is_full, more, is_answer] = flags;
            let more = more && !all.is_empty();
            Frame::Delta(Delta {
                origin,
                from,
                to: if more { version } else { version + more_to },
                full: is_full.then_some(version),
                more,
                answer: is_answer.then_some(Coverage::Complete),
                ops: all,
            })
        });
    let pull = (origin.clone(), 0..4_u64, any::<bool>());
    let pull = pull.prop_map(|(origin, have, is_full)| Frame::Pull {
        origin,
        have,
        full: is_full.then_some(have),
    });
    let coverage = prop_oneof![Just(Coverage::Complete), Just(Coverage::Partial)];
    let nothing = (origin.clone(), coverage)
        .prop_map(|(origin, coverage)| Frame::Nothing { origin, coverage });
    let ack = (0..4_u64).prop_map(ack);
    let summary = (origin, 0..4_u64, 0..2_u64);
    let summary = summary.prop_map(|(origin, version, hash)| Summary {
        origin,
        version,
        hash,
    });
    let digest = prop::collection::vec(summary, 0..4).prop_map(Frame::Digest);
    prop_oneof![8 => delta, 2 => pull, 1 => nothing, 1 => ack, 3 => digest]
}

#[derive(Clone, Debug)]
enum Step {
    Frame(Frame),
    Reconnect,
    Timer,
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(miri) { 8 } else { 2_000 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// `c` sends anything. Nothing of `b`, which has a session, and of this node changes; what is invented for the
    /// absent `d` disappears with the session of `d`.
    #[test]
    fn a_hostile_peer_never_changes_what_others_wrote(steps in prop::collection::vec(prop_oneof![
        20 => frame().prop_map(Step::Frame),
        2 => Just(Step::Reconnect),
        3 => Just(Step::Timer),
    ], 0..40)) {
        let mut a = between();
        a.member_up(NOW, origin("d", 1, 0));
        let mut now = NOW;
        for step in steps {
            match step {
                Step::Frame(frame) => a.received(now, &name("c"), &frame.encode()),
                Step::Reconnect => a.connected(now, &id("c", 1)),
                Step::Timer => {
                    now = a.deadline().unwrap_or(now);
                    a.timer(now);
                }
            }
            for change in changes(&mut a) {
                let of = change[1..].chars().next();
                prop_assert!(matches!(of, Some('c' | 'd')), "{}", change);
            }
            prop_assert!(a.counts().transfers <= 3);
        }
        let shown = |name| a.get(&id(name, 1), EntryId(1)).cloned();
        prop_assert_eq!(shown("b"), Some(body("honest")));
        prop_assert_eq!(shown("a"), Some(body("own")));
        prop_assert_eq!(a.version(), 1);
    }
}
