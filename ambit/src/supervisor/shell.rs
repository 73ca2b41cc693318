//! The process of a supervisor: hears what happens, asks the core, does what it decides.

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use crate::engine::mailbox::{Entry, Letter};
use crate::engine::reply::Observer;
use crate::error::{ChildError, StartError};
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::body::{Body, Next, Note};
use crate::process::core::ProcRef;
use crate::process::panics;
use crate::process::route::{self, Signal};
use crate::process::signal::{self, Cause};
use crate::rt::Instant;
use crate::server::launch::Begun;
use crate::server::start::Made;
use crate::supervisor::admin::{Answers, Request, Told};
use crate::supervisor::agenda::{Agenda, Due};
use crate::supervisor::core::{Action, Command, Decide, Dynamic, Event, Fixed, Flags, Key, Report};
use crate::supervisor::policy::{ChildCounts, Restart, Shutdown};
use crate::supervisor::recipe::{Launching, Recipe};
use crate::supervisor::report::{self, REMIND};
use crate::supervisor::slot::{GRACE, Slot, Slots};

/// What a supervisor begins with.
pub(crate) struct Plan {
    pub(crate) flags: Flags,
    /// It has no children of its own, and may have so many.
    pub(crate) dynamic: Option<usize>,
    pub(crate) children: Vec<Box<dyn Recipe>>,
}

/// One child.
struct Member {
    recipe: Box<dyn Recipe>,
    slot: Arc<Slot>,
    process: Option<ProcRef>,
    /// Who it was before it was last down, and why it was.
    before: Option<(Pid, ExitReason)>,
    /// What that reason does not say.
    because: Option<String>,
    /// What is due about it.
    due: Option<Instant>,
}

/// A start under way.
struct Starting {
    key: Key,
    made: Made,
    launching: Launching,
}

struct Shell {
    body: Arc<Body<Told>>,
    slots: Arc<Slots>,
    core: Box<dyn Decide<Answers>>,
    members: BTreeMap<Key, Member>,
    pids: BTreeMap<Pid, Key>,
    starts: Vec<Starting>,
    agenda: Agenda,
    events: VecDeque<Event<Answers>>,
    begun: Option<Begun>,
    began: Instant,
    next_key: u64,
    is_dynamic: bool,
}

/// Runs a supervisor until it has stopped its children.
pub(crate) async fn supervise(
    body: Arc<Body<Told>>,
    slots: Arc<Slots>,
    plan: Plan,
    begun: Begun,
) -> ExitReason {
    let mut shell = Shell::new(body, slots, plan, begun);
    shell.events.push_back(Event::Boot);
    loop {
        while let Some(event) = shell.events.pop_front() {
            if let Some(reason) = shell.handle(event) {
                return reason;
            }
        }
        if let Some(reason) = poll_fn(|cx| shell.poll(cx)).await {
            return reason;
        }
    }
}

impl Shell {
    fn new(body: Arc<Body<Told>>, slots: Arc<Slots>, plan: Plan, begun: Begun) -> Self {
        let world = &body.core.world;
        let (began, agenda) = (world.now(), Agenda::new(world));
        let is_dynamic = plan.dynamic.is_some();
        let mut shell = Self {
            core: Box::new(Dynamic::new(plan.flags, plan.dynamic.unwrap_or_default())),
            body,
            slots,
            members: BTreeMap::new(),
            pids: BTreeMap::new(),
            starts: Vec::new(),
            agenda,
            events: VecDeque::new(),
            begun: Some(begun),
            began,
            next_key: 0,
            is_dynamic,
        };
        if !is_dynamic {
            let mut known = Vec::new();
            for recipe in plan.children {
                // What is wrong has been refused before the process was made.
                let Ok(rules) = recipe.rules() else { continue };
                let slot = Slot::new(rules.id.clone());
                known.push((shell.add(recipe, slot), rules));
            }
            shell.core = Box::new(Fixed::new(plan.flags, known));
        }
        shell
    }

    fn add(&mut self, recipe: Box<dyn Recipe>, slot: Arc<Slot>) -> Key {
        let key = Key(self.next_key);
        self.next_key += 1;
        self.slots.add(key, slot.clone());
        let member = Member {
            recipe,
            slot,
            process: None,
            before: None,
            because: None,
            due: None,
        };
        self.members.insert(key, member);
        key
    }

    /// Lets the core decide, and does what it says; a reason if the supervisor is to end.
    fn handle(&mut self, event: Event<Answers>) -> Option<ExitReason> {
        let world = &self.body.core.world;
        let now = world.now().saturating_duration_since(self.began);
        let actions = self.core.handle(event, now, world.dice());
        actions.into_iter().find_map(|action| self.act(action))
    }

    fn act(&mut self, action: Action<Answers>) -> Option<ExitReason> {
        match action {
            Action::Start(key) => self.start(key),
            Action::Cancel(key) => self.cancel(key),
            Action::Stop(key, shutdown) => self.stop(key, shutdown),
            Action::Later(key, ticket, delay) if delay.is_zero() => {
                // It takes its turn behind what is queued; if the mailbox is closed nothing is retried any more.
                self.body.note(Note::Item(Told::Retry(key, ticket))).ok();
            }
            Action::Later(key, ticket, delay) => {
                self.agenda.add(delay, Due::Retry(key, ticket));
            }
            Action::Grace => drop(self.agenda.add(GRACE, Due::Grace)),
            Action::Down(key) => {
                if let Some(member) = self.members.get(&key) {
                    member.recipe.bury();
                }
            }
            Action::Forget(key) => {
                self.slots.remove(key);
                if let Some(member) = self.members.remove(&key) {
                    // It holds what the user's closures have captured.
                    panics::drop_quietly(member);
                }
            }
            Action::Answer(port, answer) => drop(port.send(answer)),
            Action::Report(key, what) => self.report(key, &what),
            Action::Booted => {
                self.body.core.relations.lock().started = true;
                if let Some(begun) = self.begun.take() {
                    begun.done();
                }
            }
            Action::End(reason) => return Some(reason),
        }
        None
    }

    fn report(&mut self, key: Key, what: &Report) {
        let Some(member) = self.members.get(&key) else {
            return;
        };
        let process = member.process.as_ref();
        let (id, because) = (member.slot.id(), member.because.as_deref());
        report::tell(&self.body, &*self.core, id, process, because, what);
        if *what == Report::Stuck {
            self.agenda.add(REMIND, Due::Remind(key));
        }
    }

    fn start(&mut self, key: Key) {
        let Some(member) = self.members.get_mut(&key) else {
            return;
        };
        let made = Made::default();
        // Only listings of a few: for each dynamic child it would cost memory.
        let label = (!self.is_dynamic).then(|| member.slot.id().to_owned());
        let begun = match member.recipe.start(label, made.clone()) {
            Ok((rules, launching)) => match self.core.describe(key, rules) {
                Ok(()) => Ok(launching),
                Err(text) => Err(StartError::BadSpec(text)),
            },
            Err(error) => Err(error),
        };
        match begun {
            Ok(launching) => self.starts.push(Starting {
                key,
                made,
                launching,
            }),
            Err(StartError::Ignored) => self.events.push_back(Event::Ignored(key)),
            Err(error) => self.events.push_back(Event::Failed(key, error)),
        }
    }

    fn cancel(&mut self, key: Key) {
        let Some(n) = self.starts.iter().position(|start| start.key == key) else {
            return;
        };
        let Some(process) = self.starts[n].made.get() else {
            // It has not even made a process.
            panics::drop_quietly(self.starts.remove(n));
            let killed = StartError::Init(ExitReason::Killed);
            self.events.push_back(Event::Failed(key, killed));
            return;
        };
        signal::kill(&**process);
        let due = self.agenda.add(GRACE, Due::Overdue(key));
        if let Some(member) = self.members.get_mut(&key) {
            member.due = Some(due);
        }
    }

    fn stop(&mut self, key: Key, shutdown: Shutdown) {
        let Some(member) = self.members.get_mut(&key) else {
            return;
        };
        let Some(process) = &member.process else {
            return;
        };
        let (reason, then) = match shutdown {
            Shutdown::Brutal => (ExitReason::Kill, Some((GRACE, Due::Overdue(key)))),
            Shutdown::After(time) => (ExitReason::Shutdown, Some((time, Due::Kill(key)))),
            Shutdown::Infinity => (ExitReason::Shutdown, None),
        };
        tell_to_end(&self.body, process, reason);
        member.due = then.map(|(time, due)| self.agenda.add(time, due));
    }

    /// What happens next, as events; a reason if the supervisor is killed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<ExitReason>> {
        self.poll_starts(cx);
        while let Poll::Ready(due) = self.agenda.poll(cx) {
            self.fall_due(due);
        }
        while self.events.is_empty() {
            let is_busy = self.core.is_busy();
            let wanted =
                |entry: &Entry<Told, Note<Told>>| !is_busy || matches!(entry, Entry::Note(_));
            match std::task::ready!(self.body.poll_next(cx, wanted)) {
                Next::Fatal(reason) => return Poll::Ready(Some(reason)),
                Next::Leave(reason) => self.events.push_back(Event::Leave(reason)),
                Next::Ask(ask) => ask(None),
                Next::Entry(Entry::User(Letter { item, .. })) => self.told(item),
                Next::Entry(Entry::Note(note)) => self.noted(note, cx),
            }
        }
        Poll::Ready(None)
    }

    fn poll_starts(&mut self, cx: &mut Context<'_>) {
        let mut n = 0;
        while let Some(start) = self.starts.get_mut(n) {
            let Poll::Ready(outcome) = start.launching.as_mut().poll(cx) else {
                n += 1;
                continue;
            };
            let key = self.starts.remove(n).key;
            self.take_off_agenda(key);
            let event = match outcome {
                Ok(process) => self.started(key, process),
                Err(StartError::Ignored) => Event::Ignored(key),
                Err(error) => Event::Failed(key, error),
            };
            self.events.push_back(event);
        }
    }

    fn started(&mut self, key: Key, process: ProcRef) -> Event<Answers> {
        let pid = process.core().pid;
        self.pids.insert(pid, key);
        let ended = Ended {
            supervisor: Arc::downgrade(&self.body),
            key,
            pid,
        };
        // The link tells it too, unless the child unlinks itself.
        if let Err(reason) = process.core().observe(Arc::new(ended)) {
            self.body
                .note(Note::Item(Told::Ended(key, pid, reason)))
                .ok();
        }
        if let Some(member) = self.members.get_mut(&key) {
            let rules = self.core.rules(key);
            let shutdown = rules.map_or(Shutdown::Infinity, |rules| rules.shutdown);
            member.slot.fill(process.clone(), shutdown);
            member.process = Some(process);
            if rules.is_some_and(|rules| rules.restart == Restart::Temporary) {
                member.recipe.let_go();
            }
            if let Some((old, reason)) = member.before.take() {
                report::restarted(&self.body, member.slot.id(), old, pid, &reason);
            }
        }
        Event::Started(key, pid)
    }

    fn told(&mut self, told: Told) {
        match told {
            Told::Request(request) => self.asked(request),
            Told::Retry(key, ticket) => self.events.push_back(Event::Retry(key, ticket)),
            Told::Ended(key, pid, reason) => self.ended(key, pid, reason),
        }
    }

    fn asked(&mut self, request: Request) {
        let command = match request {
            Request::Which(reply) => {
                reply.send(self.core.children());
                return;
            }
            Request::Count(reply) => {
                reply.send(ChildCounts::of(&self.core.children()));
                return;
            }
            Request::Start(recipe, slot, port) => match recipe.rules() {
                Ok(rules) => {
                    let key = self.add_late(recipe, slot);
                    Command::Start(key, rules, port)
                }
                Err(text) => {
                    port.send(Err(ChildError::BadSpec(text)));
                    return;
                }
            },
            Request::Terminate(whom, port) => Command::Terminate(whom, port),
            Request::Restart(id, port) => Command::Restart(id, port),
            Request::Delete(id, port) => Command::Delete(id, port),
        };
        self.events.push_back(Event::Command(command));
    }

    fn noted(&mut self, note: Note<Told>, cx: &mut Context<'_>) {
        match note {
            Note::Item(told) | Note::Timed(_, told) => self.told(told),
            Note::Stop(reason) => self.events.push_back(Event::Leave(reason)),
            Note::Exit(exit) => {
                if !self.pids.contains_key(&exit.from) {
                    // Its start may have been done since the starts were last looked at.
                    self.poll_starts(cx);
                }
                // Only an end counts: the signal of a child that lives, or of a stranger, means nothing.
                if let Some(&key) = self.pids.get(&exit.from)
                    && let Some(reason) = self.reason_of(key)
                {
                    self.ended(key, exit.from, reason);
                }
            }
            // It monitors nobody.
            Note::Down(_) => {}
        }
    }

    /// Why a child has ended, if it has.
    fn reason_of(&self, key: Key) -> Option<ExitReason> {
        let process = self.members.get(&key)?.process.as_ref()?;
        process.core().relations.lock().dead.clone()
    }

    fn ended(&mut self, key: Key, pid: Pid, reason: ExitReason) {
        if self.pids.remove(&pid).is_none() {
            return;
        }
        self.take_off_agenda(key);
        if let Some(member) = self.members.get_mut(&key) {
            member.slot.clear();
            let process = member.process.take();
            member.because = process.and_then(|process| process.core().because());
            member.before = Some((pid, reason.clone()));
        }
        self.events.push_back(Event::Exited(key, pid, reason));
    }

    fn take_off_agenda(&mut self, key: Key) {
        let due = self.members.get_mut(&key).and_then(|one| one.due.take());
        if let Some(at) = due {
            self.agenda.remove(at, key);
        }
    }

    fn fall_due(&mut self, due: Due) {
        match due {
            Due::Retry(key, ticket) => self.events.push_back(Event::Retry(key, ticket)),
            Due::Grace => self.events.push_back(Event::GraceOver),
            Due::Overdue(key) => self.events.push_back(Event::Overdue(key)),
            Due::Kill(key) => {
                if let Some(member) = self.members.get_mut(&key)
                    && let Some(process) = &member.process
                {
                    tell_to_end(&self.body, process, ExitReason::Kill);
                    member.due = Some(self.agenda.add(GRACE, Due::Overdue(key)));
                }
            }
            Due::Remind(key) => {
                if let Some(member) = self.members.get(&key)
                    && let Some(process) = &member.process
                {
                    report::remind(&self.body, member.slot.id(), process);
                    self.agenda.add(REMIND, Due::Remind(key));
                }
            }
        }
    }

    fn add_late(&mut self, recipe: Box<dyn Recipe>, slot: Arc<Slot>) -> Key {
        let key = Key(self.next_key);
        // An id that is taken stays with the child that has it.
        if self.is_dynamic || self.slots.by_id(slot.id()).is_none() {
            return self.add(recipe, slot);
        }
        self.next_key += 1;
        key
    }
}

/// Sends an exit signal as the supervisor.
fn tell_to_end(supervisor: &Body<Told>, process: &ProcRef, reason: ExitReason) {
    let signal = Signal::Exit {
        from: supervisor.core.pid,
        reason,
        cause: Cause::Sent,
    };
    drop(route::accept(&**process, signal));
}

/// Tells the supervisor that a child has ended.
struct Ended {
    supervisor: Weak<Body<Told>>,
    key: Key,
    pid: Pid,
}

impl Observer for Ended {
    fn exited(&self, reason: &ExitReason) {
        if let Some(supervisor) = self.supervisor.upgrade() {
            let told = Told::Ended(self.key, self.pid, reason.clone());
            supervisor.note(Note::Item(told)).ok();
        }
    }
}

/// Makes the process of a supervisor ready, before it can hear anything.
pub(crate) fn prepare(body: &Body<Told>, plan: &Plan) -> Arc<Slots> {
    let slots = Slots::new(plan.dynamic.is_some(), plan.children.len());
    let mut relations = body.core.relations.lock();
    relations.trap_exits = true;
    relations.shown = Some(slots.clone());
    drop(relations);
    slots
}
