//! Receives events: ends of starts, messages, signals, deadlines.

use super::act::ask_to_end;
use super::*;
use crate::process::wait_scope;
use crate::supervisor::admin::StartRequest;
use crate::supervisor::core::Rules;

/// The number of times a killed child may be found waiting for a thread before it counts as stuck.
const DELAYS: u32 = 10;

impl Shell {
    /// Collects the next events; ready with a reason if the supervisor is killed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<ExitReason>> {
        self.poll_starts(cx);
        while let Poll::Ready(due) = self.deadlines.poll(cx) {
            self.fall_due(due);
        }
        while self.events.is_empty() {
            let next = if self.core.is_busy() {
                let is_pressing = |entry: &_| self.is_pressing(entry);
                self.cell.poll_first_or_system(cx, is_pressing)
            } else {
                self.cell.poll_next(cx)
            };
            match std::task::ready!(next) {
                NextStep::Fatal(reason) => return Poll::Ready(Some(reason)),
                NextStep::Leave(reason) => self.events.push_back(Event::Leave(reason)),
                NextStep::Ask(ask) => ask(None),
                NextStep::Entry(entry) => match entry.open() {
                    Ok(envelope) => self.handle_item(envelope.item),
                    Err(system) => self.pushed(system, cx),
                },
            }
        }
        Poll::Ready(None)
    }

    /// Returns true if the entry is handled even while the core is busy: events of children, and, for independent
    /// children, every request except another start. But a start that a starting child requests is handled, because the
    /// child may wait for it.
    fn is_pressing(
        &self,
        entry: &QueueEntry<SupervisorItem, SystemMessage<SupervisorItem>>,
    ) -> bool {
        entry.item().is_none_or(|item| match item {
            _ if !self.is_dynamic => false,
            SupervisorItem::Request(Request::Start(start, _)) => {
                start.starters.contains(&self.cell.core.pid)
            }
            _ => true,
        })
    }

    pub(super) fn poll_starts(&mut self, cx: &Context<'_>) {
        if self.starts.is_empty() {
            return;
        }
        let done = if self.is_dynamic {
            // It receives other messages meanwhile, including requests of the child.
            wait_scope::aside(&self.cell.core, || self.starts.poll(cx))
        } else {
            self.starts.poll(cx)
        };
        for (key, outcome) in done {
            self.cancel_deadline(key);
            let event = match outcome {
                Ok(process) => self.started(key, process),
                Err(StartError::Ignored) => Event::Ignored(key),
                Err(error) => Event::Failed(key, error),
            };
            self.events.push_back(event);
        }
    }

    pub(super) fn started(&mut self, key: Key, process: ProcessRef) -> Event<Answers> {
        let pid = process.core().pid;
        self.pids.insert(pid, key);
        let ended = EndNotifier {
            supervisor: Arc::downgrade(&self.cell),
            key,
            pid,
        };
        // The link notifies it too, unless the child unlinks itself.
        if let Err(reason) = process.core().observe(Arc::new(ended)) {
            self.cell
                .push_system(SystemMessage::Item(SupervisorItem::Ended(key, pid, reason)))
                .ok();
        }
        if let Some(member) = self.members.get_mut(&key) {
            let rules = self.core.rules(key);
            let shutdown = rules.map_or(Shutdown::Infinity, |rules| rules.shutdown);
            member.slot.fill(process, shutdown);
            if rules.is_some_and(|rules| rules.restart == Restart::Temporary) {
                member.factory.let_go();
            }
            if let Some(before) = member.before.take() {
                let (old, reason) = (before.pid, &before.reason);
                report::restarted(&self.cell, member.slot.id(), old, pid, reason);
            }
        }
        Event::Started(key, pid)
    }

    pub(super) fn handle_item(&mut self, item: SupervisorItem) {
        match item {
            SupervisorItem::Request(request) => self.asked(request),
            SupervisorItem::Retry(key, ticket) => self.events.push_back(Event::Retry(key, ticket)),
            SupervisorItem::Ended(key, pid, reason) => self.ended(key, pid, reason),
        }
    }

    pub(super) fn asked(&mut self, request: Request) {
        let command = match request {
            Request::Which(reply) => return self.look(InfoRequest::Which(reply)),
            Request::Count(reply) => return self.look(InfoRequest::Count(reply)),
            Request::OfStarting(starters, request) => {
                return if starters.contains(&self.cell.core.pid) {
                    self.asked_by_child(*request)
                } else {
                    self.asked(*request)
                };
            }
            Request::Start(start, port) => match self.rules(&start) {
                Ok(rules) => {
                    let key = self.add_late(start.factory, start.slot);
                    Command::Start(key, rules, port)
                }
                Err(text) => {
                    panics::drop_quietly(start.factory);
                    port.send(Err(ChildError::BadSpec(text)));
                    return;
                }
            },
            Request::Terminate(whom, port) => Command::Terminate(whom, port),
            Request::Restart(id, port) => Command::Restart(id, port),
            Request::Delete(id, port) => Command::Delete(id, port),
            Request::Resize(partitions, port) => Command::Resize(partitions, port),
        };
        self.events.push_back(Event::Command(command));
    }

    /// Answers a child that is starting at once: a restart in progress may wait for it.
    fn asked_by_child(&mut self, request: Request) {
        match request {
            Request::Which(reply) => self.answer(InfoRequest::Which(reply)),
            Request::Count(reply) => self.answer(InfoRequest::Count(reply)),
            other => self.asked(other),
        }
    }

    /// Returns the rules of a new child, or why it cannot be started.
    fn rules(&self, start: &StartRequest) -> Result<Rules, String> {
        let handle = match (self.is_dynamic, start.by_slot) {
            (true, false) => "a dynamic supervisor: use `DynamicSupervisor::named`",
            (false, true) => "a supervisor that is not dynamic: use `Supervisor::named`",
            _ => return start.factory.rules(),
        };
        Err(format!("the process is {handle}"))
    }

    /// Answers when the restarts in progress are done: a caller that has seen a child end then sees its next
    /// incarnation, as in OTP.
    fn look(&mut self, look: InfoRequest) {
        let waits = self.core.starting_again();
        self.look_after(waits, look);
    }

    /// Answers a request, or keeps it until the first of these restarts is done. The others are looked at then.
    fn look_after(&mut self, mut waits: BTreeSet<Key>, look: InfoRequest) {
        while let Some(&first) = waits.first() {
            if self.core.is_starting_again(first) {
                self.looks.entry(first).or_default().push((waits, look));
                return;
            }
            waits.pop_first();
        }
        self.answer(look);
    }

    fn answer(&self, look: InfoRequest) {
        match look {
            InfoRequest::Which(reply) => reply.send(self.core.children()),
            InfoRequest::Count(reply) => reply.send(self.core.counts()),
        };
    }

    pub(super) fn answer_looks(&mut self) {
        let keys = self.looks.keys().copied();
        let done: Vec<Key> = keys
            .filter(|key| !self.core.is_starting_again(*key))
            .collect();
        for key in done {
            for (waits, look) in self.looks.remove(&key).unwrap_or_default() {
                self.look_after(waits, look);
            }
        }
    }

    pub(super) fn pushed(&mut self, system: SystemMessage<SupervisorItem>, cx: &mut Context<'_>) {
        match system {
            SystemMessage::Item(item) | SystemMessage::Timed(_, item) => self.handle_item(item),
            SystemMessage::Stop(reason) => self.events.push_back(Event::Leave(reason.take())),
            SystemMessage::Exit(exit) => {
                let exit = exit.take();
                if !self.pids.contains_key(&exit.from) {
                    // Its start may have finished since the last poll of the starts.
                    self.poll_starts(cx);
                }
                // Only an end counts: the signal of a running child, or of another process, is ignored.
                if let Some(&key) = self.pids.get(&exit.from)
                    && let Some(reason) = self.reason_of(key)
                {
                    self.ended(key, exit.from, reason);
                }
            }
            // It has no monitors.
            SystemMessage::Down(_) => {}
        }
    }

    /// Returns why a child has ended, if it has.
    pub(super) fn reason_of(&self, key: Key) -> Option<ExitReason> {
        let process = self.members.get(&key)?.slot.process()?;
        process.core().relations.lock().dead().cloned()
    }

    pub(super) fn ended(&mut self, key: Key, pid: Pid, reason: ExitReason) {
        if self.pids.remove(&pid).is_none() {
            return;
        }
        self.cancel_deadline(key);
        self.end_wait(key);
        if let Some(member) = self.members.get_mut(&key) {
            member.slot.clear();
            member.before = Some(Box::new(LastProcess {
                pid,
                reason: reason.clone(),
            }));
        }
        self.events.push_back(Event::Exited(key, pid, reason));
    }

    /// Returns the process of a child, or that of its start in progress.
    pub(super) fn process(&self, key: Key) -> Option<ProcessRef> {
        let member = self.members.get(&key)?;
        let begun = || self.starts.process(key).cloned();
        member.slot.process().or_else(begun)
    }

    /// Cancels the deadline of a child, if it has one.
    pub(super) fn cancel_deadline(&mut self, key: Key) {
        if let Some(deadline_key) = self.due.remove(&key) {
            self.deadlines.remove(deadline_key);
        }
    }

    pub(super) fn set_due(&mut self, key: Key, deadline_key: DeadlineKey) {
        if self.members.contains_key(&key) {
            self.due.insert(key, deadline_key);
        }
    }

    pub(super) fn fall_due(&mut self, due: DueEntry) {
        match due {
            DueEntry::Retry(key, ticket) => self.events.push_back(Event::Retry(key, ticket)),
            DueEntry::Grace => self.events.push_back(Event::GraceOver),
            DueEntry::Overdue(key, delays) => self.overdue(key, delays),
            DueEntry::Kill(key) => {
                self.end_wait(key);
                if let Some(process) = self.process(key) {
                    ask_to_end(&self.cell, &process, ExitReason::Kill);
                    let deadline_key = self.deadlines.add(GRACE, DueEntry::Overdue(key, 0));
                    self.due.insert(key, deadline_key);
                }
            }
            DueEntry::Remind(key, pid) => {
                let process = self.process(key).filter(|one| one.core().pid == pid);
                if let (Some(process), Some(member)) = (process, self.members.get(&key)) {
                    report::remind(&self.cell, member.slot.id(), &process);
                    self.deadlines.add(REMIND, DueEntry::Remind(key, pid));
                }
            }
        }
    }

    /// Handles a killed child whose end was not reported in time. If it has ended, this is its end. A child that is not
    /// running now waits for a thread: on a busy machine that is no sign of a handler that never suspends.
    fn overdue(&mut self, key: Key, delays: u32) {
        let process = self.process(key);
        if let (Some(process), Some(reason)) = (&process, self.reason_of(key)) {
            let pid = process.core().pid;
            if self.pids.contains_key(&pid) {
                return self.ended(key, pid, reason);
            }
        }
        let waits = process.as_ref().is_some_and(|one| !one.core().is_running());
        if waits && delays < DELAYS {
            let due = self
                .deadlines
                .add(GRACE, DueEntry::Overdue(key, delays + 1));
            self.set_due(key, due);
            return;
        }
        let pid = process.map_or(Pid::NOBODY, |one| one.core().pid);
        self.events.push_back(Event::Overdue(key, pid));
    }

    pub(super) fn add_late(
        &mut self,
        factory: Box<dyn ChildFactory>,
        slot: Arc<CurrentChild>,
    ) -> Key {
        let key = Key(self.next_key);
        // An existing id stays with its child.
        if self.is_dynamic || self.slots.by_id(slot.id()).is_none() {
            return self.add(factory, slot);
        }
        panics::drop_quietly(factory);
        self.next_key += 1;
        key
    }
}

/// Notifies the supervisor of the end of a child.
struct EndNotifier {
    supervisor: Weak<ProcessCell<SupervisorItem>>,
    key: Key,
    pid: Pid,
}

impl ExitObserver for EndNotifier {
    fn exited(&self, reason: &ExitReason) {
        if let Some(supervisor) = self.supervisor.upgrade() {
            let item = SupervisorItem::Ended(self.key, self.pid, reason.clone());
            supervisor.push_system(SystemMessage::Item(item)).ok();
        }
    }
}
