//! Stops of ordered children: one after the other, in reverse order.

use super::*;

impl<T: Send> Fixed<T> {
    /// Stops `keys`, given in start order, in reverse order.
    pub(super) fn stop(&mut self, keys: Vec<Key>, then: AfterStop<T>) {
        let (now, rest) = (None, in_stop_order(keys));
        self.doing = Operation::Stopping { now, rest, then };
        self.stop_next();
    }

    pub(super) fn stop_next(&mut self) {
        loop {
            let Operation::Stopping { now, rest, then } = &mut self.doing else {
                return;
            };
            if self.leaving.is_some() && !matches!(then, AfterStop::End) {
                self.stop_all();
                return;
            }
            *now = rest.pop_front();
            let Some(key) = *now else { break };
            if let Some(shutdown) = self.stop_one(key) {
                self.out.push(Action::Stop(key, shutdown));
                return;
            }
        }
        if let Operation::Stopping { then, .. } = mem::replace(&mut self.doing, Operation::Nothing)
        {
            self.done(then);
        }
    }

    /// Returns how a child is to be stopped, if there is anything to wait for.
    pub(super) fn stop_one(&mut self, key: Key) -> Option<Shutdown> {
        let now = self.now;
        let child = self.children.get_mut(&key)?;
        let shutdown = child.rules.shutdown;
        match child.phase.clone() {
            ChildPhase::Running(pid) => {
                child.delays.stopped(child.rules.backoff.as_deref(), now);
                self.set(key, ChildPhase::Stopping(pid));
                return Some(shutdown);
            }
            ChildPhase::Stuck { pid, .. } => {
                let again = self.restarts_group();
                self.set(key, ChildPhase::Stuck { pid, again });
            }
            ChildPhase::Ended(_) | ChildPhase::Restarting { .. } => self.rest(key),
            ChildPhase::Stopped | ChildPhase::Starting | ChildPhase::Stopping(_) => {}
        }
        None
    }

    pub(super) fn restarts_group(&self) -> bool {
        let then = match &self.doing {
            Operation::Stopping { then, .. } => Some(then),
            _ => None,
        };
        matches!(then, Some(AfterStop::Restart(..)))
    }

    /// Handles the end of a child that is being stopped. A member of a restarted group stays to be started again; a
    /// temporary one does not.
    pub(super) fn rest(&mut self, key: Key) {
        if self.restarts_group() && !self.is_temporary(key) {
            self.set(key, ChildPhase::Stopped);
        } else {
            self.mark_stopped(key);
        }
    }

    /// Continues after the end of a child that is being stopped.
    pub(super) fn stopped(&mut self, key: Key) {
        self.rest(key);
        if matches!(&self.doing, Operation::Stopping { now, .. } if *now == Some(key)) {
            self.stop_next();
        }
    }

    pub(super) fn done(&mut self, then: AfterStop<T>) {
        match then {
            AfterStop::Restart(key, Duration::ZERO) => self.start_group(key),
            AfterStop::Restart(key, delay) => self.retry_later(key, delay, true),
            AfterStop::Answer(port) => self.out.push(Action::Answer(port, Ok(None))),
            AfterStop::Grow(wanted, port) => self.shrunk(wanted, port),
            AfterStop::End => self.linger(),
        }
    }

    /// Gives stuck children some more time after all others have been stopped.
    fn linger(&mut self) {
        if self.stuck().next().is_none() {
            self.end();
        } else {
            self.doing = Operation::Lingering;
            self.out.push(Action::Grace);
        }
    }

    pub(super) fn stuck(&self) -> impl Iterator<Item = &str> {
        let all = self.children.values();
        all.filter(|child| matches!(child.phase, ChildPhase::Stuck { .. }))
            .map(|child| &*child.rules.id)
    }

    pub(super) fn grace_over(&mut self) {
        if matches!(self.doing, Operation::Lingering) {
            self.end();
        }
    }

    pub(super) fn end(&mut self) {
        let below = self.stuck_below.iter().map(String::as_str);
        let reason = end_reason(self.leaving.as_ref(), self.stuck().chain(below));
        self.doing = Operation::Over;
        self.out.push(Action::End(reason));
    }

    pub(super) fn overdue(&mut self, key: Key, pid: Pid) {
        // The process of a start has been cancelled before.
        if !matches!(
            self.phase(key),
            Some(ChildPhase::Stopping(_) | ChildPhase::Starting)
        ) {
            return;
        }
        let again = self.restarts_group();
        self.set(key, ChildPhase::Stuck { pid, again });
        self.report(key, Report::Stuck);
        if !matches!(&self.doing, Operation::Stopping { now, .. } if *now == Some(key)) {
            return;
        }
        match mem::replace(&mut self.doing, Operation::Nothing) {
            Operation::Stopping {
                then: AfterStop::Answer(port),
                ..
            } => {
                let answer = Err(ChildError::Stuck);
                self.out.push(Action::Answer(port, answer));
                if self.leaving.is_some() {
                    self.stop_all();
                }
            }
            other => {
                self.doing = other;
                self.stop_next();
            }
        }
    }

    pub(super) fn leave(&mut self, reason: ExitReason) {
        if self.leaving.is_some() || matches!(self.doing, Operation::Over) {
            return;
        }
        self.leaving = Some(reason);
        for event in mem::take(&mut self.pending) {
            if let Event::Command(command) = event {
                self.refuse(command);
            }
        }
        match &self.doing {
            Operation::Nothing => self.stop_all(),
            Operation::Starting { now: Some(key), .. } => {
                let key = *key;
                self.answer_start(Err(ChildError::NoProcess));
                if let Some(child) = self.children.get(&key) {
                    let shutdown = child.rules.shutdown_of_start();
                    self.out.push(Action::Cancel(key, shutdown));
                }
                self.stop_all_after(Some(key));
            }
            // Continues when the child that is being stopped has ended.
            _ => {}
        }
    }

    pub(super) fn stop_all(&mut self) {
        self.stop_all_after(None);
        self.stop_next();
    }

    pub(super) fn stop_all_after(&mut self, now: Option<Key>) {
        let others = self.children.keys().copied();
        let rest = in_stop_order(others.filter(|key| Some(*key) != now).collect());
        let then = AfterStop::End;
        let before = mem::replace(&mut self.doing, Operation::Stopping { now, rest, then });
        let Operation::Stopping { then, .. } = before else {
            return;
        };
        match then {
            AfterStop::Answer(port) => self.out.push(Action::Answer(port, Ok(None))),
            AfterStop::Grow(_, port) => {
                let answer = Err(ChildError::NoProcess);
                self.out.push(Action::Answer(port, answer));
            }
            AfterStop::Restart(..) | AfterStop::End => {}
        }
    }
}

/// Orders children for a stop: started last, stopped first.
fn in_stop_order(mut keys: Vec<Key>) -> VecDeque<Key> {
    keys.reverse();
    keys.into()
}
