//! A process keeps its name until its exit is complete, including `#[terminate]`.

use std::sync::Arc;

use ambit::error::{LookupError, RegisterError};
use ambit::prelude::*;
use tokio::sync::Semaphore;

use crate::servers::util::*;
use crate::support::process::soon;

/// Terminates when its gate opens.
struct Slow {
    gate: Arc<Semaphore>,
}

#[gen_server]
impl Slow {
    #[call]
    fn ping(&self) -> u8 {
        1
    }

    #[call]
    fn crash(&self) {
        boom()
    }

    #[cast]
    fn note(&mut self) {}

    #[terminate]
    async fn terminate(&mut self, _: &ExitReason) {
        drop(self.gate.acquire().await);
    }
}

fn gate() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(0))
}

/// Starts a server under the local name and the key "room", and lets it begin to terminate.
async fn terminating(rooms: &Registry<String, Slow>, gate: &Arc<Semaphore>) -> SlowSubject {
    let gate = gate.clone();
    let slow = Slow { gate }.start().name("room").via(rooms, "room");
    let slow = slow.await.unwrap();
    let mut stop = slow.stop();
    assert!(poll_often(&mut stop).await.is_none(), "it terminates");
    drop(stop);
    slow
}

#[tokio::test]
async fn a_start_under_the_name_of_a_terminating_holder_is_refused() {
    let (rooms, gate) = (Registry::unique(), gate());
    let old = terminating(&rooms, &gate).await;
    let holder = old.pid();
    let next = || Slow { gate: gate.clone() }.start();
    let refused = StartError::AlreadyRegistered { holder };
    assert_eq!(next().name("room").await.err(), Some(refused.clone()));
    assert_eq!(next().via(&rooms, "room").await.err(), Some(refused));
    let other = Slow { gate: gate.clone() }.start().await.unwrap();
    let refused = Err(RegisterError::AlreadyRegistered { holder });
    assert_eq!(ambit::register("room", &other), refused);
    assert_eq!(rooms.register("room", &other), refused);
    gate.add_permits(1);
    assert_eq!(soon(old.closed()).await, ExitReason::Normal);
    let next = next().name("room").via(&rooms, "room").await.unwrap();
    assert_eq!(ambit::whereis::<Slow>("room").as_ref(), Ok(&next));
    assert_eq!(rooms.lookup("room"), Some(next));
    assert_eq!(rooms.len(), 1);
}

#[tokio::test]
async fn a_terminating_holder_is_found_and_takes_no_messages() {
    let (rooms, gate) = (Registry::unique(), gate());
    let old = terminating(&rooms, &gate).await;
    assert_eq!(ambit::whereis::<Slow>("room").as_ref(), Ok(&old));
    assert_eq!(rooms.lookup("room").as_ref(), Some(&old));
    assert_eq!(rooms.entries("room"), [(old.clone(), ())]);
    assert_eq!(rooms.keys(old.pid()), ["room"]);
    for named in [SlowSubject::named("room"), rooms.via("room")] {
        assert_eq!(named.pid(), old.pid());
        assert!(!named.is_alive(), "it handles nothing more");
        assert_eq!(named.ping().await, Err(CallError::NoProcess));
        assert_eq!(named.note().await, Err(CastError::NoProcess));
    }
    let by_name = SlowSubject::named("room").monitor();
    gate.add_permits(1);
    assert_eq!(
        soon(by_name).await.reason,
        ExitReason::Normal,
        "the end of the holder"
    );
    assert_eq!(
        ambit::whereis::<Slow>("room").err(),
        Some(LookupError::NotFound)
    );
    assert_eq!(rooms.lookup("room"), None);
}

#[tokio::test]
async fn waits_for_a_name_pass_over_a_terminating_holder() {
    let (rooms, gate) = (Registry::unique(), gate());
    let old = terminating(&rooms, &gate).await;
    let mut by_name = ambit::wait_for::<Slow>("room");
    let mut by_key = rooms.wait_for("room");
    let named = SlowSubject::named("room").when_available();
    let (mut call, mut cast) = (Box::pin(named.ping()), Box::pin(named.note()));
    assert!(poll_often(&mut by_name).await.is_none());
    assert!(poll_often(&mut by_key).await.is_none());
    assert!(poll_often(&mut call).await.is_none());
    assert!(poll_often(&mut cast).await.is_none());
    gate.add_permits(1);
    soon(old.closed()).await;
    let next = Slow { gate }.start().name("room").via(&rooms, "room");
    let next = next.await.unwrap();
    assert_eq!(soon(by_name).await.as_ref(), Ok(&next));
    assert_eq!(soon(by_key).await, Ok(next));
    assert_eq!(soon(call).await, Ok(1));
    assert_eq!(soon(cast).await, Ok(()));
}

#[tokio::test]
async fn a_kill_while_it_terminates_frees_the_name() {
    let (rooms, gate) = (Registry::unique(), gate());
    let old = terminating(&rooms, &gate).await;
    ambit::exit(&old, ExitReason::Kill);
    assert_eq!(soon(old.closed()).await, ExitReason::Killed);
    let next = Slow { gate }.start().name("room").via(&rooms, "room");
    let next = next.await.unwrap();
    assert_eq!(rooms.lookup("room"), Some(next));
}

#[tokio::test]
async fn a_restart_takes_the_name_of_a_child_that_terminated_for_long() {
    let _quiet = quiet();
    let (rooms, gate) = (Registry::<String, Slow>::unique(), gate());
    let (open, keys) = (gate.clone(), rooms.clone());
    let child = ChildSpec::from_fn(move || {
        let slow = Slow { gate: open.clone() };
        slow.start().name("room").via(&keys, "room")
    });
    let top = Supervisor::builder().child(child).start().await.unwrap();
    let old = ambit::whereis::<Slow>("room").unwrap();
    let mut crash = Box::pin(old.crash());
    assert!(poll_often(&mut crash).await.is_none());
    assert_eq!(
        ambit::whereis::<Slow>("room").as_ref(),
        Ok(&old),
        "it terminates"
    );
    gate.add_permits(1);
    assert!(soon(crash).await.is_err());
    let next = ambit::wait_for::<Slow>("room").await.unwrap();
    assert_ne!(next, old);
    assert_eq!(rooms.lookup("room"), Some(next));
    soon(top.stop()).await.unwrap();
    assert!(rooms.is_empty());
}

/// Owners of one name, started and stopped on two threads: there are never two at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_never_has_two_owners() {
    use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

    /// Owns the name from its init to the drop of its state.
    struct Owner(Arc<AtomicUsize>);

    impl Drop for Owner {
        fn drop(&mut self) {
            self.0.fetch_sub(1, SeqCst);
        }
    }

    #[gen_server]
    impl Owner {
        #[init]
        fn init(owners: Arc<AtomicUsize>) -> Self {
            assert_eq!(owners.fetch_add(1, SeqCst), 0, "there is another owner");
            Self(owners)
        }

        #[terminate]
        async fn terminate(&mut self, _: &ExitReason) {
            tokio::task::yield_now().await;
        }
    }

    let owners = Arc::new(AtomicUsize::new(0));
    let starters = (0..4).map(|_| {
        let owners = owners.clone();
        tokio::spawn(async move {
            let mut begun = 0;
            while begun < 300 {
                match Owner::start(owners.clone()).name("owner").await {
                    Ok(owner) => {
                        begun += 1;
                        owner.stop().await.unwrap();
                    }
                    Err(StartError::AlreadyRegistered { .. }) => tokio::task::yield_now().await,
                    Err(other) => panic!("{other}"),
                }
            }
        })
    });
    for starter in starters.collect::<Vec<_>>() {
        starter.await.unwrap();
    }
}
