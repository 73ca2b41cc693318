//! Nodes that register and end named processes on command, and what all nodes see of the names.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::sim::{Host, Sim, always, note};
use ambit_dist::{Names, Node, NodeId, RegisterNameError};
use tokio::sync::{mpsc, oneshot};

use super::board::SECOND;
use super::roster::{Roster, join};

/// The process behind a name.
pub(crate) struct Holder {
    host: String,
}

#[gen_server(remote = "sim.holder")]
impl Holder {
    #[init]
    fn new(host: String) -> Self {
        Self { host }
    }

    #[call]
    fn host(&self) -> String {
        self.host.clone()
    }
}

enum Command {
    Register(String, oneshot::Sender<Result<(), RegisterNameError>>),
    End(String),
    Ask(String, oneshot::Sender<Option<String>>),
}

struct Agent {
    id: NodeId,
    names: Names,
    commands: mpsc::UnboundedSender<Command>,
    /// The processes that this node has registered.
    held: Rc<RefCell<BTreeMap<String, HolderSubject>>>,
}

/// The running nodes, by name.
#[derive(Clone, Default)]
pub(crate) struct Agents(Rc<RefCell<BTreeMap<String, Agent>>>);

/// Adds hosts `n1`, `n2`, .. that join by `n1` and `n2`, and take commands.
pub(crate) fn agents(sim: &mut Sim, count: usize, roster: &Roster) -> Agents {
    let agents = Agents::default();
    let (all, roster) = (agents.clone(), roster.clone());
    sim.hosts(count, move |host| {
        let (agents, roster) = (all.clone(), roster.clone());
        async move {
            let node = join(&host, &roster, &["n1", "n2"]).await;
            let mut commands = agents.enter(&host, &node);
            while let Some(command) = commands.recv().await {
                agents.obey(&host, command);
            }
        }
    });
    agents
}

impl Agents {
    fn enter(&self, host: &Host, node: &Node) -> mpsc::UnboundedReceiver<Command> {
        let (commands, received) = mpsc::unbounded_channel();
        let agent = Agent {
            id: node.id().clone(),
            names: node.names(),
            commands,
            held: Rc::default(),
        };
        let (name, mut events) = (host.name().to_owned(), agent.names.events());
        tokio::task::spawn_local(async move {
            while let Some(event) = events.next().await {
                note!("{name}: {event:?}");
            }
        });
        self.0.borrow_mut().insert(host.name().to_owned(), agent);
        let node = node.clone();
        // The node runs until its host ends.
        tokio::task::spawn_local(async move {
            std::future::pending::<()>().await;
            drop(node);
        });
        received
    }

    /// Runs a command on its host.
    fn obey(&self, host: &Host, command: Command) {
        let (names, held) = {
            let agents = self.0.borrow();
            let agent = &agents[host.name()];
            (agent.names.clone(), agent.held.clone())
        };
        let host = host.name().to_owned();
        match command {
            Command::Register(name, done) => {
                tokio::task::spawn_local(async move {
                    let holder = Holder::start(host.clone()).await.unwrap();
                    let registered = names.register(&name, &holder).await;
                    note!("{host}: register {name}: {registered:?}");
                    match registered {
                        Ok(()) => drop(held.borrow_mut().insert(name, holder)),
                        Err(_) => ambit::exit(&holder, ExitReason::Kill),
                    }
                    done.send(registered).ok();
                });
            }
            Command::End(name) => {
                let ended = held.borrow_mut().remove(&name);
                if let Some(holder) = ended {
                    ambit::exit(&holder, ExitReason::Kill);
                }
            }
            Command::Ask(name, done) => {
                tokio::task::spawn_local(async move {
                    let answer = names.via::<Holder>(&name).host().await;
                    done.send(answer.ok()).ok();
                });
            }
        }
    }

    fn send(&self, host: &str, command: Command) {
        let agents = self.0.borrow();
        if let Some(agent) = agents.get(host) {
            agent.commands.send(command).ok();
        }
    }

    /// Removes a host that is about to crash.
    pub(crate) fn remove(&self, host: &str) {
        self.0.borrow_mut().remove(host);
    }

    /// Starts a process on a host and registers it. Returns the result once it is known.
    pub(crate) fn register(
        &self,
        host: &str,
        name: &str,
    ) -> oneshot::Receiver<Result<(), RegisterNameError>> {
        let (done, registered) = oneshot::channel();
        self.send(host, Command::Register(name.to_owned(), done));
        registered
    }

    /// Ends the process that a host has registered.
    pub(crate) fn end(&self, host: &str, name: &str) {
        self.send(host, Command::End(name.to_owned()));
    }

    /// Calls the process of a name from a host. Returns the host that answers.
    pub(crate) async fn ask(&self, host: &str, name: &str) -> Option<String> {
        let (done, answer) = oneshot::channel();
        self.send(host, Command::Ask(name.to_owned(), done));
        answer.await.ok().flatten()
    }

    /// Returns the hosts whose process for a name is registered and runs.
    pub(crate) fn running(&self, name: &str) -> Vec<String> {
        let agents = self.0.borrow();
        let runs = |agent: &Agent| {
            let held = agent.held.borrow();
            held.get(name).is_some_and(|holder| holder.is_alive())
        };
        let running = agents.iter().filter(|(_, agent)| runs(agent));
        running.map(|(host, _)| host.clone()).collect()
    }

    /// Returns what differs from exactly one running process for each name, seen by all nodes, and no other names.
    fn difference(&self, names: &[String]) -> Option<String> {
        let agents = self.0.borrow();
        let mut expected = BTreeMap::new();
        for name in names {
            let running = self.running(name);
            let [host] = &running[..] else {
                return Some(format!("`{name}` runs on {running:?}"));
            };
            expected.insert(name.clone(), agents[host].id.clone());
        }
        agents.iter().find_map(|(host, agent)| {
            let seen = agent.names.registered().into_iter().map(|name| {
                let node = agent.names.node_of(&name);
                (name, node)
            });
            let seen: BTreeMap<_, _> = seen.collect();
            let is_same = seen.len() == expected.len()
                && expected
                    .iter()
                    .all(|(name, id)| seen.get(name) == Some(&Some(id.clone())));
            (!is_same).then(|| format!("`{host}` sees {seen:?} of {expected:?}"))
        })
    }

    /// Waits until each name has exactly one running process that all nodes see, and no other name exists.
    pub(crate) async fn converge(&self, names: &[String], within: Duration) {
        for _ in 0..within.as_millis() / 50 {
            if self.difference(names).is_none() {
                return;
            }
            tokio::time::sleep(SECOND / 20).await;
        }
        let difference = self.difference(names);
        always!(
            false,
            "each name has one process that all nodes see",
            "after {within:?}: {difference:?}"
        );
    }

    /// Ends all processes, and waits until no node sees a name.
    pub(crate) async fn end_all(&self, names: &[String]) {
        let hosts: Vec<String> = self.0.borrow().keys().cloned().collect();
        for host in &hosts {
            for name in names {
                self.end(host, name);
            }
        }
        self.converge(&[], 10 * SECOND).await;
    }
}
