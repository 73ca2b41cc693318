//! Servers of one protocol, each started from another node under its own name.

use ambit::prelude::*;

use super::pair::pair;

#[protocol(remote = "test.kv")]
trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;
}

struct Memory {
    value: u64,
}

#[gen_server(protocol = Kv, remote = "test.memory")]
impl Memory {
    #[init]
    fn new(value: u64) -> Self {
        Self { value }
    }

    #[call]
    fn get(&self, _key: String) -> Option<u64> {
        Some(self.value)
    }
}

struct Nowhere;

#[gen_server(protocol = Kv, remote = "test.nowhere")]
impl Nowhere {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    fn get(&self, _key: String) -> Option<u64> {
        None
    }
}

#[ambit::test(real_time)]
async fn servers_of_one_protocol_start_on_another_node() {
    let pair = pair().await;
    pair.far.expose::<Memory>();
    pair.far.expose::<Nowhere>();
    let far = pair.near.on("far");
    let memory: KvSubject = far.start::<Memory>((45,)).await.unwrap();
    let nowhere: KvSubject = far.start::<Nowhere>(()).await.unwrap();
    assert_eq!(memory.get("a".into()).await, Ok(Some(45)));
    assert_eq!(nowhere.get("a".into()).await, Ok(None));
}
