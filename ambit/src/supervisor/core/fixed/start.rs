//! Starts of ordered children: one after the other, each when the previous one is done.

use super::*;

impl<T: Send> Fixed<T> {
    pub(super) fn start(&mut self, rest: VecDeque<Key>, why: Why<T>) {
        let now = None;
        self.doing = Doing::Starting { now, rest, why };
        self.start_next();
    }

    pub(super) fn start_next(&mut self) {
        let Doing::Starting { now, rest, .. } = &mut self.doing else {
            return;
        };
        *now = rest.pop_front();
        if let Some(key) = *now {
            self.set(key, Place::Starting);
            self.out.push(Action::Start(key));
            return;
        }
        if let Doing::Starting { why: Why::Boot, .. } =
            mem::replace(&mut self.doing, Doing::Nothing)
        {
            self.out.push(Action::Booted);
        }
    }

    /// Returns true if the start of `key` is the current operation.
    pub(super) fn starts(&self, key: Key) -> bool {
        matches!(&self.doing, Doing::Starting { now, .. } if *now == Some(key))
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
        self.set(key, Place::Running(pid));
        if let Doing::Starting {
            why: Why::Grow(..), ..
        } = &self.doing
            && let Doing::Starting {
                why: Why::Grow(wanted, port),
                ..
            } = mem::replace(&mut self.doing, Doing::Nothing)
        {
            self.grow(wanted, port);
            return;
        }
        self.answer_start(Ok(Some(pid)));
        self.start_next();
    }

    /// Handles a start that was cancelled, but succeeded.
    fn started_late(&mut self, key: Key, pid: Pid) {
        if !matches!(self.place(key), Some(Place::Stuck { .. })) {
            self.set(key, Place::Stopping(pid));
            self.out.push(Action::Stop(key, Shutdown::Brutal));
        }
    }

    /// Answers the request for the current start.
    pub(super) fn answer_start(&mut self, answer: Result<Option<Pid>, ChildError>) {
        let Doing::Starting { why, .. } = &mut self.doing else {
            return;
        };
        match mem::replace(why, Why::Restart) {
            Why::Add(port) | Why::Again(port) | Why::Grow(_, port) => {
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
        self.lay_down(key);
        self.answer_start(Err(ChildError::Start(StartError::Ignored)));
        self.start_next();
    }

    /// Handles the end of a cancelled start.
    pub(super) fn never_started(&mut self, key: Key) {
        match self.place(key) {
            Some(Place::Stuck { again, .. }) => self.unstuck(key, *again),
            _ => self.stopped(key),
        }
    }

    pub(super) fn failed(&mut self, key: Key, error: StartError) {
        if !self.starts(key) {
            self.never_started(key);
            return;
        }
        self.set(key, Place::Stopped);
        let Doing::Starting { why, .. } = mem::replace(&mut self.doing, Doing::Nothing) else {
            return;
        };
        match why {
            Why::Boot => {
                let id = self.children.get(&key).map(|child| &*child.rules.id);
                let id = id.unwrap_or_default();
                let why = match &error {
                    StartError::Init(reason) => reason.nested(),
                    other => other.to_string(),
                };
                let text = format!("failed to start child `{id}`: {why}");
                self.leave(ExitReason::shutdown_with(text));
            }
            Why::Restart => {
                self.report(key, Report::StartFailed(error.clone()));
                if let Some(child) = self.children.get_mut(&key) {
                    child.last = ExitReason::error(error);
                }
                self.retry_later(key, Duration::ZERO, false);
            }
            Why::Add(port) => {
                self.forget(key);
                let answer = Err(ChildError::Start(error));
                self.out.push(Action::Answer(port, answer));
            }
            Why::Again(port) | Why::Grow(_, port) => {
                self.out.push(Action::Down(key));
                let answer = Err(ChildError::Start(error));
                self.out.push(Action::Answer(port, answer));
            }
        }
    }
}
