//! Servers of a protocol under supervisors, in registries and in pools.

use std::time::Duration;

use ambit::error::LookupError;
use ambit::group::Group;
use ambit::prelude::*;

use super::servers::{Empty, Kv, KvCall, KvCast, KvSubject, Memory, fills};

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
async fn names_and_registries_accept_every_server_of_the_protocol() {
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
async fn a_pool_of_servers_is_called_through_the_protocol_handle() {
    let pool = Pool::<Memory>::builder(Memory::child_spec())
        .size(2)
        .start()
        .await
        .unwrap();
    let worker: KvSubject = pool.worker();
    assert_eq!(worker.len().await, Ok(0));
    pool.stop().await.unwrap();
}

/// A spawned task requires every future to be `Send`. A protocol is a trait object, and the compiler erases its
/// lifetime when it checks whether a future is `Send`.
#[ambit::test]
#[expect(
    clippy::too_many_lines,
    reason = "one line for each operation that waits"
)]
async fn whatever_waits_on_a_protocol_can_move_between_threads() {
    let task = tokio::spawn(async {
        let registry: Registry<String, dyn Kv> = Registry::unique();
        let kv = Memory::start().via(&registry, "kv").await.unwrap();
        let subject: Subject<dyn Kv> = kv.clone().into();
        kv.put("one".into(), 1).await.unwrap();
        kv.put("one".into(), 1)
            .timeout(Duration::from_secs(1))
            .await
            .unwrap();
        kv.put("one".into(), 1).into_owned().await.unwrap();
        kv.reserve().await.unwrap().send(KvCast::Put {
            key: "two".into(),
            value: 2,
        });
        let permit = kv.reserve().await.unwrap();
        tokio::task::yield_now().await;
        let asked = permit.call(|reply| KvCall::Len { reply });
        assert_eq!(asked.await, Ok(2));
        assert_eq!(kv.get("one".into()).into_owned().await, Ok(Some(1)));
        assert_eq!(kv.get("one".into()).send().await, Ok(Some(1)));
        // The compiler requires the future of a call without the protocol where it is stored next to its output.
        let both = (
            kv.len().send(),
            subject.call(|reply| KvCall::Len { reply }).send(),
        );
        let (one, two) = tokio::join!(both.0, both.1);
        assert_eq!((one, two), (Ok(2), Ok(2)));
        let found = registry.wait_for("kv").await.unwrap();
        assert_eq!(found.len().await, Ok(2));
        let found = registry.lookup("kv").unwrap();
        assert_eq!(found.len().await, Ok(2));
        assert_eq!(KvSubject::via(&registry, "kv").len().await, Ok(2));
        let group: Group<dyn Kv> = Group::new();
        group.join("all", &kv).unwrap();
        for member in group.members("all") {
            assert_eq!(member.len().await, Ok(2));
        }
        group.broadcast(
            "all",
            KvCast::Put {
                key: "three".into(),
                value: 3,
            },
        );
        assert_eq!(kv.len().await, Ok(3));
        let pool = Pool::<Memory>::builder(Memory::child_spec())
            .size(1)
            .start()
            .await
            .unwrap();
        let worker = pool.checkout().await.unwrap();
        assert_eq!(worker.len().await, Ok(0));
        drop(worker);
        pool.stop().await.unwrap();
        let owned = Memory::start().owned().await.unwrap();
        assert_eq!(owned.len().await, Ok(0));
        drop(owned);
        kv.stop().await.unwrap();
    });
    task.await.unwrap();
}
