//! The tests on the page about `#[protocol]`.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use tokio::sync::oneshot;
use tokio::time::timeout;

// ANCHOR: protocol
/// Values by name.
#[protocol]
trait Kv {
    /// Returns the value of a name.
    #[call(timeout = Duration::from_secs(1))]
    fn get(&self, key: String) -> Option<u64>;

    /// Sets the value of a name.
    #[cast]
    fn put(&self, key: String, value: u64);
}

/// Depends on the protocol, not on a server.
async fn double(kv: &KvSubject, key: &str) -> Result<(), CallError> {
    if let Some(value) = kv.get(key.to_owned()).await? {
        kv.put(key.to_owned(), 2 * value).now().ok();
    }
    Ok(())
}
// ANCHOR_END: protocol

// ANCHOR: server
struct Memory {
    values: HashMap<String, u64>,
}

#[gen_server(protocol = Kv)]
impl Memory {
    #[init]
    fn new() -> Self {
        Self {
            values: HashMap::new(),
        }
    }

    #[call]
    fn get(&self, key: String) -> Option<u64> {
        self.values.get(&key).copied()
    }

    #[cast]
    async fn put(&mut self, key: String, value: u64) {
        self.values.insert(key, value);
    }
}

/// Removes all values.
struct Nowhere;

#[gen_server(protocol = Kv)]
impl Nowhere {
    #[call]
    fn get(&self, _key: String) -> Option<u64> {
        None
    }

    #[cast]
    fn put(&mut self, _key: String, _value: u64) {}
}
// ANCHOR_END: server

// ANCHOR: use
#[ambit::test]
async fn two_servers_have_one_handle() -> Result<(), Box<dyn Error>> {
    let memory: KvSubject = Memory::start().await?;
    let nowhere: KvSubject = Nowhere.start().await?;
    for kv in [&memory, &nowhere] {
        kv.put("a".into(), 1).await?;
        double(kv, "a").await?;
    }
    assert_eq!(memory.get("a".into()).await?, Some(2));
    assert_eq!(nowhere.get("a".into()).await?, None);
    Ok(())
}
// ANCHOR_END: use

// ANCHOR: mock
#[ambit::test]
async fn double_writes_the_value_back() -> Result<(), Box<dyn Error>> {
    let mock = MockKv::new()
        .on_get(|_key| Some(21))
        .on_put(|key, value| assert_eq!((key.as_str(), value), ("a", 42)));
    let kv: KvSubject = mock.start().await?;
    double(&kv, "a").await?;
    kv.stop().await?;
    assert_eq!((mock.counts().get, mock.counts().put), (1, 1));
    Ok(())
}
// ANCHOR_END: mock

// ANCHOR: ask
/// A request as a message, with a channel for the reply.
struct Lookup {
    key: String,
    reply: oneshot::Sender<Option<u64>>,
}

/// Has calls of its own, and replies to each `Lookup`.
struct Prices {
    values: HashMap<String, u64>,
}

#[gen_server]
impl Prices {
    #[call]
    fn count(&self) -> usize {
        self.values.len()
    }

    #[info]
    fn on_lookup(&mut self, Lookup { key, reply }: Lookup) {
        reply.send(self.values.get(&key).copied()).ok();
    }
}

/// Works with any server that has an `#[info]` for `Lookup`.
async fn lookup(server: &Recipient<Lookup>, key: &str) -> Result<Option<u64>, Box<dyn Error>> {
    let (reply, answer) = oneshot::channel();
    let key = key.to_owned();
    server.send(Lookup { key, reply }).await?;
    Ok(timeout(Duration::from_secs(1), answer).await??)
}

#[ambit::test]
async fn a_request_to_a_recipient() -> Result<(), Box<dyn Error>> {
    let values = HashMap::from([("tea".to_owned(), 3)]);
    let prices = Prices { values }.start().await?;
    assert_eq!(lookup(&prices.recipient(), "tea").await?, Some(3));
    assert_eq!(prices.count().await?, 1);
    Ok(())
}
// ANCHOR_END: ask
