//! Closing an application: one step after the other, each with a deadline.

use std::time::Duration;

use super::state::{Action, Closing, Core, GRACE, State, Step, Why};
use crate::exit_reason::ExitReason;
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Key;
use crate::pid::Pid;

impl<T> Core<T> {
    /// Begins closing an application that is starting or running.
    pub(super) fn close(&mut self, key: Key, why: Why) {
        let was_starting = matches!(self.apps[key.0].state, State::Starting);
        self.apps[key.0].state = State::Closing(Closing {
            step: Step::Start,
            why,
            was_late: false,
        });
        if was_starting && self.apps[key.0].has_master {
            self.actions.push(Action::GiveUp(key));
            self.within(key, Step::Start, Some(GRACE));
        } else {
            self.done(key, Step::Start);
        }
    }

    /// Begins closing, or continues it, with the final step: kills everything at once.
    pub(super) fn close_now(&mut self, key: Key) {
        let app = &mut self.apps[key.0];
        if let State::Closing(closing) = &mut app.state {
            closing.step = Step::Sweep;
        } else {
            app.state = State::Closing(Closing {
                step: Step::Sweep,
                why: Why::Asked,
                was_late: false,
            });
        }
        self.actions
            .push(Action::Sweep(key, self.apps[key.0].start_id, true));
    }

    /// Marks a step as done; if it is the current one, the next step begins.
    pub(super) fn done(&mut self, key: Key, over: Step) {
        let declared = &self.graph.all[key.0];
        let (patience, has_callback) = (declared.patience, declared.has_callback);
        let app = &mut self.apps[key.0];
        let (start_id, is_up, has_tree) = (app.start_id, app.is_up, app.has_tree);
        let State::Closing(closing) = &mut app.state else {
            return;
        };
        if closing.step != over {
            return;
        }
        closing.was_late = false;
        if over < Step::Tree && has_tree {
            closing.step = Step::Tree;
            self.actions.push(Action::EndTree(key));
            self.within(key, Step::Tree, patience);
        } else if over < Step::Callback && is_up && has_callback {
            closing.step = Step::Callback;
            self.actions.push(Action::Call(key, start_id));
            self.within(key, Step::Callback, patience);
        } else {
            closing.step = Step::Sweep;
            self.actions.push(Action::Sweep(key, start_id, false));
        }
    }

    fn within(&mut self, key: Key, step: Step, time: Option<Duration>) {
        if let Some(time) = time {
            let start_id = self.apps[key.0].start_id;
            self.actions.push(Action::Within(key, start_id, step, time));
        }
    }

    /// Kills the process of a late step; the second time, stops waiting for it.
    pub(super) fn late(&mut self, key: Key, step: Step) {
        let State::Closing(closing) = &mut self.apps[key.0].state else {
            return;
        };
        if closing.step != step {
            return;
        }
        if std::mem::replace(&mut closing.was_late, true) || step == Step::Start {
            return self.done(key, step);
        }
        self.actions.push(match step {
            Step::Callback => Action::KillCall(key),
            _ => Action::KillTree(key),
        });
        self.within(key, step, Some(GRACE));
    }

    /// Marks the application as down, and answers the waiting requests.
    pub(super) fn swept(&mut self, key: Key, stuck: Vec<Pid>) {
        let application = self.graph.name(key);
        let down = std::mem::replace(&mut self.apps[key.0].state, State::Down(None));
        let State::Closing(Closing { why, .. }) = down else {
            self.apps[key.0].state = down;
            return;
        };
        let reason = match &why {
            Why::Failed(reason) => reason.clone(),
            Why::Asked | Why::Ended(_) => ExitReason::Shutdown,
        };
        let failed = ApplicationError::Start {
            application: application.clone(),
            reason,
        };
        self.start_is_over(key, &Err(failed));
        let stuck = (!stuck.is_empty()).then_some(ApplicationError::Stuck {
            application,
            processes: stuck,
        });
        if let (Some(drain), Some(stuck)) = (&mut self.drain, &stuck) {
            drain.stuck.get_or_insert_with(|| stuck.clone());
        }
        self.is_gone(key, &stuck.map_or(Ok(()), Err));
        if let Why::Ended(reason) = why {
            self.actions.push(Action::Report(key, reason.clone()));
            self.apps[key.0].state = State::Down(Some(reason.clone()));
            if self.ends_all(key, &reason) {
                self.terminate(key, reason);
            }
        }
    }

    fn terminate(&mut self, key: Key, reason: ExitReason) {
        let text = format!("application `{}` ended: {reason}", self.graph.name(key));
        let then = &mut self.begin_drain().then;
        if then.is_none() {
            *then = Some(ExitReason::shutdown_with(text));
            self.actions.push(Action::Terminates(key, reason));
        }
    }
}
