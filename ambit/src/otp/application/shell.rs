//! The process of the controller: receives events, asks the core, performs its actions. (Erlang:
//! `application_controller`.)

use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use crate::engine::mailbox::DEFAULT_CAPACITY;
use crate::engine::mailbox::overflow::Overflow;
use crate::exit_reason::ExitReason;
use crate::otp::application::core::{Action, Core as Decide, Event, StartId, Step};
use crate::otp::application::graph::{Graph, Key};
use crate::otp::application::group::Group;
use crate::otp::application::master::{self, Orders};
use crate::otp::application::protocol::{Answer, ControllerItem, ControllerSender, Request};
use crate::otp::application::shutdown_times::ShutdownTimes;
use crate::otp::application::spec::Application;
use crate::otp::application::sweep::Sweep;
use crate::panics;
use crate::process::cell::{NextStep, ProcessCell};
use crate::process::clock::Clock;
use crate::process::header::{ProcessHeader, ProcessKind, ProcessRef};
use crate::process::node_signal::Cause;
use crate::process::signal;
use crate::process::system_inner::SystemInner;
use crate::process::system_message::SystemMessage;
use crate::process::{current, panic_hook, process_task, stderr};
use crate::rt::Handle;

/// The application that terminated all others, and its exit reason.
pub(super) type Terminated = Arc<OnceLock<(String, ExitReason)>>;

/// The processes of an application that is starting, running or closing.
struct Present {
    start_id: StartId,
    group: Group,
    master: ProcessRef,
    top: Option<ProcessRef>,
    callback: Option<ProcessRef>,
}

struct Shell {
    cell: Arc<ProcessCell<ControllerItem>>,
    specs: Vec<Application>,
    core: Decide<Answer>,
    present: BTreeMap<Key, Present>,
    /// The groups of applications that have stopped except for stuck processes.
    stuck: Vec<Group>,
    sweeps: Vec<Sweep>,
    clocks: BTreeMap<Key, (StartId, Step, Clock)>,
    events: VecDeque<Event<Answer>>,
    shutdown_times: Arc<ShutdownTimes>,
    terminated: Terminated,
}

/// Starts the process of the controller, without a parent.
pub(super) fn launch(
    system: &Arc<SystemInner>,
    runtime: &Handle,
    graph: Graph,
    specs: Vec<Application>,
    terminated: Terminated,
) -> Arc<ProcessCell<ControllerItem>> {
    panic_hook::install();
    let pid = system.table.reserve();
    let core = ProcessHeader::new(
        pid,
        system.clone(),
        || "Applications",
        ProcessKind::Supervisor,
        current::pid(),
        current::group(),
    );
    core.enter_group(0);
    let cell = Arc::new(ProcessCell::new(core, DEFAULT_CAPACITY, Overflow::Wait));
    let shutdown_times = Arc::new(ShutdownTimes::default());
    {
        cell.core.begin();
        let mut relations = cell.core.relations.lock();
        relations.trap_exits = true;
        relations.make_rare().introspection = Some(shutdown_times.clone());
    }
    system.table.fill(pid, cell.clone());
    let shell = Shell {
        cell: cell.clone(),
        specs,
        core: Decide::new(graph),
        present: BTreeMap::new(),
        stuck: Vec::new(),
        sweeps: Vec::new(),
        clocks: BTreeMap::new(),
        events: VecDeque::new(),
        shutdown_times,
        terminated,
    };
    process_task::launch(runtime, cell.clone(), || control(shell), None);
    cell
}

async fn control(mut shell: Shell) -> ExitReason {
    loop {
        while let Some(event) = shell.events.pop_front() {
            for action in shell.core.handle(event) {
                if let Some(reason) = shell.act(action) {
                    return reason;
                }
            }
        }
        if let Some(reason) = poll_fn(|cx| shell.poll(cx)).await {
            return reason;
        }
    }
}

/// The specs hold captures of the user's closures.
impl Drop for Shell {
    fn drop(&mut self) {
        panics::drop_each_quietly(std::mem::take(&mut self.specs));
    }
}

impl Shell {
    /// Collects the next events; ready with a reason if the controller is killed.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<ExitReason>> {
        self.poll_clocks(cx);
        self.poll_sweeps(cx);
        while self.events.is_empty() {
            match std::task::ready!(self.cell.poll_next(cx)) {
                NextStep::Fatal(reason) => return Poll::Ready(Some(reason)),
                NextStep::Leave(reason) => self.events.push_back(Event::Leave(reason)),
                NextStep::Ask(ask) => ask(None),
                NextStep::Entry(entry) => match entry.open() {
                    Ok(envelope) => self.handle_item(envelope.item),
                    Err(SystemMessage::Item(item) | SystemMessage::Timed(_, item)) => {
                        self.handle_item(item)
                    }
                    Err(SystemMessage::Stop(reason)) => {
                        self.events.push_back(Event::Leave(reason.take()))
                    }
                    // The ends of its own processes arrive as events; other exit and down messages are ignored.
                    Err(SystemMessage::Exit(_) | SystemMessage::Down(_)) => {}
                },
            }
        }
        Poll::Ready(None)
    }

    fn poll_clocks(&mut self, cx: &Context<'_>) {
        let events = &mut self.events;
        self.clocks.retain(|&key, (start_id, step, clock)| {
            let is_late = clock.poll(cx).is_ready();
            if is_late {
                events.push_back(Event::Late(key, *start_id, *step));
            }
            !is_late
        });
    }

    fn poll_sweeps(&mut self, cx: &mut Context<'_>) {
        let mut n = 0;
        while let Some(sweep) = self.sweeps.get_mut(n) {
            let Poll::Ready(stuck) = sweep.poll(cx) else {
                n += 1;
                continue;
            };
            let (key, start_id) = (sweep.key, sweep.start_id);
            self.sweeps.remove(n);
            self.forget(key, !stuck.is_empty());
            if !stuck.is_empty() {
                let application = &*self.specs[key.0].declared.name;
                tracing::error!(application, processes = ?stuck,
                    "the application has stopped, but these processes never suspend: they cannot be killed");
            }
            self.events.push_back(Event::Swept(key, start_id, stuck));
        }
    }

    /// Forgets an application that has stopped, and releases its group once no process is left in it.
    fn forget(&mut self, key: Key, is_stuck: bool) {
        match self.present.remove(&key) {
            Some(present) if is_stuck => self.stuck.push(present.group),
            Some(present) => present.group.free(&self.cell.core.system),
            None => {}
        }
        self.shutdown_times.remove(key);
    }

    /// Releases the groups whose stuck processes have ended by now.
    fn free_groups(&mut self) {
        let system = &self.cell.core.system;
        self.stuck.retain(|group| {
            let is_stuck = !group.members(system).is_empty();
            if !is_stuck {
                group.free(system);
            }
            is_stuck
        });
    }

    fn handle_item(&mut self, item: ControllerItem) {
        match item {
            ControllerItem::Request(Request::Do(command, caller, answer)) => {
                let group = caller.group_in(&self.cell.core.system);
                let is_of = |one: &Present| Some(one.group) == group;
                let asker = self.present.iter().find(|(_, one)| is_of(one));
                let asker = asker.map(|(&key, _)| key);
                self.events.push_back(Event::Asked(command, asker, answer));
            }
            ControllerItem::Request(Request::Running(reply)) => {
                reply.send(self.names(&self.core.running()));
            }
            #[cfg(feature = "signal")]
            ControllerItem::Request(Request::Hurry(reply)) => {
                self.events.push_back(Event::Hurry);
                reply.send(());
            }
            ControllerItem::Up(key, start_id, top) => self.up(key, start_id, top),
            ControllerItem::Event(event) => self.events.push_back(event),
        }
    }

    fn names(&self, keys: &[Key]) -> Vec<String> {
        keys.iter()
            .map(|&key| self.core.graph().name(key))
            .collect()
    }

    fn up(&mut self, key: Key, start_id: StartId, top: Option<ProcessRef>) {
        self.events
            .push_back(Event::Up(key, start_id, top.is_some()));
        let (Some(top), Some(present)) = (top, self.present.get_mut(&key)) else {
            return;
        };
        if present.start_id == start_id {
            let tree_ended = move |reason| Event::TreeEnded(key, start_id, reason);
            ControllerSender::new(&self.cell).watch(&top, tree_ended);
            self.shutdown_times
                .set(key, &self.specs[key.0], Some(top.clone()));
            present.top = Some(top);
        }
    }

    fn act(&mut self, action: Action<Answer>) -> Option<ExitReason> {
        match action {
            Action::Launch(key, start_id) => self.launch(key, start_id),
            Action::GiveUp(key) => {
                if let Some(present) = self.present.get(&key) {
                    ask_to_end(&present.master, &self.cell.core);
                }
            }
            Action::EndTree(key) => {
                if let Some(present) = self.present.get(&key)
                    && let Some(top) = &present.top
                {
                    ask_to_end(top, present.master.core());
                }
            }
            Action::KillTree(key) => self.kill(key, |present| present.top.as_ref()),
            Action::Call(key, start_id) => self.call(key, start_id),
            Action::KillCall(key) => self.kill(key, |present| present.callback.as_ref()),
            Action::Sweep(key, start_id, at_once) => self.sweep(key, start_id, at_once),
            Action::Within(key, start_id, step, time) => {
                let clock = Clock::start(&self.cell.core.system, time);
                self.clocks.insert(key, (start_id, step, clock));
            }
            Action::Answer(reply, answer) => {
                reply.send(answer.map(|keys| self.names(&keys)));
            }
            Action::Report(key, reason) => self.report(key, &reason),
            Action::Terminates(key, reason) => {
                self.terminated
                    .set((self.core.graph().name(key), reason))
                    .ok();
            }
            Action::End(reason) => return Some(reason),
        }
        None
    }

    fn launch(&mut self, key: Key, start_id: StartId) {
        self.free_groups();
        let controller: ProcessRef = self.cell.clone();
        let teller = ControllerSender::new(&self.cell);
        let Some(group) = Group::take(&self.cell.core.system) else {
            let reason = ExitReason::error("255 applications run in this system: no more can");
            self.events
                .push_back(Event::Failed(key, start_id, reason.clone()));
            self.events
                .push_back(Event::MasterEnded(key, start_id, reason));
            return;
        };
        let orders = Orders::new(&self.specs[key.0], key, start_id, group, teller.clone());
        let master = master::launch(&controller, orders);
        let ended = move |reason| Event::MasterEnded(key, start_id, reason);
        teller.watch(&master, ended);
        self.shutdown_times.set(key, &self.specs[key.0], None);
        let present = Present {
            start_id,
            group,
            master,
            top: None,
            callback: None,
        };
        self.present.insert(key, present);
    }

    fn call(&mut self, key: Key, start_id: StartId) {
        let controller: ProcessRef = self.cell.clone();
        let spec = &self.specs[key.0];
        if let (Some(present), Some(stop)) = (self.present.get_mut(&key), &spec.on_stop) {
            let callback = master::call(
                &controller,
                &spec.declared.name,
                present.group,
                stop.clone(),
            );
            let ended = move |_| Event::CallbackEnded(key, start_id);
            ControllerSender::new(&self.cell).watch(&callback, ended);
            present.callback = Some(callback);
        }
    }

    fn kill(&self, key: Key, whom: impl FnOnce(&Present) -> Option<&ProcessRef>) {
        if let Some(process) = self.present.get(&key).and_then(whom) {
            signal::kill(&**process);
        }
    }

    fn sweep(&mut self, key: Key, start_id: StartId, at_once: bool) {
        self.clocks.remove(&key);
        // A sweep that kills at once replaces one that waits.
        self.sweeps.retain(|sweep| sweep.key != key);
        match self.present.get(&key) {
            Some(present) => {
                let own = [
                    Some(&present.master),
                    present.top.as_ref(),
                    present.callback.as_ref(),
                ];
                let own = own.into_iter().flatten().cloned();
                let sweep = Sweep::new(
                    &self.cell.core.system,
                    (key, start_id),
                    present.group,
                    own,
                    at_once,
                );
                self.sweeps.push(sweep);
            }
            None => self
                .events
                .push_back(Event::Swept(key, start_id, Vec::new())),
        }
    }

    fn report(&self, key: Key, reason: &ExitReason) {
        let application = &*self.specs[key.0].declared.name;
        if reason.is_clean() || self.cell.core.system.settings.quiet_panics {
            tracing::info!(application, %reason, "the application has ended");
        } else {
            let reason = reason.with_causes();
            tracing::error!(application, %reason, "the application has ended");
            let report = format_args!("application `{application}` ended: {reason}");
            stderr::write(&self.cell.core.system.settings, &report);
        }
    }
}

/// Sends a shutdown signal in the name of `parent`.
fn ask_to_end(process: &ProcessRef, parent: &ProcessHeader) {
    signal::receive(&**process, parent.pid, ExitReason::Shutdown, Cause::Sent);
}
