//! The operating system signals that ask a program to end.

use std::io;
use std::task::{Context, Poll};

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlBreak, CtrlC, CtrlClose, ctrl_break, ctrl_c, ctrl_close};

/// SIGTERM and Ctrl-C; on Windows Ctrl-C, Ctrl-Break and the closing of the console.
pub(crate) struct StopSignals {
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(windows)]
    interrupt: CtrlC,
    #[cfg(windows)]
    stop: CtrlBreak,
    #[cfg(windows)]
    close: CtrlClose,
}

impl StopSignals {
    /// Listens from now on; these signals no longer end the program.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Listens from now on; these signals no longer end the program.
    #[cfg(windows)]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: ctrl_c()?,
            stop: ctrl_break()?,
            close: ctrl_close()?,
        })
    }

    /// Returns ready once for each signal.
    #[cfg(unix)]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.terminate.poll_recv(cx).is_ready() {
            return Poll::Ready(());
        }
        self.interrupt.poll_recv(cx).map(drop)
    }

    /// Returns ready once for each signal.
    #[cfg(windows)]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.interrupt.poll_recv(cx).is_ready() || self.stop.poll_recv(cx).is_ready() {
            return Poll::Ready(());
        }
        self.close.poll_recv(cx).map(drop)
    }
}
