//! The parts of the mock of a protocol.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;

/// One method of a mock: the behavior that a test has programmed, and the number of requests. Clones are the same
/// method.
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
    /// Creates a method that does nothing yet.
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

    /// Sets its behavior from now on.
    pub fn program(&self, closure: Box<F>) {
        *self.shared.closure.lock() = Some(Arc::new(Mutex::new(closure)));
    }

    /// Returns the number of requests that this method has received.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.shared.asked.load(Ordering::Relaxed)
    }

    /// Counts the request, and runs the programmed behavior, if there is one.
    pub fn cast(&self, run: impl FnOnce(&mut F)) {
        self.shared.asked.fetch_add(1, Ordering::Relaxed);
        let closure = self.shared.closure.lock().clone();
        if let Some(closure) = closure {
            run(&mut closure.lock());
        }
    }

    /// Counts the request, and returns the programmed answer.
    ///
    /// # Panics
    /// Panics if the test has not programmed an answer.
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
