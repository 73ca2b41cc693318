//! Random machines against a simple model: lists, and the rules of OTP's manual.

use std::collections::BTreeMap;

use super::*;
use crate::test_rng::TestRng;

/// One request of a handler.
#[derive(Clone, Debug)]
enum Left {
    Insert(u32),
    Postpone(u32),
    /// `None`, zero, or some time.
    Set(Key<u8>, Option<u64>),
}

/// The script of a run: the actions of the handlers, the same for both.
struct Script {
    random: TestRng,
    numbers: u32,
}

impl Script {
    fn key(&mut self) -> Key<u8> {
        match self.random.below(4) {
            0 => Key::State,
            1 => Key::Event,
            _ => Key::Named(u8::try_from(self.random.below(2)).unwrap()),
        }
    }

    /// Returns the requests of a handler; `again` is the event it may postpone.
    fn left(&mut self, again: Option<u32>) -> Vec<Left> {
        let mut left = Vec::new();
        for _ in 0..self.random.below(3) {
            left.push(match self.random.below(4) {
                // Rarely enough that a run ends.
                0 => {
                    self.numbers += 1;
                    Left::Insert(self.numbers)
                }
                1 => match again {
                    Some(event) => Left::Postpone(event),
                    None => continue,
                },
                _ => {
                    let key = self.key();
                    let after = match self.random.below(4) {
                        0 => None,
                        1 => Some(0),
                        _ => Some(1 + self.random.below(9)),
                    };
                    Left::Set(key, after)
                }
            });
        }
        left
    }

    fn next(&mut self) -> Next<u8> {
        match self.random.below(6) {
            0 => Next::Repeat,
            1 | 2 => Next::To(u8::try_from(self.random.below(3)).unwrap()),
            _ => Next::Stay,
        }
    }
}

/// The history, as text.
type Log = Vec<String>;

/// The model: it processes one event at a time, by the steps in the manual of `gen_statem`.
struct Plain {
    state: u8,
    queue: Vec<u32>,
    postponed: Vec<u32>,
    running: BTreeMap<String, (Key<u8>, u64)>,
    due: Vec<Key<u8>>,
    log: Log,
}

impl Plain {
    fn new() -> Self {
        Self {
            state: 0,
            queue: Vec::new(),
            postponed: Vec::new(),
            running: BTreeMap::new(),
            due: Vec::new(),
            log: Vec::new(),
        }
    }

    fn cancel(&mut self, key: Key<u8>) {
        self.running.remove(&format!("{key:?}"));
        self.due.retain(|due| *due != key);
    }

    /// Runs one callback.
    fn callback(&mut self, what: String, script: &mut Script, again: Option<u32>) -> Vec<Left> {
        self.log.push(what);
        let left = script.left(again);
        for one in &left {
            if let Left::Postpone(event) = one {
                self.postponed.push(*event);
            }
        }
        left
    }

    fn enter(&mut self, from: Option<u8>, script: &mut Script) -> Vec<Left> {
        self.callback(format!("enter {} from {from:?}", self.state), script, None)
    }

    fn begin(&mut self, script: &mut Script) {
        let left = self.enter(None, script);
        self.actions(left);
        self.drain(script);
    }

    /// One event, internal or external, and its consequences.
    fn event(&mut self, what: String, again: Option<u32>, script: &mut Script) {
        self.cancel(Key::Event);
        let mut left = self.callback(what, script, again);
        match script.next() {
            Next::To(to) if to != self.state => {
                left.extend(self.callback(format!("exit {} to {to}", self.state), script, None));
                let from = mem::replace(&mut self.state, to);
                self.cancel(Key::State);
                let old = mem::take(&mut self.queue);
                self.queue = [mem::take(&mut self.postponed), old].concat();
                left.extend(self.enter(Some(from), script));
            }
            Next::Repeat => left.extend(self.enter(Some(self.state), script)),
            _ => {}
        }
        self.actions(left);
    }

    /// The transition actions, in order; inserted events come before all waiting ones.
    fn actions(&mut self, left: Vec<Left>) {
        let mut inserted = Vec::new();
        for one in left {
            match one {
                Left::Insert(event) => inserted.push(event),
                Left::Postpone(_) => {}
                Left::Set(key, after) => {
                    self.cancel(key);
                    match after {
                        None => {}
                        Some(0) => self.due.push(key),
                        Some(after) => {
                            self.running.insert(format!("{key:?}"), (key, after));
                        }
                    }
                }
            }
        }
        let old = mem::take(&mut self.queue);
        self.queue = [inserted, old].concat();
    }

    fn drain(&mut self, script: &mut Script) {
        loop {
            if !self.queue.is_empty() {
                let event = self.queue.remove(0);
                self.event(format!("event {event}"), Some(event), script);
            } else if !self.due.is_empty() {
                let key = self.due.remove(0);
                self.event(format!("timeout {key:?}"), None, script);
            } else {
                return;
            }
        }
    }

    fn timeouts(&self) -> Vec<(String, u64)> {
        let running = self.running.iter();
        running
            .map(|(key, (_, after))| (key.clone(), *after))
            .collect()
    }
}

/// The core, called as by the shell.
struct Real {
    core: Core<u8, u32, u8>,
    /// The running timers, by number.
    timers: BTreeMap<u64, u64>,
    log: Log,
}

impl Real {
    fn new() -> Self {
        Self {
            core: Core::new(0),
            timers: BTreeMap::new(),
            log: Vec::new(),
        }
    }

    fn handler(&mut self, what: String, script: &mut Script, again: Option<u32>) {
        self.log.push(what);
        for one in script.left(again) {
            match one {
                Left::Insert(event) => self.core.insert(event),
                Left::Postpone(event) => self.core.postpone(event),
                Left::Set(key, after) => self.core.timeout(key, after.map(Duration::from_secs)),
            }
        }
    }

    fn event(&mut self, what: String, again: Option<u32>, script: &mut Script) {
        self.handler(what, script, again);
        let next = script.next();
        self.core.done(&next).unwrap();
        self.tick();
    }

    fn drain(&mut self, script: &mut Script) {
        while let Some(task) = self.core.next() {
            self.tick();
            match task {
                Task::Exit { to } => {
                    let what = format!("exit {} to {to}", self.core.state());
                    self.handler(what, script, None);
                    self.core.done(&Next::Stay).unwrap();
                }
                Task::Enter { from } => {
                    let what = format!("enter {} from {from:?}", self.core.state());
                    self.handler(what, script, None);
                    self.core.done(&Next::Stay).unwrap();
                }
                Task::Event(event) => self.event(format!("event {event}"), Some(event), script),
                Task::Timeout(key) => self.event(format!("timeout {key:?}"), None, script),
            }
            self.tick();
        }
    }

    fn tick(&mut self) {
        for action in self.core.clock() {
            match action {
                Clock::Start { number, after } => {
                    assert!(self.timers.insert(number, after.as_secs()).is_none());
                }
                Clock::Cancel(number) => assert!(self.timers.remove(&number).is_some()),
            }
        }
    }

    fn timeouts(&self) -> Vec<(String, u64)> {
        let running = self.core.timeouts.running.iter();
        let mut all: Vec<_> = running
            .map(|(number, key)| (format!("{key:?}"), self.timers[number]))
            .collect();
        all.sort();
        all
    }
}

/// One run of both; the scripts are equal as long as the machines are.
fn run(seed: u64) {
    let script = |seed: u64| Script {
        random: TestRng::new(seed),
        numbers: 1000,
    };
    let (mut one, mut other) = (script(seed), script(seed));
    let (mut plain, mut real) = (Plain::new(), Real::new());
    let mut outside = TestRng::new(!seed);
    plain.begin(&mut one);
    real.drain(&mut other);
    for number in 0..20 {
        assert_eq!(plain.log, real.log, "seed {seed}");
        assert_eq!(plain.timeouts(), real.timeouts(), "seed {seed}");
        assert_eq!(
            real.timers.len(),
            real.core.timeouts.running.len(),
            "seed {seed}: a timer is left"
        );
        let fired = plain.timeouts();
        if !fired.is_empty() && outside.below(3) == 0 {
            let at = usize::try_from(outside.below(fired.len() as u64)).unwrap();
            let name = fired[at].0.clone();
            let (key, _) = plain.running.remove(&name).unwrap();
            plain.event(format!("timeout {key:?}"), None, &mut one);
            let mut running = real.core.timeouts.running.iter();
            let (&number, _) = running.find(|(_, known)| **known == key).unwrap();
            real.timers.remove(&number);
            assert_eq!(real.core.fired(number), Some(key), "seed {seed}");
            assert_eq!(real.core.fired(number), None, "seed {seed}: it is due once");
            real.tick();
            real.event(format!("timeout {key:?}"), None, &mut other);
        } else {
            plain.event(format!("event {number}"), Some(number), &mut one);
            real.core.receive();
            real.tick();
            real.event(format!("event {number}"), Some(number), &mut other);
        }
        plain.drain(&mut one);
        real.drain(&mut other);
    }
    let left: Vec<_> = real.core.drain().collect();
    assert_eq!(
        left, plain.postponed,
        "seed {seed}: what is left is what was postponed"
    );
}

#[test]
fn random_machines_do_what_the_plain_one_does() {
    for seed in 0..5_000 {
        run(seed);
    }
}

#[test]
fn leaving_and_entering_choose_no_other_state() {
    let mut core: Core<u8, u32, u8> = Core::new(0);
    assert_eq!(core.next(), Some(Task::Enter { from: None }));
    assert_eq!(core.done(&Next::To(1)), Err(Misplaced));
    assert_eq!(core.done(&Next::Stay), Ok(()));
    assert_eq!(core.done(&Next::To(1)), Ok(()));
    assert_eq!(core.next(), Some(Task::Exit { to: 1 }));
    assert_eq!(core.done(&Next::Repeat), Err(Misplaced));
}

#[test]
fn a_stale_timeout_is_ignored() {
    let mut core: Core<u8, u32, u8> = Core::new(0);
    core.done(&Next::Stay).unwrap();
    core.timeout(Key::State, Some(Duration::from_secs(1)));
    core.done(&Next::Stay).unwrap();
    let Some(Clock::Start { number, .. }) = core.clock().pop() else {
        panic!("no timer");
    };
    core.done(&Next::To(1)).unwrap();
    core.done(&Next::Stay).unwrap();
    assert_eq!(core.clock(), [Clock::Cancel(number)]);
    assert_eq!(core.fired(number), None);
}
