//! The errors of names: registering, updating and looking up.

use thiserror::Error;

use crate::pid::Pid;

/// The error of a name lookup.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::LookupError;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     assert_eq!(ambit::whereis::<u8>("other"), Err(LookupError::NotFound));
///     assert_eq!(ambit::whereis::<String>("idle"), Err(LookupError::WrongType));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// No process is registered under the name.
    #[error("no process is registered under this name: start it, or wait for it with `wait_for`")]
    NotFound,
    /// The registered process implements another protocol.
    #[error("the name is held by a process of another type: ask for that type")]
    WrongType,
    /// No process was registered under the name within the deadline.
    #[error(
        "no process was registered under this name within the deadline: start it, or wait longer"
    )]
    Timeout,
}

/// The error of registering a process under a name or a registry key.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::RegisterError;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     let taken = RegisterError::AlreadyRegistered { holder: idle.pid() };
///     assert_eq!(ambit::register("idle", &idle), Err(taken));
///     assert_eq!(ambit::register("", &idle), Err(RegisterError::InvalidName));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The name or key is taken, possibly by the same process or by one that is terminating; the existing entry is
    /// unchanged.
    #[error("the name is held by {holder}: choose another name, or stop that process first")]
    AlreadyRegistered {
        /// The process that is registered.
        holder: Pid,
    },
    /// The process to be registered is ending or has ended.
    #[error("there is no such process to register: it has ended")]
    NoProcess,
    /// The name is empty.
    #[error("a name cannot be empty: choose one, or leave it out")]
    InvalidName,
    /// The process is on another node. Names and registry keys are only for processes of this node; register the
    /// process on its own node.
    #[error("the process is on another node: register it there")]
    Elsewhere,
}

/// The error of an update of a registered value. The stored value is unchanged.
///
/// ```
/// use ambit::error::UpdateError;
/// use ambit::registry::Registry;
/// #[ambit::main]
/// async fn main() {
///     let visitors: Registry<String, u8, u64> = Registry::unique();
///     assert_eq!(visitors.update_value("lobby", |count| count + 1), Err(UpdateError::NotFound));
///     let several: Registry<String, u8, u64> = Registry::duplicate();
///     assert_eq!(several.update_value("lobby", |count| count + 1), Err(UpdateError::Duplicate));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The key is registered by another process; only the owner of an entry may change its value.
    #[error("the key belongs to another process: let that one update the value")]
    NotOwner,
    /// No process is registered under the key.
    #[error("no process is registered under this key: register it first")]
    NotFound,
    /// The registry is a duplicate registry, which has no single value per key.
    #[error("a duplicate registry has no single value per key: use `Registry::unique()`")]
    Duplicate,
    /// The caller is not a process, so it owns no entries.
    #[error(
        "only a process owns entries, and this is none: update the value in the process that registered it"
    )]
    NotAProcess,
}
