//! User code that ambit calls and that calls back into ambit: no lock is held then.

use std::error::Error;
use std::fmt::{self, Write};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::{InPlace, Incoming, ServerOptions};
use ambit::system::System;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;

/// A timeout longer than any test here.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `test` in a runtime of its own; a test that hangs fails.
fn in_time<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let (done, over) = mpsc::channel();
    let thread = thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let system = System::builder().quiet_panics(true).build().unwrap();
            let _inside = system.enter();
            test().await;
        });
        done.send(()).unwrap();
    });
    match over.recv_timeout(PATIENCE) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        _ => thread.join().unwrap(),
    }
}

/// Uses every operation that takes a lock of the process.
fn look_at(process: &Process) {
    drop(ambit::process_info(process));
    drop(process.monitor());
    assert!(!format!("{process:?}").is_empty());
}

/// A writer that accesses the process between two writes.
struct Nosy<'a>(&'a Process);

impl Write for Nosy<'_> {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        look_at(self.0);
        Ok(())
    }
}

/// An error whose drop accesses a process.
#[derive(Debug)]
struct Clinging(Process);

impl fmt::Display for Clinging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it clings")
    }
}

impl Error for Clinging {}

impl Drop for Clinging {
    fn drop(&mut self) {
        look_at(&self.0);
    }
}

/// Returns an exit reason that holds the only reference to the error.
async fn reason(process: &Process) -> ExitReason {
    let process = process.clone();
    let fails = ambit::spawn(|_: Inbox<()>| async { Err::<(), _>(Clinging(process)) });
    let reason = fails.closed().await;
    assert!(matches!(reason, ExitReason::Error(_)));
    reason
}

#[test]
fn the_text_of_a_handle_is_written_without_a_lock() {
    in_time(|| async {
        struct Named;
        #[gen_server]
        impl Named {}
        let named = Named.start().name("named").await.unwrap();
        let (process, subject): (&Process, &Subject<Named>) = (&named, named.as_ref());
        write!(Nosy(process), "{process:?} {subject:?} {named:?}").unwrap();
    });
}

#[test]
fn a_late_exit_signal_is_dropped_without_a_lock() {
    in_time(|| async {
        struct Slow(Arc<Semaphore>);
        #[gen_server]
        impl Slow {
            #[init]
            fn init(ctx: &mut Context<Self>, gate: Arc<Semaphore>) -> Self {
                ctx.trap_exits(true);
                Self(gate)
            }
            #[info]
            fn on_exit(&mut self, _: Exit) {}
            #[terminate]
            async fn terminate(&mut self, _: &ExitReason) {
                drop(self.0.acquire().await);
            }
        }
        let gate = Arc::new(Semaphore::new(0));
        let slow = Slow::start(gate.clone()).await.unwrap();
        let stop = slow.stop();
        tokio::pin!(stop);
        while slow.is_alive() {
            tokio::select! { biased; _ = &mut stop => {}, () = tokio::task::yield_now() => {} }
        }
        let late = reason(&slow).await;
        ambit::exit(&slow, late);
        gate.add_permits(1);
        stop.await.unwrap();
    });
}

/// A message whose conversion uses the server and sends it a message.
struct Raw(ListenerSubject);

struct Tick;

/// Counts its messages, and holds its queue until it is released.
struct Listener(u32);

#[gen_server(mailbox = 2, in_place = never)]
impl Listener {
    #[info]
    fn tick(&mut self, _: Tick) {
        self.0 += 1;
    }

    #[cast]
    async fn hold(&mut self, gate: Arc<Semaphore>) {
        drop(gate.acquire().await);
    }

    #[cast]
    fn hear(&mut self) {}

    #[call]
    fn ticks(&self) -> u32 {
        self.0
    }
}

impl Handles<Raw> for Listener {
    fn into_info(raw: Raw) -> Self::Info {
        look_at(&raw.0);
        raw.0.hear().now().ok();
        <Self as Handles<Tick>>::into_info(Tick)
    }
}

#[test]
fn an_info_is_converted_without_a_lock() {
    in_time(|| async {
        let listener = Listener(0).start().await.unwrap();
        let raw = listener.recipient::<Raw>();
        raw.send(Raw(listener.clone())).now().unwrap();
        raw.send(Raw(listener.clone())).await.unwrap();
        assert_eq!(listener.ticks().await, Ok(2));

        let gate = Arc::new(Semaphore::new(0));
        listener.hold(gate.clone()).await.unwrap();
        tokio::task::yield_now().await;
        for _ in 0..2 {
            listener.hear().now().unwrap();
        }
        assert!(raw.send(Raw(listener.clone())).now().is_err(), "it is full");
        let waits = raw.send(Raw(listener.clone())).into_future();
        tokio::pin!(waits);
        assert!(poll_once(waits.as_mut()).is_pending());
        gate.add_permits(1);
        waits.await.unwrap();
        assert_eq!(listener.ticks().await, Ok(3));
    });
}

/// Polls a future once.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> std::task::Poll<F::Output> {
    future.poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
}

/// A server whose `method_of` panics.
struct Nameless;

enum Ask {
    Ping(ReplyTo<u8>),
}

impl Protocol for Nameless {
    type Call = Ask;
    type Cast = ();
    type Subject = Subject<Self>;
    const NAME: &'static str = "Nameless";
}

impl GenServer for Nameless {
    type Protocol = Self;
    type Args = ();
    type Info = ();
    type Continue = ();
    const OPTIONS: ServerOptions = ServerOptions::DEFAULT.in_place(InPlace::Always);

    async fn init((): (), _: &mut Context<Self>) -> Result<Self, ExitReason> {
        Ok(Self)
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        match message {
            Incoming::Call(Ask::Ping(reply)) => {
                ctx.answer(reply, 1);
                Ok(Flow::Continue)
            }
            other => Err(other),
        }
    }

    fn method_of(_: &Incoming<Self>) -> &'static str {
        panic!("it has no name");
    }
}

#[test]
fn a_server_whose_method_has_no_name_crashes() {
    in_time(|| async {
        let server = ambit::start::<Nameless>(()).await.unwrap();
        let first = server.clone();
        let first = tokio::spawn(async move { first.call(Ask::Ping).await });
        assert!(matches!(first.await, Ok(Err(CallError::Exited { .. }))));
        assert!(matches!(server.closed().await, ExitReason::Panic(_)));
        assert_eq!(server.call(Ask::Ping).await, Err(CallError::NoProcess));
    });
}
