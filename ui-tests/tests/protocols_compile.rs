//! Protocols and their servers that must compile, and what they do.

use std::collections::HashMap;
use std::time::Duration;

use ambit::prelude::*;

/// Keys and values.
#[protocol]
pub trait Kv {
    /// What is kept under `key`.
    #[call]
    fn get(&self, key: String) -> Option<u64>;
    #[call(timeout = Duration::from_secs(1))]
    fn len(&self) -> usize;
    /// Answers at the next change.
    #[call(deferred)]
    fn changed(&self, reply: ReplyTo<u64>);
    /// Keeps `value` under `key`.
    #[cast]
    fn put(&self, key: String, value: u64);
}

#[derive(Default)]
pub struct Memory {
    values: HashMap<String, u64>,
    waiting: Vec<ReplyTo<u64>>,
}

#[gen_server(protocol = Kv)]
impl Memory {
    #[init]
    pub fn new() -> Self {
        Self::default()
    }

    #[call]
    fn get(&self, key: String) -> Option<u64> {
        self.values.get(&key).copied()
    }

    #[call]
    fn len(&self) -> usize {
        self.values.len()
    }

    #[call(deferred)]
    fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    #[cast]
    async fn put(&mut self, _ctx: &mut Context<Self>, key: String, value: u64) {
        self.values.insert(key, value);
        for reply in self.waiting.drain(..) {
            reply.send(value);
        }
    }
}

#[ambit::test]
async fn a_server_speaks_a_protocol() {
    let kv: KvSubject = Memory::start().await.unwrap();
    let change = kv.changed().send();
    kv.put("one".into(), 1).await.unwrap();
    assert_eq!(kv.get("one".into()).await, Ok(Some(1)));
    assert_eq!(kv.len().await, Ok(1));
    assert_eq!(change.await, Ok(1));
}

#[ambit::test]
async fn a_mock_speaks_it() {
    let mock = MockKv::new()
        .on_get(|key| (key == "one").then_some(1))
        .on_put(|_key, _value| ());
    let kv: KvSubject = mock.start().await.unwrap();
    kv.put("one".into(), 1).await.unwrap();
    assert_eq!(kv.get("one".into()).await, Ok(Some(1)));
    assert_eq!(kv.get("two".into()).await, Ok(None));
    assert_eq!(mock.counts().get, 2);
    assert_eq!(mock.counts().put, 1);
}
