//! The report of an abnormal exit.

use std::fmt;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;

/// The maximum number of names, and of links, in a crash report and in the log line of a crash.
pub(crate) const REPORTED: usize = 100;

/// The report of a process that ended with an abnormal reason. (Erlang: the crash report of `proc_lib`.)
///
/// [`System::on_event`](crate::System::on_event) passes each report to a listener, in an
/// [`Event::Crashed`](crate::telemetry::Event::Crashed).
///
/// ```
/// use ambit::prelude::*;
/// use ambit::system::System;
/// use ambit::telemetry::Event;
/// #[ambit::main]
/// async fn main() {
///     let (reasons, seen) = std::sync::mpsc::channel();
///     let system = System::current().unwrap();
///     let _listening = system.on_event(move |event| {
///         if let Event::Crashed(report) = event {
///             reasons.send(report.reason.to_string()).unwrap();
///         }
///     });
///     let worker = ambit::spawn(|_: Inbox<u8>| async { Err::<(), _>("disk full") });
///     worker.closed().await;
///     assert_eq!(seen.try_recv().as_deref(), Ok("disk full"));
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CrashReport {
    /// The process that ended.
    pub pid: Pid,
    /// The name of the process's type; for a server, the server type.
    pub type_name: &'static str,
    /// The local names that the process was registered under, oldest first, at most 100 of them.
    pub names: Vec<String>,
    /// The label of the process, if it has one.
    pub label: Option<String>,
    /// The reason why the process ended.
    pub reason: ExitReason,
    /// The names of the last methods run, newest first, at most three. If a method crashed, it is the first entry.
    pub methods: Vec<&'static str>,
    /// The method that crashed: it panicked, returned an error, or stopped the server. `terminate` for `#[terminate]`,
    /// whatever its name. `None` if the reason came from elsewhere, for example through a link.
    pub crashed_method: Option<&'static str>,
    /// The arguments of the first of [`methods`](Self::methods), in `Debug` format; they may contain secrets. `None`
    /// unless the system was built with [`report_arguments`](crate::SystemBuilder::report_arguments).
    pub arguments: Option<String>,
    /// The process that started this one, its starter, and so on, nearest first.
    pub ancestors: Vec<Pid>,
    /// The processes that were linked to the process when it ended, at most 100 of them.
    pub links: Vec<Pid>,
}

impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.type_name, self.pid)?;
        if let Some(name) = self.names.first() {
            write!(f, " {name:?}")?;
        }
        write!(f, " ended: {}", self.reason.with_causes())?;
        if let Some(method) = self.crashed_method {
            write!(f, "; in `{method}`")?;
        } else if let Some(method) = self.methods.first() {
            write!(f, "; last method `{method}`")?;
        }
        if let Some(arguments) = &self.arguments {
            write!(f, " with {arguments}")?;
        }
        Ok(())
    }
}
