//! A script: a tree of supervisors and workers, and the timed events that happen to it.
//!
//! A script is plain data. Its text is an Erlang term, so Erlang reads it without a custom parser, and a failing script
//! is readable.

mod faults;
mod generate;
mod look;
mod text;
mod tree;

pub use self::faults::CELLS_PER_STRATEGY;
pub use self::generate::generate;

/// A tree and its events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The seed it was generated from.
    pub seed: u64,
    /// The time in milliseconds after which a step has had its effect and the tree is listed.
    pub settles: u32,
    /// True if a restart period ends within the script, so that its times matter.
    pub expires: bool,
    /// All nodes, parents before children; siblings in their order. The first one is the root.
    pub nodes: Vec<Node>,
    /// The events, in order.
    pub steps: Vec<Step>,
}

/// A node's name: `s0`, `w7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// True if it is a supervisor.
    pub supervises: bool,
    /// Its number, which is unique in the script.
    pub number: u16,
}

/// One process of the tree, with the settings of its child spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub id: Id,
    /// Its supervisor; `None` for the root.
    pub parent: Option<Id>,
    /// Its restart type.
    pub restart: Restart,
    /// Its shutdown.
    pub shutdown: Shutdown,
    /// True if its end may end its supervisor.
    pub significant: bool,
    /// True if its supervisor starts it; otherwise a step may do so.
    pub initial: bool,
    /// Its kind.
    pub kind: Kind,
}

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A process that is idle until it is asked to end.
    Worker {
        /// True if it traps exits, and so terminates in order on a shutdown.
        traps: bool,
        /// The duration of its termination, in milliseconds.
        lingers: u32,
    },
    /// A supervisor.
    Supervisor {
        /// The children that are restarted together.
        strategy: Strategy,
        /// The number of allowed restarts.
        intensity: u32,
        /// The restart period, in seconds.
        period: u32,
        /// When it stops because significant children have ended.
        auto_shutdown: AutoShutdown,
    },
    /// A supervisor without initial children; steps start them. All have the same restart type and shutdown.
    Dynamic {
        /// The restart type of its children.
        restart: Restart,
        /// The shutdown of its children.
        shutdown: Shutdown,
        /// The number of allowed restarts.
        intensity: u32,
        /// The restart period, in seconds.
        period: u32,
    },
}

/// The children that are restarted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
}

impl Strategy {
    /// All strategies.
    pub const ALL: [Self; 3] = [Self::OneForOne, Self::OneForAll, Self::RestForOne];
}

/// The condition under which a child is restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Restart {
    Permanent,
    Transient,
    Temporary,
}

impl Restart {
    /// All restart types.
    pub const ALL: [Self; 3] = [Self::Permanent, Self::Transient, Self::Temporary];
}

/// The way a child is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Shutdown {
    Brutal,
    Millis(u32),
    Infinity,
}

/// The condition under which a supervisor stops because significant children have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum AutoShutdown {
    Never,
    Any,
    All,
}

/// One timed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The time, in milliseconds from the beginning.
    pub at: u32,
    /// The event.
    pub action: Action,
}

/// An event. A target that is not running is brought back first, because a fault needs a running target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Starts the tree, if it is not running.
    Boot,
    /// Sets the outcomes of the next starts of a worker. This has no effect by itself.
    Arm(Id, Vec<Outcome>),
    /// Ends a worker by itself.
    Exit(Id, How),
    /// Kills a process.
    Kill(Id),
    /// Sends an exit signal to a process, from an unrelated process.
    Signal(Id, How),
    /// Sends a request about a child to its supervisor.
    Admin(Admin, Id),
    /// Crashes a worker whose next start is slow and fails, and meanwhile sends a request about it to its supervisor.
    During(Id, Admin),
}

/// The outcome of a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The process runs.
    Works,
    /// The init returns `ignore`.
    Ignores,
    /// The init returns an error.
    Fails,
    /// The init panics.
    Panics,
}

/// The way a worker ends by itself, or the reason of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// With `normal`.
    Normal,
    /// With `shutdown`.
    Shutdown,
    /// With `shutdown` and a detail.
    Detail,
    /// With an error.
    Error,
    /// With a panic; signals cannot have it.
    Panic,
}

/// A request to a supervisor about a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Admin {
    Terminate,
    Restart,
    Delete,
    Start,
}

impl Admin {
    /// All requests.
    pub const ALL: [Self; 4] = [Self::Terminate, Self::Restart, Self::Delete, Self::Start];
}

/// The way a process can end, as coverage counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum ExitClass {
    Normal,
    Shutdown,
    Detail,
    Crash,
    Killed,
}

impl ExitClass {
    /// All exit classes.
    pub const ALL: [Self; 5] = [
        Self::Normal,
        Self::Shutdown,
        Self::Detail,
        Self::Crash,
        Self::Killed,
    ];
}
