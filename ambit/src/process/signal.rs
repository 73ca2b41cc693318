//! Exit signals and their effect on the receiver.

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::header::{AnyProcess, Notice, ProcessHeader, ProcessKind, Stage};
use crate::process::node_signal::Cause;
use crate::process::queued_signals::{QueuedSignal, QueuedSignals};
use crate::process::relation::Relations;
use crate::rt::sync::MutexGuard;
use crate::signal::Exit;

/// The effect of an exit signal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SignalEffect {
    Ignore,
    Die(ExitReason),
    /// It becomes an `Exit` message.
    Message,
    /// The server stops as if by its own request, and runs its terminate.
    Leave(ExitReason),
}

/// The properties of the receiver that the effect depends on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SignalReceiver {
    pub(crate) traps: bool,
    pub(crate) kind: ProcessKind,
    pub(crate) from_self: bool,
    pub(crate) from_parent: bool,
}

/// Returns the effect of an exit signal (the table of OTP, and design D3 for the parent's exit).
pub(crate) fn judge(cause: Cause, reason: &ExitReason, to: SignalReceiver) -> SignalEffect {
    if cause == Cause::Sent && *reason == ExitReason::Kill {
        return SignalEffect::Die(ExitReason::Killed);
    }
    let obeys = match to.kind {
        ProcessKind::Plain
        | ProcessKind::Side
        | ProcessKind::Main
        | ProcessKind::DeafMain
        | ProcessKind::Remote => false,
        ProcessKind::Server { terminates } => {
            to.traps || (terminates && *reason != ExitReason::Normal)
        }
        ProcessKind::Supervisor => true,
    };
    if to.from_parent && obeys {
        return SignalEffect::Leave(reason.clone());
    }
    if to.traps {
        SignalEffect::Message
    } else if *reason == ExitReason::Normal && !to.from_self {
        SignalEffect::Ignore
    } else {
        SignalEffect::Die(reason.clone())
    }
}

/// Returns true if the process runs more of its code after its parent has asked it to stop.
pub(crate) fn ends_by_itself(process: &dyn AnyProcess) -> bool {
    let core = process.core();
    let obeys = matches!(
        core.kind,
        ProcessKind::Server { terminates: true } | ProcessKind::Supervisor
    );
    obeys || core.relations.lock().trap_exits
}

/// Applies an exit signal. The link it came by is removed.
pub(crate) fn receive(process: &dyn AnyProcess, from: Pid, reason: ExitReason, cause: Cause) {
    receive_counted(process, from, reason, cause, None);
}

/// Like [`receive`]; a message that it becomes counts in `queued`.
pub(crate) fn receive_counted(
    process: &dyn AnyProcess,
    from: Pid,
    reason: ExitReason,
    cause: Cause,
    queued: Option<&QueuedSignals>,
) {
    let mut relations = process.core().relations.lock();
    if cause == Cause::Link && !relations.unlink(from) {
        return;
    }
    let from_parent = relations.parent() == Some(from);
    act(
        process,
        relations,
        from_parent,
        Exit { from, reason },
        cause,
        queued,
    );
}

/// Applies an exit signal ahead of earlier messages of its sender. It has an effect only if it ends the process: if the
/// process traps it, it becomes a message when it arrives again, behind the others. Its link stays until then.
pub(crate) fn receive_ahead(process: &dyn AnyProcess, from: Pid, reason: ExitReason, cause: Cause) {
    let relations = process.core().relations.lock();
    if cause == Cause::Link && !relations.is_linked(from) {
        return;
    }
    let from_parent = relations.parent() == Some(from);
    let exit = Exit { from, reason };
    let verdict = verdict(process.core(), &relations, from_parent, &exit, cause);
    drop(relations);
    end(process, verdict);
}

/// Kills a process, without a sender.
pub(crate) fn kill(process: &dyn AnyProcess) {
    receive(process, Pid::NOBODY, ExitReason::Kill, Cause::Sent);
}

/// Kills a process for its owner: it is no crash.
pub(crate) fn put_down(process: &dyn AnyProcess) {
    process.core().relations.lock().make_rare().put_down = true;
    kill(process);
}

/// Ends a process that is not needed any more, as if it had obeyed a shutdown: it cannot trap this.
pub(crate) fn dismiss(process: &dyn AnyProcess) {
    die(process.core(), process, &ExitReason::Shutdown);
}

/// Applies the shutdown of the system, which acts as the parent of every process.
pub(crate) fn receive_from_system(process: &dyn AnyProcess, reason: ExitReason) {
    let relations = process.core().relations.lock();
    let exit = Exit {
        from: Pid::NOBODY,
        reason,
    };
    act(process, relations, true, exit, Cause::Sent, None);
}

fn act(
    process: &dyn AnyProcess,
    relations: MutexGuard<'_, Relations>,
    from_parent: bool,
    exit: Exit,
    cause: Cause,
    queued: Option<&QueuedSignals>,
) {
    let verdict = verdict(process.core(), &relations, from_parent, &exit, cause);
    if verdict == SignalEffect::Message {
        // The lock is held: after `unlink` has returned, no message of that link is added.
        let count = QueuedSignal::count(&exit.reason, queued);
        return tell(process, relations, Notice::Exit(count.with(exit)));
    }
    drop(relations);
    end(process, verdict);
}

fn verdict(
    core: &ProcessHeader,
    relations: &Relations,
    from_parent: bool,
    exit: &Exit,
    cause: Cause,
) -> SignalEffect {
    let to = SignalReceiver {
        traps: relations.trap_exits,
        kind: core.kind,
        from_self: exit.from == core.pid,
        from_parent,
    };
    judge(cause, &exit.reason, to)
}

/// Ends the process, if that is the effect.
fn end(process: &dyn AnyProcess, effect: SignalEffect) {
    match effect {
        SignalEffect::Ignore | SignalEffect::Message => {}
        SignalEffect::Die(reason) => die(process.core(), process, &reason),
        SignalEffect::Leave(reason) => leave(process, &reason),
    }
}

/// Queues a system message that was just decided on under the lock of the receiver's relations.
pub(crate) fn tell(process: &dyn AnyProcess, relations: MutexGuard<'_, Relations>, notice: Notice) {
    if process.core().kind == ProcessKind::DeafMain {
        // It becomes a dead letter, and a dead letter listener may inspect this process.
        drop(relations);
        drop(process.notify(notice));
        return;
    }
    let (refused, wake) = process.notify(notice);
    drop(relations);
    process.wake(wake);
    drop(refused);
}

fn die(core: &ProcessHeader, process: &dyn AnyProcess, reason: &ExitReason) {
    // The reason of an ending process does not change; only a kill still interrupts its cleanup.
    if core.stage() < Stage::Ending || *reason == ExitReason::Killed {
        process.control(&mut |control| {
            control.fatal.get_or_insert_with(|| reason.clone());
        });
    }
}

/// Makes a server stop before its next message.
pub(crate) fn leave(process: &dyn AnyProcess, reason: &ExitReason) {
    process.control(&mut |control| {
        control.leave.get_or_insert_with(|| reason.clone());
    });
}

/// Makes a server stop because one of its tasks has panicked.
pub(crate) fn leave_after_task_panic(process: &dyn AnyProcess, reason: &ExitReason) {
    process.control(&mut |control| {
        if control.leave.is_none() {
            control.leave = Some(reason.clone());
            control.task_panicked = true;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: SignalReceiver = SignalReceiver {
        traps: false,
        kind: ProcessKind::Plain,
        from_self: false,
        from_parent: false,
    };

    fn server(terminates: bool, traps: bool) -> SignalReceiver {
        SignalReceiver {
            traps,
            kind: ProcessKind::Server { terminates },
            from_self: false,
            from_parent: true,
        }
    }

    #[test]
    fn the_table_of_exit_signals() {
        use Cause::{Link, Sent};
        let (normal, kill, other) = (ExitReason::Normal, ExitReason::Kill, ExitReason::Shutdown);
        let trapping = SignalReceiver {
            traps: true,
            ..PLAIN
        };
        let own = SignalReceiver {
            from_self: true,
            ..PLAIN
        };
        for cause in [Sent, Link] {
            assert_eq!(judge(cause, &normal, PLAIN), SignalEffect::Ignore);
            assert_eq!(judge(cause, &normal, trapping), SignalEffect::Message);
            assert_eq!(
                judge(cause, &other, PLAIN),
                SignalEffect::Die(other.clone())
            );
            assert_eq!(judge(cause, &other, trapping), SignalEffect::Message);
        }
        assert_eq!(judge(Sent, &normal, own), SignalEffect::Die(normal.clone()));
        assert_eq!(
            judge(Sent, &normal, SignalReceiver { traps: true, ..own }),
            SignalEffect::Message
        );
        assert_eq!(
            judge(Sent, &kill, PLAIN),
            SignalEffect::Die(ExitReason::Killed)
        );
        assert_eq!(
            judge(Sent, &kill, trapping),
            SignalEffect::Die(ExitReason::Killed)
        );
        assert_eq!(judge(Link, &kill, PLAIN), SignalEffect::Die(kill.clone()));
        assert_eq!(judge(Link, &kill, trapping), SignalEffect::Message);
    }

    #[test]
    fn the_parents_exit_lets_a_server_terminate() {
        let (normal, other) = (ExitReason::Normal, ExitReason::Shutdown);
        assert_eq!(
            judge(Cause::Link, &other, server(true, false)),
            SignalEffect::Leave(other.clone())
        );
        assert_eq!(
            judge(Cause::Link, &other, server(false, true)),
            SignalEffect::Leave(other.clone())
        );
        assert_eq!(
            judge(Cause::Link, &other, server(false, false)),
            SignalEffect::Die(other.clone())
        );
        assert_eq!(
            judge(Cause::Link, &normal, server(true, false)),
            SignalEffect::Ignore
        );
        assert_eq!(
            judge(Cause::Link, &normal, server(false, true)),
            SignalEffect::Leave(normal)
        );
        assert_eq!(
            judge(Cause::Sent, &ExitReason::Kill, server(true, true)),
            SignalEffect::Die(ExitReason::Killed)
        );
    }
}
