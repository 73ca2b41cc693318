//! The far process, as seen from the near one.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::cluster::member;
use super::far;
use super::pki::Secrets;
use super::system::{Failure, Id};
use crate::memory;

/// A running far process. It is killed on drop; if this process is killed, the input of the far one ends, and with it
/// the far one.
pub(crate) struct Far {
    child: Child,
    _input: ChildStdin,
    pub(crate) address: SocketAddr,
}

impl Far {
    /// Starts this program again, as the far side.
    pub(crate) fn start(id: Id, secrets: &Secrets) -> Result<Self, Failure> {
        Self::run(&[far::COMMAND, id.name()], secrets)
    }

    /// Starts this program again, as a far node of a cluster.
    pub(crate) fn member(arguments: &[&str], secrets: &Secrets) -> Result<Self, Failure> {
        Self::run(&[&[member::COMMAND], arguments].concat(), secrets)
    }

    /// Starts this program again with these arguments.
    pub(crate) fn run(arguments: &[&str], secrets: &Secrets) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        match Self::introduced(&mut child, secrets) {
            Ok((input, address)) => Ok(Self {
                child,
                _input: input,
                address,
            }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    fn introduced(
        child: &mut Child,
        secrets: &Secrets,
    ) -> Result<(ChildStdin, SocketAddr), Failure> {
        let mut input = child.stdin.take().ok_or("the far side has no input")?;
        let output = child.stdout.take().ok_or("the far side has no output")?;
        secrets.write(&mut input)?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().parse();
        let address = address.map_err(|_| "the other process has not printed its address")?;
        Ok((input, address))
    }

    /// Returns its resident bytes.
    pub(crate) fn resident(&self) -> u64 {
        memory::resident_of(&self.child.id().to_string())
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Kills a child process, and waits for its end.
pub(crate) fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
