//! The far process, as the near one has it.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::far;
use super::pki::Secrets;
use super::system::{Failure, Id};
use crate::memory;

/// A far process that serves. It is ended when this is dropped; should this process be killed, its input ends, and it
/// ends by itself.
pub(crate) struct Far {
    child: Child,
    _input: ChildStdin,
    pub(crate) address: SocketAddr,
}

impl Far {
    /// Starts this program once more, as the far side.
    pub(crate) fn start(id: Id, secrets: &Secrets) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args([far::COMMAND, id.name()]);
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
        let address = address.map_err(|_| "the far side has not told its address")?;
        Ok((input, address))
    }

    /// The bytes it holds now.
    pub(crate) fn resident(&self) -> u64 {
        memory::resident_of(&self.child.id().to_string())
    }
}

impl Drop for Far {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a process that this one has started.
pub(crate) fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
