//! Partitions under random scripts: resizes at any moment, crashes, failing starts, stuck children.

use std::collections::BTreeMap;

use super::*;

const PARTITIONS: usize = 5;

/// The state of one partition.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Now {
    Stopped,
    Starting,
    Runs(Pid),
    Stops(Pid),
}

struct Script {
    core: Fixed<u32>,
    random: generators::Random,
    partitions: Vec<Now>,
    /// The number of partitions that the shell would route to.
    used: usize,
    retries: Vec<(Key, RetryTicket)>,
    /// The targets of the unanswered resizes.
    open: BTreeMap<u32, usize>,
    /// The answered resizes, oldest first.
    answers: Vec<(usize, Result<Option<Pid>, ChildError>)>,
    now: Duration,
    numbers: u32,
    booted: bool,
}

impl Script {
    fn new(seed: u64) -> Self {
        let rules = |index: usize| Rules {
            id: index.to_string().into(),
            restart: Restart::Permanent,
            shutdown: Shutdown::Infinity,
            significant: false,
            backoff: None,
            kind: ChildKind::Worker,
        };
        let flags = Flags {
            restarts: 1000,
            ..Flags::default()
        };
        let children = (0..PARTITIONS).map(|index| (Key(index as u64), rules(index)));
        let mut script = Self {
            core: Fixed::new(flags, children),
            random: generators::Random::new(seed),
            partitions: vec![Now::Stopped; PARTITIONS],
            used: PARTITIONS,
            retries: Vec::new(),
            open: BTreeMap::new(),
            answers: Vec::new(),
            now: Duration::ZERO,
            numbers: 0,
            booted: false,
        };
        script.send(Event::Boot);
        while !script.booted {
            script.go_on(false);
        }
        script
    }

    fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    fn send(&mut self, event: Event<u32>) {
        self.now += Duration::from_millis(1);
        for action in self.core.handle(event, self.now, 0) {
            match action {
                Action::Start(key) => self.set(key, Now::Stopped, Now::Starting),
                Action::Stop(key, _) => match self.partitions[index(key)] {
                    Now::Runs(pid) => self.partitions[index(key)] = Now::Stops(pid),
                    other => panic!("{key:?} is stopped while it is {other:?}"),
                },
                Action::Later(key, ticket, _) => self.retries.push((key, ticket)),
                Action::Use(used) => self.used = used,
                Action::Answer(token, answer) => {
                    let wanted = self.open.remove(&token).expect("it was answered once");
                    let next = self.open.keys().next();
                    assert!(next.is_none_or(|next| *next > token), "in their order");
                    self.answers.push((wanted, answer));
                }
                Action::Booted => self.booted = true,
                Action::Down(key) => assert_eq!(self.partitions[index(key)], Now::Stopped),
                Action::Report(..) => {}
                other => panic!("{other:?}"),
            }
        }
        for index in 0..self.used {
            let is_routed_to_a_stop = matches!(self.partitions[index], Now::Stops(_));
            assert!(!is_routed_to_a_stop, "{index} stops and is in use");
        }
    }

    fn set(&mut self, key: Key, before: Now, after: Now) {
        assert_eq!(self.partitions[index(key)], before, "{key:?}");
        self.partitions[index(key)] = after;
    }

    fn resize(&mut self) {
        let (token, wanted) = (self.number(), self.random.below(PARTITIONS + 1));
        self.open.insert(token, wanted);
        self.send(Event::Command(Command::Resize(wanted, token)));
    }

    /// Completes one operation in progress; returns false if there is none.
    fn go_on(&mut self, may_fail: bool) -> bool {
        let under_way = |(_, now): &(usize, &Now)| matches!(now, Now::Starting | Now::Stops(_));
        let all = self.partitions.iter().enumerate();
        let busy: Vec<_> = all.filter(under_way).map(|(index, _)| index).collect();
        if busy.is_empty() {
            let Some((key, ticket)) = self.retries.pop() else {
                return false;
            };
            self.send(Event::Retry(key, ticket));
            return true;
        }
        let index = self.random.of(&busy);
        let key = Key(index as u64);
        match self.partitions[index] {
            Now::Starting if may_fail && self.random.once_in(6) => {
                self.partitions[index] = Now::Stopped;
                let error = StartError::Init(ExitReason::Killed);
                self.send(Event::Failed(key, error));
            }
            Now::Starting => {
                let pid = Pid::new(1, self.number(), 0);
                self.partitions[index] = Now::Runs(pid);
                self.send(Event::Started(key, pid));
            }
            Now::Stops(pid) => {
                self.partitions[index] = Now::Stopped;
                self.send(Event::Exited(key, pid, ExitReason::Shutdown));
            }
            other => unreachable!("{other:?} is not under way"),
        }
        true
    }

    fn crash(&mut self) {
        let index = self.random.below(PARTITIONS);
        if let Now::Runs(pid) | Now::Stops(pid) = self.partitions[index] {
            self.partitions[index] = Now::Stopped;
            let reason = ExitReason::Killed;
            self.send(Event::Exited(Key(index as u64), pid, reason));
        }
    }
}

fn index(key: Key) -> usize {
    usize::try_from(key.0).expect("a small number")
}

#[test]
fn resizes_at_any_moment_leave_no_hole() {
    for seed in 0..3000 {
        let _named = Named("resize", seed);
        let mut script = Script::new(seed);
        for _ in 0..60 {
            match script.random.below(6) {
                0 => script.resize(),
                1 => script.crash(),
                _ => drop(script.go_on(true)),
            }
        }
        while script.go_on(false) {}
        assert!(script.open.is_empty(), "every resize was answered");
        if let Some((wanted, Ok(_))) = script.answers.last() {
            assert_eq!(script.used, *wanted);
        }
        for (index, now) in script.partitions.iter().enumerate() {
            let runs = matches!(now, Now::Runs(_));
            assert!(runs || index >= script.used, "{index} is a hole");
        }
        // The next resize repairs earlier failures.
        let (token, wanted) = (script.number(), 3);
        script.open.insert(token, wanted);
        script.send(Event::Command(Command::Resize(wanted, token)));
        while script.go_on(false) {}
        assert_eq!(script.answers.last(), Some(&(wanted, Ok(None))));
        let runs: Vec<_> = (script.partitions.iter())
            .map(|now| matches!(now, Now::Runs(_)))
            .collect();
        assert_eq!(runs, [true, true, true, false, false]);
    }
}
