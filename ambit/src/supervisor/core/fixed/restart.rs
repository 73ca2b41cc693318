//! Unrequested ends of ordered children, and restarts.

use super::*;

impl<T: Send> Fixed<T> {
    pub(super) fn exited(&mut self, key: Key, pid: Pid, reason: ExitReason) {
        let is_busy = self.is_busy();
        self.find_stuck_below(key, &reason);
        let Some(phase) = self.phase(key).cloned() else {
            return;
        };
        match phase {
            ChildPhase::Running(own) if own == pid && is_busy => {
                self.set(key, ChildPhase::Ended(pid));
                self.pending.push_back(Event::Exited(key, pid, reason));
            }
            ChildPhase::Running(own) | ChildPhase::Ended(own) if own == pid && !is_busy => {
                self.handle_exit(key, &reason);
            }
            ChildPhase::Stopping(own) if own == pid => self.stopped(key),
            ChildPhase::Stuck { pid: own, again } if own == pid => self.unstuck(key, again),
            _ => {}
        }
    }

    /// During the stop, records the stuck children of a child supervisor that has ended.
    pub(super) fn find_stuck_below(&mut self, key: Key, reason: &ExitReason) {
        if self.leaving.is_some()
            && let Some(child) = self.children.get(&key)
            && child.rules.kind == ChildKind::Supervisor
        {
            let below = stuck_below(&child.rules.id, reason);
            self.stuck_below.extend(below);
        }
    }

    /// Handles the end of a stuck child.
    pub(super) fn unstuck(&mut self, key: Key, again: bool) {
        if again && self.leaving.is_none() && !self.is_temporary(key) {
            if self.is_awaited(key) {
                // The restart of its group starts it, after the delay of that restart.
                self.set(key, ChildPhase::Stopped);
            } else {
                self.retry_later(key, Duration::ZERO, true);
            }
            return;
        }
        self.mark_stopped(key);
        if matches!(self.doing, Operation::Lingering) && self.stuck().next().is_none() {
            self.end();
        }
    }

    /// Handles a child that has ended by itself.
    pub(super) fn handle_exit(&mut self, key: Key, reason: &ExitReason) {
        self.set(key, ChildPhase::Stopped);
        let Some(child) = self.children.get_mut(&key) else {
            return;
        };
        child.last = reason.clone();
        if child.rules.restarts_after(reason) {
            self.restart(key, false);
            return;
        }
        let is_significant = child.rules.significant;
        self.mark_stopped(key);
        if is_significant && self.is_auto_shutdown_due() {
            self.report(key, Report::AutoShutdown);
            self.leave(ExitReason::Shutdown);
        }
    }

    pub(super) fn is_auto_shutdown_due(&self) -> bool {
        match self.flags.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::Any => true,
            AutoShutdown::All => self.significant == 0,
        }
    }

    /// Decides one restart.
    pub(super) fn restart(&mut self, key: Key, is_retry: bool) {
        let (now, random) = (self.now, self.random);
        self.set(key, ChildPhase::Stopped);
        let Some(child) = self.children.get_mut(&key) else {
            return;
        };
        let reason = child.last.clone();
        let delay = child
            .delays
            .next(child.rules.backoff.as_deref(), now, random);
        if !self.intensity.allows(key, now) {
            let id = &child.rules.id;
            let because = self
                .intensity
                .exceeded_by(&format_args!("child `{id}`"), &reason);
            self.report(key, Report::GivesUp(reason));
            self.out.push(Action::Down(key));
            self.leave(because);
            return;
        }
        self.intensity.hold(key, delay);
        self.counted.push(Counted::Restart(key, now));
        self.counted.push(Counted::Delay(key, delay));
        if !is_retry {
            self.report(key, Report::Restarts(reason));
        }
        self.stop(self.group(key), AfterStop::Restart(key, delay));
    }

    /// Returns the children that are restarted with `key`, itself included.
    pub(super) fn group(&self, key: Key) -> Vec<Key> {
        match self.flags.strategy {
            Strategy::OneForOne => vec![key],
            Strategy::OneForAll => self.children.keys().copied().collect(),
            Strategy::RestForOne => self.children.range(key..).map(|(key, _)| *key).collect(),
        }
    }

    /// Returns whether another child waits for a restart that also starts this one.
    fn is_awaited(&self, key: Key) -> bool {
        let waits = |child: &Child| matches!(child.phase, ChildPhase::Restarting { .. });
        match self.flags.strategy {
            Strategy::OneForOne => false,
            Strategy::OneForAll => self.children.values().any(waits),
            Strategy::RestForOne => self.children.range(..key).any(|(_, child)| waits(child)),
        }
    }

    pub(super) fn start_group(&mut self, key: Key) {
        let mut group = self.group(key);
        group.retain(|key| self.phase(*key) == Some(&ChildPhase::Stopped));
        self.start(group.into(), StopCause::Restart);
    }

    pub(super) fn retry_later(&mut self, key: Key, delay: Duration, counted: bool) {
        self.tickets += 1;
        let ticket = RetryTicket(self.tickets);
        let due = self.now.saturating_add(delay);
        let phase = ChildPhase::Restarting {
            ticket,
            counted,
            due,
        };
        self.set(key, phase);
        self.out.push(Action::Later(key, ticket, delay));
    }

    /// Gives back the rest of the delay of a child that waits no longer.
    pub(super) fn end_delay(&mut self, key: Key) {
        if let Some(&ChildPhase::Restarting { due, .. }) = self.phase(key) {
            let rest = due.saturating_sub(self.now);
            if !rest.is_zero() {
                self.intensity.give_back(key, rest);
                self.counted.push(Counted::GivenBack(key, rest));
            }
        }
    }

    pub(super) fn retry(&mut self, key: Key, ticket: RetryTicket) {
        match self.phase(key) {
            Some(ChildPhase::Restarting { ticket: own, .. }) if *own != ticket => {}
            Some(ChildPhase::Restarting { counted: true, .. }) => {
                self.set(key, ChildPhase::Stopped);
                self.stop(self.group(key), AfterStop::Restart(key, Duration::ZERO));
            }
            Some(ChildPhase::Restarting { counted: false, .. }) => self.restart(key, true),
            _ => {}
        }
    }
}
