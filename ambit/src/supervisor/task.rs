//! Children that are plain futures.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::task::Context;

use crate::engine::mailbox::Overflow;
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
use crate::server::start::{Launch, Settings, Start, Startable};

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
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        let birth = Birth {
            type_name: "Task",
            kind: Kind::Plain,
            capacity: 1,
            overflow: Overflow::Reject,
        };
        launch::<_, NoMessage, Plain<NoMessage>, _, _>(
            settings,
            &birth,
            (),
            Process::from,
            // It has begun when it is made.
            move |body, _| plain(body, async move { (args.0)().await }),
            None,
        )
    }

    fn __follow(child: ChildRef) -> Process {
        child.process()
    }
}
