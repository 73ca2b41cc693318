//! A key-value store, as a server.

use std::collections::BTreeMap;
use std::time::Duration;

use ambit::prelude::*;
use tokio::time::Instant;

/// How long a value is kept.
pub const KEPT: Duration = Duration::from_secs(60);

/// Sent to listeners: the new value of a key.
#[derive(Clone, Debug, PartialEq, Message)]
pub struct Changed {
    pub key: String,
    pub value: Option<String>,
}

/// The limit of keys is reached.
#[derive(Debug, PartialEq)]
pub struct Full;

#[derive(Clone)]
struct Sweep;

pub struct Store {
    limit: usize,
    entries: BTreeMap<String, (String, Instant)>,
    listeners: Vec<Recipient<Changed>>,
}

#[gen_server]
impl Store {
    #[init]
    pub fn new(ctx: &mut Context<Self>, limit: usize) -> Self {
        ctx.send_every(Duration::from_secs(1), Sweep);
        Self {
            limit,
            entries: BTreeMap::new(),
            listeners: Vec::new(),
        }
    }

    /// Returns the value of the key.
    #[call]
    pub fn get(&self, key: String) -> Option<String> {
        self.entries.get(&key).map(|(value, _)| value.clone())
    }

    /// Stores a value for a while.
    #[call]
    pub fn put(&mut self, key: String, value: String) -> Result<(), Full> {
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

    /// Notifies the listener of each change.
    #[cast]
    pub fn subscribe(&mut self, listener: Recipient<Changed>) {
        self.listeners.push(listener);
    }

    #[info]
    fn sweep(&mut self, _: Sweep) {
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
            let sent = listener.send(change.clone()).now();
            sent != Err(CastError::NoProcess)
        });
    }
}
