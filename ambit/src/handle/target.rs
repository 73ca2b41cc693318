//! The targets of monitors, links and signals.

use crate::handle::process::Process;
use crate::pid::Pid;
use crate::process::resolved::Resolved;

/// A target of monitors, links and signals: a handle, a [`Pid`] or a registered name.
///
/// A name is resolved when the function that takes the target is called. Generated handles implement this trait too.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::inspect::is_alive;
/// use ambit::process::Target;
/// fn both_run(one: impl Target, other: impl Target) -> bool {
///     is_alive(one) && is_alive(other)
/// }
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     assert!(both_run(&idle, "idle"));
///     assert!(!both_run(idle.pid(), Pid::NOBODY));
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a process",
    label = "expected a handle, a `Pid` or a registered name"
)]
pub trait Target {
    #[doc(hidden)]
    fn __resolve(&self) -> Resolved;
}

impl<T: Target + ?Sized> Target for &T {
    fn __resolve(&self) -> Resolved {
        (**self).__resolve()
    }
}

impl Target for Pid {
    fn __resolve(&self) -> Resolved {
        Resolved::pid(*self)
    }
}

impl Target for Process {
    fn __resolve(&self) -> Resolved {
        self.resolve()
    }
}
