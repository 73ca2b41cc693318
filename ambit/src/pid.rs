//! Identities: a process on a node, in a generation of its slot.

use std::fmt;

/// The identifier of a process: its node, its slot in the process table of that node, and the generation of the slot.
///
/// A pid is never reused: a restarted server is a new process with a new pid. A pid is a plain number and keeps no
/// process alive; its process may have ended. (Erlang: `pid()`.)
///
/// ```
/// assert_ne!(ambit::process::Pid::NOBODY.to_string(), "");
/// assert!(!ambit::is_alive(ambit::process::Pid::NOBODY));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid {
    /// 64 bits, because other nodes can make this node take new numbers, and none is reused.
    node: u64,
    slot: u32,
    generation: u32,
}

impl Pid {
    /// The pid of no process. Signals to it have no effect, and it is the sender of signals that were not sent by a
    /// process.
    pub const NOBODY: Self = Self {
        node: 0,
        slot: u32::MAX,
        generation: u32::MAX,
    };

    pub(crate) const fn new(node: u64, slot: u32, generation: u32) -> Self {
        Self {
            node,
            slot,
            generation,
        }
    }

    pub(crate) const fn node(self) -> u64 {
        self.node
    }

    pub(crate) const fn slot(self) -> u32 {
        self.slot
    }

    pub(crate) const fn generation(self) -> u32 {
        self.generation
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (*self == Self::NOBODY, self.generation) {
            (true, _) => f.write_str("#nobody"),
            (false, 0) => write!(f, "#{}", self.slot),
            (false, generation) => write!(f, "#{}.{generation}", self.slot),
        }
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pid({self})")
    }
}
