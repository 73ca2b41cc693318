//! Performs the actions of the core.

use super::*;
use crate::process::signal;

impl Shell {
    pub(super) fn act(&mut self, action: Action<Answers>) -> Option<ExitReason> {
        match action {
            Action::Start(key) => self.start(key),
            Action::Cancel(key, shutdown) => self.cancel(key, shutdown),
            Action::Stop(key, shutdown) => self.stop(key, shutdown),
            Action::Later(key, ticket, delay) if delay.is_zero() => {
                // It is queued after the waiting messages; if the mailbox is closed there is no retry any more.
                self.cell
                    .push_system(SystemMessage::Item(SupervisorItem::Retry(key, ticket)))
                    .ok();
            }
            Action::Later(key, ticket, delay) => {
                let deadline_key = self.deadlines.add(delay, DueEntry::Retry(key, ticket));
                self.set_due(key, deadline_key);
            }
            Action::Grace => {
                self.deadlines.add(GRACE, DueEntry::Grace);
            }
            Action::Down(key) => {
                self.cancel_deadline(key);
                if let Some(member) = self.members.get(&key) {
                    member.factory.dead_letter();
                }
            }
            Action::Forget(key) => {
                drop(self.slots.remove(key));
                self.cancel_deadline(key);
                if let Some(member) = self.members.remove(&key) {
                    // It holds captures of the user's closures.
                    panics::drop_quietly(member);
                }
            }
            Action::Answer(port, answer) => drop(port.send(answer)),
            Action::Report(key, what) => self.report(key, &what),
            Action::Use(partitions) => self.slots.partitions.store(partitions, Ordering::Release),
            Action::Booted => {
                if let Some(init_guard) = self.init_guard.take() {
                    init_guard.done(&self.cell.core);
                }
            }
            Action::End(reason) => return Some(reason),
        }
        None
    }

    pub(super) fn report(&mut self, key: Key, what: &Report) {
        let process = self.process(key);
        let Some(member) = self.members.get(&key) else {
            return;
        };
        let id = member.slot.id();
        report::publish(&self.cell, &*self.core, id, process.as_ref(), what);
        if let (Report::Stuck, Some(process)) = (what, process) {
            let pid = process.core().pid;
            self.deadlines.add(REMIND, DueEntry::Remind(key, pid));
        }
    }

    pub(super) fn start(&mut self, key: Key) {
        let Some(member) = self.members.get_mut(&key) else {
            return;
        };
        let made = Made::default();
        // Only for listings of few children: for each dynamic child it would cost memory.
        let label = (!self.is_dynamic).then(|| member.slot.id().clone());
        let begun = match member.factory.start(label, made.clone()) {
            Ok((rules, launching)) => match self.core.describe(key, rules) {
                Ok(()) => Ok(launching),
                Err(text) => Err(StartError::BadSpec(text)),
            },
            Err(error) => Err(error),
        };
        match begun {
            Ok(launching) => self.starts.add(key, made, launching),
            Err(StartError::Ignored) => self.events.push_back(Event::Ignored(key)),
            Err(error) => self.events.push_back(Event::Failed(key, error)),
        }
    }

    /// Stops the process of a start in progress. The process of a supervisor is asked before it has started: it stops
    /// the children that it has started so far.
    pub(super) fn cancel(&mut self, key: Key, shutdown: Shutdown) {
        if !self.starts.contains(key) {
            return;
        }
        let Some(process) = self.starts.process(key).cloned() else {
            // It has not created a process yet.
            self.starts.remove(key);
            let killed = StartError::Init(ExitReason::Killed);
            self.events.push_back(Event::Failed(key, killed));
            return;
        };
        self.ask_to_stop(key, &process, shutdown);
    }

    pub(super) fn stop(&mut self, key: Key, shutdown: Shutdown) {
        let Some(process) = self.members.get(&key).and_then(|one| one.slot.process()) else {
            return;
        };
        // A child that runs more of its code may call the supervisor, which handles no request meanwhile. One that does
        // not is no wait: the processes that it waits for can continue.
        let blocks = !self.is_dynamic
            && !matches!(shutdown, Shutdown::Brutal)
            && signal::ends_by_itself(&*process);
        self.ask_to_stop(key, &process, shutdown);
        if blocks {
            let edge = WaitEdge::of_end(self.cell.clone(), process.core().pid);
            self.ending = Some((key, edge));
        }
    }

    /// Ends the wait for a child that has ended, or is killed.
    pub(super) fn end_wait(&mut self, key: Key) {
        self.ending.take_if(|(ending, _)| *ending == key);
    }

    fn ask_to_stop(&mut self, key: Key, process: &ProcessRef, shutdown: Shutdown) {
        let (reason, then) = match shutdown {
            Shutdown::Brutal => (ExitReason::Kill, Some((GRACE, DueEntry::Overdue(key, 0)))),
            Shutdown::After(time) => (ExitReason::Shutdown, Some((time, DueEntry::Kill(key)))),
            Shutdown::Infinity => (ExitReason::Shutdown, None),
        };
        ask_to_end(&self.cell, process, reason);
        self.due.remove(&key);
        if let Some((time, due)) = then {
            let deadline_key = self.deadlines.add(time, due);
            self.set_due(key, deadline_key);
        }
    }
}

/// Sends an exit signal as the supervisor.
pub(super) fn ask_to_end(
    supervisor: &ProcessCell<SupervisorItem>,
    process: &ProcessRef,
    reason: ExitReason,
) {
    let signal = Signal::Exit {
        from: supervisor.core.pid,
        reason,
        cause: Cause::Sent,
    };
    drop(route::accept(&**process, signal));
}
