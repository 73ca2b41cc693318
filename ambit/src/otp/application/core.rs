//! The decisions of the application controller: events in, actions out. No clock, no tasks; `shell` performs the
//! actions.
//!
//! An application is down, starting, running or closing. Closing has steps, always in this order: a start in progress
//! is cancelled, the tree ends, the callback runs, the remaining processes are ended. Only then the application is
//! down, and waiting requests are answered.

mod closing;
mod job;

use std::time::Duration;

use self::closing::Closing;
use self::job::Job;
use crate::exit_reason::ExitReason;
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::{Graph, Key};
use crate::pid::Pid;
use crate::supervisor::policy::Restart;

/// The time a killed process has to end before it counts as stuck.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

/// Identifies one start of an application. Events of an earlier start are ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StartId(pub(crate) u64);

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Start(Key),
    Ensure(Key),
    Stop(Key),
    StopAll,
}

/// Something that has happened.
#[derive(Debug)]
pub(crate) enum Event<T> {
    /// A request, perhaps from a process of an application; `T` is its reply handle.
    Asked(Command, Option<Key>, T),
    /// `on_start` succeeded; true if it returned a process.
    Up(Key, StartId, bool),
    /// The start phases have finished too.
    Started(Key, StartId),
    /// `on_start` or a start phase failed.
    Failed(Key, StartId, ExitReason),
    /// The process that `on_start` returned has ended.
    TreeEnded(Key, StartId, ExitReason),
    /// The process that ran `on_start` has ended.
    MasterEnded(Key, StartId, ExitReason),
    /// The process that ran `on_stop` has ended.
    CallbackEnded(Key, StartId),
    /// The deadline of a step has passed.
    Late(Key, StartId, Step),
    /// All processes of the application have ended, except these.
    Swept(Key, StartId, Vec<Pid>),
    /// The system stops, or the controller received an exit signal.
    Leave(ExitReason),
    /// Kill everything that has not stopped.
    #[cfg_attr(
        not(feature = "signal"),
        allow(dead_code, reason = "a second signal says so")
    )]
    Hurry,
}

/// A step of closing an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A start in progress is cancelled.
    Start,
    Tree,
    Callback,
    Sweep,
}

/// An action for the shell to perform.
#[derive(Debug, PartialEq)]
pub(crate) enum Action<T> {
    /// Run `on_start` and the start phases, in a process of their own.
    Launch(Key, StartId),
    /// Cancel the start.
    GiveUp(Key),
    /// Send the tree an exit signal.
    EndTree(Key),
    KillTree(Key),
    /// Run `on_stop`, in a process of its own.
    Call(Key, StartId),
    KillCall(Key),
    /// End all remaining processes of the application; kill them at once if true.
    Sweep(Key, StartId, bool),
    /// Report the step as late after this time.
    Within(Key, StartId, Step, Duration),
    Answer(T, Result<Vec<Key>, ApplicationError>),
    /// The application has ended by itself.
    Report(Key, ExitReason),
    /// The application has ended by itself, and terminates all others.
    Terminates(Key, ExitReason),
    End(ExitReason),
}

#[derive(Debug)]
enum State {
    /// Not started, or stopped; with a reason if it has ended by itself.
    Down(Option<ExitReason>),
    Starting,
    /// With its position in the start order.
    Running(u64),
    Closing(Closing),
}

#[derive(Debug)]
struct App {
    state: State,
    life: StartId,
    /// True while there is a successful `on_start` for `on_stop` to undo.
    is_up: bool,
    has_tree: bool,
    has_master: bool,
    /// True once a request that did not start it was answered that it runs.
    is_shared: bool,
}

/// The stop of all applications.
#[derive(Debug)]
struct Drain<T> {
    waiting: Vec<T>,
    /// The error of the first application that is stuck.
    stuck: Option<ApplicationError>,
    /// The controller ends with this reason afterwards.
    then: Option<ExitReason>,
    /// True if everything is killed at once.
    hurry: bool,
}

#[derive(Debug)]
pub(crate) struct Core<T> {
    graph: Graph,
    apps: Vec<App>,
    jobs: Vec<Job<T>>,
    drain: Option<Drain<T>>,
    actions: Vec<Action<T>>,
    lives: u64,
    starts: u64,
}

impl<T> Core<T> {
    pub(crate) fn new(graph: Graph) -> Self {
        let down = || App {
            state: State::Down(None),
            life: StartId(0),
            is_up: false,
            has_tree: false,
            has_master: false,
            is_shared: false,
        };
        Self {
            apps: graph.all.iter().map(|_| down()).collect(),
            graph,
            jobs: Vec::new(),
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
            Event::Up(key, life, has_tree) if self.is(key, life) => {
                (self.apps[key.0].is_up, self.apps[key.0].has_tree) = (true, has_tree);
            }
            Event::Started(key, life) if self.is(key, life) => self.started(key),
            Event::Failed(key, life, reason) if self.is(key, life) => self.failed(key, reason),
            Event::TreeEnded(key, life, reason) if self.is(key, life) => {
                self.tree_ended(key, reason)
            }
            Event::MasterEnded(key, life, reason) if self.is(key, life) => {
                self.master_ended(key, reason)
            }
            Event::CallbackEnded(key, life) if self.is(key, life) => self.done(key, Step::Callback),
            Event::Late(key, life, step) if self.is(key, life) => self.late(key, step),
            Event::Swept(key, life, stuck) if self.is(key, life) => self.swept(key, stuck),
            _ => {}
        }
        self.work();
        self.go_on_draining();
        std::mem::take(&mut self.actions)
    }

    fn keys(&self) -> impl Iterator<Item = Key> + use<T> {
        (0..self.apps.len()).map(Key)
    }

    fn is(&self, key: Key, life: StartId) -> bool {
        self.apps[key.0].life == life && !matches!(self.apps[key.0].state, State::Down(_))
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
        let life = StartId(self.lives);
        self.apps[key.0] = App {
            state: State::Starting,
            life,
            is_up: false,
            has_tree: false,
            has_master: true,
            is_shared: false,
        };
        self.actions.push(Action::Launch(key, life));
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
            self.close(key, closing::Why::Failed(reason));
        }
    }

    /// Handles an end that was not requested.
    fn ended(&mut self, key: Key, reason: ExitReason) {
        match self.apps[key.0].state {
            State::Starting => self.close(key, closing::Why::Failed(reason)),
            State::Running(_) => self.close(key, closing::Why::Ended(reason)),
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
                self.close(key, closing::Why::Asked);
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
                self.close(last, closing::Why::Asked);
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
