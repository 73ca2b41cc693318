//! The report of an abnormal end.

use std::fmt;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;

/// One report for each process that ended for an abnormal reason. (Erlang: the crash report of `proc_lib`.)
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CrashReport {
    /// Who ended.
    pub pid: Pid,
    /// The name of its type.
    pub type_name: &'static str,
    /// The names it held.
    pub names: Vec<String>,
    /// What it called itself.
    pub label: Option<String>,
    /// Why it ended.
    pub reason: ExitReason,
    /// The methods it handled last, newest first, at most three; the first is the one that crashed, if one did.
    pub methods: Vec<&'static str>,
    /// The arguments of the newest of them, if `System::builder().report_arguments(true)`.
    pub arguments: Option<String>,
    /// Who started it, who started that one, and so on.
    pub ancestors: Vec<Pid>,
    /// Whom it was linked to.
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
