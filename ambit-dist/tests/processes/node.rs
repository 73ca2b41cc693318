//! A stand-in for another node: it numbers the processes it encodes, and resolves the numbers again.

use std::sync::{Arc, Mutex};

use ambit::message::{DecodeError, DecodedProcess, EncodeError, Exposed, ProcessEncoding};
use ambit::process::Pid;
use ambit_dist::AnyCodec;

/// A process that can receive messages.
type Shown = (Pid, Arc<dyn Exposed<AnyCodec>>);

#[derive(Default)]
pub(crate) struct Node {
    pids: Mutex<Vec<Pid>>,
    shown: Mutex<Vec<Shown>>,
}

impl Node {
    /// Returns the processes encoded so far.
    pub(crate) fn shown(&self) -> Vec<Pid> {
        let shown = self.shown.lock().unwrap();
        shown.iter().map(|(pid, _)| *pid).collect()
    }
}

fn put(number: usize, out: &mut Vec<u8>) {
    out.extend(u32::try_from(number).unwrap().to_le_bytes());
}

/// Reads a number, and returns its entry.
fn take<T: Clone>(table: &[T], bytes: &mut &[u8]) -> Result<T, DecodeError> {
    let (number, rest) = bytes.split_first_chunk().ok_or(DecodeError::Truncated)?;
    *bytes = rest;
    let known = table.get(u32::from_le_bytes(*number) as usize).cloned();
    known.ok_or_else(|| DecodeError::Invalid("no such process".into()))
}

impl ProcessEncoding<AnyCodec> for Node {
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let mut pids = self.pids.lock().unwrap();
        put(pids.len(), out);
        pids.push(pid);
        Ok(())
    }

    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        take(&self.pids.lock().unwrap(), bytes)
    }

    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<AnyCodec>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let mut shown = self.shown.lock().unwrap();
        put(shown.len(), out);
        shown.push((pid, exposed));
        Ok(())
    }

    fn take_subject(
        &self,
        _: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<AnyCodec>, DecodeError> {
        let (_, exposed) = take(&self.shown.lock().unwrap(), bytes)?;
        Ok(DecodedProcess::Here(exposed))
    }
}
