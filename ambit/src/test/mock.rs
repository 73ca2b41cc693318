//! The parts of the mock of a protocol.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// One method of a mock: the behavior that a test has programmed, and the number of requests. All clones share both.
pub struct Programmed<F: ?Sized> {
    shared: Arc<Shared<F>>,
}

struct Shared<F: ?Sized> {
    mock: &'static str,
    method: &'static str,
    asked: AtomicU64,
    /// A separate lock, so that a closure may program the method anew.
    closure: Mutex<Option<Closure<F>>>,
}

type Closure<F> = Arc<Mutex<Box<F>>>;

impl<F: ?Sized> Programmed<F> {
    /// Creates a method without a programmed behavior. `mock` and `method` are the names in panic messages.
    #[must_use]
    pub fn new(mock: &'static str, method: &'static str) -> Self {
        Self {
            shared: Arc::new(Shared {
                mock,
                method,
                asked: AtomicU64::new(0),
                closure: Mutex::new(None),
            }),
        }
    }

    /// Sets the behavior for all further requests.
    pub fn program(&self, closure: Box<F>) {
        *self.shared.closure.lock() = Some(Arc::new(Mutex::new(closure)));
    }

    /// Returns the number of requests that the method has received.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// Counts a request, and passes the programmed behavior to `run`, if there is one.
    pub fn cast(&self, run: impl FnOnce(&mut F)) {
        self.shared.asked.fetch_add(1, Ordering::Relaxed);
        let closure = self.shared.closure.lock().clone();
        if let Some(closure) = closure {
            run(&mut closure.lock());
        }
    }

    /// Counts a request, passes the programmed behavior to `run`, and returns the result of `run`.
    ///
    /// # Panics
    /// Panics if no behavior is programmed.
    pub fn call<R>(&self, run: impl FnOnce(&mut F) -> R) -> R {
        let Shared { mock, method, .. } = *self.shared;
        let mut answer = None;
        self.cast(|closure| answer = Some(run(closure)));
        let Some(answer) = answer else {
            let method = method.trim_start_matches("r#");
            panic!(
                "`{mock}` has no answer for `{method}`; write `.on_{method}(..)` where the test makes it"
            );
        };
        answer
    }
}

impl<F: ?Sized> Clone for Programmed<F> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<F: ?Sized> fmt::Debug for Programmed<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { mock, method, .. } = *self.shared;
        write!(f, "{mock}::{method}")
    }
}
