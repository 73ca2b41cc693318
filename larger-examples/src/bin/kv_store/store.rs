//! The store: an ordinary server with a name on the wire, supervised on its own node, and a function that says where it is.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{Auth, Node};

/// The name of the node, and that of the server on it.
pub(crate) const NAME: &str = "store";

type Waiting = (usize, ReplyTo<(String, String)>);

#[derive(Default)]
pub(crate) struct Store {
    values: BTreeMap<String, String>,
    /// What was written, in this order.
    changes: Vec<(String, String)>,
    /// Who waits for which change.
    waiting: Vec<Waiting>,
}

#[gen_server(remote = "kv_store.store")]
impl Store {
    #[call]
    pub(crate) fn get(&self, key: String) -> Option<String> {
        self.values.get(&key).cloned()
    }

    /// Answers what was there before.
    #[call]
    pub(crate) fn put(&mut self, key: String, value: String) -> Option<String> {
        // A mistake of the kind that is not foreseen: it ends this server, and nothing else.
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

    /// The change of this number, as soon as there is one: who asks for one after the other misses none.
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

/// The store of the node that is asked. One that is just being started again is waited for.
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

/// What runs in the store's process.
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
