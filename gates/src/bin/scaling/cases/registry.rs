//! Registries: entries by key, unique and duplicate, and waits for a key.

use ambit::prelude::*;
use ambit::process::Pid;
use ambit::registry::RegistryEvent;
use ambit::retry::Retry;

use super::{Order, SECOND, Script, ScriptSubject, end, idle, poll_once, turns};
use crate::case::{Case, case};
use crate::run::Run;

type Entries = Registry<usize, (), u64>;

const WHOLE: &str = "the answer is the whole set";

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    let mut cases = vec![
        case!("registry/register many, unique", 1_000, ["Registry::register", "Registry::lookup"], register_unique),
        case!("registry/register one often, unique", 1_000, ["Registry::register_with"], register_one),
        case!("registry/register with retry", 1_000, ["Registry::register_with_retry"], register_with_retry),
        case!("registry/register on one key", 1_000, [], register_on_one_key),
        case!("registry/unregister own keys", 1_000, ["Registry::unregister"], unregister_own_keys),
        case!("registry/unregister own entries of one key", 1_000, [], unregister_one_key),
        case!("registry/unregister, many on one key", 1_000, [], unregister_each),
        case!("registry/unregister_match own keys", 1_000, ["Registry::unregister_match"], unregister_match),
        case!("registry/unregister_match, many on one key", 1_000, [], unregister_match_each),
        case!("registry/unregister_subject, many keys", 1_000, ["Registry::unregister_subject"], unregister_subject_keys),
        case!("registry/unregister_subject, in order", 1_000, [], |run, n| unregister_subject(run, n, Order::Forward)),
        case!("registry/unregister_subject, at random", 1_000, [], |run, n| unregister_subject(run, n, Order::Random)),
        case!("registry/end, many on one key", 1_000, [], |run, n| ends(run, n, true)),
        case!("registry/end, one key each", 1_000, [], |run, n| ends(run, n, false)),
        case!("registry/end of the owner of many keys", 1_000, [], |run, n| end_of_owner(run, n, false)),
        case!("registry/end of the owner of a key many times", 1_000, [], |run, n| end_of_owner(run, n, true)),
        case!("registry/update_value", 1_000, ["Registry::update_value"], update_value),
        case!("registry/wait_for many keys", 1_000, ["Registry::wait_for"], |run, n| wait_for(run, n, n)),
        case!("registry/wait_for one key", 1_000, [], |run, n| wait_for(run, n, 1)),
        case!("registry/wait_for given up, in order", 1_000, [], |run, n| give_up(run, n, Order::Forward)),
        case!("registry/wait_for given up, at random", 1_000, [], |run, n| give_up(run, n, Order::Random)),
        case!("registry/wait_for while others register", 1_000, [], wait_beside),
        case!("registry/lock of one key", 1_000, ["Registry::lock"], |run, n| lock(run, n, 1)),
        case!("registry/lock of many keys", 1_000, [], |run, n| lock(run, n, n)),
        case!("registry/lock given up", 1_000, [], lock_given_up),
        case!("registry/call through a key", 1_000, ["Registry::via", "Subject::via", "Start::via", "Start::via_with"], via),
        case!("registry/events to one listener", 1_000, ["Registry::subscribe"], events),
        case!("registry/subscribe many listeners, and they end", 1_000, [], listeners),
        case!("registry/unsubscribe from many listeners", 1_000, ["Registry::unsubscribe"], unsubscribe),
    ];
    cases.extend(whole());
    cases
}

/// The operations that visit all entries of a key, or of a process.
#[rustfmt::skip] // as above
fn whole() -> Vec<Case> {
    vec![
        case!("registry/entries of one key", 1_000, ["Registry::entries", "Registry::values", "Registry::entries_match"], entries).linear(WHOLE),
        case!("registry/keys of one process", 1_000, ["Registry::keys", "Registry::len", "Registry::is_empty"], keys).linear(WHOLE),
        case!("registry/dispatch on one key", 1_000, ["Registry::dispatch"], dispatch).linear("each entry gets its message"),
        case!("registry/one event to many listeners", 1_000, [], event_to_many).linear("each listener gets the event"),
    ]
}

async fn register_unique(mut run: Run, n: usize) {
    let (registry, all) = (Entries::unique(), idle(n));
    run.begin().await;
    for (key, process) in all.iter().enumerate() {
        registry.register(key, process).expect("the key is free");
    }
    for key in 0..n {
        registry.lookup(&key).expect("it is registered");
    }
    run.end().await;
}

async fn register_one(mut run: Run, n: usize) {
    let (registry, own) = (Entries::unique(), run.inbox.subject());
    run.begin().await;
    for key in 0..n {
        registry
            .register_with(key, &own, 1)
            .expect("the key is free");
    }
    run.end().await;
}

async fn register_with_retry(mut run: Run, n: usize) {
    let (registry, own) = (Entries::unique(), run.inbox.subject());
    run.begin().await;
    for key in 0..n {
        let registered = registry.register_with_retry(key, &own, Retry::times(2));
        registered.await.expect("the key is free");
    }
    run.end().await;
}

/// Returns a registry in which all entries have one key.
fn on_one_key(all: &[Subject<()>]) -> Entries {
    let registry = Entries::duplicate();
    for (value, process) in all.iter().enumerate() {
        let registered = registry.register_with(0_usize, process, value as u64);
        registered.expect("any number of entries");
    }
    registry
}

async fn register_on_one_key(mut run: Run, n: usize) {
    let all = idle(n);
    run.begin().await;
    let registry = on_one_key(&all);
    run.end().await;
    assert_eq!(registry.len(), n);
}

async fn unregister_own_keys(mut run: Run, n: usize) {
    let (registry, own) = (Entries::unique(), run.inbox.subject());
    for key in 0..n {
        registry.register(key, &own).expect("the key is free");
    }
    run.begin().await;
    for key in Order::Random.of(n) {
        assert_eq!(registry.unregister(&key), Ok(1));
    }
    run.end().await;
}

async fn unregister_one_key(mut run: Run, n: usize) {
    let registry = on_one_key(&vec![run.inbox.subject(); n]);
    run.begin().await;
    assert_eq!(registry.unregister(&0), Ok(n));
    run.end().await;
}

/// Spawns `n` processes with an entry under one key; each runs `job` when it receives a message.
async fn each_on_one_key(
    n: usize,
    job: impl Fn(&Entries) + Clone + Send + 'static,
) -> Vec<Subject<()>> {
    let registry = Entries::duplicate();
    let one = |value| {
        let (registry, job) = (registry.clone(), job.clone());
        ambit::spawn(move |mut inbox: Inbox<()>| async move {
            let registered = registry.register_with(0_usize, &inbox.subject(), value as u64);
            registered.expect("any number of entries");
            inbox.recv().await;
            job(&registry);
        })
    };
    let all = (0..n).map(one).collect();
    turns(4).await;
    assert_eq!(registry.len(), n);
    all
}

async fn all_do_it(run: &mut Run, all: &[Subject<()>]) {
    run.begin().await;
    for index in Order::Random.of(all.len()) {
        all[index].send(()).now().expect("it lives");
    }
    for process in all {
        process.closed().await;
    }
    run.end().await;
}

async fn unregister_each(mut run: Run, n: usize) {
    let unregister = |registry: &Entries| assert_eq!(registry.unregister(&0), Ok(1));
    let all = each_on_one_key(n, unregister).await;
    all_do_it(&mut run, &all).await;
}

async fn unregister_match_each(mut run: Run, n: usize) {
    let unregister =
        |registry: &Entries| assert_eq!(registry.unregister_match(&0, |_| true), Ok(1));
    let all = each_on_one_key(n, unregister).await;
    all_do_it(&mut run, &all).await;
}

async fn unregister_match(mut run: Run, n: usize) {
    let (registry, own) = (Entries::unique(), run.inbox.subject());
    for key in 0..n {
        registry.register(key, &own).expect("the key is free");
    }
    run.begin().await;
    for key in Order::Random.of(n) {
        assert_eq!(registry.unregister_match(&key, |value| *value == 0), Ok(1));
    }
    run.end().await;
}

async fn unregister_subject_keys(mut run: Run, n: usize) {
    let (registry, all) = (Entries::unique(), idle(1));
    for key in 0..n {
        registry.register(key, &all[0]).expect("the key is free");
    }
    run.begin().await;
    for key in Order::Random.of(n) {
        assert_eq!(registry.unregister_subject(&key, &all[0]), 1);
    }
    run.end().await;
}

async fn unregister_subject(mut run: Run, n: usize, order: Order) {
    let all = idle(n);
    let registry = on_one_key(&all);
    run.begin().await;
    for index in order.of(n) {
        assert_eq!(registry.unregister_subject(&0, &all[index]), 1);
    }
    run.end().await;
}

async fn ends(mut run: Run, n: usize, one_key: bool) {
    let all = idle(n);
    turns(2).await;
    let registry = if one_key {
        on_one_key(&all)
    } else {
        Entries::unique()
    };
    if !one_key {
        for (key, process) in all.iter().enumerate() {
            registry.register(key, process).expect("the key is free");
        }
    }
    run.begin().await;
    for index in Order::Random.of(n) {
        end(&all[index]).await;
    }
    run.end().await;
    assert!(registry.is_empty());
}

async fn end_of_owner(mut run: Run, n: usize, one_key: bool) {
    let all = idle(1);
    turns(2).await;
    let registry = if one_key {
        on_one_key(&vec![all[0].clone(); n])
    } else {
        Entries::unique()
    };
    if !one_key {
        for key in 0..n {
            registry.register(key, &all[0]).expect("the key is free");
        }
    }
    run.begin().await;
    end(&all[0]).await;
    run.end().await;
    assert!(registry.is_empty());
}

async fn update_value(mut run: Run, n: usize) {
    let (registry, own) = (Entries::unique(), run.inbox.subject());
    for key in 0..n {
        registry.register(key, &own).expect("the key is free");
    }
    run.begin().await;
    for key in Order::Random.of(n) {
        registry
            .update_value(&key, |value| value + 1)
            .expect("it is registered");
    }
    run.end().await;
}

async fn wait_for(mut run: Run, n: usize, keys: usize) {
    let (registry, all) = (Entries::unique(), idle(keys));
    run.begin().await;
    let mut waits: Vec<_> = (0..n)
        .map(|index| registry.wait_for(index % keys))
        .collect();
    for wait in &mut waits {
        assert!(poll_once(wait).is_pending());
    }
    for (key, process) in all.iter().enumerate() {
        registry.register(key, process).expect("the key is free");
    }
    for wait in waits {
        wait.await.expect("it is registered");
    }
    run.end().await;
}

async fn give_up(mut run: Run, n: usize, order: Order) {
    let registry = Entries::unique();
    let mut waits: Vec<_> = (0..n).map(|key| registry.wait_for(key)).collect();
    for wait in &mut waits {
        assert!(poll_once(wait).is_pending());
    }
    run.begin().await;
    order.drop(waits);
    run.end().await;
}

/// Each wait is a task of its own; other keys are registered.
async fn wait_beside(mut run: Run, n: usize) {
    let (registry, own) = (Entries::unique(), run.inbox.subject());
    let wait = |key: usize| {
        let wait = registry.wait_for(key).timeout(1_000 * SECOND);
        tokio::spawn(async move { wait.await.is_ok() })
    };
    let waits: Vec<_> = (0..n).map(wait).collect();
    turns(4).await;
    run.begin().await;
    for key in n..2 * n {
        registry.register(key, &own).expect("the key is free");
        turns(1).await;
    }
    run.end().await;
    drop(waits);
}

async fn lock(mut run: Run, n: usize, keys: usize) {
    let registry = Entries::unique();
    run.begin().await;
    let locker = |index: usize| {
        let registry = registry.clone();
        ambit::spawn(move |_: Inbox<()>| async move {
            let lock = registry.lock(index % keys).await;
            turns(1).await;
            drop(lock);
        })
    };
    let all: Vec<_> = (0..n).map(locker).collect();
    for process in all {
        process.closed().await;
    }
    run.end().await;
}

async fn lock_given_up(mut run: Run, n: usize) {
    let registry = Entries::unique();
    let lock = registry.lock(0_usize).await;
    let wait = |_| {
        let registry = registry.clone();
        let mut wait = Box::pin(async move { drop(registry.lock(0_usize).await) });
        assert!(poll_once(&mut wait).is_pending());
        wait
    };
    let waits: Vec<_> = (0..n).map(wait).collect();
    run.begin().await;
    Order::Random.drop(waits);
    run.end().await;
    drop(lock);
}

async fn via(mut run: Run, n: usize) {
    let registry = Registry::<usize, Script, u64>::unique();
    for key in 0..n {
        let started = Script::start().via_with(&registry, key, 1).await;
        started.expect("the key is free");
    }
    run.begin().await;
    for key in 0..n {
        let script = if key % 2 == 0 {
            registry.via(key)
        } else {
            ScriptSubject::via(&registry, key)
        };
        script.get().await.expect("it is registered");
    }
    run.end().await;
    let started = Script::start().via(&registry, n).await;
    drop(started.expect("the key is free"));
}

async fn events(mut run: Run, n: usize) {
    let registry = Entries::unique();
    let script = Listening::start().await.expect("it starts");
    registry.subscribe(script.recipient());
    let all = idle(n);
    turns(2).await;
    run.begin().await;
    for (key, process) in all.iter().enumerate() {
        registry.register(key, process).expect("the key is free");
        end(process).await;
    }
    run.end().await;
}

/// A server that receives the events of a registry.
struct Listening;

#[gen_server]
impl Listening {
    #[init]
    fn init() -> Self {
        Self
    }

    #[info]
    fn on_event(&mut self, _: RegistryEvent<usize, u64>) {}
}

async fn many_listening(registry: &Entries, n: usize) -> Vec<ListeningSubject> {
    let mut all = Vec::new();
    for _ in 0..n {
        let listening = Listening::start().await.expect("it starts");
        registry.subscribe(listening.recipient());
        all.push(listening);
    }
    all
}

async fn listeners(mut run: Run, n: usize) {
    let registry = Entries::unique();
    run.begin().await;
    let all = many_listening(&registry, n).await;
    for index in Order::Random.of(n) {
        end(&all[index]).await;
    }
    run.end().await;
}

async fn unsubscribe(mut run: Run, n: usize) {
    let registry = Entries::unique();
    let all = many_listening(&registry, n).await;
    run.begin().await;
    for index in [n - 1, 0, n / 2] {
        assert_eq!(registry.unsubscribe(all[index].pid()), 1);
    }
    run.end().await;
}

async fn event_to_many(mut run: Run, n: usize) {
    let registry = Entries::unique();
    let _all = many_listening(&registry, n).await;
    let own = run.inbox.subject();
    run.begin().await;
    registry.register(0_usize, &own).expect("the key is free");
    turns(4).await;
    run.end().await;
}

async fn entries(mut run: Run, n: usize) {
    let registry = on_one_key(&idle(n));
    run.begin().await;
    assert_eq!(registry.entries(&0).len(), n);
    assert_eq!(registry.values(&0).len(), n);
    assert_eq!(registry.entries_match(&0, |value| *value > 0).len(), n - 1);
    run.end().await;
}

async fn keys(mut run: Run, n: usize) {
    let (registry, all) = (Entries::unique(), idle(1));
    for key in 0..n {
        registry.register(key, &all[0]).expect("the key is free");
    }
    run.begin().await;
    assert_eq!(registry.keys(all[0].pid()).len(), n);
    assert_eq!((registry.len(), registry.is_empty()), (n, false));
    assert!(registry.keys(Pid::NOBODY).is_empty());
    run.end().await;
}

async fn dispatch(mut run: Run, n: usize) {
    let registry = on_one_key(&idle(n));
    run.begin().await;
    registry.dispatch(&0, |process| process.send(()).now().expect("it lives"));
    run.end().await;
}
