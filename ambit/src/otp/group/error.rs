//! What joining and leaving can answer.

use thiserror::Error;

/// Why a process was not made a member of a group. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The scope was stopped. The process runs on; join again when the scope is started. (Erlang: `noproc`.)
    #[error("the scope of the group was stopped: join again when it is started")]
    Stopped,
    /// The handle follows a name that nobody holds. Join again when somebody does.
    #[error("there is no such process: it has ended, or its name is free; join when it runs")]
    NoProcess,
    /// A process of another node. It joins on its own node. (Erlang: `badarg`.)
    #[error("the process is on another node: let it join there")]
    Elsewhere,
}

/// The process is no member of the group, so it cannot leave it. Nothing has changed. (Erlang: `not_joined`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the process is no member of this group: join it first")]
pub struct NotJoined;
