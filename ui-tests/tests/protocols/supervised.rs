//! A server that speaks a protocol, where servers are kept: supervisors, names, pools.

use ambit::LookupError;
use ambit::prelude::*;

use crate::servers::{Empty, Kv, KvSubject, Memory, fills};

pub(crate) struct App;

#[supervisor]
impl App {
    #[child]
    fn kv(&self) -> ChildSpec<Memory> {
        Memory::child_spec()
    }
}

#[ambit::test]
async fn a_supervisor_gives_the_handle_of_the_protocol() {
    let app = App.start().await.unwrap();
    let kv: KvSubject = app.kv();
    assert_eq!(fills(&kv).await, Ok(Some(1)));
    ambit::test::expect_crash(&kv);
    let old = kv.pid();
    ambit::test::crash(&kv).await;
    ambit::test::await_restart(&kv, old).await;
    assert_eq!(kv.get("one".into()).await, Ok(None));
    app.stop().await.unwrap();
}

#[ambit::test]
async fn names_and_registries_hold_whoever_speaks_the_protocol() {
    let memory = Memory::start().name("store").await.unwrap();
    let found: KvSubject = ambit::whereis::<dyn Kv>("store").unwrap();
    assert_eq!(found, memory);
    assert_eq!(
        ambit::whereis::<Other>("store").unwrap_err(),
        LookupError::WrongType
    );
    assert_eq!(fills(&KvSubject::named("store")).await, Ok(Some(1)));

    let registry: Registry<String, dyn Kv> = Registry::unique();
    registry.register("memory", &memory).unwrap();
    Empty.start().via(&registry, "empty").await.unwrap();
    let empty = KvSubject::via(&registry, "empty");
    assert_eq!(empty.get("one".into()).await, Ok(None));
    let memory = registry.lookup("memory").unwrap();
    assert_eq!(memory.get("one".into()).await, Ok(Some(1)));
}

pub(crate) struct Other;

#[gen_server]
impl Other {}

#[ambit::test]
async fn a_pool_of_servers_is_asked_by_the_handle_of_the_protocol() {
    let pool = Pool::<Memory>::builder(Memory::child_spec())
        .size(2)
        .start()
        .await
        .unwrap();
    let worker: KvSubject = pool.worker();
    assert_eq!(worker.len().await, Ok(0));
    pool.stop().await.unwrap();
}
