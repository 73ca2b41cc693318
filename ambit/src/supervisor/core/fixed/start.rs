//! Starts of ordered children: one after the other, each when the previous one is done.

use super::*;

impl<T: Send> Fixed<T> {
    pub(super) fn start(&mut self, rest: VecDeque<Key>, why: StopCause<T>) {
        let now = None;
        self.doing = Operation::Starting { now, rest, why };
        self.start_next();
    }

    pub(super) fn start_next(&mut self) {
        let Operation::Starting { now, rest, .. } = &mut self.doing else {
            return;
        };
        *now = rest.pop_front();
        if let Some(key) = *now {
            self.set(key, ChildPhase::Starting);
            self.out.push(Action::Start(key));
            return;
        }
        if let Operation::Starting {
            why: StopCause::Boot,
            ..
        } = mem::replace(&mut self.doing, Operation::Nothing)
        {
            self.out.push(Action::Booted);
        }
    }

    /// Returns true if the start of `key` is the current operation.
    pub(super) fn starts(&self, key: Key) -> bool {
        matches!(&self.doing, Operation::Starting { now, .. } if *now == Some(key))
    }

    pub(super) fn started(&mut self, key: Key, pid: Pid) {
        let now = self.now;
        if let Some(child) = self.children.get_mut(&key) {
            child.delays.started(child.rules.backoff.as_deref(), now);
        }
        if !self.starts(key) {
            self.started_late(key, pid);
            return;
        }
        self.set(key, ChildPhase::Running(pid));
        if let Operation::Starting {
            why: StopCause::Grow(..),
            ..
        } = &self.doing
            && let Operation::Starting {
                why: StopCause::Grow(wanted, port),
                ..
            } = mem::replace(&mut self.doing, Operation::Nothing)
        {
            self.grow(wanted, port);
            return;
        }
        self.answer_start(Ok(Some(pid)));
        self.start_next();
    }

    /// Handles a start that was cancelled, but succeeded.
    fn started_late(&mut self, key: Key, pid: Pid) {
        let Some(child) = self.children.get(&key) else {
            return;
        };
        if !matches!(child.phase, ChildPhase::Stuck { .. }) {
            let shutdown = child.rules.shutdown_of_start();
            self.set(key, ChildPhase::Stopping(pid));
            self.out.push(Action::Stop(key, shutdown));
        }
    }

    /// Answers the request for the current start.
    pub(super) fn answer_start(&mut self, answer: Result<Option<Pid>, ChildError>) {
        let Operation::Starting { why, .. } = &mut self.doing else {
            return;
        };
        match mem::replace(why, StopCause::Restart) {
            StopCause::Add(port) | StopCause::Again(port) | StopCause::Grow(_, port) => {
                self.out.push(Action::Answer(port, answer));
            }
            other => *why = other,
        }
    }

    pub(super) fn ignored(&mut self, key: Key) {
        if !self.starts(key) {
            self.never_started(key);
            return;
        }
        self.mark_stopped(key);
        self.answer_start(Err(ChildError::Start(StartError::Ignored)));
        self.start_next();
    }

    /// Handles the end of a cancelled start.
    pub(super) fn never_started(&mut self, key: Key) {
        match self.phase(key) {
            Some(ChildPhase::Stuck { again, .. }) => self.unstuck(key, *again),
            _ => self.stopped(key),
        }
    }

    pub(super) fn failed(&mut self, key: Key, error: StartError) {
        if let StartError::Init(reason) = &error {
            self.find_stuck_below(key, reason);
        }
        if !self.starts(key) {
            self.never_started(key);
            return;
        }
        self.set(key, ChildPhase::Stopped);
        let Operation::Starting { why, .. } = mem::replace(&mut self.doing, Operation::Nothing)
        else {
            return;
        };
        match why {
            StopCause::Boot => {
                let id = self.children.get(&key).map(|child| &*child.rules.id);
                let id = id.unwrap_or_default();
                let why = match &error {
                    StartError::Init(reason) => reason.nested(),
                    other => other.to_string(),
                };
                let text = format!("failed to start child `{id}`: {why}");
                self.leave(ExitReason::shutdown_with(text));
            }
            StopCause::Restart => {
                self.report(key, Report::StartFailed(error.clone()));
                if let Some(child) = self.children.get_mut(&key) {
                    child.last = ExitReason::error(error);
                }
                self.retry_later(key, Duration::ZERO, false);
            }
            StopCause::Add(port) => {
                self.forget(key);
                let answer = Err(ChildError::Start(error));
                self.out.push(Action::Answer(port, answer));
            }
            StopCause::Again(port) | StopCause::Grow(_, port) => {
                self.out.push(Action::Down(key));
                let answer = Err(ChildError::Start(error));
                self.out.push(Action::Answer(port, answer));
            }
        }
    }
}
