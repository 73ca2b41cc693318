//! The commands of a supervisor of dynamic children.

use super::*;

impl<T: Send> Dynamic<T> {
    pub(super) fn obey(&mut self, command: Command<T>) {
        let port = match command {
            Command::Start(key, rules, port) => return self.add(key, rules, port),
            Command::Terminate(ChildSelector::Pid(pid), port) => return self.terminate(pid, port),
            // Dynamic children have neither ids nor partitions.
            Command::Terminate(ChildSelector::Id(_), port)
            | Command::Restart(_, port)
            | Command::Delete(_, port)
            | Command::Resize(_, port) => port,
        };
        self.answer(port, Err(ChildError::NotFound));
    }

    pub(super) fn add(&mut self, key: Key, rules: Rules, port: T) {
        let refused = if self.leaving.is_some() {
            Some(ChildError::NoProcess)
        } else if let Err(text) = rules.check(AutoShutdown::Never) {
            Some(ChildError::BadSpec(text))
        } else if self.children.len() >= self.max_children {
            Some(ChildError::MaxChildren)
        } else {
            None
        };
        if let Some(error) = refused {
            self.out.push(Action::Forget(key));
            self.answer(port, Err(error));
            return;
        }
        let child = Child {
            rules,
            phase: ChildPhase::Starting(First::Asked(port)),
            delays: Delays::default(),
            last: ExitReason::Normal,
        };
        self.children.insert(key, child);
        self.launch(key);
    }

    pub(super) fn terminate(&mut self, pid: Pid, port: T) {
        let key = self.pids.get(&pid).copied();
        let Some((key, child)) = key.and_then(|key| Some((key, self.children.get_mut(&key)?)))
        else {
            self.answer(port, Err(ChildError::NotFound));
            return;
        };
        match &mut child.phase {
            ChildPhase::Running(_) => {
                let asked = vec![port];
                child.phase = ChildPhase::Stopping { pid, asked };
                self.out.push(Action::Stop(key, child.rules.shutdown));
            }
            ChildPhase::Restarting { .. } => {
                self.pids.remove(&pid);
                self.forget(key);
                self.answer(port, Ok(None));
            }
            ChildPhase::Stopping { asked, .. } | ChildPhase::Starting(First::Cancelled(asked)) => {
                asked.push(port)
            }
            ChildPhase::Stuck(_) => self.answer(port, Err(ChildError::Stuck)),
            ChildPhase::Starting(_) => {
                child.phase = ChildPhase::Starting(First::Cancelled(vec![port]));
                self.cancelled.insert(key, pid);
                let shutdown = child.rules.shutdown_of_start();
                self.out.push(Action::Cancel(key, shutdown));
            }
        }
    }
}
