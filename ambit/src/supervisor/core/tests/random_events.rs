//! The possible next events.

use std::time::Duration;

use super::generators::{self, SECOND};
use super::sim::{Asked, Fake, Fate, Manners, Retry, Running, Sim};
use super::*;

/// The kind of a script.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// `None`: independent children.
    pub(super) strategy: Option<Strategy>,
    /// Unrequested ends, retries and commands wait until no operation is in progress.
    pub(super) calm: bool,
}

#[derive(Clone, Copy, Debug)]
enum Move {
    /// A start finishes.
    Finish(Key),
    /// A process ends by itself.
    Crash(Key),
    /// A process obeys a stop.
    Obey(Key),
    /// An end is delivered to the core.
    Deliver(Key),
    Overdue(Key),
    Retry(usize),
    Grace,
}

impl Sim {
    pub(super) fn play(mut self) {
        self.send(Event::Boot);
        let steps = 20 + self.random.below(100);
        let leaves_at = self.random.below(2 * steps);
        for step in 0..steps {
            if self.ended.is_some() {
                return;
            }
            self.step(step == leaves_at);
        }
        if self.random.once_in(2) {
            self.calm_down();
        }
        self.leave();
        self.drain();
        assert!(self.ended.is_some(), "it never ends");
    }

    fn step(&mut self, leaves: bool) {
        match self.random.below(10) {
            _ if leaves => self.leave(),
            0 | 1 if !self.holds_back() => self.command(),
            2 | 3 => self.pass(),
            _ => drop(self.one_of(false)),
        }
    }

    fn leave(&mut self) {
        let reasons = [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::error("x"),
        ];
        let reason = self.random.of(&reasons);
        if self.left.is_none() {
            self.left = Some(reason.clone());
        }
        if self.ended.is_none() {
            self.send(Event::Leave(reason));
        }
    }

    /// Lets time pass.
    fn pass(&mut self) {
        let within = self.flags.within;
        let nano = Duration::from_nanos(1);
        let times = [
            Duration::ZERO,
            nano,
            SECOND / 10,
            SECOND,
            within,
            within - nano,
            within + nano,
        ];
        self.now += self.random.of(&times);
    }

    /// Returns true if the shell holds back non-urgent events while the core is busy.
    fn holds_back(&self) -> bool {
        self.core.is_busy() && self.plan.calm && !self.is_dynamic()
    }

    /// Lets all mandatory events happen, and no optional ones.
    fn drain(&mut self) {
        for _ in 0..5000 {
            if self.ended.is_some() {
                return;
            }
            if !self.one_of(true) {
                let due = self.children.values().filter_map(|child| child.due);
                let due = due.chain(self.retries.iter().map(|retry| retry.due));
                let Some(next) = due.chain(self.grace).filter(|due| *due > self.now).min() else {
                    return;
                };
                self.now = next;
            }
        }
        panic!("it is busy for ever");
    }

    fn calm_down(&mut self) {
        self.drain();
        if self.left.is_none() {
            self.is_at_rest();
        }
    }

    /// Performs one of the possible events; returns false if there is none.
    fn one_of(&mut self, must: bool) -> bool {
        let moves = self.moves(must);
        if moves.is_empty() {
            return false;
        }
        match self.random.of(&moves) {
            Move::Finish(key) => self.finish(key, must),
            Move::Crash(key) => {
                let reason = generators::reason(&mut self.random);
                self.process(key).ended = Some(reason);
            }
            Move::Obey(key) => self.obey(key),
            Move::Deliver(key) => self.deliver(key),
            Move::Overdue(key) => self.overdue(key),
            Move::Retry(at) => {
                let retry = self.retries.swap_remove(at);
                self.about_to_retry(retry.key, retry.ticket);
                self.send(Event::Retry(retry.key, retry.ticket));
                self.has_retried();
            }
            Move::Grace => {
                self.grace = None;
                self.send(Event::GraceOver);
            }
        }
        true
    }

    fn moves(&mut self, must: bool) -> Vec<Move> {
        let (now, waits) = (self.now, self.holds_back());
        // A process that never suspends may still end late.
        let is_late = !must && self.random.once_in(8);
        let mut moves = Vec::new();
        for (&key, child) in &self.children {
            if let Some(launch) = &child.launch {
                let ends = match launch.fate {
                    // Without a time limit it is waited for.
                    Fate::Spins => {
                        let is_waited_for = child.due.is_none() && !launch.overdue;
                        is_late || must && (!launch.cancelled || is_waited_for)
                    }
                    Fate::Hangs => launch.cancelled || must,
                    Fate::Starts | Fate::Fails | Fate::Ignores => true,
                };
                moves.extend(ends.then_some(Move::Finish(key)));
            }
            if let Some(process) = &child.process {
                let kill = process.kill.is_some_and(|kill| kill <= now);
                let ends = match process.manners {
                    _ if !process.asked => false,
                    _ if must && process.kill.is_none() => true,
                    Manners::Polite => true,
                    Manners::OnlyKilled => kill || is_late,
                    Manners::Spins => is_late,
                };
                let is_news = process.ended.is_some();
                moves.extend((!must && !is_news).then_some(Move::Crash(key)));
                moves.extend((ends && !is_news).then_some(Move::Obey(key)));
                moves.extend((is_news && (process.asked || !waits)).then_some(Move::Deliver(key)));
            }
            let is_due = child.due.is_some_and(|due| due <= now);
            moves.extend(is_due.then_some(Move::Overdue(key)));
        }
        let is_due =
            |(at, retry): (usize, &Retry)| (retry.due <= now && !waits).then_some(Move::Retry(at));
        moves.extend(self.retries.iter().enumerate().filter_map(is_due));
        moves.extend(self.grace.filter(|due| *due <= now).map(|_| Move::Grace));
        moves
    }

    fn process(&mut self, key: Key) -> &mut Running {
        let process = self
            .children
            .get_mut(&key)
            .and_then(|child| child.process.as_mut());
        process.expect("a process")
    }

    fn finish(&mut self, key: Key, must: bool) {
        let is_boot = !self.booted;
        let child = self.children.get_mut(&key).expect("a child");
        let launch = child.launch.take().expect("a start");
        child.due = None;
        let starts = match launch.fate {
            _ if must && !launch.cancelled => true,
            Fate::Starts | Fate::Spins => true,
            Fate::Fails | Fate::Ignores | Fate::Hangs => false,
        };
        // A kill before the end of a start ends the start, a later one ends the started process.
        if starts && !(launch.cancelled && self.random.once_in(2)) {
            let manners = [
                Manners::Polite,
                Manners::Polite,
                Manners::OnlyKilled,
                Manners::Spins,
            ];
            child.process = Some(Running {
                pid: launch.pid,
                manners: self.random.of(&manners),
                asked: launch.cancelled,
                kill: launch.cancelled.then_some(self.now),
                overdue: launch.overdue,
                ended: None,
            });
            child.may_rest = false;
            self.oracle.born(key, self.now);
            self.send(Event::Started(key, launch.pid));
        } else if launch.fate == Fate::Ignores && !launch.cancelled {
            child.may_rest = true;
            self.send(Event::Ignored(key));
        } else {
            let reason = if launch.cancelled {
                ExitReason::Killed
            } else {
                ExitReason::error("no")
            };
            let error = StartError::Init(reason.clone());
            if is_boot && self.left.is_none() {
                let text = format!("failed to start child `{}`: {reason}", child.rules.id);
                self.left = Some(ExitReason::shutdown_with(text));
            }
            child.may_rest |= self
                .open
                .values()
                .any(|asked| matches!(asked, Asked::Restart(of) if *of == key));
            self.oracle.group.clear();
            self.send(Event::Failed(key, error));
        }
    }

    fn obey(&mut self, key: Key) {
        let kind = self.children[&key].rules.kind;
        let mut reasons = vec![
            ExitReason::Shutdown,
            ExitReason::Normal,
            ExitReason::Killed,
            ExitReason::error("bye"),
        ];
        if kind == ChildKind::Supervisor {
            reasons.push(ExitReason::shutdown_with("stuck: deep, deeper/still"));
        }
        let reason = self.random.of(&reasons);
        self.process(key).ended = Some(reason);
    }

    fn deliver(&mut self, key: Key) {
        let child = self.children.get_mut(&key).expect("a child");
        let process = child.process.take().expect("a process");
        let reason = process.ended.expect("an end");
        (child.due, child.old) = (None, Some(process.pid));
        let (is_left, by_itself) = (self.left.is_some(), !process.asked);
        self.about_to_judge(key, &reason, by_itself);
        if is_left && self.children[&key].rules.kind == ChildKind::Supervisor {
            let below = stuck_below(&self.children[&key].rules.id, &reason);
            self.oracle.stuck_below.extend(below);
        }
        self.send(Event::Exited(key, process.pid, reason));
        self.has_judged();
    }

    fn overdue(&mut self, key: Key) {
        let child = self.children.get_mut(&key).expect("a child");
        child.due = None;
        let pid = match (&mut child.launch, &mut child.process) {
            (Some(launch), None) => {
                launch.overdue = true;
                launch.pid
            }
            (None, Some(process)) => {
                process.overdue = true;
                process.pid
            }
            _ => panic!("{child:?} is nothing"),
        };
        self.send(Event::Overdue(key, pid));
    }

    fn command(&mut self) {
        let keys: Vec<_> = self.children.keys().copied().collect();
        let token = self.number();
        let one = (!keys.is_empty() && !self.random.once_in(8)).then(|| self.random.of(&keys));
        let may_start = !self.is_dynamic() || !self.core.is_busy();
        let what = if may_start { self.random.below(5) } else { 4 };
        let command = match (what, one) {
            (0 | 1, one) => {
                let key = Key(u64::from(token));
                // Sometimes an existing id.
                let may_be_taken = !self.is_dynamic() && !self.core.is_busy();
                let taken = one.filter(|_| may_be_taken && self.random.once_in(3));
                let id = taken.map_or_else(
                    || format!("c{token}"),
                    |key| self.children[&key].rules.id.to_string(),
                );
                let rules = generators::rules(&mut self.random, id, self.flags.auto_shutdown);
                let command = Command::Start(key, rules.0.clone(), token);
                if taken.is_none() {
                    self.children.insert(key, Fake::new(rules));
                }
                self.open.insert(token, Asked::Start(key));
                command
            }
            (_, None) => {
                self.open.insert(token, Asked::Missing);
                Command::Restart("nobody".into(), token)
            }
            // Later it would be indistinguishable from an unrequested restart.
            (2, Some(key)) if !self.is_dynamic() && !self.core.is_busy() => {
                self.open.insert(token, Asked::Restart(key));
                Command::Restart(self.children[&key].rules.id.to_string(), token)
            }
            (3, Some(key)) if !self.is_dynamic() => {
                self.open.insert(token, Asked::Delete(key));
                Command::Delete(self.children[&key].rules.id.to_string(), token)
            }
            (_, Some(key)) => {
                self.open.insert(token, Asked::Terminate(key));
                Command::Terminate(self.whom(key), token)
            }
        };
        self.send(Event::Command(command));
    }

    fn whom(&self, key: Key) -> ChildSelector {
        let child = &self.children[&key];
        if !self.is_dynamic() {
            return ChildSelector::Id(child.rules.id.to_string());
        }
        let pid = child
            .process
            .as_ref()
            .map(|process| process.pid)
            .or(child.old);
        ChildSelector::Pid(pid.unwrap_or(Pid::NOBODY))
    }
}
