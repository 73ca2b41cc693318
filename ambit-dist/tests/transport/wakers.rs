//! Wakers are user code: no lock of a network in memory is held while they run.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use ambit_dist::transport::{Connection, Memory, MemoryTransport, Transport};
use ambit_dist::wire::CloseCode;
use tokio::runtime::Builder;

use crate::transport::common::{connect, dial_of};
use crate::transport::in_memory::any;

/// A timeout longer than any test here.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `test` in a runtime of its own; a test that hangs fails.
fn in_time<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let (done, over) = mpsc::channel();
    let thread = thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(test());
        done.send(()).unwrap();
    });
    match over.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => thread.join().unwrap(),
    }
}

/// A waker that uses the network.
struct Meddler<F> {
    call: F,
    woken: AtomicUsize,
}

impl<F: Fn() + Send + Sync + 'static> Meddler<F> {
    fn new(call: F) -> Arc<Self> {
        Arc::new(Self {
            call,
            woken: AtomicUsize::new(0),
        })
    }

    /// Polls a future with this waker; it must wait.
    fn waits(self: &Arc<Self>, future: impl Future) {
        let waker = Waker::from(self.clone());
        let polled = pin!(future).poll(&mut Context::from_waker(&waker));
        assert!(matches!(polled, Poll::Pending));
    }

    fn woken(&self) -> usize {
        self.woken.load(Ordering::SeqCst)
    }
}

impl<F: Fn() + Send + Sync + 'static> Wake for Meddler<F> {
    fn wake(self: Arc<Self>) {
        (self.call)();
        self.woken.fetch_add(1, Ordering::SeqCst);
    }
}

struct Pair {
    network: Memory,
    ends: [Arc<MemoryTransport>; 2],
    dialled: Arc<dyn Connection>,
    accepted: Arc<dyn Connection>,
}

impl Pair {
    async fn new() -> Self {
        let network = Memory::new();
        let ends = [(), ()].map(|()| Arc::new(network.bind(any()).unwrap()));
        let (dialled, accepted) = connect(&*ends[0], &*ends[1]).await;
        Self {
            network,
            ends,
            dialled: dialled.into(),
            accepted: accepted.into(),
        }
    }

    fn addresses(&self) -> [SocketAddr; 2] {
        [0, 1].map(|end| self.ends[end].local_addr())
    }

    /// Returns a waker that reads the connection and changes the network.
    fn meddler(&self) -> Arc<Meddler<impl Fn() + Send + Sync + 'static>> {
        let (network, [one, other]) = (self.network.clone(), self.addresses());
        let connections = [self.dialled.clone(), self.accepted.clone()];
        Meddler::new(move || {
            let _ = connections.each_ref().map(|connection| connection.stats());
            network.heal(one, other);
        })
    }
}

/// Ends a connection whose other end is awaited by a meddler.
fn wakes_once(end: impl AsyncFnOnce(&Pair) + Send + 'static) {
    in_time(move || async move {
        let pair = Pair::new().await;
        let meddler = pair.meddler();
        let closed = pair.accepted.closed();
        let mut closed = pin!(closed);
        meddler.waits(closed.as_mut());
        end(&pair).await;
        assert_eq!(meddler.woken(), 1);
        closed.await;
    });
}

#[test]
fn the_end_of_a_connection_wakes_without_a_lock() {
    wakes_once(async |pair: &Pair| pair.dialled.close(CloseCode::Normal, "over"));
}

#[test]
fn the_close_of_a_transport_wakes_without_a_lock() {
    wakes_once(async |pair: &Pair| pair.ends[0].close().await);
}

#[test]
fn the_end_of_a_fault_wakes_without_a_lock() {
    in_time(|| async {
        let pair = Pair::new().await;
        let meddler = pair.meddler();
        let [one, other] = pair.addresses();
        pair.network.hold(one, other);
        let closed = pair.accepted.closed();
        let mut closed = pin!(closed);
        meddler.waits(closed.as_mut());
        let dial = pair.ends[0].dial(dial_of(other));
        let mut dial = pin!(dial);
        meddler.waits(dial.as_mut());
        pair.dialled.close(CloseCode::Normal, "over");
        assert_eq!(meddler.woken(), 0, "it is held");
        pair.network.heal(one, other);
        assert_eq!(meddler.woken(), 2);
        closed.await;
    });
}

#[test]
fn a_dial_wakes_the_acceptor_without_a_lock() {
    in_time(|| async {
        let pair = Pair::new().await;
        let [one, other] = &pair.ends;
        let (from, address) = (one.clone(), other.local_addr());
        // Its waker dials too.
        let meddler = Meddler::new(move || {
            let dial = from.dial(dial_of(address));
            let _ = pin!(dial).poll(&mut Context::from_waker(Waker::noop()));
        });
        let accept = other.accept();
        let mut accept = pin!(accept);
        meddler.waits(accept.as_mut());
        let dial = one.dial(dial_of(address));
        let mut dial = pin!(dial);
        meddler.waits(dial.as_mut());
        assert_eq!(meddler.woken(), 1);
        // The queue is dropped, and with it the dial.
        other.close().await;
        assert_eq!(meddler.woken(), 2);
        assert!(dial.await.is_err());
    });
}
