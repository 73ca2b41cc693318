//! A key-value store, as a hand-written actor: a task, a queue of commands, a `oneshot` for each reply.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, interval, timeout};

/// How long a value is kept.
pub const KEPT: Duration = Duration::from_secs(60);

/// Sent to listeners: the new value of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    pub key: String,
    pub value: Option<String>,
}

/// The limit of keys is reached.
#[derive(Debug, PartialEq)]
pub struct Full;

/// Why there is no reply.
#[derive(Debug, PartialEq)]
pub enum Failure {
    Gone,
    Timeout,
}

enum Command {
    Get {
        key: String,
        reply: oneshot::Sender<Option<String>>,
    },
    Put {
        key: String,
        value: String,
        reply: oneshot::Sender<Result<(), Full>>,
    },
    Subscribe {
        listener: mpsc::Sender<Changed>,
    },
    Stop {
        reply: oneshot::Sender<()>,
    },
}

#[derive(Clone)]
pub struct StoreHandle {
    commands: mpsc::Sender<Command>,
}

impl StoreHandle {
    pub fn start(limit: usize) -> Self {
        let (commands, queue) = mpsc::channel(1024);
        let store = Store {
            limit,
            entries: BTreeMap::new(),
            listeners: Vec::new(),
        };
        tokio::spawn(store.run(queue));
        Self { commands }
    }

    /// Returns the value of the key.
    pub async fn get(&self, key: String) -> Result<Option<String>, Failure> {
        self.ask(|reply| Command::Get { key, reply }).await
    }

    /// Stores a value for a while.
    pub async fn put(&self, key: String, value: String) -> Result<Result<(), Full>, Failure> {
        let command = |reply| Command::Put { key, value, reply };
        self.ask(command).await
    }

    /// Notifies the listener of each change.
    pub async fn subscribe(&self, listener: mpsc::Sender<Changed>) -> Result<(), Failure> {
        let sent = self.commands.send(Command::Subscribe { listener });
        sent.await.map_err(|_| Failure::Gone)
    }

    /// Ends the store after the commands that were sent before.
    pub async fn stop(&self) -> Result<(), Failure> {
        self.ask(|reply| Command::Stop { reply }).await
    }

    async fn ask<R>(
        &self,
        command: impl FnOnce(oneshot::Sender<R>) -> Command,
    ) -> Result<R, Failure> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            let sent = self.commands.send(command(reply)).await;
            sent.map_err(|_| Failure::Gone)?;
            answer.await.map_err(|_| Failure::Gone)
        };
        let deadline = Duration::from_secs(5);
        timeout(deadline, asked)
            .await
            .unwrap_or(Err(Failure::Timeout))
    }
}

struct Store {
    limit: usize,
    entries: BTreeMap<String, (String, Instant)>,
    listeners: Vec<mpsc::Sender<Changed>>,
}

impl Store {
    async fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        let mut sweep = interval(Duration::from_secs(1));
        loop {
            tokio::select! {
                biased;
                command = queue.recv() => match command {
                    Some(Command::Get { key, reply }) => {
                        reply.send(self.get(&key)).ok();
                    }
                    Some(Command::Put { key, value, reply }) => {
                        reply.send(self.put(key, value)).ok();
                    }
                    Some(Command::Subscribe { listener }) => self.subscribe(listener),
                    Some(Command::Stop { reply }) => {
                        reply.send(()).ok();
                        return;
                    }
                    None => return,
                },
                _ = sweep.tick() => self.sweep(),
            }
        }
    }

    fn get(&self, key: &str) -> Option<String> {
        self.entries.get(key).map(|(value, _)| value.clone())
    }

    fn put(&mut self, key: String, value: String) -> Result<(), Full> {
        assert!(!key.is_empty(), "a key has a name");
        if self.entries.len() == self.limit && !self.entries.contains_key(&key) {
            return Err(Full);
        }
        let entry = (value.clone(), Instant::now());
        self.entries.insert(key.clone(), entry);
        let value = Some(value);
        self.notify(&Changed { key, value });
        Ok(())
    }

    fn subscribe(&mut self, listener: mpsc::Sender<Changed>) {
        self.listeners.push(listener);
    }

    fn sweep(&mut self) {
        let old = self.entries.iter();
        let old = old.filter(|(_, (_, since))| since.elapsed() >= KEPT);
        let keys: Vec<String> = old.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.entries.remove(&key);
            self.notify(&Changed { key, value: None });
        }
    }

    fn notify(&mut self, change: &Changed) {
        self.listeners.retain(|listener| {
            let sent = listener.try_send(change.clone());
            !matches!(sent, Err(TrySendError::Closed(_)))
        });
    }
}
