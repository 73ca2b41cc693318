//! The controller's decisions, against a simulated environment that performs the actions in any order, and in which
//! anything can fail.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Declared;
use crate::test_rng::TestRng;

fn declare(name: &str, needs: &[&str]) -> Declared {
    Declared {
        name: name.into(),
        needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        optional: Vec::new(),
        restart: Restart::Temporary,
        patience: None,
        has_callback: true,
    }
}

/// The processes of one application that really exist.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Real {
    start_id: u64,
    master: bool,
    tree: bool,
    callback: bool,
    given_up: bool,
    /// The steps that this incarnation has reached.
    up: bool,
    started: bool,
    tree_told: bool,
    called: u32,
    swept: bool,
}

/// Performs the actions of the core in any order, and checks them against simple rules.
struct Play {
    core: Core<u64>,
    rng: TestRng,
    reals: Vec<Real>,
    /// The events that are due.
    pending: Vec<Event<u64>>,
    asked: BTreeMap<u64, Command>,
    answered: BTreeSet<u64>,
    /// In start order, as observed from outside the core.
    order: Vec<Key>,
    next: u64,
    ended: bool,
}

impl Play {
    fn new(seed: u64) -> Self {
        let mut rng = TestRng::new(seed);
        let restarts = [Restart::Temporary, Restart::Transient, Restart::Permanent];
        let mut all = vec![
            declare("a", &[]),
            declare("b", &["a"]),
            declare("c", &["a"]),
            declare("d", &["b", "c"]),
            declare("e", &[]),
        ];
        all[4].optional = vec!["d".into(), "nobody".into()];
        for one in &mut all {
            // Mostly temporary: otherwise every run ends early.
            one.restart = if rng.one_in(6) {
                restarts[rng.below(3usize)]
            } else {
                Restart::Temporary
            };
            one.has_callback = !rng.one_in(3);
            one.patience = rng.one_in(2).then_some(Duration::from_secs(5));
        }
        let graph = Graph::new(all).unwrap();
        Self {
            reals: vec![Real::default(); graph.all.len()],
            core: Core::new(graph),
            rng,
            pending: Vec::new(),
            asked: BTreeMap::new(),
            answered: BTreeSet::new(),
            order: Vec::new(),
            next: 0,
            ended: false,
        }
    }

    fn ask(&mut self) {
        let key = Key(self.rng.below(5usize));
        let command = match self.rng.below(12) {
            0..=2 => Command::Start(key),
            3..=6 => Command::Ensure(key),
            7..=10 => Command::Stop(key),
            _ => Command::StopAll,
        };
        let asker = self.rng.one_in(4).then(|| Key(self.rng.below(5usize)));
        // A process of an application exists only while its master does.
        let asker = asker.filter(|asker| self.reals[asker.0].master);
        self.asked.insert(self.next, command);
        self.send(Event::Asked(command, asker, self.next));
        self.next += 1;
    }

    fn send(&mut self, event: Event<u64>) {
        if self.ended {
            return;
        }
        for action in self.core.handle(event) {
            self.act(action);
        }
        assert_eq!(self.core.running(), self.order, "the order of starts");
    }

    fn act(&mut self, action: Action<u64>) {
        match action {
            Action::Launch(key, start_id) => {
                let real = &mut self.reals[key.0];
                assert!(
                    !real.master && !real.tree && !real.callback,
                    "{key:?} is not down"
                );
                assert!(start_id.0 > real.start_id);
                for need in self.core.graph.needs(key) {
                    assert!(self.order.contains(need), "{key:?} without {need:?}");
                }
                *real = Real {
                    start_id: start_id.0,
                    master: true,
                    ..Real::default()
                };
                self.pending
                    .push(Event::Up(key, start_id, self.rng.one_in(2)));
            }
            Action::GiveUp(key) => self.reals[key.0].given_up = true,
            Action::EndTree(key) => {
                let real = &mut self.reals[key.0];
                assert!(real.tree && !real.tree_told && real.called == 0 && !real.swept);
                real.tree_told = true;
                self.gone(key);
            }
            Action::KillTree(key) => assert!(self.reals[key.0].tree_told),
            Action::Call(key, start_id) => {
                let real = &mut self.reals[key.0];
                assert!(
                    real.up && !real.swept,
                    "`on_stop` of {key:?} undoes nothing"
                );
                real.called += 1;
                real.callback = true;
                assert_eq!(real.called, 1, "`on_stop` of {key:?} runs once");
                self.pending.push(Event::CallbackEnded(key, start_id));
                self.gone(key);
            }
            Action::KillCall(key) => assert_eq!(self.reals[key.0].called, 1),
            Action::Sweep(key, start_id, _) => {
                self.reals[key.0].swept = true;
                self.gone(key);
                self.pending.push(Event::Swept(key, start_id, Vec::new()));
            }
            Action::Within(key, start_id, step, _) => {
                if self.rng.one_in(4) {
                    self.pending.push(Event::Late(key, start_id, step));
                }
            }
            Action::Answer(reply, answer) => self.answered(reply, &answer),
            Action::Report(..) | Action::Terminates(..) => {}
            Action::End(_) => {
                self.ended = true;
                assert!(self.order.is_empty());
            }
        }
    }

    /// It no longer runs, from the first step of closing.
    fn gone(&mut self, key: Key) {
        let in_order = self.core.drain.as_ref().is_some_and(|drain| !drain.hurry);
        if in_order && self.order.contains(&key) {
            assert_eq!(self.order.last(), Some(&key), "not in reverse");
        }
        self.order.retain(|known| *known != key);
    }

    fn answered(&mut self, reply: u64, answer: &Result<Vec<Key>, ApplicationError>) {
        assert!(self.answered.insert(reply), "{reply} was answered twice");
        let Ok(started) = answer else { return };
        match self.asked[&reply] {
            Command::Start(key) => assert!(self.order.contains(&key)),
            Command::Ensure(key) => {
                assert!(self.order.contains(&key));
                let plan = self.core.graph.plan(key);
                let places = started
                    .iter()
                    .map(|one| plan.iter().position(|known| known == one));
                assert!(places.is_sorted(), "not in the order of the plan");
            }
            Command::Stop(key) => assert!(!self.order.contains(&key)),
            Command::StopAll => assert!(self.order.is_empty()),
        }
    }

    /// One of the due events happens, or something fails by itself.
    fn happen(&mut self) {
        let n = self.pending.len() as u64;
        if n == 0 || self.rng.one_in(12) {
            return self.go_wrong();
        }
        let event = self.pending.swap_remove(self.rng.below(n) as usize);
        match event {
            Event::Up(key, start_id, has_tree) => self.up(key, start_id, has_tree),
            Event::Started(key, start_id) => {
                let real = &mut self.reals[key.0];
                if real.start_id != start_id.0 || !real.master || real.given_up {
                    return;
                }
                if self.rng.one_in(6) {
                    return self.send(Event::Failed(key, start_id, ExitReason::error("a phase")));
                }
                real.started = true;
                self.start(key, start_id);
            }
            Event::CallbackEnded(key, start_id) => {
                if self.reals[key.0].start_id == start_id.0 {
                    self.reals[key.0].callback = false;
                }
                self.send(Event::CallbackEnded(key, start_id));
            }
            Event::Swept(key, start_id, stuck) => {
                let real = &mut self.reals[key.0];
                if real.start_id == start_id.0 {
                    (real.master, real.tree, real.callback) = (false, false, false);
                }
                self.send(Event::Swept(key, start_id, stuck));
            }
            other => self.send(other),
        }
    }

    fn start(&mut self, key: Key, start_id: StartId) {
        // The core decides whether it counts: not if the application is closing already.
        if let State::Starting = self.core.apps[key.0].state {
            self.order.push(key);
        }
        self.send(Event::Started(key, start_id));
    }

    fn up(&mut self, key: Key, start_id: StartId, has_tree: bool) {
        let real = &mut self.reals[key.0];
        if real.start_id != start_id.0 || !real.master {
            return;
        }
        if real.given_up {
            real.master = false;
            return self.send(Event::MasterEnded(key, start_id, ExitReason::Shutdown));
        }
        if self.rng.one_in(5) {
            return self.send(Event::Failed(key, start_id, ExitReason::error("on_start")));
        }
        (real.up, real.tree) = (true, has_tree);
        self.send(Event::Up(key, start_id, has_tree));
        self.pending.push(Event::Started(key, start_id));
    }

    /// A tree ends by request or by itself; so does a master.
    fn go_wrong(&mut self) {
        let key = Key(self.rng.below(5usize));
        let real = &mut self.reals[key.0];
        let start_id = StartId(real.start_id);
        let by_itself = !real.tree_told && !real.given_up && !real.swept;
        let reason = if self.rng.one_in(2) {
            ExitReason::Normal
        } else {
            ExitReason::error("boom")
        };
        if real.tree && (real.tree_told || self.rng.one_in(10)) {
            real.tree = false;
            if by_itself {
                self.order.retain(|known| *known != key);
            }
            self.send(Event::TreeEnded(key, start_id, reason));
        } else if real.master && (real.given_up || self.rng.one_in(20)) {
            real.master = false;
            if by_itself {
                self.order.retain(|known| *known != key);
            }
            self.send(Event::MasterEnded(key, start_id, reason));
        }
    }

    /// Sends no more requests, and lets all due events happen.
    fn finish(&mut self) {
        for _ in 0..20_000 {
            if self.answered.len() == self.asked.len() || self.ended {
                break;
            }
            self.happen();
        }
        assert_eq!(self.core.jobs.len(), 0, "jobs are left");
        for (reply, command) in &self.asked {
            assert!(
                self.ended || self.answered.contains(reply),
                "{command:?} was not answered"
            );
        }
    }
}

#[test]
fn whatever_happens_every_question_is_answered_once_and_the_order_is_kept() {
    for seed in 0..3000 {
        let mut play = Play::new(seed);
        for _ in 0..200 {
            if play.ended {
                break;
            }
            if play.rng.one_in(6) {
                play.ask();
            } else {
                play.happen();
            }
        }
        if play.rng.one_in(3) {
            let leave = play.rng.one_in(2);
            play.send(if leave {
                Event::Leave(ExitReason::Shutdown)
            } else {
                Event::Hurry
            });
        }
        play.finish();
    }
}

/// Starts and stops in which nothing fails: the answers and the closings, in order.
struct Quiet {
    core: Core<&'static str>,
    log: Vec<String>,
}

impl Quiet {
    fn new(all: Vec<Declared>) -> Self {
        Self {
            core: Core::new(Graph::new(all).unwrap()),
            log: Vec::new(),
        }
    }

    /// Handles an event and lets everything succeed, except the starts of `failing`.
    fn send(&mut self, event: Event<&'static str>, failing: &[usize]) {
        let mut events = vec![event];
        while !events.is_empty() {
            for action in self.core.handle(events.remove(0)) {
                match action {
                    Action::Launch(key, start_id) if failing.contains(&key.0) => {
                        events.push(Event::Failed(key, start_id, ExitReason::error("no")));
                        events.push(Event::MasterEnded(key, start_id, ExitReason::Shutdown));
                    }
                    Action::Launch(key, start_id) => {
                        self.log.push(format!("start {}", key.0));
                        events.push(Event::Up(key, start_id, false));
                        events.push(Event::Started(key, start_id));
                    }
                    Action::Call(key, start_id) => {
                        self.log.push(format!("stop {}", key.0));
                        events.push(Event::CallbackEnded(key, start_id));
                    }
                    Action::Sweep(key, start_id, _) => {
                        events.push(Event::Swept(key, start_id, Vec::new()))
                    }
                    Action::Answer(who, Ok(keys)) => {
                        let keys: Vec<_> = keys.iter().map(|key| key.0).collect();
                        self.log.push(format!("{who} {keys:?}"));
                    }
                    Action::Answer(who, Err(error)) => self.log.push(format!("{who}: {error}")),
                    _ => {}
                }
            }
        }
    }

    fn ask(&mut self, command: Command, who: &'static str, failing: &[usize]) -> Vec<String> {
        self.send(Event::Asked(command, None, who), failing);
        std::mem::take(&mut self.log)
    }
}

fn diamond() -> Vec<Declared> {
    vec![
        declare("a", &[]),
        declare("b", &["a"]),
        declare("c", &["a"]),
        declare("d", &["b", "c"]),
    ]
}

#[test]
fn dependencies_of_others_are_not_rolled_back() {
    let mut quiet = Quiet::new(diamond());
    assert_eq!(
        quiet.ask(Command::Ensure(Key(1)), "b", &[]),
        ["start 0", "start 1", "b [0, 1]"]
    );
    let log = quiet.ask(Command::Ensure(Key(3)), "d", &[3]);
    let failed = "d: application `d` did not start: no";
    assert_eq!(log, ["start 2", "stop 2", failed]);
    assert_eq!(quiet.core.running(), [Key(0), Key(1)]);
}

#[test]
fn two_that_fail_together_leave_nothing() {
    let mut quiet = Quiet::new(diamond());
    let first = quiet
        .core
        .handle(Event::Asked(Command::Ensure(Key(1)), None, "one"));
    let [Action::Launch(Key(0), start_id)] = first[..] else {
        panic!("{first:?}")
    };
    assert_eq!(
        quiet
            .core
            .handle(Event::Asked(Command::Ensure(Key(1)), None, "two")),
        []
    );
    assert_eq!(quiet.core.handle(Event::Up(Key(0), start_id, false)), []);
    quiet.send(Event::Started(Key(0), start_id), &[1]);
    let failed = "application `b` did not start: no";
    let log = [
        format!("two: {failed}"),
        "stop 0".into(),
        format!("one: {failed}"),
    ];
    let (mut seen, mut expected) = (quiet.log.clone(), log.to_vec());
    seen.sort();
    expected.sort();
    assert_eq!(seen, expected);
    assert_eq!(quiet.core.running(), []);
}

#[test]
fn all_are_stopped_in_reverse_and_may_start_again() {
    let mut quiet = Quiet::new(diamond());
    quiet.ask(Command::Ensure(Key(3)), "d", &[]);
    let log = quiet.ask(Command::StopAll, "all", &[]);
    assert_eq!(log, ["stop 3", "stop 2", "stop 1", "stop 0", "all []"]);
    assert_eq!(
        quiet.ask(Command::Start(Key(0)), "a", &[]),
        ["start 0", "a [0]"]
    );
}

#[test]
fn a_circle_of_waits_is_refused() {
    let mut core = Core::new(Graph::new(vec![declare("a", &[]), declare("b", &[])]).unwrap());
    let (a, b) = (Key(0), Key(1));
    let mut ask = |command, asker, who| core.handle(Event::Asked(command, asker, who));
    assert!(matches!(
        ask(Command::Start(a), None, 1)[..],
        [Action::Launch(..)]
    ));
    let refused = |actions: Vec<Action<i32>>, who| {
        assert_eq!(
            actions,
            [Action::Answer(who, Err(ApplicationError::CallsItself))]
        );
    };
    refused(ask(Command::Start(a), Some(a), 2), 2);
    refused(ask(Command::Stop(a), Some(a), 3), 3);
    refused(ask(Command::StopAll, Some(a), 4), 4);
    // The start of `a` waits for that of `b`, which then must not wait for `a`.
    assert!(matches!(
        ask(Command::Start(b), Some(a), 5)[..],
        [Action::Launch(..)]
    ));
    refused(ask(Command::Ensure(a), Some(b), 6), 6);
}

#[test]
fn mistakes_in_the_list_are_one_line() {
    let wrong = |all| Graph::new(all).unwrap_err();
    assert_eq!(
        wrong(vec![
            declare("a", &["b"]),
            declare("b", &["c"]),
            declare("c", &["b"])
        ]),
        "the dependencies of these applications form a cycle: b -> c -> b"
    );
    assert_eq!(
        wrong(vec![declare("a", &["a"])]),
        "the dependencies of these applications form a cycle: a -> a"
    );
    assert_eq!(
        wrong(vec![declare("web", &["db"])]),
        "application `web` depends on `db`, which is not in the list: add it, or use `optionally_depends_on`"
    );
    assert_eq!(
        wrong(vec![declare("a", &[]), declare("a", &[])]),
        "two applications are called `a`: give one of them another name"
    );
    assert_eq!(
        wrong(vec![declare("", &[])]),
        "the name of an application cannot be empty"
    );
    let name: Arc<str> = "x".into();
    assert_eq!(
        Graph::new(vec![declare(&name, &[])]).unwrap().find("x"),
        Some(Key(0))
    );
}
