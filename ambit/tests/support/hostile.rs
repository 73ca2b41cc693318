//! A type whose trait implementations all call back into ambit, used wherever ambit holds a user's type.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering as Order;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;

/// A timeout longer than any of these tests; only a test that hangs reaches it.
const PATIENCE: Duration = Duration::from_secs(60);

thread_local! {
    /// Prevents recursive callbacks.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// The trait implementation of a [`Hostile`] that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    Hash,
    Eq,
    Ord,
    Clone,
    Drop,
    Debug,
    Display,
}

type Call = Arc<dyn Fn() + Send + Sync>;

/// The callback that all hostile values of a test share.
#[derive(Clone, Default)]
pub(crate) struct Back(Arc<Calls>);

#[derive(Default)]
struct Calls {
    call: Mutex<Option<Call>>,
    counts: [AtomicUsize; 7],
}

impl Back {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Makes hostile values call `call` from now on.
    pub(crate) fn arm(&self, call: impl Fn() + Send + Sync + 'static) {
        *self.0.call.lock().unwrap() = Some(Arc::new(call));
    }

    /// Makes hostile values call nothing from now on.
    pub(crate) fn disarm(&self) {
        let call = self.0.call.lock().unwrap().take();
        drop(call);
    }

    /// Returns how often this implementation has called back.
    pub(crate) fn count(&self, code: Code) -> usize {
        self.0.counts[code as usize].load(Ordering::SeqCst)
    }

    pub(crate) fn value(&self, n: u64) -> Hostile {
        Hostile {
            n,
            back: self.clone(),
        }
    }

    /// Returns a `Copy` variant, for example for the states of a state machine; its callback is leaked.
    pub(crate) fn copy(&self, n: u64) -> HostileCopy {
        HostileCopy {
            n,
            back: Box::leak(Box::new(self.clone())),
        }
    }

    fn call(&self, code: Code) {
        let call = self.0.call.lock().unwrap().clone();
        if let Some(call) = call
            && !INSIDE.replace(true)
        {
            self.0.counts[code as usize].fetch_add(1, Ordering::SeqCst);
            call();
            INSIDE.set(false);
        }
    }
}

/// A number whose trait implementations call back.
pub(crate) struct Hostile {
    pub(crate) n: u64,
    back: Back,
}

impl Hostile {
    pub(crate) fn back(&self) -> &Back {
        &self.back
    }
}

/// Uses only three hashes, so that unequal keys are compared too.
impl Hash for Hostile {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.back.call(Code::Hash);
        (self.n % 3).hash(state);
    }
}

impl PartialEq for Hostile {
    fn eq(&self, other: &Self) -> bool {
        self.back.call(Code::Eq);
        self.n == other.n
    }
}

impl Eq for Hostile {}

impl PartialOrd for Hostile {
    fn partial_cmp(&self, other: &Self) -> Option<Order> {
        Some(self.cmp(other))
    }
}

impl Ord for Hostile {
    fn cmp(&self, other: &Self) -> Order {
        self.back.call(Code::Ord);
        self.n.cmp(&other.n)
    }
}

impl Clone for Hostile {
    fn clone(&self) -> Self {
        self.back.call(Code::Clone);
        self.back.value(self.n)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.back.call(Code::Drop);
    }
}

impl fmt::Debug for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.back.call(Code::Debug);
        write!(f, "Hostile({})", self.n)
    }
}

impl fmt::Display for Hostile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.back.call(Code::Display);
        write!(f, "hostile {}", self.n)
    }
}

impl std::error::Error for Hostile {}

impl Message for Hostile {}

/// A `Copy` number whose comparison and formatting call back.
#[derive(Clone, Copy)]
pub(crate) struct HostileCopy {
    pub(crate) n: u64,
    back: &'static Back,
}

impl PartialEq for HostileCopy {
    fn eq(&self, other: &Self) -> bool {
        self.back.call(Code::Eq);
        self.n == other.n
    }
}

impl Eq for HostileCopy {}

impl fmt::Debug for HostileCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.back.call(Code::Debug);
        write!(f, "HostileCopy({})", self.n)
    }
}

/// Discards its output, and calls back for each piece.
pub(crate) struct HostileWriter(pub(crate) Back);

impl fmt::Write for HostileWriter {
    fn write_str(&mut self, _: &str) -> fmt::Result {
        self.0.call(Code::Display);
        Ok(())
    }
}

/// Runs a test in a runtime of its own, and fails if it hangs.
pub(crate) fn must_not_hang<F, Fut>(body: F)
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future<Output = ()>,
{
    let (done, finished) = channel();
    let thread = std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(body());
        done.send(()).unwrap();
    });
    match finished.recv_timeout(PATIENCE) {
        Ok(()) => thread.join().unwrap(),
        Err(RecvTimeoutError::Disconnected) => {
            let panic = thread.join().expect_err("it has ended without an answer");
            std::panic::resume_unwind(panic);
        }
        Err(RecvTimeoutError::Timeout) => {
            let name = std::thread::current();
            let name = name
                .name()
                .map_or(Cow::Borrowed("the test"), |name| name.to_owned().into());
            panic!("{name} hangs: code of the user's runs under a lock");
        }
    }
}
