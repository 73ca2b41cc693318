//! Types whose code uses the tables that hold them: keys and values of registries, metadata, messages, and the code that
//! is passed to them. None of it may run under a lock.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use ambit::message::{Codec, DecodeError, EncodeError, In, Leaf, Out, Schema, Shape, Types, Wire};
use ambit::prelude::*;
use ambit::registry::Resolve;
use ambit_dist::{ClusterRegistry, ConflictChoice, ConflictPolicy, Node, Presence, PresenceEvent};

use crate::distribution::support::Net;
use crate::membership::support::complete;
use crate::names::support::{Counter, apart, cut, heal, until};

/// Longer than any of these tests; only one that hangs reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

thread_local! {
    /// The code that all values of this thread's test run.
    static CALL: RefCell<Option<Rc<dyn Fn()>>> = const { RefCell::new(None) };
    /// Prevents recursive calls.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// The implementations that have called.
    static HAVE_CALLED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Runs the code of the test, on behalf of an implementation.
fn call(implementation: &'static str) {
    let call = CALL.try_with(|call| call.borrow().clone()).ok().flatten();
    let Some(call) = call.filter(|_| !IS_INSIDE.replace(true)) else {
        return;
    };
    HAVE_CALLED.with_borrow_mut(|called| {
        if !called.contains(&implementation) {
            called.push(implementation);
        }
    });
    call();
    IS_INSIDE.set(false);
}

/// Checks that these implementations have called, and ends the calls.
fn have_called(implementations: &[&str]) {
    CALL.take();
    let called = HAVE_CALLED.take();
    for implementation in implementations {
        assert!(
            called.contains(implementation),
            "{implementation}: {called:?}"
        );
    }
}

/// A number whose code runs that of the test.
#[derive(PartialOrd, Ord)]
struct Reentrant(u32);

impl Clone for Reentrant {
    fn clone(&self) -> Self {
        call("clone");
        Self(self.0)
    }
}

impl PartialEq for Reentrant {
    fn eq(&self, other: &Self) -> bool {
        call("eq");
        self.0 == other.0
    }
}

impl Eq for Reentrant {}

impl Hash for Reentrant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        call("hash");
        self.0.hash(state);
    }
}

impl fmt::Debug for Reentrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        call("debug");
        self.0.fmt(f)
    }
}

impl Drop for Reentrant {
    fn drop(&mut self) {
        call("drop");
    }
}

impl Schema for Reentrant {
    fn shape(_: &mut Types) -> Shape {
        call("shape");
        Shape::Leaf(Leaf::U32)
    }
}

impl Wire for Reentrant {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        call("put");
        self.0.put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        call("take");
        Ok(Self(u32::take(input)?))
    }
}

/// Runs a test on a paused clock on a thread of its own, and fails if it hangs.
fn must_not_hang<Fut: Future<Output = ()>>(body: impl FnOnce() -> Fut + Send + 'static) {
    let (done, finished) = channel();
    let thread = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().start_paused(true).build().unwrap();
        runtime.block_on(body());
        CALL.take();
        done.send(()).unwrap();
    });
    match finished.recv_timeout(PATIENCE) {
        Ok(()) => thread.join().unwrap(),
        Err(RecvTimeoutError::Disconnected) => {
            let panic = thread.join().expect_err("it ended without an answer");
            std::panic::resume_unwind(panic);
        }
        Err(RecvTimeoutError::Timeout) => panic!("user code runs under a lock"),
    }
}

async fn pair(net: &Net) -> (Node, Node) {
    let (a, b) = net.pair().await;
    complete(&[&a, &b]).await;
    (a, b)
}

type Registry = ClusterRegistry<Reentrant, Counter, Reentrant>;

/// Uses the registry of a node in each way.
fn use_registry(node: &Node) {
    let registry = Registry::open(node, "r");
    drop((registry.keys(), registry.node_of(&Reentrant(1))));
    drop(registry.lookup(&Reentrant(1)));
    drop(registry.value(&Reentrant(1)));
    drop(registry.update_value(&Reentrant(2), |value| Reentrant(value.0)));
    registry.set_conflict_policy(ConflictPolicy::NotifySecond);
    registry.unregister(&Reentrant(9));
    drop(registry.events());
    drop(registry.wait_for(Reentrant(1)));
}

#[test]
fn keys_and_values_of_a_registry_may_use_it() {
    must_not_hang(|| async {
        let net = Net::new();
        let (a, b) = pair(&net).await;
        let (at_a, at_b) = (a.clone(), b.clone());
        CALL.set(Some(Rc::new(move || {
            use_registry(&at_a);
            use_registry(&at_b);
        })));
        let [of_a, of_b] = [Registry::open(&a, "r"), Registry::open(&b, "r")];
        let mut events = of_b.events();
        let counter = Counter::start(0).await.unwrap();
        let registered = of_a.register(Reentrant(1), &counter, Reentrant(7)).await;
        registered.unwrap();
        until("the value", || {
            of_b.value(&Reentrant(1)).is_some_and(|value| value.0 == 7)
        })
        .await;
        assert_eq!(of_b.keys().len(), 1);
        assert!(of_b.wait_for(Reentrant(1)).await.is_ok());
        let updated = of_a.update_value(&Reentrant(1), |value| Reentrant(value.0 + 1));
        assert_eq!(updated.unwrap().0, 8);
        drop(format!("{:?}", events.next().await));
        assert!(of_a.unregister(&Reentrant(1)));
        drop(events.next().await);
        let held = of_a.reserve(Reentrant(3)).await.unwrap();
        held.register(&counter, Reentrant(1)).await.unwrap();
        have_called(&["clone", "debug", "drop", "shape", "put", "take"]);
    });
}

#[test]
fn the_policy_of_conflicts_may_use_the_registry() {
    must_not_hang(|| async {
        let net = Net::new();
        let (a, b) = pair(&net).await;
        let of = |node| Registry::open(node, "r");
        cut(&net, &[&a], &[&b]);
        apart(&[&a], &[&b]).await;
        for node in [&a, &b] {
            let counter = Counter::start(0).await.unwrap();
            let registered = of(node)
                .register(Reentrant(1), &counter, Reentrant(7))
                .await;
            registered.unwrap();
            let at = node.clone();
            of(node).set_conflict_policy(ConflictPolicy::choose(move |_| {
                use_registry(&at);
                ConflictChoice::First
            }));
        }
        heal(&net, &[&a], &[&b]);
        let one = || of(&a).node_of(&Reentrant(1)) == of(&b).node_of(&Reentrant(1));
        until("one holder", one).await;
    });
}

type Rooms = Presence<Reentrant>;

/// Uses the tracker of a node in each way.
fn use_tracker(node: &Node) {
    let rooms = Rooms::open(node, "rooms").unwrap();
    drop((rooms.list("lobby"), rooms.get_by_key("lobby", "u")));
    drop(rooms.events("lobby"));
}

#[test]
fn metadata_and_hooks_of_a_presence_may_use_it() {
    must_not_hang(|| async {
        let net = Net::new();
        let (a, b) = pair(&net).await;
        let (at_a, at_b) = (a.clone(), b.clone());
        CALL.set(Some(Rc::new(move || {
            use_tracker(&at_a);
            use_tracker(&at_b);
        })));
        let rooms = Rooms::open(&a, "rooms").unwrap();
        let at_b = Rooms::open(&b, "rooms").unwrap();
        let mut events = at_b.events("lobby");
        let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
        rooms.track(&client, "lobby", "u", Reentrant(1)).unwrap();
        drop(format!("{:?}", events.next().await));
        assert_eq!(at_b.list("lobby")[0].metas[0].meta.0, 1);
        rooms.update(&client, "lobby", "u", Reentrant(2)).unwrap();
        drop(events.next().await);
        assert!(rooms.untrack(&client, "lobby", "u"));
        drop(events.next().await);
        have_called(&["clone", "debug", "drop", "shape", "put", "take"]);
    });
}

/// Looks up a process, and uses the tracker meanwhile.
#[derive(Clone)]
struct Lookup(Node, Subject<PresenceEvent<Reentrant>>);

impl Resolve<PresenceEvent<Reentrant>> for Lookup {
    type Key = u8;

    fn resolve(&self, _: &u8) -> Option<Subject<PresenceEvent<Reentrant>>> {
        use_tracker(&self.0);
        Some(self.1.clone())
    }
}

#[test]
fn a_subscriber_of_a_presence_may_be_found_by_code_that_uses_it() {
    must_not_hang(|| async {
        let (a, _b) = pair(&Net::new()).await;
        let rooms = Rooms::open(&a, "rooms").unwrap();
        let process =
            ambit::spawn(|_: Inbox<PresenceEvent<Reentrant>>| std::future::pending::<()>());
        let lookup = Lookup(a, process);
        let following = Subject::via(&lookup, 1);
        rooms.subscribe("lobby", &following.recipient()).cancel();
    });
}

#[derive(Clone, Debug, Message)]
#[message(name = "test.reentrant_news")]
struct News(Reentrant);

#[test]
fn messages_of_a_topic_may_use_it() {
    must_not_hang(|| async {
        let net = Net::new();
        let (a, b) = pair(&net).await;
        let reader =
            ambit::spawn(
                |mut inbox: Inbox<News>| async move { while inbox.recv().await.is_some() {} },
            );
        let other = ambit::spawn(|_: Inbox<News>| std::future::pending::<()>());
        let (at_a, at_b) = (a.clone(), b.clone());
        let use_topic = move || {
            for node in [&at_a, &at_b] {
                let topic = node.topic::<News>("news");
                drop((topic.name().to_owned(), topic.subscribe(&other.recipient())));
                topic.unsubscribe(other.pid());
            }
        };
        CALL.set(Some(Rc::new(use_topic)));
        let topic = a.topic::<News>("news");
        topic.subscribe(&reader.recipient()).unwrap();
        let far = b.topic::<News>("news");
        until("the subscription", || {
            far.broadcast(News(Reentrant(1))).nodes == 1
        })
        .await;
        topic.local_broadcast(News(Reentrant(2)));
        tokio::time::sleep(Duration::from_secs(1)).await;
        have_called(&["clone", "drop", "put", "take"]);
    });
}
