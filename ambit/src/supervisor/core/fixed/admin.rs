//! The commands of a supervisor of ordered children.

use super::*;

impl<T: Send> Fixed<T> {
    pub(super) fn obey(&mut self, command: Command<T>) {
        let (port, answer) = match command {
            Command::Start(key, rules, port) => match self.may_add(&rules) {
                Ok(()) => {
                    self.add(key, rules);
                    self.start([key].into(), StopCause::Add(port));
                    return;
                }
                Err(error) => {
                    self.out.push(Action::Forget(key));
                    (port, Err(error))
                }
            },
            Command::Terminate(whom, port) => match self.find(&whom) {
                Some(key) => return self.terminate(key, port),
                None => (port, Err(ChildError::NotFound)),
            },
            Command::Restart(id, port) => match self.find_stopped(id) {
                Ok(key) => {
                    self.start([key].into(), StopCause::Again(port));
                    return;
                }
                Err(error) => (port, Err(error)),
            },
            Command::Delete(id, port) => {
                let found = self.find_stopped(id);
                if let Ok(key) = found {
                    self.forget(key);
                }
                (port, found.map(|_| None))
            }
            Command::Resize(wanted, port) => return self.resize(wanted, port),
        };
        self.out.push(Action::Answer(port, answer));
    }

    pub(super) fn may_add(&self, rules: &Rules) -> Result<(), ChildError> {
        let known = self
            .ids
            .get(&rules.id)
            .and_then(|key| self.children.get(key));
        match known.map(Child::state) {
            Some(ChildState::Running(_)) => return Err(ChildError::Running),
            Some(_) => return Err(ChildError::AlreadyPresent),
            None => {}
        }
        rules
            .check(self.flags.auto_shutdown)
            .map_err(ChildError::BadSpec)
    }

    pub(super) fn find(&self, whom: &ChildSelector) -> Option<Key> {
        match whom {
            ChildSelector::Id(id) => self.ids.get(id.as_str()).copied(),
            ChildSelector::Pid(_) => None,
        }
    }

    pub(super) fn find_stopped(&self, id: String) -> Result<Key, ChildError> {
        let key = self
            .find(&ChildSelector::Id(id))
            .ok_or(ChildError::NotFound)?;
        match self.phase(key) {
            Some(ChildPhase::Stopped) => Ok(key),
            Some(ChildPhase::Restarting { .. } | ChildPhase::Starting) => {
                Err(ChildError::Restarting)
            }
            Some(ChildPhase::Stuck { .. }) => Err(ChildError::Stuck),
            _ => Err(ChildError::Running),
        }
    }

    pub(super) fn terminate(&mut self, key: Key, port: T) {
        match self.phase(key) {
            Some(ChildPhase::Stuck { pid, .. }) => {
                let (pid, again) = (*pid, false);
                self.set(key, ChildPhase::Stuck { pid, again });
                self.out.push(Action::Answer(port, Err(ChildError::Stuck)));
            }
            Some(ChildPhase::Stopped) => self.out.push(Action::Answer(port, Ok(None))),
            Some(ChildPhase::Restarting { .. }) => {
                // The others were stopped for the restart of the group, which does not happen any more.
                for other in self.group(key) {
                    if self.phase(other) == Some(&ChildPhase::Stopped) {
                        self.out.push(Action::Down(other));
                    }
                }
                self.stop(vec![key], AfterStop::Answer(port));
            }
            _ => self.stop(vec![key], AfterStop::Answer(port)),
        }
    }

    pub(super) fn refuse(&mut self, command: Command<T>) {
        let port = match command {
            Command::Start(key, _, port) => {
                self.out.push(Action::Forget(key));
                port
            }
            Command::Terminate(_, port)
            | Command::Restart(_, port)
            | Command::Delete(_, port)
            | Command::Resize(_, port) => port,
        };
        let answer = Err(ChildError::NoProcess);
        self.out.push(Action::Answer(port, answer));
    }
}
