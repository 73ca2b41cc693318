//! A user's type whose code calls back into ambit, used as a key, a value, a message, an error, and a state.

mod undelivered;

use std::fmt::Write;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::process_info;
use ambit::registry::RegistryEvent;
use tokio::sync::oneshot;

use crate::support::hostile::{Back, Code, Hostile, HostileWriter, must_not_hang};
use crate::support::process::{poll_once, quiet, soon};

type Rooms = Registry<Hostile, Keeper, Hostile>;

/// A server that keeps hostile values.
struct Keeper {
    kept: Vec<Hostile>,
}

#[gen_server]
impl Keeper {
    #[init]
    fn init(kept: Vec<Hostile>) -> Self {
        Self { kept }
    }
    #[cast]
    fn keep(&mut self, value: Hostile) {
        self.kept.push(value);
    }
    #[cast]
    fn poke(&self) {}
    #[call]
    fn echo(&mut self, value: Hostile) -> Hostile {
        value
    }
    #[call]
    fn kept(&self) -> usize {
        self.kept.len()
    }
    /// Runs `what` as the server's process.
    #[call]
    fn run(&mut self, what: Box<dyn FnOnce() -> u64 + Send>) -> u64 {
        what()
    }
    #[cast]
    fn fail(&mut self, error: Hostile) -> Result<(), Hostile> {
        Err(error)
    }
    #[info]
    fn on_event(&mut self, event: RegistryEvent<Hostile, Hostile>) {
        // Its drop would change the registry, which would cause the next event.
        std::mem::forget(event);
    }
    #[info]
    fn on_value(&mut self, value: Hostile) {
        self.kept.push(value);
    }
}

/// Sets the callback: lookups and changes in the same registry, introspection of the same process, and a cast to it.
fn arm(back: &Back, rooms: &Rooms, keeper: &KeeperSubject) {
    let (own, rooms, keeper) = (back.clone(), rooms.clone(), keeper.clone());
    // Each change clones keys for the listeners, which triggers the next change: the limit ends this recursion.
    let changes = AtomicUsize::new(0);
    back.arm(move || {
        let pid = keeper.pid();
        let may_change = changes.fetch_add(1, Ordering::SeqCst) < 200;
        drop((rooms.lookup(&own.value(1)), rooms.entries(&own.value(2))));
        drop((rooms.keys(pid), rooms.len()));
        let register = || rooms.register_with(own.value(50), &keeper, own.value(0));
        if may_change && register().is_ok() {
            rooms.unregister_subject(&own.value(50), &keeper);
        }
        drop((process_info(pid), format!("{keeper:?}")));
        keeper.poke().now().ok();
        drop(keeper.monitor());
        ambit::whereis::<Keeper>("hostile").ok();
    });
}

fn all_of(back: &Back, codes: &[Code]) {
    for code in codes {
        assert!(back.count(*code) > 0, "no {code:?} has called back");
    }
}

#[test]
fn keys_and_values_of_a_registry_may_use_it() {
    must_not_hang(|| async {
        for rooms in [Rooms::unique(), Rooms::duplicate()] {
            let back = Back::new();
            let keeper = Keeper::start(Vec::new()).await.unwrap();
            let listener = Keeper::start(Vec::new()).await.unwrap();
            rooms.subscribe(listener.recipient());
            arm(&back, &rooms, &keeper);
            for round in 0..2 {
                for n in 0..6 {
                    let (key, value) = (back.value(n), back.value(100 + n));
                    rooms.register_with(key, &keeper, value).ok();
                    assert!(rooms.lookup(&back.value(n)).is_some());
                    let entries = rooms.entries_match(&back.value(n), |value| value.n > 99);
                    assert!(!entries.is_empty());
                }
                rooms.dispatch(&back.value(1), |keeper| drop(keeper.poke().now()));
                let via = rooms.via(back.value(2)).kept().await;
                assert!(via == Ok(0) || via == Err(CallError::NoProcess), "{via:?}");
                assert!(rooms.wait_for(back.value(3)).await.is_ok());
                drop(rooms.lock(back.value(4)).await);
                let (own, inside) = (rooms.clone(), back.clone());
                let what = move || {
                    let changed = own.update_value(&inside.value(5), |value| value.clone());
                    drop(changed);
                    let unwanted = |value: &Hostile| value.clone().n > 0;
                    let removed = own.unregister_match(&inside.value(5), unwanted).unwrap();
                    removed as u64
                };
                let removed = soon(async { keeper.run(Box::new(what)).await.unwrap() }).await;
                assert!(removed > 0, "round {round}");
                for n in 0..6 {
                    rooms.unregister_subject(&back.value(n), &keeper);
                }
            }
            rooms
                .register_with(back.value(7), &keeper, back.value(8))
                .unwrap();
            keeper.stop().await.unwrap();
            back.disarm();
            assert!(rooms.is_empty());
            all_of(&back, &[Code::Hash, Code::Eq, Code::Clone, Code::Drop]);
        }
    });
}

#[test]
fn two_registries_may_use_each_other() {
    must_not_hang(|| async {
        let keeper = Keeper::start(Vec::new()).await.unwrap();
        let rooms: [Rooms; 2] = [Rooms::unique(), Rooms::unique()];
        let backs = [Back::new(), Back::new()];
        for own in &rooms {
            own.subscribe(keeper.recipient());
        }
        arm(&backs[0], &rooms[1], &keeper);
        arm(&backs[1], &rooms[0], &keeper);
        let threads = [0, 1].map(|n| {
            let (rooms, back, keeper) = (rooms[n].clone(), backs[n].clone(), keeper.clone());
            tokio::task::spawn_blocking(move || {
                for round in 0..200 {
                    let key = back.value(round % 5);
                    rooms.register_with(key, &keeper, back.value(0)).ok();
                    rooms.unregister_subject(&back.value(round % 5), &keeper);
                }
            })
        });
        for thread in threads {
            soon(thread).await.unwrap();
        }
        backs.iter().for_each(Back::disarm);
    });
}

#[test]
fn messages_and_answers_may_use_their_server() {
    must_not_hang(|| async {
        let (_system, _entered) = quiet();
        let (back, rooms) = (Back::new(), Rooms::unique());
        let keeper = Keeper::start(Vec::new()).mailbox(4).await.unwrap();
        arm(&back, &rooms, &keeper);
        let values = keeper.recipient::<Hostile>();
        for n in 0..4 {
            keeper.keep(back.value(n)).await.unwrap();
            assert_eq!(keeper.echo(back.value(n)).await.unwrap().n, n);
            values.send(back.value(n)).await.unwrap();
        }
        // Messages beyond the capacity are refused or wait, and are then dropped.
        for n in 0..20 {
            drop(keeper.keep(back.value(n)).now_or_return());
        }
        let timer = ambit::send_after(&values, Duration::from_secs(60), back.value(1));
        timer.cancel();
        let soonest = ambit::send_after(&values, Duration::ZERO, back.value(2));
        drop(soonest);
        let repeated = ambit::send_every(&values, Duration::from_millis(1), back.value(3));
        while keeper.kept().await.unwrap() < 10 || back.count(Code::Clone) == 0 {
            tokio::task::yield_now().await;
        }
        repeated.cancel();
        // The messages that are still queued at its end become dead letters.
        let letters = ambit::system::System::current().unwrap().on_dead_letter({
            let back = back.clone();
            move |letter| drop(format!("{letter:?} {:?}", back.value(1)))
        });
        for n in 0..4 {
            keeper.keep(back.value(n)).now().ok();
        }
        keeper.stop().await.unwrap();
        drop(letters);
        back.disarm();
        all_of(&back, &[Code::Drop, Code::Clone]);
    });
}

#[test]
fn errors_may_use_the_process_they_end() {
    must_not_hang(|| async {
        let (_system, _entered) = quiet();
        let (back, rooms) = (Back::new(), Rooms::unique());
        let keeper = Keeper::start(Vec::new()).await.unwrap();
        let watcher = keeper.monitor();
        arm(&back, &rooms, &keeper);
        keeper.fail(back.value(1)).await.unwrap();
        let down = soon(watcher).await;
        let text = format!("{} {:?}", down.reason, down.reason);
        assert!(text.contains("hostile 1"), "{text}");
        drop(down);
        let reason = soon(keeper.closed()).await.to_string();
        assert!(reason.contains("hostile 1"), "{reason}");
        back.disarm();
        all_of(&back, &[Code::Display]);
    });
}

#[test]
fn a_handle_may_be_written_where_writing_looks_at_its_process() {
    must_not_hang(|| async {
        let (back, rooms) = (Back::new(), Rooms::unique());
        let keeper = Keeper::start(Vec::new()).name("hostile").await.unwrap();
        arm(&back, &rooms, &keeper);
        let mut writer = HostileWriter(back.clone());
        write!(writer, "{keeper:?} {:?}", keeper.recipient::<Hostile>()).unwrap();
        back.disarm();
        all_of(&back, &[Code::Display]);
        keeper.stop().await.unwrap();
    });
}

/// A retained mailbox, a restart, and the state that is dropped at a crash.
#[test]
fn values_of_a_supervised_server_may_use_it() {
    must_not_hang(|| async {
        let (_system, _entered) = quiet();
        let (back, rooms) = (Back::new(), Rooms::unique());
        let spec = Keeper::child_spec(vec![back.value(0)]);
        let spec = spec.id("keeper").name("hostile").keep_mailbox();
        let supervisor = Supervisor::builder().restarts(100, Duration::from_secs(1));
        let supervisor = supervisor.child(spec).start().await.unwrap();
        let keeper = KeeperSubject::named("hostile");
        arm(&back, &rooms, &keeper);
        for n in 0..10 {
            let end = keeper.monitor();
            keeper.fail(back.value(n)).now().ok();
            keeper.keep(back.value(n)).now().ok();
            drop(soon(end).await);
            let keeper = keeper.when_available();
            assert!(keeper.echo(back.value(n)).await.is_ok());
        }
        supervisor.stop().await.unwrap();
        back.disarm();
        all_of(&back, &[Code::Drop, Code::Display]);
    });
}

/// A key whose code panics while its switch is on this code.
#[derive(Debug)]
struct Fragile(Arc<Mutex<Option<Code>>>);

impl Fragile {
    fn act(&self, code: Code) {
        let is_broken = *self.0.lock().unwrap() == Some(code);
        assert!(!is_broken, "it breaks");
    }

    fn copy(&self) -> Self {
        Self(self.0.clone())
    }

    fn set(&self, code: Option<Code>) {
        *self.0.lock().unwrap() = code;
    }
}

impl PartialEq for Fragile {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Fragile {}

impl Hash for Fragile {
    fn hash<H: Hasher>(&self, _: &mut H) {
        self.act(Code::Hash);
    }
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        self.act(Code::Clone);
        self.copy()
    }
}

#[test]
fn a_start_whose_key_panics_leaves_no_process() {
    must_not_hang(|| async {
        let (_system, _entered) = quiet();
        let (rooms, key) = (
            Registry::<Fragile, Keeper>::unique(),
            Fragile(Arc::default()),
        );
        let start = || Keeper::start(Vec::new()).name("fragile");
        let broken = start().via(&rooms, key.copy());
        key.set(Some(Code::Hash));
        let broken = tokio::spawn(async move { broken.await.is_ok() });
        let outcome = soon(broken).await;
        key.set(None);
        assert!(outcome.unwrap_err().is_panic());
        let whole = start().via(&rooms, key).await;
        assert_eq!(whole.unwrap().kept().await, Ok(0));
    });
}

#[test]
fn a_key_that_panics_for_a_listener_wakes_the_waiters_for_it() {
    must_not_hang(|| async {
        let (_system, _entered) = quiet();
        let (rooms, key) = (
            Registry::<Fragile, Keeper>::unique(),
            Fragile(Arc::default()),
        );
        let listener = ambit::spawn(|mut inbox: Inbox<RegistryEvent<Fragile>>| async move {
            while inbox.recv().await.is_some() {}
        });
        rooms.subscribe(listener.recipient());
        let keeper = Keeper::start(Vec::new()).await.unwrap();
        let mut waiter = rooms
            .wait_for(key.copy())
            .timeout(Duration::from_secs(3600));
        let (begun, has_begun) = oneshot::channel();
        let waiter = tokio::spawn(async move {
            assert!(poll_once(&mut waiter).await.is_pending());
            begun.send(()).unwrap();
            waiter.await
        });
        has_begun.await.unwrap();
        let (own, registered) = (rooms.clone(), keeper.clone());
        key.set(Some(Code::Clone));
        let broken = key.copy();
        let broken = tokio::spawn(async move { own.register(broken, &registered) });
        let outcome = soon(broken).await;
        key.set(None);
        assert!(outcome.unwrap_err().is_panic());
        assert_eq!(soon(waiter).await.unwrap(), Ok(keeper));
    });
}
