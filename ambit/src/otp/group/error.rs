//! Errors of joining and leaving.

use thiserror::Error;

/// The reason why a process was not added to a group. The group is unchanged.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::group::{Group, JoinError};
/// #[ambit::main]
/// async fn main() {
///     let group: Group<u8> = Group::new();
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     group.stop();
///     assert_eq!(group.join("workers", &idle), Err(JoinError::Stopped));
///     group.start();
///     assert_eq!(group.join("workers", &idle), Ok(()));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JoinError {
    /// The scope was stopped. The process keeps running; join again when the scope is started. (Erlang: `noproc`.)
    #[error("the scope of the group was stopped: join again when it is started")]
    Stopped,
    /// The handle follows a name that is not registered. Join again when a process is registered under the name.
    #[error("there is no such process: it has ended, or its name is free; join when it runs")]
    NoProcess,
    /// The process runs on another node. Join on that node. (Erlang: `badarg`.)
    #[error("the process is on another node: let it join there")]
    Elsewhere,
}

/// The error of leaving a group that the process is not a member of. The group is unchanged. (Erlang: `not_joined`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::group::{Group, NotJoined};
/// #[ambit::main]
/// async fn main() {
///     let group: Group<u8> = Group::new();
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     assert_eq!(group.leave("workers", &idle), Err(NotJoined));
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the process is not a member of this group: join the group first")]
pub struct NotJoined;
