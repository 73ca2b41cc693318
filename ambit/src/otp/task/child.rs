//! Tasks as children of a supervisor.

use std::future::Future;
use std::sync::Arc;
use std::task::Context;

use crate::engine::mailbox::Overflow;
use crate::exit_reason::ExitReason;
use crate::handle::child::ChildRef;
use crate::handle::port::Plain;
use crate::handle::process::Process;
use crate::otp::task::handle::Task;
use crate::plain::into_exit::IntoExit;
use crate::plain::spawn::NoMessage;
use crate::process::core::{Kind, ProcRef};
use crate::process::drive::plain;
use crate::rt::BoxFuture;
use crate::server::launch::{Birth, launch};
use crate::server::start::{Launch, Settings, Start, Startable};
use crate::supervisor::spec::ChildSpec;

/// The work of a task that a supervisor starts.
#[doc(hidden)]
pub struct TaskBody {
    /// Makes the future of the task, in its process.
    pub(super) run: Box<dyn FnOnce() -> BoxFuture<'static, ExitReason> + Send>,
    /// Sees the process before it runs.
    pub(super) born: Option<Box<dyn FnOnce(ProcRef) + Send>>,
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
            move |body, _| {
                if let Some(born) = args.born {
                    born(body.clone());
                }
                plain(body, async move { (args.run)().await })
            },
            None,
        )
    }

    fn __follow(child: ChildRef) -> Process {
        child.process()
    }
}

impl ChildSpec<Task<()>> {
    /// A child that is a plain future: `make` is called for each start. It has no mailbox, and ends at its next
    /// suspension when it is told to. (Elixir: `{Task, fn -> .. end}`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main() {
    ///     let idle = ChildSpec::task("idle", || std::future::pending::<()>());
    ///     let supervisor = Supervisor::builder().child(idle).start().await.unwrap();
    ///     assert_eq!(supervisor.count_children().await.unwrap().active, 1);
    /// }
    /// ```
    pub fn task<F, Fut>(id: impl Into<String>, make: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let make = Arc::new(make);
        Self::from_fn(move || {
            let make = make.clone();
            let run = move || -> BoxFuture<'static, ExitReason> {
                Box::pin(async move {
                    let work = make();
                    // A temporary child keeps nothing of what has started it.
                    drop(make);
                    work.await.into_exit()
                })
            };
            Start::new(TaskBody {
                run: Box::new(run),
                born: None,
            })
        })
        .id(id)
    }
}
