//! The runtime of `#[supervisor]`: a supervisor whose children are methods.

use std::sync::Arc;

use parking_lot::Mutex;

use crate::error::StartError;
use crate::handle::child_ref::ChildRef;
use crate::handle::subject::Subject;
use crate::plain::create::short_name;
use crate::server::startable::{Launch, Settings, Startable};
use crate::supervisor::admin::Admin;
use crate::supervisor::builder::launch_plan;
use crate::supervisor::child_factory::{ChildFactory, ChildOptions, MethodFactory};
use crate::supervisor::child_of::child_of;
use crate::supervisor::core::Flags;
use crate::supervisor::handle::{Supervisor, follow};
use crate::supervisor::shell::Plan;
use crate::supervisor::spec::Child;

/// A type whose `#[child]` methods are the children of a supervisor.
#[doc(hidden)]
pub trait Tree: Startable<Args = Self> + Sized + Send + 'static {
    fn __options() -> Flags;
    fn __children(tree: &Shared<Self>, subject: &Self::Handle) -> Vec<TreeChild>;
}

/// The value with the `#[child]` methods: one of them runs at a time, so it need not be `Sync`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Shared<T>(Arc<Mutex<T>>);

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Shared<T> {
    pub fn with<R>(&self, method: impl FnOnce(&T) -> R) -> R {
        method(&self.0.lock())
    }
}

/// One `#[child]` method.
#[doc(hidden)]
#[allow(missing_debug_implementations, reason = "never seen")]
pub struct TreeChild(Box<dyn ChildFactory>);

#[doc(hidden)]
pub fn tree_child<R: Child + 'static>(
    id: &'static str,
    options: ChildOptions,
    make: impl Fn() -> R + Send + 'static,
) -> TreeChild {
    TreeChild(Box::new(MethodFactory {
        id,
        options,
        make: Box::new(make),
        rules: None,
        kept: None,
    }))
}

#[doc(hidden)]
pub fn launch_tree<T>(tree: T, settings: Settings<T>) -> Launch<T>
where
    T: Tree,
    T::Handle: From<Supervisor>,
{
    let flags = T::__options();
    if let Err(text) = flags.check() {
        return Launch::Done(Err(StartError::BadSpec(text)));
    }
    let handle = |subject: Subject<Admin>| T::Handle::from(Supervisor::from(subject));
    let plan = move |subject: &Subject<Admin>| {
        let shared = Shared(Arc::new(Mutex::new(tree)));
        let children = T::__children(&shared, &handle(subject.clone()));
        Plan {
            flags,
            dynamic: None,
            children: children.into_iter().map(|child| child.0).collect(),
        }
    };
    launch_plan(settings, short_name::<T>, plan, handle)
}

#[doc(hidden)]
pub fn follow_supervisor(child: ChildRef) -> Supervisor {
    follow(child).into()
}

/// Returns the handle to a child.
#[doc(hidden)]
pub fn child<R: Child>(supervisor: &Supervisor, id: &'static str) -> R::Handle {
    R::__Started::__follow(child_of(&supervisor.subject, id))
}
