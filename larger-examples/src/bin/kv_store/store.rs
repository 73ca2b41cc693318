//! The store: an ordinary server with a wire name, supervised on its own node, and an RPC that returns its handle.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Auth, Node};

/// The name of the node, and of the server on it.
pub(crate) const NAME: &str = "store";

type Waiting = (usize, ReplyTo<(String, String)>);

#[derive(Default)]
pub(crate) struct Store {
    values: BTreeMap<String, String>,
    /// The writes, in order.
    changes: Vec<(String, String)>,
    /// The pending calls, each with the number of its change.
    waiting: Vec<Waiting>,
}

#[gen_server(remote = "kv_store.store")]
impl Store {
    #[call]
    pub(crate) fn get(&self, key: String) -> Option<String> {
        self.values.get(&key).cloned()
    }

    /// Returns the previous value.
    #[call]
    pub(crate) fn put(&mut self, key: String, value: String) -> Option<String> {
        // A bug: the panic ends this server, and nothing else.
        assert!(!key.is_empty(), "a key is empty");
        self.changes.push((key.clone(), value.clone()));
        let before = self.values.insert(key, value);
        self.tell();
        before
    }

    #[cast]
    pub(crate) fn append(&mut self, key: String, text: String) {
        let before = self.values.get(&key).cloned().unwrap_or_default();
        self.put(key, before + &text);
    }

    /// Returns the change with this number, once it exists: a client that asks for one after the other misses none.
    #[call(deferred)]
    pub(crate) fn change(&mut self, number: usize, reply: ReplyTo<(String, String)>) {
        self.waiting.push((number, reply));
        self.tell();
    }
}

impl Store {
    fn tell(&mut self) {
        let there = self.changes.len();
        for (number, reply) in self.waiting.extract_if(.., |(number, _)| *number < there) {
            reply.send(self.changes[number].clone());
        }
    }
}

/// Returns the store of the called node, and waits for one that is being restarted.
#[rpc(name = "kv_store.find")]
pub(crate) async fn find() -> Option<StoreSubject> {
    let patience = Duration::from_secs(2);
    ambit::wait_for::<Store>(NAME).timeout(patience).await.ok()
}

struct Shop;

#[supervisor]
impl Shop {
    #[child]
    fn store(&self) -> ChildSpec<Store> {
        Store::child_spec(Store::default).name(NAME)
    }
}

/// Runs the process of the store.
pub(crate) async fn run(address: SocketAddr) -> Result<(), Box<dyn Error>> {
    let _shop = Shop.start().await?;
    let node = Node::builder(NAME).auth(Auth::cookie(larger_examples::cookie()?));
    let node = node.listen(address).timeouts(larger_examples::impatient());
    let node = node.start().await?;
    node.expose_rpc::<find>();
    println!("{}", node.local_addr());
    larger_examples::first_has_ended().await?;
    node.leave().await;
    Ok(())
}
