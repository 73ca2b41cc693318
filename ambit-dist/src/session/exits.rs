//! Sends and handles exit signals, and encodes their reasons.

use ambit::distribution::{Cause, Signal};
use ambit::message::{Form, In, Out, Wire};
use ambit::process::{ExitReason, Pid};

use crate::session::remote_relations::RemoteRelation;
use crate::session::state::Session;
use crate::wire::{self, CloseCode, Frame, ProcessAddress as Address};

/// The text of an exit reason or an error that is too long for one message.
pub(super) const TOO_LONG: &str = "the reason is too long for the other node";

impl Session {
    pub(super) fn send_exit(&self, from: Pid, to: Address, reason: &ExitReason, cause: Cause) {
        let from = self.local_address(from);
        let frame = Frame::Exit {
            from,
            to,
            cause: cause_on_wire(cause),
            reason: &self.write_reason(reason),
        };
        self.queue_signal(from, to, &frame);
    }

    pub(super) fn send_exit_ahead(
        &self,
        from: Pid,
        to: Address,
        reason: &ExitReason,
        cause: Cause,
    ) {
        let from = self.local_address(from);
        let frame = Frame::ExitAhead {
            from,
            to,
            cause: cause_on_wire(cause),
            reason: &self.write_reason(reason),
        };
        self.queue_signal(from, to, &frame);
    }

    pub(super) fn take_exit(
        &self,
        from: Option<Address>,
        to: Address,
        cause: wire::Cause,
        reason: &[u8],
    ) {
        if self.has_too_many_queued() {
            return;
        }
        let Some((from, reason, cause)) = self.read_exit(from, to, cause, reason) else {
            return;
        };
        if cause == Cause::Link {
            if let Some(from) = self.peer_incarnation.address(from).flatten() {
                self.remote_relations
                    .remove(RemoteRelation::Link { to, from });
            }
            self.peer_incarnation.ended(from, &reason, None);
        }
        self.accept(
            to,
            Signal::Exit {
                from,
                reason,
                cause,
            },
        );
    }

    /// Handles an exit ahead of the messages before it. Relations end with the exit that follows.
    pub(super) fn take_exit_ahead(
        &self,
        from: Option<Address>,
        to: Address,
        cause: wire::Cause,
        reason: &[u8],
    ) {
        if let Some((from, reason, cause)) = self.read_exit(from, to, cause, reason) {
            self.accept(
                to,
                Signal::ExitAhead {
                    from,
                    reason,
                    cause,
                },
            );
        }
    }

    /// Reads an exit signal; returns `None` if its reason cannot be read or the other node may not name the receiver.
    fn read_exit(
        &self,
        from: Option<Address>,
        to: Address,
        cause: wire::Cause,
        reason: &[u8],
    ) -> Option<(Pid, ExitReason, Cause)> {
        let reason = self.read_reason(reason)?;
        let from = from.map_or(Pid::NOBODY, |from| self.peer_incarnation.pid(Some(from)));
        let cause = match cause {
            wire::Cause::Link => Cause::Link,
            wire::Cause::Sent if self.is_named(to) => Cause::Sent,
            wire::Cause::Sent => return None,
        };
        Some((from, reason, cause))
    }

    pub(crate) fn write_reason(&self, reason: &ExitReason) -> Vec<u8> {
        let out = || Out::with(self.codec, Form::Compact).process_encoding(self);
        let mut bytes = out().limit(self.limits.chunk / 2);
        if reason.put(&mut bytes).is_ok() {
            return bytes.into_bytes();
        }
        // A short reason replaces one that is too long.
        let mut bytes = out();
        let short = ExitReason::error(TOO_LONG);
        drop(short.put(&mut bytes));
        bytes.into_bytes()
    }

    pub(super) fn read_reason(&self, bytes: &[u8]) -> Option<ExitReason> {
        let mut input = In::with(self.codec, bytes, Form::Compact).process_encoding(self);
        let reason = ExitReason::take(&mut input).ok();
        let whole = reason.filter(|_| input.left() == 0);
        if whole.is_none() {
            self.stats.undecoded("an exit reason");
            self.close(CloseCode::Malformed, "an exit reason that cannot be read");
        }
        whole
    }
}

fn cause_on_wire(cause: Cause) -> wire::Cause {
    match cause {
        Cause::Sent => wire::Cause::Sent,
        Cause::Link => wire::Cause::Link,
    }
}
