//! The decisions of the application controller: events in, actions out. No clock, no tasks; `shell` performs the
//! actions.
//!
//! An application is down, starting, running or closing. Closing has steps, always in this order: a start in progress
//! is cancelled, the tree ends, the callback runs, the remaining processes are ended. Only then the application is
//! down, and waiting requests are answered.

mod closing;
mod job;
mod state;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use self::state::{Action, Command, Core, Event, GRACE, StartId, Step};
use self::state::{App, Drain, State, Why};
use crate::exit_reason::ExitReason;
use crate::otp::application::graph::{Graph, Key};
use crate::supervisor::policy::Restart;

impl<T> Core<T> {
    pub(crate) fn new(graph: Graph) -> Self {
        let down = || App {
            state: State::Down(None),
            start_id: StartId(0),
            is_up: false,
            has_tree: false,
            has_master: false,
            is_shared: false,
        };
        Self {
            apps: graph.all.iter().map(|_| down()).collect(),
            graph,
            jobs: BTreeMap::new(),
            last_job: 0,
            ready: BTreeSet::new(),
            waiting: BTreeMap::new(),
            drain: None,
            actions: Vec::new(),
            lives: 0,
            starts: 0,
        }
    }

    /// Returns the running applications in start order.
    pub(crate) fn running(&self) -> Vec<Key> {
        let mut running: Vec<_> = self
            .keys()
            .filter_map(|key| Some((self.place(key)?, key)))
            .collect();
        running.sort_unstable();
        running.into_iter().map(|(_, key)| key).collect()
    }

    pub(crate) fn graph(&self) -> &Graph {
        &self.graph
    }

    pub(crate) fn handle(&mut self, event: Event<T>) -> Vec<Action<T>> {
        match event {
            Event::Asked(command, asker, reply) => self.asked(command, asker, reply),
            Event::Leave(reason) => {
                self.begin_drain().then.get_or_insert(reason);
            }
            Event::Hurry => self.hurry(),
            Event::Up(key, start_id, has_tree) if self.is(key, start_id) => {
                (self.apps[key.0].is_up, self.apps[key.0].has_tree) = (true, has_tree);
            }
            Event::Started(key, start_id) if self.is(key, start_id) => self.started(key),
            Event::Failed(key, start_id, reason) if self.is(key, start_id) => {
                self.failed(key, reason)
            }
            Event::TreeEnded(key, start_id, reason) if self.is(key, start_id) => {
                self.tree_ended(key, reason)
            }
            Event::MasterEnded(key, start_id, reason) if self.is(key, start_id) => {
                self.master_ended(key, reason)
            }
            Event::CallbackEnded(key, start_id) if self.is(key, start_id) => {
                self.done(key, Step::Callback)
            }
            Event::Late(key, start_id, step) if self.is(key, start_id) => self.late(key, step),
            Event::Swept(key, start_id, stuck) if self.is(key, start_id) => self.swept(key, stuck),
            _ => {}
        }
        self.work();
        self.go_on_draining();
        std::mem::take(&mut self.actions)
    }

    fn keys(&self) -> impl Iterator<Item = Key> + use<T> {
        (0..self.apps.len()).map(Key)
    }

    fn is(&self, key: Key, start_id: StartId) -> bool {
        self.apps[key.0].start_id == start_id && !matches!(self.apps[key.0].state, State::Down(_))
    }

    fn is_down(&self, key: Key) -> bool {
        matches!(self.apps[key.0].state, State::Down(_))
    }

    /// Returns its position in the start order, if it is running.
    fn place(&self, key: Key) -> Option<u64> {
        match self.apps[key.0].state {
            State::Running(place) => Some(place),
            _ => None,
        }
    }

    fn launch(&mut self, key: Key) {
        self.lives += 1;
        let start_id = StartId(self.lives);
        self.apps[key.0] = App {
            state: State::Starting,
            start_id,
            is_up: false,
            has_tree: false,
            has_master: true,
            is_shared: false,
        };
        self.actions.push(Action::Launch(key, start_id));
    }

    fn started(&mut self, key: Key) {
        if let State::Starting = self.apps[key.0].state {
            self.starts += 1;
            self.apps[key.0].state = State::Running(self.starts);
            self.start_is_over(key, &Ok(()));
        }
    }

    fn failed(&mut self, key: Key, reason: ExitReason) {
        if let State::Starting = self.apps[key.0].state {
            self.close(key, Why::Failed(reason));
        }
    }

    /// Handles an end that was not requested.
    fn ended(&mut self, key: Key, reason: ExitReason) {
        match self.apps[key.0].state {
            State::Starting => self.close(key, Why::Failed(reason)),
            State::Running(_) => self.close(key, Why::Ended(reason)),
            State::Down(_) | State::Closing(_) => {}
        }
    }

    fn tree_ended(&mut self, key: Key, reason: ExitReason) {
        self.apps[key.0].has_tree = false;
        self.done(key, Step::Tree);
        self.ended(key, reason);
    }

    fn master_ended(&mut self, key: Key, reason: ExitReason) {
        self.apps[key.0].has_master = false;
        self.done(key, Step::Start);
        self.ended(key, reason);
    }

    /// Returns true if the end of this application, by itself, terminates all others.
    fn ends_all(&self, key: Key, reason: &ExitReason) -> bool {
        match self.graph.all[key.0].restart {
            Restart::Permanent => true,
            Restart::Transient => !reason.is_clean(),
            Restart::Temporary => false,
        }
    }

    fn begin_drain(&mut self) -> &mut Drain<T> {
        self.drain.get_or_insert_with(|| Drain {
            waiting: Vec::new(),
            stuck: None,
            then: None,
            hurry: false,
        })
    }

    fn hurry(&mut self) {
        self.begin_drain().hurry = true;
        for key in self.keys() {
            if !self.is_down(key) {
                self.close_now(key);
            }
        }
    }

    /// Stops the application that was started last, when no other one is closing.
    fn go_on_draining(&mut self) {
        let Some(drain) = &self.drain else { return };
        let hurry = drain.hurry;
        for key in self.keys() {
            if let State::Starting = self.apps[key.0].state {
                self.close(key, Why::Asked);
            }
        }
        let is_closing = |app: &App| matches!(app.state, State::Closing(_));
        if self.apps.iter().any(is_closing) {
            return;
        }
        if let Some(&last) = self.running().last() {
            if hurry {
                self.close_now(last);
            } else {
                self.close(last, Why::Asked);
            }
            return;
        }
        // Requests whose jobs were cancelled have been answered before.
        let Some(drain) = self.drain.take() else {
            return;
        };
        for reply in drain.waiting {
            let answer = drain.stuck.clone().map_or(Ok(Vec::new()), Err);
            self.actions.push(Action::Answer(reply, answer));
        }
        if let Some(reason) = drain.then {
            self.actions.push(Action::End(reason));
        }
    }
}

#[cfg(test)]
mod tests;
