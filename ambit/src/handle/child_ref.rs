//! The child cell under a supervisor, as handles use it: the current process of a child.

use std::any::Any;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use crate::handle::following::Resolve;
use crate::handle::process::Follow;
use crate::handle::process::Process;
use crate::handle::protocol::Protocol;
use crate::handle::protocol::ProtocolSink;
use crate::handle::subject::Subject;
use crate::pid::Pid;
use crate::process::header::ProcessRef;
use crate::process::system_inner::InSystem;
use crate::rt::BoxFuture;
use crate::signal::Watched;

/// The kind of a child's process. (Erlang: `type` of a child spec.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::supervisor::ChildKind;
/// #[ambit::main]
/// async fn main() {
///     let sessions = DynamicSupervisor::child_spec();
///     let supervisor = Supervisor::builder().child(sessions).start().await.unwrap();
///     assert_eq!(supervisor.which_children().await.unwrap()[0].kind, ChildKind::Supervisor);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChildKind {
    /// A process that does work.
    Worker,
    /// A supervisor with its own children.
    Supervisor,
}

/// A cell that is occupied by one process after the other.
pub(crate) trait ChildCell: Send + Sync {
    /// Returns the current process.
    fn holder(&self) -> Option<ProcessRef>;
    /// Ready when the cell may have changed; `None` if that is unknown.
    fn changed(&self) -> Option<BoxFuture<'static, ()>>;
    /// Returns the system whose clock counts.
    fn system(&self) -> Option<InSystem>;
    fn describe(&self) -> String;
    fn same(&self, other: &dyn ChildCell) -> bool;
    fn digest(&self) -> u64;
    fn as_any(&self) -> &dyn Any;
}

/// A reference to a child of a supervisor, through its restarts.
#[doc(hidden)]
#[derive(Clone)]
pub struct ChildRef(pub(crate) Arc<dyn ChildCell>);

impl ChildRef {
    /// Returns an untyped handle that follows the child.
    pub(crate) fn process(self) -> Process {
        Process::following(Arc::new(self))
    }
}

impl ChildRef {
    /// Returns a typed handle that follows the child.
    pub(crate) fn follow<P: Protocol + ?Sized, B: ProtocolSink<P> + 'static>(self) -> Subject<P> {
        let resolver = ChildAs::<B> {
            child: self.clone(),
            body: PhantomData,
        };
        Subject::following_key(resolver, self)
    }
}

/// Resolves the cell of a child to a handle to a process that is a `B`.
struct ChildAs<B> {
    child: ChildRef,
    body: PhantomData<fn() -> B>,
}

impl<B> Clone for ChildAs<B> {
    fn clone(&self) -> Self {
        Self {
            child: self.child.clone(),
            body: PhantomData,
        }
    }
}

impl<P: Protocol + ?Sized, B: ProtocolSink<P> + 'static> Resolve<P> for ChildAs<B> {
    type Key = ChildRef;

    fn resolve(&self, child: &ChildRef) -> Option<Subject<P>> {
        let holder = child.0.holder()?.as_any();
        let port: Arc<dyn ProtocolSink<P>> = holder.downcast::<B>().ok()?;
        Some(Subject::fixed(port))
    }

    fn __changed(&self, _child: &ChildRef) -> Option<BoxFuture<'static, ()>> {
        self.child.0.changed()
    }

    fn __system(&self) -> Option<InSystem> {
        self.child.0.system()
    }

    fn __describe(child: &ChildRef) -> Option<String> {
        Some(child.0.describe())
    }
}

impl Follow for ChildRef {
    fn holder(&self) -> Option<ProcessRef> {
        self.0.holder()
    }

    fn watched(&self, holder: Pid) -> Watched {
        Watched::Process(holder)
    }

    fn describe(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " {}", self.0.describe())
    }

    fn same(&self, other: &dyn Follow) -> bool {
        other
            .as_any()
            .downcast_ref::<Self>()
            .is_some_and(|other| self == other)
    }

    fn digest(&self) -> u64 {
        self.0.digest()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl PartialEq for ChildRef {
    fn eq(&self, other: &Self) -> bool {
        self.0.same(&*other.0)
    }
}

impl Eq for ChildRef {}

impl Hash for ChildRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.digest());
    }
}

impl fmt::Debug for ChildRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChildRef({})", self.0.describe())
    }
}
