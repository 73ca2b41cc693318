//! A script: a tree of supervisors and workers, and what happens to it at which time.
//!
//! It is plain data. Its text is an Erlang term, so Erlang reads it without a parser of ours and a failing one can
//! be read by a person.

mod faults;
mod generate;
mod look;
mod text;
mod tree;

pub use self::faults::CELLS_PER_STRATEGY;
pub use self::generate::generate;

/// A tree and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it was generated from.
    pub seed: u64,
    /// After so many milliseconds a step has had its effect and the tree is listed.
    pub settles: u32,
    /// A period ends within it, so its times matter.
    pub expires: bool,
    /// All nodes, parents first; children of one parent in their order. The first one is the root.
    pub nodes: Vec<Node>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// A node's name: `s0`, `w7`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// Whether it is a supervisor.
    pub supervises: bool,
    /// Its number, unique in the script.
    pub number: u16,
}

/// One process of the tree, as its child spec describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub id: Id,
    /// Its supervisor; the root has none.
    pub parent: Option<Id>,
    /// When it is restarted.
    pub restart: Restart,
    /// How it is stopped.
    pub shutdown: Shutdown,
    /// Whether its end may end its supervisor.
    pub significant: bool,
    /// Whether its supervisor starts it; otherwise a step may.
    pub initial: bool,
    /// What it is.
    pub kind: Kind,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A process that does nothing until it is told to end.
    Worker {
        /// It traps exits, and so terminates in order when it is told to stop.
        traps: bool,
        /// So many milliseconds its termination takes.
        lingers: u32,
    },
    /// A supervisor.
    Supervisor {
        /// Which children a restart takes along.
        strategy: Strategy,
        /// How many restarts are allowed.
        intensity: u32,
        /// Within how many seconds.
        period: u32,
        /// When it stops by itself.
        auto_shutdown: AutoShutdown,
    },
    /// A supervisor without children of its own; steps start them. All are restarted and stopped in the same way.
    Dynamic {
        /// When its children are restarted.
        restart: Restart,
        /// How its children are stopped.
        shutdown: Shutdown,
        /// How many restarts are allowed.
        intensity: u32,
        /// Within how many seconds.
        period: u32,
    },
}

/// Which children a restart takes along.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Strategy {
    OneForOne,
    OneForAll,
    RestForOne,
}

impl Strategy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OneForOne, Self::OneForAll, Self::RestForOne];
}

/// When a child is restarted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Restart {
    Permanent,
    Transient,
    Temporary,
}

impl Restart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Permanent, Self::Transient, Self::Temporary];
}

/// How a child is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Shutdown {
    Brutal,
    Millis(u32),
    Infinity,
}

/// When a supervisor stops by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum AutoShutdown {
    Never,
    Any,
    All,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When, in milliseconds from the beginning.
    pub at: u32,
    /// What.
    pub action: Action,
}

/// What happens. Whoever it happens to is brought back first, if it does not run: a fault needs somebody to hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The tree is started, if it does not run.
    Boot,
    /// What the next starts of a worker come to. By itself it has no effect.
    Arm(Id, Vec<Outcome>),
    /// A worker ends by itself.
    Exit(Id, How),
    /// A process is killed.
    Kill(Id),
    /// A process gets an exit signal from a stranger.
    Signal(Id, How),
    /// Its supervisor is asked about a child.
    Admin(Admin, Id),
    /// A worker crashes, its next start takes a while and fails, and meanwhile its supervisor is asked about it.
    During(Id, Admin),
}

/// What a start comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The process runs.
    Works,
    /// It says that there is nothing to do.
    Ignores,
    /// It returns an error.
    Fails,
    /// It panics.
    Panics,
}

/// How a worker ends by itself, or what a signal says.
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
    /// With a panic; no signal says that.
    Panic,
}

/// What a supervisor is asked to do with a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words of OTP")]
pub enum Admin {
    Terminate,
    Restart,
    Delete,
    Start,
}

impl Admin {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Terminate, Self::Restart, Self::Delete, Self::Start];
}

/// How a process can end, as coverage counts it.
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
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Normal,
        Self::Shutdown,
        Self::Detail,
        Self::Crash,
        Self::Killed,
    ];
}
