//! The stop of a supervisor of dynamic children: all children are stopped at once.

use super::*;

impl<T: Send> Dynamic<T> {
    pub(super) fn overdue(&mut self, key: Key, pid: Pid) {
        let Some(child) = self.children.get_mut(&key) else {
            return;
        };
        let asked = match &mut child.phase {
            ChildPhase::Stopping { asked, .. } => mem::take(asked),
            ChildPhase::Starting(First::Cancelled(asked)) => {
                // Other starts may proceed.
                self.starting -= 1;
                mem::take(asked)
            }
            _ => return,
        };
        child.phase = ChildPhase::Stuck(pid);
        self.pids.insert(pid, key);
        self.out.push(Action::Report(key, Report::Stuck));
        for port in asked {
            self.answer(port, Err(ChildError::Stuck));
        }
    }

    /// Asks all children to stop at once; the shutdown time of each starts now.
    pub(super) fn leave(&mut self, reason: ExitReason) {
        if self.leaving.is_some() {
            return;
        }
        self.leaving = Some(reason);
        let mut down = Vec::new();
        for (&key, child) in &mut self.children {
            let phase = mem::replace(&mut child.phase, ChildPhase::Running(Pid::NOBODY));
            child.phase = match phase {
                ChildPhase::Running(pid) => {
                    self.out.push(Action::Stop(key, child.rules.shutdown));
                    let asked = Vec::new();
                    ChildPhase::Stopping { pid, asked }
                }
                ChildPhase::Starting(First::Asked(port)) => {
                    let answer = Err(ChildError::NoProcess);
                    self.out.push(Action::Answer(port, answer));
                    let shutdown = child.rules.shutdown_of_start();
                    self.out.push(Action::Cancel(key, shutdown));
                    ChildPhase::Starting(First::Cancelled(Vec::new()))
                }
                ChildPhase::Starting(First::Restart { old }) => {
                    let shutdown = child.rules.shutdown_of_start();
                    self.out.push(Action::Cancel(key, shutdown));
                    self.cancelled.insert(key, old);
                    ChildPhase::Starting(First::Cancelled(Vec::new()))
                }
                phase @ ChildPhase::Restarting { .. } => {
                    down.push(key);
                    phase
                }
                phase => phase,
            };
        }
        for key in down {
            self.forget(key);
        }
    }

    /// Ends when no child is left, or after some more time when only stuck children are.
    pub(super) fn end_if_done(&mut self) {
        let is_stuck = |child: &Child<T>| matches!(child.phase, ChildPhase::Stuck(_));
        if self.children.is_empty() {
            self.end();
        } else if !self.lingers && self.children.values().all(is_stuck) {
            self.lingers = true;
            self.out.push(Action::Grace);
        }
    }

    pub(super) fn end(&mut self) {
        let stuck = self.children.values().map(|child| &*child.rules.id);
        let below = self.stuck_below.iter().map(String::as_str);
        let reason = end_reason(self.leaving.as_ref(), stuck.chain(below));
        self.out.push(Action::End(reason));
    }
}
