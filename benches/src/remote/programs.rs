//! The measured programs, and one run of two of them.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::erlang::Erlang;
use super::near;
use super::options::Options;
use super::rows::Row;
use super::system::Id;
use crate::rows::Sample;
use crate::{cell, programs};

pub(crate) struct Programs {
    own: PathBuf,
    /// The setup of Erlang, or the reason why there is none.
    pub(crate) erlang: Result<Erlang, String>,
    /// The timeout of a run.
    patience: Duration,
}

impl Programs {
    pub(crate) fn find(options: &Options) -> Result<Self, String> {
        let own = std::env::current_exe();
        let own = own.map_err(|error| format!("cannot find this program: {error}"))?;
        let is_wanted = options.systems.iter().any(|id| id.is_erlang());
        let erlang = if is_wanted {
            Erlang::prepare()
        } else {
            Err("not asked for".to_owned())
        };
        let programs = Self {
            own,
            erlang,
            patience: Duration::from_secs(if options.quick { 20 } else { 60 }),
        };
        for id in &options.systems {
            if let Some(why) = programs.lacks(*id) {
                eprintln!("SKIPPED: {}; {why}", id.name());
            }
        }
        Ok(programs)
    }

    /// Returns the selected columns that can be measured here.
    pub(crate) fn systems<'a>(&'a self, options: &'a Options) -> impl Iterator<Item = Id> + 'a {
        let wanted = options.systems.iter().copied();
        wanted.filter(|id| self.lacks(*id).is_none())
    }

    /// Returns the reason why a column cannot be measured here.
    pub(crate) fn lacks(&self, id: Id) -> Option<&str> {
        match (id, &self.erlang) {
            (Id::Erlang | Id::ErlangTls, Err(why)) => Some(why),
            (Id::ErlangTls, Ok(erlang)) if !erlang.has_tls => {
                Some("Erlang's ssl is not here; install erlang-ssl")
            }
            (Id::Ractor, _) if !cfg!(feature = "ractor-cluster") => {
                Some("build it with the feature `ractor-cluster`")
            }
            (Id::Kameo, _) if !cfg!(feature = "kameo-remote") => {
                Some("build it with the feature `kameo-remote`")
            }
            _ => None,
        }
    }

    /// Runs the two processes and parses the output of the near one; kills them on a timeout.
    pub(crate) fn sample(&self, row: &Row, id: Id, operations: u64) -> Result<Sample, String> {
        let mut command = Command::new(&self.own);
        command.args([near::COMMAND, id.name(), row.key, &operations.to_string()]);
        command.env_remove("RUST_BACKTRACE").env_remove("RUST_LOG");
        if let Ok(erlang) = &self.erlang {
            erlang.tell(&mut command);
        }
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn();
        let mut child = child.map_err(|error| format!("cannot be run: {error}"))?;
        let stdout = programs::collect(child.stdout.take());
        let stderr = programs::collect(child.stderr.take());
        let ended = programs::wait(&mut child, self.patience)?;
        let said = stdout.join().unwrap_or_default();
        match cell::parse(&said) {
            Some(sample) if ended && sample.figures.len() == 1 => Ok(sample),
            _ => {
                let said = stderr.join().unwrap_or_default();
                let lines = said.lines().filter(|line| !line.trim().is_empty());
                let said: Vec<&str> = lines.take(2).collect();
                Err(format!("failed: {}", said.join(" ")))
            }
        }
    }
}
