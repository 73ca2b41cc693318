//! Requests that are in progress.

use super::state::{Action, Command, Core, Job, State, Wait, Why, Work};
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Key;

/// The result of a step of a job.
enum Progress {
    Waits(Wait),
    Done(Result<Vec<Key>, ApplicationError>),
}

impl<T> Core<T> {
    pub(super) fn asked(&mut self, command: Command, asker: Option<Key>, reply: T) {
        let work = match self.accept(command, asker) {
            Ok(Some(work)) => work,
            Ok(None) => return self.begin_drain().waiting.push(reply),
            Err(refused) => return self.actions.push(Action::Answer(reply, Err(refused))),
        };
        let job = Job {
            reply,
            work,
            asker,
            waits: None,
            launched: false,
            outcome: None,
        };
        self.last_job += 1;
        self.jobs.insert(self.last_job, job);
        self.ready.insert(self.last_job);
    }

    /// Returns the work of a command; `None` for the stop of all applications.
    fn accept(
        &self,
        command: Command,
        asker: Option<Key>,
    ) -> Result<Option<Work>, ApplicationError> {
        let start = |plan: Vec<Key>| Work::Start {
            plan: plan.into(),
            started: Vec::new(),
            found: Vec::new(),
            failure: None,
        };
        let application = |key| self.graph.name(key);
        match command {
            Command::Start(key) if self.place(key).is_some() => {
                Err(ApplicationError::AlreadyStarted {
                    application: application(key),
                })
            }
            Command::Stop(key) if self.is_down(key) => Err(ApplicationError::NotStarted {
                application: application(key),
            }),
            Command::Stop(key) if asker == Some(key) => Err(ApplicationError::CallsItself),
            Command::StopAll if asker.is_some() => Err(ApplicationError::CallsItself),
            Command::Start(key) => Ok(Some(start(vec![key]))),
            Command::Ensure(key) => Ok(Some(start(self.graph.plan(key)))),
            Command::Stop(key) => Ok(Some(Work::Stop(key))),
            Command::StopAll => Ok(None),
        }
    }

    /// Continues every job that does not wait, the oldest first.
    pub(super) fn work(&mut self) {
        while let Some(number) = self.ready.pop_first() {
            let Some(mut job) = self.jobs.remove(&number) else {
                continue;
            };
            match self.go_on(&mut job) {
                Progress::Waits(wait) => {
                    job.waits = Some(wait);
                    self.jobs.insert(number, job);
                    self.waiting.entry(wait).or_default().push(number);
                }
                Progress::Done(answer) => {
                    self.actions.push(Action::Answer(job.reply, answer));
                }
            }
        }
    }

    fn go_on(&mut self, job: &mut Job<T>) -> Progress {
        let (outcome, asker) = (job.outcome.take(), job.asker);
        let launched = std::mem::take(&mut job.launched);
        let (plan, started, found, failure) = match &mut job.work {
            Work::Start {
                plan,
                started,
                found,
                failure,
            } => (plan, started, found, failure),
            Work::Stop(key) => {
                return match outcome {
                    Some(outcome) => Progress::Done(outcome.map(|()| Vec::new())),
                    None => self.stop(*key, asker),
                };
            }
        };
        match outcome {
            Some(Ok(())) if launched => started.extend(plan.front()),
            Some(Err(error)) if failure.is_none() => *failure = Some(error),
            _ => {}
        }
        while failure.is_none() {
            let Some(&key) = plan.front() else {
                for key in found {
                    self.apps[key.0].is_shared = true;
                }
                return Progress::Done(Ok(std::mem::take(started)));
            };
            match self.start(key, asker) {
                Ok(None) => {
                    plan.pop_front();
                    if !started.contains(&key) {
                        found.push(key);
                    }
                }
                Ok(Some((wait, launched))) => {
                    job.launched = launched;
                    return Progress::Waits(wait);
                }
                Err(refused) => *failure = Some(refused),
            }
        }
        match (self.roll_back(started), failure) {
            (Some(wait), _) => Progress::Waits(wait),
            (None, failure) => Progress::Done(failure.clone().map_or(Ok(Vec::new()), Err)),
        }
    }

    /// Returns what a start of `key` has to wait for, and whether this job launched it; `None` if it is running.
    fn start(
        &mut self,
        key: Key,
        asker: Option<Key>,
    ) -> Result<Option<(Wait, bool)>, ApplicationError> {
        let wait = match &self.apps[key.0].state {
            State::Running(_) => return Ok(None),
            State::Starting => Wait::Start(key),
            State::Closing(_) => Wait::Down(key),
            State::Down(_) => {
                if self.drain.is_some() {
                    return Err(ApplicationError::Stopping);
                }
                self.check_needs(key)?;
                self.launch(key);
                return Ok(Some((Wait::Start(key), true)));
            }
        };
        if self.is_cycle(asker, key) {
            return Err(ApplicationError::CallsItself);
        }
        Ok(Some((wait, false)))
    }

    fn check_needs(&self, key: Key) -> Result<(), ApplicationError> {
        for &need in self.graph.needs(key) {
            let (application, dependency) = (self.graph.name(key), self.graph.name(need));
            match &self.apps[need.0].state {
                State::Running(_) => {}
                State::Down(Some(reason)) => {
                    return Err(ApplicationError::DependencyNotRunning {
                        application,
                        dependency,
                        reason: reason.clone(),
                    });
                }
                State::Down(None) | State::Starting | State::Closing(_) => {
                    return Err(ApplicationError::DependencyNotStarted {
                        application,
                        dependency,
                    });
                }
            }
        }
        Ok(())
    }

    fn stop(&mut self, key: Key, asker: Option<Key>) -> Progress {
        if self.is_cycle(asker, key) || self.is_stopped_after(asker, key) {
            return Progress::Done(Err(ApplicationError::CallsItself));
        }
        match self.apps[key.0].state {
            State::Down(_) => return Progress::Done(Ok(Vec::new())),
            // While all applications are being stopped, this one is stopped in its order.
            State::Starting | State::Running(_) if self.drain.is_none() => {
                self.close(key, Why::Asked);
            }
            State::Starting | State::Running(_) | State::Closing(_) => {}
        }
        Progress::Waits(Wait::Down(key))
    }

    /// Stops the last of `started` that is running and not needed otherwise; `None` if nothing is left to do.
    fn roll_back(&mut self, started: &mut Vec<Key>) -> Option<Wait> {
        // While all applications are being stopped, that stop keeps its own order.
        while let (None, Some(key)) = (&self.drain, started.pop()) {
            match self.apps[key.0].state {
                State::Running(_) if !self.is_needed(key) => {
                    self.close(key, Why::Asked);
                    return Some(Wait::Down(key));
                }
                State::Closing(_) => return Some(Wait::Down(key)),
                State::Down(_) | State::Starting | State::Running(_) => {}
            }
        }
        None
    }

    /// Returns true if another application runs on it, or another job depends on it.
    fn is_needed(&self, key: Key) -> bool {
        let is_on = |other: &Key| !self.is_down(*other) && self.graph.follows(*other, key);
        let counts_on = |job: &Job<T>| match &job.work {
            Work::Start { plan, found, .. } => {
                let follows = |&other: &Key| other == key || self.graph.follows(other, key);
                !job.is_failing() && (found.contains(&key) || plan.iter().any(follows))
            }
            Work::Stop(_) => false,
        };
        let is_shared = self.apps[key.0].is_shared;
        is_shared || self.keys().any(|other| is_on(&other)) || self.jobs.values().any(counts_on)
    }

    /// Returns true if `asker` would wait for itself by waiting for `key`.
    fn is_cycle(&self, asker: Option<Key>, key: Key) -> bool {
        let Some(asker) = asker else { return false };
        let mut reached = vec![key];
        let mut n = 0;
        while let Some(&next) = reached.get(n) {
            if next == asker {
                return true;
            }
            n += 1;
            let theirs = self.jobs.values().filter(|job| job.asker == Some(next));
            for wait in theirs.filter_map(|job| job.waits) {
                if !reached.contains(&wait.key()) {
                    reached.push(wait.key());
                }
            }
        }
        false
    }

    /// Returns true if all applications are being stopped, and `key` only after `asker`.
    fn is_stopped_after(&self, asker: Option<Key>, key: Key) -> bool {
        let Some(asker) = asker.filter(|_| self.drain.is_some()) else {
            return false;
        };
        let is_closing = matches!(self.apps[asker.0].state, State::Closing(_));
        let place = self.place(key);
        place.is_some() && (is_closing || self.place(asker) > place)
    }

    pub(super) fn start_is_over(&mut self, key: Key, outcome: &Result<(), ApplicationError>) {
        self.wake(Wait::Start(key), outcome);
    }

    /// Wakes the jobs that waited for its end in order to start it.
    pub(super) fn is_gone(&mut self, key: Key, outcome: &Result<(), ApplicationError>) {
        self.wake(Wait::Down(key), outcome);
    }

    fn wake(&mut self, what: Wait, outcome: &Result<(), ApplicationError>) {
        for number in self.waiting.remove(&what).unwrap_or_default() {
            if let Some(job) = self.jobs.get_mut(&number) {
                job.waits = None;
                job.outcome = Some(outcome.clone());
                self.ready.insert(number);
            }
        }
    }
}
