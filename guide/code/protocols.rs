//! What the chapter on `#[protocol]` says, as tests.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

// ANCHOR: protocol
/// Values by name.
#[protocol]
trait Kv {
    /// The value of a name.
    #[call(timeout = Duration::from_secs(1))]
    fn get(&self, key: String) -> Option<u64>;

    /// Gives a name a value.
    #[cast]
    fn put(&self, key: String, value: u64);
}

/// Whoever uses it knows the protocol and no server.
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

/// Forgets everything.
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
async fn doubled_values_are_written_back() -> Result<(), Box<dyn Error>> {
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
