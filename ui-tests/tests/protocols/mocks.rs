//! The behaviour of the mock of a protocol.

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::process::CrashReport;

#[protocol]
pub(crate) trait Kv {
    #[call]
    fn get(&self, key: String) -> Option<u64>;

    #[call(deferred)]
    fn changed(&self, above: u64, reply: ReplyTo<u64>);

    #[cast]
    fn put(&self, key: String, value: u64);

    #[cast]
    fn clear(&self);
}

#[ambit::test]
async fn a_mock_answers_as_programmed_and_counts_its_calls() {
    let mut kept = Vec::new();
    let (sender, heard) = std::sync::mpsc::channel();
    let mock = MockKv::new()
        .on_get(|key| (key == "one").then_some(1))
        .on_put(move |key, value| {
            kept.push((key, value));
            sender.send(kept.clone()).unwrap();
        });
    let kv: KvSubject = mock.start().await.unwrap();
    kv.put("one".into(), 1).await.unwrap();
    kv.put("two".into(), 2).await.unwrap();
    assert_eq!(kv.get("one".into()).await, Ok(Some(1)));
    assert_eq!(kv.get("two".into()).await, Ok(None));
    assert_eq!(
        heard.try_iter().last(),
        Some(vec![("one".to_owned(), 1), ("two".to_owned(), 2)])
    );
    let MockKvCounts {
        get,
        changed,
        put,
        clear,
    } = mock.counts();
    assert_eq!((get, changed, put, clear), (2, 0, 2, 0));
    assert_eq!(
        format!("{mock:?}"),
        "MockKv { counts: MockKvCounts { get: 2, changed: 0, put: 2, clear: 0 } }"
    );
}

#[ambit::test]
async fn an_unexpected_call_crashes_the_mock_and_names_the_missing_expectation() {
    let mock = MockKv::new().on_put(|_, _| ());
    let kv = mock.start().await.unwrap();
    ambit::test::expect_crash(&kv);
    let asked = kv.get("one".into()).await;
    let Err(CallError::Exited {
        reason: ExitReason::Panic(report),
        executed: Executed::Maybe,
    }) = asked
    else {
        panic!("{asked:?}");
    };
    let text = report.message();
    assert_eq!(
        text,
        "`MockKv` has no answer for `get`; write `.on_get(..)` where the test makes it"
    );
    assert_eq!(mock.counts().get, 1);
}

#[ambit::test]
async fn an_unexpected_cast_is_counted_and_ignored() {
    let mock = MockKv::default().on_get(|_| None);
    let kv = mock.start().await.unwrap();
    kv.clear().await.unwrap();
    kv.put("one".into(), 1).await.unwrap();
    assert_eq!(kv.get("one".into()).await, Ok(None));
    assert_eq!((mock.counts().clear, mock.counts().put), (1, 1));
}

#[ambit::test]
async fn the_closure_of_a_deferred_call_gets_the_port() {
    let mut waiting: Vec<ReplyTo<u64>> = Vec::new();
    let mock = MockKv::new().on_changed(move |above, reply| {
        waiting.push(reply);
        if waiting.len() == 2 {
            for reply in waiting.drain(..) {
                reply.send(above + 1);
            }
        }
    });
    let kv = mock.start().await.unwrap();
    let first = kv.changed(1).send();
    assert_eq!(kv.changed(6).await, Ok(7));
    assert_eq!(first.await, Ok(7));
}

#[ambit::test]
async fn clones_of_a_mock_are_the_same_one() {
    let mock = MockKv::new().on_get(|_| Some(1));
    let (one, two) = (mock.start().await.unwrap(), mock.start().await.unwrap());
    assert_ne!(one, two);
    assert_eq!(one.get("a".into()).await, Ok(Some(1)));
    // The mock is reconfigured while it runs.
    mock.clone().on_get(|_| Some(2));
    assert_eq!(one.get("a".into()).await, Ok(Some(2)));
    assert_eq!(two.get("a".into()).await, Ok(Some(2)));
    assert_eq!(mock.counts().get, 3);
}

#[ambit::test]
async fn a_mock_closure_can_install_its_successor() {
    let mock = MockKv::new();
    let later = mock.clone();
    let mock = mock.on_get(move |_| {
        later.clone().on_get(|_| Some(2));
        Some(1)
    });
    let kv = mock.start().await.unwrap();
    assert_eq!(kv.get("a".into()).await, Ok(Some(1)));
    assert_eq!(kv.get("a".into()).await, Ok(Some(2)));
}

#[ambit::test]
async fn a_supervised_mock_is_restarted_with_its_expectations() {
    let mut calls = 0;
    let mock = MockKv::new().on_get(move |_| {
        calls += 1;
        assert!(calls != 1, "not the first time");
        Some(calls)
    });
    let app = Supervisor::builder()
        .child(mock.child_spec().id("kv").name("kv"))
        .start()
        .await
        .unwrap();
    let kv = KvSubject::named("kv").when_available();
    ambit::test::expect_crash(&kv);
    assert!(kv.get("a".into()).await.is_err());
    assert_eq!(kv.get("a".into()).await, Ok(Some(2)));
    app.stop().await.unwrap();
}

#[protocol]
pub(crate) trait Store<K, V> {
    #[call]
    fn find(&self, key: K) -> Option<V>;

    #[cast]
    fn forget(&self, key: K);
}

#[ambit::test]
async fn the_mock_of_a_generic_protocol_is_generic() {
    let mock = MockStore::<u8, String>::new().on_find(|key| Some(key.to_string()));
    let store: StoreSubject<u8, String> = mock.start().await.unwrap();
    assert_eq!(store.find(3).await, Ok(Some("3".into())));
    store.forget(3).await.unwrap();
    assert_eq!(store.find(4).await, Ok(Some("4".into())));
    assert_eq!(mock.counts(), MockStoreCounts { find: 2, forget: 1 });
}

#[protocol]
pub(crate) trait Shelf {
    #[call]
    fn take(&self, place: u8) -> String;
}

pub(crate) struct Fragile;

#[gen_server(protocol = Shelf)]
impl Fragile {
    #[call]
    fn take(&self, place: u8) -> String {
        panic!("nothing at {place}")
    }
}

#[ambit::test]
async fn a_crash_report_names_the_method_of_the_protocol() {
    let shelf = Fragile.start().await.unwrap();
    assert!(shelf.take(3).await.is_err());
    let reports: Vec<CrashReport> = ambit::test::crashes();
    let [report] = reports.as_slice() else {
        panic!("{reports:?}");
    };
    assert_eq!(report.methods.first(), Some(&"take"));
    assert_eq!(report.arguments.as_deref(), Some("Take { place: 3, .. }"));
}
