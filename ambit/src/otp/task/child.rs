//! Tasks as children of a supervisor.

use std::future::Future;
use std::sync::Arc;
use std::task::Context;

use crate::engine::mailbox::overflow::Overflow;
use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildRef;
use crate::handle::process::Process;
use crate::handle::sink::PlainMessage;
use crate::otp::task::handle::Task;
use crate::otp::task::ready::{Ready, ReadyReceiver};
use crate::plain::create::NoMessage;
use crate::plain::into_exit::IntoExit;
use crate::process::header::{ProcessKind, ProcessRef};
use crate::process::process_task::plain;
use crate::rt::BoxFuture;
use crate::server::launch::{ProcessSpec, launch};
use crate::server::start::Start;
use crate::server::startable::{Launch, Settings, Startable};
use crate::supervisor::policy::Restart;
use crate::supervisor::spec::ChildSpec;

/// The work of a task that a supervisor starts.
#[doc(hidden)]
pub struct TaskBody {
    pub(super) run: Run,
    /// Called with the process before it runs.
    pub(super) on_init: Option<Box<dyn FnOnce(ProcessRef) + Send>>,
}

/// Creates the future of a task, in its process.
pub(super) enum Run {
    /// The start is done when the future is created.
    AtOnce(Box<dyn FnOnce() -> BoxFuture<'static, ExitReason> + Send>),
    /// The start is done when the task calls `notify`.
    WhenReady(Box<dyn FnOnce(Ready, ReadyReceiver) -> BoxFuture<'static, ExitReason> + Send>),
}

impl Startable for Task<()> {
    type Handle = Process;
    type Args = TaskBody;

    fn __launch(
        args: TaskBody,
        settings: Settings<Self>,
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        let process_spec = ProcessSpec {
            type_name: || "Task",
            kind: ProcessKind::Plain,
            capacity: 1,
            overflow: Overflow::Reject,
            has_init: matches!(args.run, Run::WhenReady(_)),
        };
        launch::<_, NoMessage, PlainMessage<NoMessage>, _, _>(
            settings,
            &process_spec,
            (),
            Process::from,
            move |cell, init_guard| {
                if let Some(on_init) = args.on_init {
                    on_init(cell.clone());
                }
                let process: ProcessRef = cell.clone();
                plain(cell, async move {
                    match args.run {
                        Run::AtOnce(run) => run().await,
                        Run::WhenReady(run) => {
                            let (ready, waiting) = Ready::new(init_guard, process);
                            run(ready, waiting).await
                        }
                    }
                })
            },
            None,
        )
    }

    fn __follow(child: ChildRef) -> Process {
        child.process()
    }
}

impl ChildSpec<Task<()>> {
    /// Returns the spec of a child that runs a future. Each start calls `make`, which returns the future. The child has
    /// no mailbox, and a shutdown ends it at its next suspension. (Elixir: `{Task, fn -> .. end}`.)
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
                    // A temporary child releases its factory.
                    drop(make);
                    work.await.into_exit()
                })
            };
            Start::new(TaskBody {
                run: Run::AtOnce(Box::new(run)),
                on_init: None,
            })
        })
        .id(id)
    }

    /// Returns the spec of a child that runs a future and signals when it is ready. The start of the child succeeds
    /// when it calls [`ready.notify()`](Ready::notify); only then is the next sibling started. (Erlang: a
    /// `proc_lib:start_link` whose process calls `proc_lib:init_ack`.)
    ///
    /// If the task ends before it is ready, its start fails with the error of the task. For example, a port that is
    /// already in use fails the start of the supervision tree, instead of using up its restarts. A supervisor waits for
    /// the signal without a time limit.
    ///
    /// # Errors
    /// A failed start, including one by [`start_child`](crate::Supervisor::start_child), returns
    /// [`StartError::Init`](crate::StartError::Init) with the exit reason of the task. If the task dropped its
    /// [`Ready`] and kept running, the reason is an error that names this cause.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::error::{ChildError, StartError};
    /// use ambit::task::Ready;
    /// use tokio::net::TcpListener;
    /// async fn listen(address: &str, ready: Ready) -> std::io::Result<()> {
    ///     let listener = TcpListener::bind(address).await?;
    ///     ready.notify();
    ///     loop {
    ///         let (_socket, _peer) = listener.accept().await?;
    ///         // Serve it in a task of its own: `TaskSupervisor::start_task`.
    ///     }
    /// }
    /// #[ambit::main]
    /// async fn main() {
    ///     let listener = ChildSpec::task_with_ready("listener", |ready| listen("127.0.0.1:0", ready));
    ///     let supervisor = Supervisor::builder().child(listener).start().await.unwrap();
    ///     // An address that is not of this machine.
    ///     let other = ChildSpec::task_with_ready("other", |ready| listen("192.0.2.1:0", ready));
    ///     let error = supervisor.start_child(other).await.unwrap_err();
    ///     let ChildError::Start(StartError::Init(ExitReason::Error(report))) = error else { panic!("{error}") };
    ///     assert!(report.downcast_ref::<std::io::Error>().is_some(), "its own error, with its type");
    /// }
    /// ```
    pub fn task_with_ready<F, Fut>(id: impl Into<String>, make: F) -> Self
    where
        F: Fn(Ready) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let make = Arc::new(make);
        Self::from_fn(move || {
            let make = make.clone();
            let run = move |ready, waiting: ReadyReceiver| -> BoxFuture<'static, ExitReason> {
                Box::pin(async move {
                    let work = make(ready);
                    drop(make);
                    waiting.run(work).await
                })
            };
            Start::new(TaskBody {
                run: Run::WhenReady(Box::new(run)),
                on_init: None,
            })
        })
        .id(id)
    }

    /// Returns the spec of a temporary child that runs `future`, once.
    pub(super) fn once_of<F>(future: F) -> Self
    where
        F: Future<Output: IntoExit> + Send + 'static,
    {
        let run = move || -> BoxFuture<'static, ExitReason> {
            Box::pin(async { future.await.into_exit() })
        };
        let start = Start::new(TaskBody {
            run: Run::AtOnce(Box::new(run)),
            on_init: None,
        });
        Self::once(start).restart(Restart::Temporary)
    }
}
