//! Startable types: the settings and the outcome of a start.

use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::task::Context;
use std::time::Duration;

use crate::error::StartError;
use crate::handle::child_ref::{ChildKind, ChildRef};
use crate::process::header::ProcessRef;
use crate::process::system_inner::SystemInner;
use crate::rt::BoxFuture;

/// A type that can be started and returns a handle: a server, or a type built on servers, such as a supervisor.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::{Start, Startable};
/// fn alone<C: Startable>(spec: ChildSpec<C>) -> Start<Supervisor> {
///     Supervisor::builder().child(spec).start()
/// }
/// #[ambit::main]
/// async fn main() {
///     let supervisor = alone(ChildSpec::task("idle", || std::future::pending::<()>())).await.unwrap();
///     assert_eq!(supervisor.count_children().await.unwrap().active, 1);
/// }
/// ```
pub trait Startable: Sized + 'static {
    /// The handle to a running instance.
    type Handle: Clone + Send + Sync + 'static;
    #[doc(hidden)]
    type Args: Send;
    #[doc(hidden)]
    const __KIND: ChildKind = ChildKind::Worker;
    /// True if its handle dereferences to a `Supervisor`, which is another way to find it by name.
    #[doc(hidden)]
    const __OPEN: bool = false;
    /// Returns true if its starter may run the first step of its init inline.
    #[doc(hidden)]
    fn __in_place(_settings: &Settings<Self>) -> bool {
        false
    }
    /// Creates the process and starts it; with the context of its starter, inline.
    #[doc(hidden)]
    fn __launch(
        args: Self::Args,
        settings: Settings<Self>,
        starter: Option<&mut Context<'_>>,
    ) -> Launch<Self>;
    /// Returns a handle to this child, through its restarts.
    #[doc(hidden)]
    fn __follow(child: ChildRef) -> Self::Handle;
}

/// The settings of a start.
#[doc(hidden)]
pub struct Settings<C: Startable> {
    /// The system of the process, once the start is polled; `None` without a runtime.
    pub(super) system: Option<Arc<SystemInner>>,
    pub(super) name: Option<String>,
    pub(super) claims: Vec<Claim<C::Handle>>,
    pub(super) link: bool,
    pub(super) mailbox: Option<usize>,
    pub(super) timeout: Option<Duration>,
    pub(super) label: Option<Arc<str>>,
    pub(super) made: Option<Made>,
    pub(super) kept: Option<Arc<dyn Any + Send + Sync>>,
}

impl<C: Startable> Default for Settings<C> {
    fn default() -> Self {
        Self {
            system: None,
            name: None,
            claims: Vec::new(),
            link: false,
            mailbox: None,
            timeout: None,
            label: None,
            made: None,
            kept: None,
        }
    }
}

impl<C: Startable> Settings<C> {
    /// Returns the system, if the process does not need a task of its own: for a link, like a supervisor's child, or
    /// for a timeout.
    pub(super) fn in_starter(&self) -> Option<&SystemInner> {
        let in_task = self.link || self.timeout.is_some();
        self.system.as_deref().filter(|_| !in_task)
    }
}

/// The cell in which a start stores its process, before its init is done.
pub(crate) type Made = Arc<OnceLock<ProcessRef>>;

/// Registers a key for a process that is about to start.
pub(super) type Claim<H> = Box<dyn FnOnce(&H) -> Result<(), StartError> + Send>;

/// A running process and its handle.
#[doc(hidden)]
pub struct Started<C: Startable> {
    pub(crate) handle: C::Handle,
    pub(crate) process: ProcessRef,
}

/// The state of a start after its first step.
#[doc(hidden)]
pub enum Launch<C: Startable> {
    Done(Result<Started<C>, StartError>),
    /// The process exists, and its init is in progress.
    Waits(Started<C>, BoxFuture<'static, Result<(), StartError>>),
}
