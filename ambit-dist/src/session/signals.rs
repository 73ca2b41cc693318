//! Sends and handles the signals between two nodes: links, monitors and requests to stop. Exits have a file of their own.

use ambit::distribution::{Cause, Signal};
use ambit::process::{ExitReason, MonitorRef, Pid};

use crate::session::remote_relations::RemoteRelation;
use crate::session::state::Session;
use crate::wire::{self, CloseCode, Frame, NODE, ProcessAddress as Address};

impl Session {
    /// Writes a signal for a process of the other node. Sending a signal does not export its sender: signals that come
    /// back along a link or a monitor need only that relation.
    pub(crate) fn send_signal(&self, to: Pid, signal: Signal) {
        let Some(to) = self.peer_incarnation.address(to) else {
            return;
        };
        if let Some(over) = self.ends(to, &signal) {
            self.remote_relations.remove(over);
        }
        if let Signal::Down {
            from,
            monitor,
            reason,
        } = signal
        {
            self.send_down(self.local_address(from), to, monitor.number(), &reason);
        } else if let Some(to) = to {
            self.send_to_process(to, signal);
        }
        // Only a process can be linked, monitored or stopped.
    }

    /// Writes a signal that only a process can receive.
    fn send_to_process(&self, to: Address, signal: Signal) {
        match signal {
            Signal::Link { from } => {
                if let Some(from) = self.local_address(from) {
                    self.queue_signal(Some(from), to, &Frame::Link { from, to });
                }
            }
            Signal::Unlink { from } => {
                if let Some(from) = self.local_address(from) {
                    self.queue_signal(Some(from), to, &Frame::Unlink { from, to });
                }
            }
            Signal::Monitor { from, monitor } => {
                let (from, reference) = (self.local_address(from), monitor.number());
                let frame = Frame::Monitor {
                    from,
                    to,
                    reference,
                };
                self.queue_signal(from, to, &frame);
            }
            Signal::Demonitor { from, monitor } => {
                let (from, reference) = (self.local_address(from), monitor.number());
                let frame = Frame::Demonitor {
                    from,
                    to,
                    reference,
                };
                self.queue_signal(from, to, &frame);
            }
            Signal::Exit {
                from,
                reason,
                cause,
            } => self.send_exit(from, to, &reason, cause),
            Signal::ExitAhead {
                from,
                reason,
                cause,
            } => self.send_exit_ahead(from, to, &reason, cause),
            Signal::Stop { from, reason } => {
                let from = self.local_address(from);
                let reason = &self.write_reason(&reason);
                self.queue_signal(from, to, &Frame::Stop { from, to, reason });
            }
            // The sender of a `Down` may have ended; it is not written here.
            Signal::Down { .. } => {}
        }
    }

    /// Returns the link or monitor that the other node no longer holds after it receives this signal.
    fn ends(&self, to: Option<Address>, signal: &Signal) -> Option<RemoteRelation> {
        match *signal {
            Signal::Down { from, monitor, .. } => Some(RemoteRelation::Monitor {
                to: self.local_address(from)?,
                from: to,
                reference: monitor.number(),
            }),
            Signal::Unlink { from }
            | Signal::Exit {
                from,
                cause: Cause::Link,
                ..
            } => Some(RemoteRelation::Link {
                to: self.local_address(from)?,
                from: to?,
            }),
            _ => None,
        }
    }

    /// Records a link or monitor of the other node. Returns false if it is held already, or if there are too many.
    fn holds(&self, hold: RemoteRelation) -> bool {
        self.remote_relations.add(hold).unwrap_or_else(|error| {
            self.close(error.close_code(), error.to_string());
            false
        })
    }

    /// Notifies a monitor on the other node that a process of this node has ended.
    pub(crate) fn send_down(
        &self,
        from: Option<Address>,
        to: Option<Address>,
        reference: u64,
        reason: &ExitReason,
    ) {
        let Some(from) = from else { return };
        let reason = &self.write_reason(reason);
        let frame = Frame::Down {
            from,
            to,
            reference,
            reason,
        };
        self.queue_signal(Some(from), to.unwrap_or(NODE), &frame);
    }

    /// Handles a signal of the other node.
    pub(crate) fn take_signal(&self, frame: &Frame<'_>) {
        match *frame {
            Frame::Link { from, to } => self.take_link(from, to),
            Frame::Unlink { from, to } => {
                self.remote_relations
                    .remove(RemoteRelation::Link { to, from });
                let from = self.peer_incarnation.pid(Some(from));
                self.accept(to, Signal::Unlink { from });
            }
            Frame::Monitor {
                from,
                to,
                reference,
            } => self.take_monitor(from, to, reference),
            Frame::Demonitor {
                from,
                to,
                reference,
            } => {
                if reference == 0 {
                    return self.claim(to);
                }
                self.remote_relations.remove(RemoteRelation::Monitor {
                    to,
                    from,
                    reference,
                });
                let from = self.peer_incarnation.pid(from);
                let monitor = MonitorRef::from_number(reference);
                self.accept(to, Signal::Demonitor { from, monitor });
            }
            Frame::Down {
                from,
                to,
                reference,
                reason,
            } => self.take_down(from, to, reference, reason),
            Frame::Exit {
                from,
                to,
                cause,
                reason,
            } => self.take_exit(from, to, cause, reason),
            Frame::ExitAhead {
                from,
                to,
                cause,
                reason,
            } => self.take_exit_ahead(from, to, cause, reason),
            Frame::Stop { from, to, reason } if self.is_named(to) => {
                self.take_stop(from, to, reason);
            }
            _ => {}
        }
    }

    /// Handles the notification that the other node knows a server that was started for it.
    fn claim(&self, address: Address) {
        let pid = self
            .node_context
            .local
            .pid(address.slot, address.generation);
        if let Some(orphan) = self.unclaimed.take(pid) {
            orphan.adopt();
        }
    }

    /// Notifies the other node that this node knows a server that was started for it. No monitor has the reference 0.
    pub(crate) fn claims(&self, pid: Pid) {
        let (from, monitor) = (Pid::NOBODY, MonitorRef::from_number(0));
        self.send_signal(pid, Signal::Demonitor { from, monitor });
    }

    fn take_link(&self, from: Address, to: Address) {
        let hold = RemoteRelation::Link { to, from };
        // Its end may become a message.
        if self.has_too_many_queued() {
            return;
        }
        // Record it first: the process may end at once.
        if !self.holds(hold) {
            return;
        }
        if let Err(error) = self.linked_starts.linked(from, to) {
            self.close(error.close_code(), error.to_string());
            return;
        }
        let may_link = self.is_named(to) || self.linkable.contains(to);
        let reached = may_link
            && self.accept(
                to,
                Signal::Link {
                    from: self.peer_incarnation.pid(Some(from)),
                },
            );
        if !reached {
            self.remote_relations.remove(hold);
            let reason = &self.write_reason(&ExitReason::NoProcess);
            let (to, from) = (from, Some(to));
            let cause = wire::Cause::Link;
            let frame = Frame::Exit {
                from,
                to,
                cause,
                reason,
            };
            self.queue_signal(from, to, &frame);
        }
    }

    fn take_monitor(&self, from: Option<Address>, to: Address, reference: u64) {
        let hold = RemoteRelation::Monitor {
            to,
            from,
            reference,
        };
        if !self.holds(hold) {
            return;
        }
        let monitor = MonitorRef::from_number(reference);
        let watcher = self.peer_incarnation.pid(from);
        let reached = self.is_named(to)
            && self.accept(
                to,
                Signal::Monitor {
                    from: watcher,
                    monitor,
                },
            );
        if !reached {
            self.remote_relations.remove(hold);
            self.send_down(Some(to), from, reference, &ExitReason::NoProcess);
        }
    }

    fn take_stop(&self, from: Option<Address>, to: Address, reason: &[u8]) {
        if self.has_too_many_queued() {
            return;
        }
        if let Some(reason) = self.read_reason(reason) {
            let from = self.peer_incarnation.pid(from);
            self.accept(to, Signal::Stop { from, reason });
        }
    }

    fn take_down(&self, from: Address, to: Option<Address>, reference: u64, reason: &[u8]) {
        let Some(reason) = self.read_reason(reason) else {
            return;
        };
        let from = self.peer_incarnation.pid(Some(from));
        let monitor = MonitorRef::from_number(reference);
        if let Some(to) = to {
            let reason = reason.clone();
            self.accept(
                to,
                Signal::Down {
                    from,
                    monitor,
                    reason,
                },
            );
        }
        self.peer_incarnation.ended(from, &reason, Some(monitor));
    }

    /// Returns whether so many signals of the other node wait in mailboxes that no more are accepted. In that case the
    /// session ends, because none of them may be lost.
    pub(super) fn has_too_many_queued(&self) -> bool {
        let bytes = self.peer_incarnation.attachment().queued().bytes();
        let is_full = bytes >= self.limits.signal_bytes;
        if is_full {
            let text = "too many exits and stops wait in mailboxes of this node";
            self.close(CloseCode::Overloaded, text);
        }
        is_full
    }

    /// Returns whether the other node may name the process.
    pub(super) fn is_named(&self, address: Address) -> bool {
        self.node_context.exports.is_named(address)
    }

    pub(super) fn accept(&self, to: Address, signal: Signal) -> bool {
        let to = self.node_context.local.pid(to.slot, to.generation);
        self.peer_incarnation
            .attachment()
            .accept(to, signal)
            .is_ok()
    }
}
