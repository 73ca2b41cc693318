//! The state of the controller, its events and its actions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::{Graph, Key};
use crate::pid::Pid;

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
pub(super) enum State {
    /// Not started, or stopped; with a reason if it has ended by itself.
    Down(Option<ExitReason>),
    Starting,
    /// With its position in the start order.
    Running(u64),
    Closing(Closing),
}

#[derive(Debug)]
pub(super) struct App {
    pub(super) state: State,
    pub(super) start_id: StartId,
    /// True while there is a successful `on_start` for `on_stop` to undo.
    pub(super) is_up: bool,
    pub(super) has_tree: bool,
    pub(super) has_master: bool,
    /// True once a request that did not start it was answered that it runs.
    pub(super) is_shared: bool,
}

/// The stop of all applications.
#[derive(Debug)]
pub(super) struct Drain<T> {
    pub(super) waiting: Vec<T>,
    /// The error of the first application that is stuck.
    pub(super) stuck: Option<ApplicationError>,
    /// The controller ends with this reason afterwards.
    pub(super) then: Option<ExitReason>,
    /// True if everything is killed at once.
    pub(super) hurry: bool,
}

#[derive(Debug)]
pub(crate) struct Core<T> {
    pub(super) graph: Graph,
    pub(super) apps: Vec<App>,
    /// The requests in progress, in the order of their arrival.
    pub(super) jobs: BTreeMap<u64, Job<T>>,
    pub(super) last_job: u64,
    /// The jobs that can go on.
    pub(super) ready: BTreeSet<u64>,
    /// The others, by the event that they wait for.
    pub(super) waiting: BTreeMap<Wait, Vec<u64>>,
    pub(super) drain: Option<Drain<T>>,
    pub(super) actions: Vec<Action<T>>,
    pub(super) lives: u64,
    pub(super) starts: u64,
}

/// The cause of closing an application.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Why {
    Asked,
    /// Its start failed.
    Failed(ExitReason),
    /// It has ended by itself.
    Ended(ExitReason),
}

#[derive(Debug)]
pub(super) struct Closing {
    pub(super) step: Step,
    pub(super) why: Why,
    /// The step was late once, and its process was killed.
    pub(super) was_late: bool,
}

/// The event that a job waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wait {
    /// A start in progress, until it succeeds or fails.
    Start(Key),
    Down(Key),
}

impl Wait {
    pub(super) fn key(self) -> Key {
        match self {
            Self::Start(key) | Self::Down(key) => key,
        }
    }
}

#[derive(Debug)]
pub(super) enum Work {
    /// Starts applications one after the other; if one fails, stops those it has started.
    Start {
        plan: VecDeque<Key>,
        started: Vec<Key>,
        /// The applications that other requests had started.
        found: Vec<Key>,
        failure: Option<ApplicationError>,
    },
    Stop(Key),
}

#[derive(Debug)]
pub(super) struct Job<T> {
    pub(super) reply: T,
    pub(super) work: Work,
    /// The application whose process made the request, and waits.
    pub(super) asker: Option<Key>,
    pub(super) waits: Option<Wait>,
    /// True if the job itself began the start that it waits for.
    pub(super) launched: bool,
    /// The outcome of its wait.
    pub(super) outcome: Option<Result<(), ApplicationError>>,
}

impl<T> Job<T> {
    pub(super) fn is_failing(&self) -> bool {
        let has_failed = matches!(
            &self.work,
            Work::Start {
                failure: Some(_),
                ..
            }
        );
        has_failed || matches!(self.outcome, Some(Err(_)))
    }
}
