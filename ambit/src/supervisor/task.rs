//! Children that are plain futures.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;

use crate::engine::cell::InPlace;
use crate::engine::mailbox::Overflow;
use crate::error::StartError;
use crate::exit_reason::ExitReason;
use crate::handle::child::ChildRef;
use crate::handle::port::Plain;
use crate::handle::process::Process;
use crate::plain::into_exit::IntoExit;
use crate::plain::spawn::NoMessage;
use crate::process::core::Kind;
use crate::process::drive::plain;
use crate::rt::BoxFuture;
use crate::server::launch::{Birth, launch};
use crate::server::start::{Settings, Start, Startable, Started};

/// A process that runs a future; as a child: [`ChildSpec::task`](crate::ChildSpec::task). Its handle is a
/// [`Process`]. (Elixir: `Task`.)
pub struct Task<T = ()> {
    value: PhantomData<fn() -> T>,
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Task")
    }
}

/// Makes the future of a task, in its process.
#[doc(hidden)]
pub struct TaskBody(Box<dyn FnOnce() -> BoxFuture<'static, ExitReason> + Send>);

impl Task<()> {
    pub(crate) fn start<F, Fut>(make: F) -> Start<Self>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let run = || -> BoxFuture<'static, ExitReason> {
            Box::pin(async move { make().await.into_exit() })
        };
        Start::new(TaskBody(Box::new(run)))
    }
}

impl Startable for Task<()> {
    type Handle = Process;
    type Args = TaskBody;

    fn __launch(
        args: TaskBody,
        settings: Settings<Self>,
    ) -> BoxFuture<'static, Result<Started<Self>, StartError>> {
        let birth = Birth {
            type_name: "Task",
            kind: Kind::Plain,
            capacity: 1,
            overflow: Overflow::Reject,
            in_place: |_| InPlace::Never,
        };
        let live = launch::<_, NoMessage, Plain<NoMessage>, _, _>(
            settings,
            birth,
            (),
            Process::from,
            move |body, begun| {
                begun.done();
                plain(body, async move { (args.0)().await })
            },
        );
        Box::pin(live)
    }

    fn __follow(child: ChildRef) -> Process {
        child.process()
    }
}
