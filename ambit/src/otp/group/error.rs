//! What joining and leaving can answer.

use thiserror::Error;

/// Why a process was not made a member of a group. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The scope was stopped. The process runs on; join again when the scope is started. (Erlang: `noproc`.)
    #[error("the scope of the group was stopped")]
    Stopped,
    /// The handle follows a name that nobody holds. Join again when somebody does.
    #[error("there is no such process")]
    NoProcess,
    /// A process of another node. It joins on its own node. (Erlang: `badarg`.)
    #[error("a process of another node joins on its own node")]
    Elsewhere,
}

/// The process is no member of the group, so it cannot leave it. Nothing has changed. (Erlang: `not_joined`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the process is no member of this group")]
pub struct NotJoined;
