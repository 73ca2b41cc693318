//! The report of an abnormal exit.

use std::fmt;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;

/// The report of a process that ended with an abnormal reason. (Erlang: the crash report of `proc_lib`.)
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CrashReport {
    /// The process that ended.
    pub pid: Pid,
    /// The name of its type.
    pub type_name: &'static str,
    /// Its registered names.
    pub names: Vec<String>,
    /// Its label.
    pub label: Option<String>,
    /// Its exit reason.
    pub reason: ExitReason,
    /// Up to three methods that it handled last, newest first; the first is the one that crashed, if one did.
    pub methods: Vec<&'static str>,
    /// The arguments of the newest of them, if `System::builder().report_arguments(true)`.
    pub arguments: Option<String>,
    /// The process that started it, the starter of that one, and so on.
    pub ancestors: Vec<Pid>,
    /// The processes it was linked to.
    pub links: Vec<Pid>,
}

impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.type_name, self.pid)?;
        if let Some(name) = self.names.first() {
            write!(f, " {name:?}")?;
        }
        write!(f, " ended: {}", self.reason.with_causes())?;
        if let Some(method) = self.methods.first() {
            write!(f, "; in `{method}`")?;
        }
        if let Some(arguments) = &self.arguments {
            write!(f, " with {arguments}")?;
        }
        Ok(())
    }
}
